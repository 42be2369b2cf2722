package sqlite

import "strings"

// indexExpression finds the text of an index's i-th key, from 0, in its CREATE
// INDEX statement; SQLite's pragmas name columns but not expressions. It gives
// "(expression)" for a text it does not understand.
func indexExpression(create string, i int) string {
	const unknown = "(expression)"
	open := -1
	depth, start, field := 0, 0, 0
	for at := 0; at < len(create); at++ {
		switch create[at] {
		case '\'', '"', '`':
			at = closing(create, at, create[at])
		case '[':
			at = closing(create, at, ']')
		case '(':
			if depth++; open < 0 {
				open, start = at, at+1
			}
		case ',', ')':
			if create[at] == ')' {
				depth--
			}
			ends := depth == 0 || depth == 1 && create[at] == ','
			if ends && field == i {
				return strings.TrimSpace(create[start:at])
			}
			if depth <= 0 {
				return unknown
			}
			if ends {
				field, start = field+1, at+1
			}
		}
	}
	return unknown
}

// closing gives the offset of the quote that closes the one at position at; a
// doubled quote stands for itself.
func closing(s string, at int, quote byte) int {
	for at++; at < len(s); at++ {
		if s[at] != quote {
			continue
		}
		if quote == ']' || at+1 == len(s) || s[at+1] != quote {
			return at
		}
		at++
	}
	return len(s)
}

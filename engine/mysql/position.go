package mysql

import (
	"strconv"
	"strings"
)

// nearMost is the number of characters of the statement that a syntax error
// quotes at most.
const nearMost = 80

// position finds the byte offset in text that an error speaks of; nil if that
// is not sure. sent is the text as the server saw it.
func position(e *serverError, sent, text string) *int {
	switch e.number {
	case numSyntax:
		near, line, ok := nearText(e.message)
		if !ok {
			return nil
		}
		return nearOffset(near, line, sent, text)
	case numUnknownColumn, numNoSuchTable, numUnknownRoutine:
		return namedOffset(e.message, text)
	}
	return nil
}

// nearText takes "… near 'xyz' at line 3" apart.
func nearText(message string) (near string, line int, ok bool) {
	const before, after = "near '", "' at line "
	from, to := strings.Index(message, before), strings.LastIndex(message, after)
	if from < 0 || to < from+len(before) {
		return "", 0, false
	}
	line, err := strconv.Atoi(message[to+len(after):])
	return message[from+len(before) : to], line, err == nil
}

// nearOffset finds the quoted rest. A rest shorter than the server quotes at
// most reaches to the end of the statement; a longer one must be found once
// only in its line.
func nearOffset(near string, line int, sent, text string) *int {
	if len([]rune(near)) < nearMost {
		if !strings.HasSuffix(sent, near) {
			return nil
		}
		// Arguments change the text before the rest, but seldom the rest itself.
		if !strings.HasSuffix(text, near) {
			return nil
		}
		at := len(text) - len(near)
		return &at
	}
	// MariaDB ends a shortened rest with dots, MySQL does not.
	near = strings.TrimSuffix(near, "...")
	start := lineStart(text, line)
	if start < 0 {
		return nil
	}
	end := len(text)
	if n := strings.IndexByte(text[start:], '\n'); n >= 0 {
		end = start + n + 1
	}
	return onlyOne(text, near, start, end)
}

// lineStart is the offset of a line, counted from 1; -1 if there is none.
func lineStart(text string, line int) int {
	at := 0
	for range line - 1 {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			return -1
		}
		at += n + 1
	}
	return at
}

// onlyOne finds part in text, beginning within [start, end), if it is there
// once only.
func onlyOne(text, part string, start, end int) *int {
	at := strings.Index(text[start:], part)
	if at < 0 || start+at >= end {
		return nil
	}
	at += start
	if again := strings.Index(text[at+1:], part); again >= 0 && at+1+again < end {
		return nil
	}
	return &at
}

// namedOffset finds the name that an error puts first between quotes, without
// its database or table, if it stands in text once only as a word.
func namedOffset(message, text string) *int {
	name := quotedName(message)
	if name == "" {
		return nil
	}
	name = strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	lower := strings.ToLower(text)
	if len(lower) != len(text) || name == "" {
		return nil
	}
	found := -1
	for from := 0; ; {
		n := strings.Index(lower[from:], name)
		if n < 0 {
			break
		}
		at := from + n
		from = at + 1
		if isWordByte(lower, at-1) || isWordByte(lower, at+len(name)) {
			continue
		}
		if found >= 0 {
			return nil
		}
		found = at
	}
	if found < 0 {
		return nil
	}
	return &found
}

// quotedName is the name of "Unknown column 'a.b' in …", "Table 'd.t' doesn't
// exist" and "FUNCTION d.f does not exist".
func quotedName(message string) string {
	if _, rest, ok := strings.Cut(message, "'"); ok {
		name, _, _ := strings.Cut(rest, "'")
		return name
	}
	if words := strings.Fields(message); len(words) > 1 {
		return words[1]
	}
	return ""
}

func isWordByte(s string, i int) bool {
	if i < 0 || i >= len(s) {
		return false
	}
	c := s[i]
	return c == '_' || c == '$' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

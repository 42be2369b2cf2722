package sqltext

import "strings"

// scanQuoted finds strings and quoted names, with their prefixes.
func (sc *scanner) scanQuoted() (TokenKind, bool) {
	start := sc.pos
	switch c := sc.s[sc.pos]; c {
	case '\'':
		return sc.scanString(start, 0, sc.d == MySQL), true
	case '"':
		if sc.d == MySQL {
			return sc.scanString(start, 0, true), true
		}
		return sc.scanName(start, 0, '"'), true
	case '`':
		if sc.d != Postgres {
			return sc.scanName(start, 0, '`'), true
		}
	case '[':
		if sc.d == SQLite {
			return sc.scanBrackets(start), true
		}
	case '$':
		if sc.d == Postgres {
			return sc.scanDollar(start)
		}
	default:
		return sc.scanPrefixed(start, c|0x20)
	}
	return 0, false
}

// scanPrefixed finds E'…', B'…', X'…', N'…', U&'…' and U&"…"; letter is the
// first one in lower case.
func (sc *scanner) scanPrefixed(start int, letter byte) (TokenKind, bool) {
	switch {
	case sc.at(1) == '\'':
		backslash := sc.d == MySQL
		switch letter {
		case 'x':
		case 'b', 'n':
			if sc.d == SQLite {
				return 0, false
			}
		case 'e':
			if sc.d != Postgres {
				return 0, false
			}
			backslash = true
		default:
			return 0, false
		}
		return sc.scanString(start, 1, backslash), true
	case sc.d == Postgres && letter == 'u' && sc.at(1) == '&' && sc.at(2) == '\'':
		return sc.scanString(start, 2, false), true
	case sc.d == Postgres && letter == 'u' && sc.at(1) == '&' && sc.at(2) == '"':
		return sc.scanName(start, 2, '"'), true
	}
	return 0, false
}

// scanString passes a string whose opening quote stands prefix bytes ahead. In
// PostgreSQL an E'…' string goes on after white space that holds a line end, if
// a quote follows, and keeps its backslashes there.
func (sc *scanner) scanString(start, prefix int, backslash bool) TokenKind {
	sc.pos += prefix
	quote := sc.s[sc.pos]
	sc.pos++
	for sc.pos < len(sc.s) {
		switch c := sc.s[sc.pos]; {
		case c == '\\' && backslash:
			sc.pos += 2
		case c != quote:
			sc.pos++
		case sc.at(1) == quote:
			sc.pos += 2
		default:
			sc.pos++
			if next := sc.continued(); backslash && sc.d == Postgres && next > 0 {
				sc.pos = next
				continue
			}
			return TokenString
		}
	}
	sc.pos = len(sc.s)
	sc.fail(faultQuote, start)
	return TokenString
}

// continued gives the offset behind the quote that carries a PostgreSQL string
// on, 0 if none does.
func (sc *scanner) continued() int {
	newline := false
	for i := sc.pos; i < len(sc.s); i++ {
		c := sc.s[i]
		switch {
		case c == '\n' || c == '\r':
			newline = true
		case sc.d.isSpace(c):
		case c == '\'' && newline:
			return i + 1
		case strings.HasPrefix(sc.s[i:], "--"):
			n := strings.IndexAny(sc.s[i:], "\r\n")
			if n < 0 {
				return 0
			}
			newline = true
			i += n
		default:
			return 0
		}
	}
	return 0
}

// scanName passes a quoted name; the quote is doubled inside.
func (sc *scanner) scanName(start, prefix int, quote byte) TokenKind {
	sc.pos += prefix + 1
	for {
		n := strings.IndexByte(sc.s[sc.pos:], quote)
		if n < 0 {
			sc.pos = len(sc.s)
			sc.fail(faultName, start)
			return TokenQuotedIdent
		}
		sc.pos += n + 1
		if sc.at(0) != quote || sc.pos == len(sc.s) {
			return TokenQuotedIdent
		}
		sc.pos++
	}
}

// scanBrackets passes SQLite's [name], which knows no doubling.
func (sc *scanner) scanBrackets(start int) TokenKind {
	n := strings.IndexByte(sc.s[sc.pos:], ']')
	if n < 0 {
		sc.pos = len(sc.s)
		sc.fail(faultName, start)
		return TokenQuotedIdent
	}
	sc.pos += n + 1
	return TokenQuotedIdent
}

// scanDollar passes $tag$ … $tag$. The tag holds no dollar, so a near miss can
// be looked at only once and the search stays linear.
func (sc *scanner) scanDollar(start int) (TokenKind, bool) {
	end := sc.pos + 1
	if end < len(sc.s) && identStart(sc.s[end]) {
		for end < len(sc.s) && sc.s[end] != '$' && identPart(sc.s[end]) {
			end++
		}
	}
	if end >= len(sc.s) || sc.s[end] != '$' {
		return 0, false
	}
	tag := sc.s[start : end+1]
	sc.pos = end + 1
	for {
		n := strings.IndexByte(sc.s[sc.pos:], '$')
		if n < 0 {
			sc.pos = len(sc.s)
			sc.fail(faultDollar, start)
			return TokenString, true
		}
		sc.pos += n
		if strings.HasPrefix(sc.s[sc.pos:], tag) {
			sc.pos += len(tag)
			return TokenString, true
		}
		sc.pos++
	}
}

package sqltext

import "strings"

// conditions remembers the executable comments of a statement whose code runs
// on some servers only.
type conditions struct {
	seen  bool
	first string // the mark of the first one: "/*!50000"
	mixed bool   // another one had another mark
}

func (c *conditions) add(mark string) {
	if !c.seen {
		c.seen, c.first = true, mark
		return
	}
	c.mixed = c.mixed || mark != c.first
}

// commentHere reports whether a comment of any kind begins here.
func (sc *scanner) commentHere() bool {
	switch sc.s[sc.pos] {
	case '/':
		return sc.at(1) == '*'
	case '#':
		return sc.d == MySQL
	case '-':
		return sc.at(1) == '-' && (sc.d != MySQL || sc.at(2) <= ' ' || sc.at(2) == 0x7f)
	}
	return false
}

// codeEndHere reports whether the executable comment that we are in ends here.
func (sc *scanner) codeEndHere() bool {
	return sc.inCode && sc.s[sc.pos] == '*' && sc.at(1) == '/'
}

func (sc *scanner) scanComment() (TokenKind, bool) {
	if sc.codeEndHere() {
		sc.pos += 2
		sc.inCode, sc.mark = false, true
		return TokenComment, true
	}
	if !sc.commentHere() {
		return 0, false
	}
	switch {
	case sc.s[sc.pos] != '/':
		sc.scanLineComment()
	case sc.d == Postgres:
		sc.scanBlockComment(maxNesting)
	case sc.d == MySQL && sc.scanCodeMark():
	default:
		sc.scanBlockComment(1)
	}
	return TokenComment, true
}

// scanLineComment stops before the line's end. Only PostgreSQL ends a line at
// a lone carriage return.
func (sc *scanner) scanLineComment() {
	ends := "\n"
	if sc.d == Postgres {
		ends = "\r\n"
	}
	if n := strings.IndexAny(sc.s[sc.pos:], ends); n >= 0 {
		sc.pos += n
		return
	}
	sc.pos = len(sc.s)
}

// maxNesting is deeper than any text can nest comments.
const maxNesting = 1 << 62

// scanBlockComment passes a comment that may hold others, levels deep in all.
func (sc *scanner) scanBlockComment(levels int) {
	start := sc.pos
	depth := 1
	sc.pos += 2
	for sc.pos < len(sc.s) {
		switch {
		case sc.s[sc.pos] == '*' && sc.at(1) == '/':
			sc.pos += 2
			depth--
			if depth == 0 {
				return
			}
		case sc.s[sc.pos] == '/' && sc.at(1) == '*' && depth < levels:
			sc.pos += 2
			depth++
		default:
			sc.pos++
		}
	}
	sc.fail(faultComment, start)
}

// scanCodeMark passes the opening mark of an executable comment: /*! and
// MariaDB's /*M!, with or without a version of five or six digits. The text
// after it is code. It reports false for an ordinary comment. Inside one, the
// server keeps a single flag, so a second mark changes nothing and the first
// */ ends both.
func (sc *scanner) scanCodeMark() bool {
	mark := 3
	switch {
	case sc.at(2) == '!':
	case sc.at(2) == 'M' && sc.at(3) == '!':
		mark = 4
	default:
		return false
	}
	digits := 0
	for digits < 6 && isDigit(sc.at(mark+digits)) {
		digits++
	}
	if digits < 5 {
		digits = 0
	}
	if digits > 0 || mark == 4 {
		sc.conditions.add(sc.s[sc.pos : sc.pos+mark+digits])
		if sc.skipCode {
			sc.scanBlockComment(2) // a skipped one may hold one level of comments
			return true
		}
	}
	if !sc.inCode {
		sc.inCode, sc.codeStart = true, sc.pos
	}
	sc.pos += mark + digits
	sc.mark = true
	return true
}

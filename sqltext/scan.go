package sqltext

import "strings"

const bom = "\ufeff"

// scanner cuts a text into tokens, one pass, no backtracking beyond one token.
type scanner struct {
	d   Dialect
	s   string
	pos int
	tok Token // the token next found

	delim    string // what ends a statement; ";" unless MySQL's DELIMITER changed it
	fresh    bool   // only space and comments since the last terminator
	afterDot bool   // the last significant token was a single dot

	// MySQL's executable comments. skipCode reads those with a condition as
	// plain comments, the way a server does whose version does not match.
	inCode     bool
	codeStart  int
	skipCode   bool
	mark       bool // tok opens or closes an executable comment
	conditions conditions

	fault fault // the first construct that is wrong, if any
}

func newScanner(d Dialect, s string) *scanner {
	if d != MySQL && d != SQLite {
		d = Postgres
	}
	return &scanner{d: d, s: s, delim: ";", fresh: true}
}

// next finds the next token and reports whether there is one.
func (sc *scanner) next() bool {
	if sc.pos >= len(sc.s) {
		if sc.inCode {
			sc.fail(faultComment, sc.codeStart)
		}
		return false
	}
	start := sc.pos
	sc.mark = false
	kind := sc.scan()
	sc.tok = Token{Kind: kind, Start: start, End: sc.pos}
	switch kind {
	case TokenSpace, TokenComment:
	case TokenTerminator, TokenCommand:
		sc.fresh, sc.afterDot = true, false
	default:
		sc.fresh = false
		sc.afterDot = kind == TokenPunct && sc.s[start] == '.'
	}
	return true
}

// scan moves pos past one token and says what it was.
func (sc *scanner) scan() TokenKind {
	c := sc.s[sc.pos]
	if sc.pos == 0 && strings.HasPrefix(sc.s, bom) {
		sc.pos = len(bom)
		return TokenSpace
	}
	if sc.d.isSpace(c) {
		return sc.scanSpace()
	}
	if c == '\\' && sc.d == Postgres {
		sc.failLine(faultPsql)
		return TokenCommand
	}
	if sc.fresh {
		if kind, ok := sc.scanCommand(); ok {
			return kind
		}
	}
	if kind, ok := sc.scanEnd(); ok {
		return kind
	}
	if kind, ok := sc.scanComment(); ok {
		return kind
	}
	if kind, ok := sc.scanQuoted(); ok {
		return kind
	}
	if kind, ok := sc.scanPlaceholder(); ok {
		return kind
	}
	switch {
	case isDigit(c), c == '.' && isDigit(sc.at(1)) && !sc.dottedName():
		return sc.scanNumber()
	case identStart(c), sc.d == MySQL && (c == '$' || c == '@' && sc.variable()):
		return sc.scanWord()
	case strings.IndexByte("()[]{},.;", c) >= 0:
		sc.pos++
		return TokenPunct
	}
	return sc.scanOperator()
}

// at gives the byte n places ahead, 0 past the end.
func (sc *scanner) at(n int) byte {
	if sc.pos+n < len(sc.s) {
		return sc.s[sc.pos+n]
	}
	return 0
}

func (sc *scanner) scanSpace() TokenKind {
	for sc.pos < len(sc.s) && sc.d.isSpace(sc.s[sc.pos]) && !sc.atCustomDelim() {
		sc.pos++
	}
	return TokenSpace
}

// scanEnd finds a terminator. Inside an executable comment nothing ends a
// statement: each half would be a broken comment.
func (sc *scanner) scanEnd() (TokenKind, bool) {
	if sc.inCode {
		return 0, false
	}
	if strings.HasPrefix(sc.s[sc.pos:], sc.delim) {
		sc.pos += len(sc.delim)
		return TokenTerminator, true
	}
	if sc.d == MySQL && sc.s[sc.pos] == '\\' && (sc.at(1) == 'g' || sc.at(1) == 'G') {
		sc.pos += 2
		return TokenTerminator, true
	}
	return 0, false
}

// atCustomDelim reports whether a delimiter other than ; stands here. MySQL's
// client finds it inside names and operators too (END$$), so every loop over
// such bytes stops at it.
func (sc *scanner) atCustomDelim() bool {
	return sc.delim != ";" && !sc.inCode && strings.HasPrefix(sc.s[sc.pos:], sc.delim)
}

// scanOperator takes a run of operator characters, up to where a comment, a
// delimiter or the end of an executable comment begins.
func (sc *scanner) scanOperator() TokenKind {
	const symbols = "+-*/<>=~!@#%^&|`?:\\"
	sc.pos++
	for sc.pos < len(sc.s) && strings.IndexByte(symbols, sc.s[sc.pos]) >= 0 {
		if sc.operatorStops() {
			break
		}
		sc.pos++
	}
	return TokenOperator
}

func (sc *scanner) operatorStops() bool {
	switch sc.s[sc.pos] {
	case '-', '/', '#', '*':
		return sc.commentHere() || sc.codeEndHere()
	case '\\':
		return true
	case '`', '?', ':', '@':
		if sc.d != Postgres {
			return true // may open something of its own
		}
	}
	return sc.atCustomDelim()
}

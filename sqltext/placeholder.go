package sqltext

// scanPlaceholder finds {{name}} and what the database itself takes for
// a parameter.
func (sc *scanner) scanPlaceholder() (TokenKind, bool) {
	c := sc.s[sc.pos]
	switch {
	case c == '{' && sc.at(1) == '{':
		return sc.scanParam()
	case c == '?' && sc.d != Postgres:
		sc.pos++
		for sc.d == SQLite && isDigit(sc.at(0)) {
			sc.pos++
		}
		return TokenPlaceholder, true
	case c == '$' && sc.d == Postgres && isDigit(sc.at(1)):
		sc.pos++
		for isDigit(sc.at(0)) {
			sc.pos++
		}
		return TokenPlaceholder, true
	case sc.d == SQLite && (c == ':' || c == '@' || c == '$' || c == '#') && identPart(sc.at(1)):
		sc.passWord()
		return TokenPlaceholder, true
	}
	return 0, false
}

// scanParam passes {{name}}, spaces and tabs allowed inside the braces.
func (sc *scanner) scanParam() (TokenKind, bool) {
	i := skipBlanks(sc.s, sc.pos+2)
	name := i
	for i < len(sc.s) && paramPart(sc.s[i], i == name) {
		i++
	}
	if i == name {
		return 0, false
	}
	i = skipBlanks(sc.s, i)
	if i+2 > len(sc.s) || sc.s[i:i+2] != "}}" {
		return 0, false
	}
	sc.pos = i + 2
	return TokenParam, true
}

func skipBlanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	return i
}

// paramPart reports whether c can stand in a parameter's name, first or later.
func paramPart(c byte, first bool) bool {
	return c < 0x80 && (identStart(c) || !first && isDigit(c))
}

package sqltext

import "strings"

// scanWord passes an unquoted word or one of MySQL's @variables. A word behind
// a dot is a name whatever it spells.
func (sc *scanner) scanWord() TokenKind {
	kind := tokenWord
	if sc.afterDot {
		kind = TokenIdent
	}
	for sc.at(0) == '@' {
		kind = TokenIdent
		sc.pos++
	}
	sc.passWord()
	return kind
}

// passWord moves over at least one byte of a name.
func (sc *scanner) passWord() {
	sc.pos++
	for sc.pos < len(sc.s) && identPart(sc.s[sc.pos]) && !sc.atCustomDelim() {
		sc.pos++
	}
}

// variable reports whether the @ here opens the name of a MySQL variable.
func (sc *scanner) variable() bool {
	return identPart(sc.at(1)) || sc.at(1) == '@' && identPart(sc.at(2))
}

// dottedName reports whether the dot here stands directly behind a name, so
// that digits after it are no fraction.
func (sc *scanner) dottedName() bool {
	if sc.pos == 0 {
		return false
	}
	c := sc.s[sc.pos-1]
	return identPart(c) || c == '"' || c == '`' || c == ']'
}

// scanNumber passes a number, or a MySQL name that begins with digits.
func (sc *scanner) scanNumber() TokenKind {
	start := sc.pos
	if sc.d == MySQL && isDigit(sc.s[sc.pos]) {
		sc.passWord()
		word := sc.s[start:sc.pos]
		switch {
		case sc.afterDot:
			return TokenIdent
		case openExponent(word) && (sc.at(0) == '+' || sc.at(0) == '-') && isDigit(sc.at(1)):
			sc.pos++
			sc.passDigits()
			return TokenNumber
		case strings.TrimLeft(word, "0123456789") != "":
			if mysqlNumber(word) {
				return TokenNumber
			}
			return TokenIdent
		}
	} else if sc.s[sc.pos] == '0' && strings.IndexByte("xXoObB", sc.at(1)) >= 0 && sc.at(1) != 0 {
		sc.pos += 2
		for isDigit(sc.at(0)) || sc.at(0) == '_' || 'a' <= sc.at(0)|0x20 && sc.at(0)|0x20 <= 'f' {
			sc.pos++
		}
		return TokenNumber
	}
	sc.passDigits()
	if sc.at(0) == '.' && sc.at(1) != '.' {
		sc.pos++
		sc.passDigits()
	}
	if sc.at(0)|0x20 == 'e' {
		sign := 0
		if sc.at(1) == '+' || sc.at(1) == '-' {
			sign = 1
		}
		if isDigit(sc.at(1 + sign)) {
			sc.pos += 1 + sign
			sc.passDigits()
		}
	}
	return TokenNumber
}

func (sc *scanner) passDigits() {
	for (isDigit(sc.at(0)) || sc.at(0) == '_' && isDigit(sc.at(1))) && !sc.atCustomDelim() {
		sc.pos++
	}
}

// openExponent reports whether word is digits and a final e, as in 1e-5.
func openExponent(word string) bool {
	digits := strings.TrimLeft(word, "0123456789")
	return digits == "e" || digits == "E"
}

// mysqlNumber reports whether a word that begins with a digit and holds other
// characters is a number: 0x1f, 0b01, 1e5.
func mysqlNumber(word string) bool {
	if rest, ok := strings.CutPrefix(word, "0x"); ok {
		return rest != "" && strings.Trim(rest, "0123456789abcdefABCDEF") == ""
	}
	if rest, ok := strings.CutPrefix(word, "0b"); ok {
		return rest != "" && strings.Trim(rest, "01") == ""
	}
	rest := strings.TrimLeft(word, "0123456789")
	return len(rest) > 1 && rest[0]|0x20 == 'e' && strings.TrimLeft(rest[1:], "0123456789") == ""
}

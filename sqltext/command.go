package sqltext

import "strings"

// maxDelimiter is the longest delimiter of the mysql client, in bytes.
const maxDelimiter = 15

// scanCommand finds lines meant for a client program where a statement would
// begin. Only DELIMITER is obeyed; the others are faults.
func (sc *scanner) scanCommand() (TokenKind, bool) {
	c := sc.s[sc.pos]
	switch {
	case sc.d == MySQL && c|0x20 == 'd' && sc.delimiterHere():
		sc.setDelimiter()
	case sc.d == MySQL && c == '\\' && sc.at(1) != 'N' && sc.at(1)|0x20 != 'g':
		sc.failLine(faultMySQL)
	case sc.d == SQLite && c == '.' && identStart(sc.at(1)):
		sc.failLine(faultSQLite)
	default:
		return 0, false
	}
	return TokenCommand, true
}

func (sc *scanner) delimiterHere() bool {
	const word = "DELIMITER"
	if len(sc.s)-sc.pos < len(word) || upper(sc.s[sc.pos:sc.pos+len(word)]) != word {
		return false
	}
	c := sc.at(len(word))
	return !identStart(c) && !isDigit(c) // DELIMITER; and DELIMITER$$ do too
}

// setDelimiter obeys DELIMITER as the mysql client does: the line's first word
// counts, perhaps in quotes, and the rest of the line is ignored.
func (sc *scanner) setDelimiter() {
	start := sc.pos
	line := sc.passLine()
	arg := strings.TrimSpace(line[len("DELIMITER"):])
	if arg != "" && strings.IndexByte("'\"`", arg[0]) >= 0 {
		arg, _, _ = strings.Cut(arg[1:], arg[:1])
	} else if n := strings.IndexAny(arg, " \t\r\f\v"); n >= 0 {
		arg = arg[:n]
	}
	if arg == "" || len(arg) > maxDelimiter || strings.ContainsRune(arg, '\\') {
		sc.fail(faultDelimiter, start)
		return
	}
	sc.delim = arg
}

// failLine passes a client program's line and marks it as a fault.
func (sc *scanner) failLine(kind faultKind) {
	start := sc.pos
	sc.passLine()
	sc.fail(kind, start)
}

// passLine moves to the line's end and gives what it passed.
func (sc *scanner) passLine() string {
	start := sc.pos
	if n := strings.IndexByte(sc.s[sc.pos:], '\n'); n >= 0 {
		sc.pos += n
	} else {
		sc.pos = len(sc.s)
	}
	return strings.TrimRight(sc.s[start:sc.pos], "\r")
}

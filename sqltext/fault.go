package sqltext

import (
	"strings"
	"unicode/utf8"

	"dribble/domain"
)

// faultKind says what is wrong with a text.
type faultKind uint8

const (
	faultNone faultKind = iota
	faultQuote
	faultName
	faultComment
	faultDollar
	faultPsql
	faultMySQL
	faultSQLite
	faultDelimiter
)

// fault is the first construct of a text that cannot be sent to a database.
type fault struct {
	kind  faultKind
	start int
}

// fail remembers the fault at offset start unless an earlier one is known.
func (sc *scanner) fail(kind faultKind, start int) {
	if sc.fault.kind == faultNone {
		sc.fault = fault{kind, start}
	}
}

// err words the fault for people.
func (f fault) err(script string) *domain.Error {
	line, _ := LineCol(script, f.start)
	switch f.kind {
	case faultQuote:
		return invalidAt(f.start, "The quote that opens on line %d is never closed.", line)
	case faultName:
		return invalidAt(f.start, "The quoted name that opens on line %d is never closed.", line)
	case faultComment:
		return invalidAt(f.start, "The comment that opens on line %d is never closed.", line)
	case faultDollar:
		return invalidAt(f.start, "The dollar quote %s that opens on line %d is never closed.", dollarTag(script[f.start:]), line)
	case faultDelimiter:
		return invalidAt(f.start, "DELIMITER on line %d needs one word of 1 to %d characters without a backslash, such as //.", line, maxDelimiter)
	}
	e := invalidAt(f.start, "%s on line %d is a command of the %s program, not SQL.", commandWord(script[f.start:]), line, f.program())
	e.Hint = commandHint(f.kind, script[f.start:])
	return e
}

func (f fault) program() string {
	switch f.kind {
	case faultMySQL:
		return "mysql"
	case faultSQLite:
		return "sqlite3"
	}
	return "psql"
}

// commandHint says what to do instead of a client program's command.
func commandHint(kind faultKind, line string) string {
	word := commandWord(line)
	if kind == faultPsql {
		switch {
		case strings.HasPrefix(word, `\d`), word == `\l`, word == `\z`:
			return "Delete it. The sidebar lists tables and their columns."
		case word == `\c`, word == `\connect`:
			return "Delete it, and choose the source above the editor."
		case word == `\copy`, word == `\.`:
			return "Delete it. Rows from a file can only be loaded with psql; Export saves a result to a file."
		case strings.HasPrefix(word, `\g`):
			return "Write a semicolon instead."
		}
	}
	return "Delete it, or run the script with " + fault{kind: kind}.program() + "."
}

// commandWord gives the first word of a client program's line, shortened.
func commandWord(line string) string {
	if n := strings.IndexAny(line, " \t\r\n;"); n >= 0 {
		line = line[:n]
	}
	return shorten(line)
}

func dollarTag(s string) string {
	if n := strings.IndexByte(s[1:], '$'); n >= 0 {
		s = s[:n+2]
	}
	return shorten(s)
}

// shorten keeps a message readable when the text it quotes is long.
func shorten(s string) string {
	const limit = 30
	if len(s) <= limit {
		return s
	}
	n := limit
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

func invalidAt(offset int, format string, args ...any) *domain.Error {
	e := domain.Errorf(domain.Invalid, format, args...)
	e.Offset, e.HasOffset = offset, true
	return e
}

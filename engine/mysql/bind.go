package mysql

import (
	"encoding/hex"
	"fmt"
	"strings"

	"dribble/domain"
	"dribble/sqltext"
)

// bind writes the arguments into the statement in place of its question marks.
//
// They are not bound by a server-side prepare, because that changes the result
// to the binary protocol. A plain word becomes 'word'; anything that holds
// more than ASCII letters, digits and the marks of numbers and dates becomes
// _utf8mb4 x'…', which means the same characters under every sql_mode and every
// character set a statement before may have set. Numbers go as text too: the
// server converts them where the place asks for one.
//
// A session that has switched backslash escapes off (NO_BACKSLASH_ESCAPES) reads
// a text with backslashes differently than the scanner here, so that the two
// could differ on what is a question mark; status tells, and that is refused.
func bind(statement string, args []*string, status uint16) (string, error) {
	if len(args) == 0 {
		return statement, nil
	}
	if status&statusNoEscapes != 0 && strings.Contains(statement, `\\`) {
		return "", &domain.SQLError{Message: "A statement with both parameters and backslashes cannot run while " +
			"sql_mode holds NO_BACKSLASH_ESCAPES. Change the mode, or write the value without a backslash."}
	}
	var b strings.Builder
	from, next := 0, 0
	for token := range sqltext.Scan(sqltext.MySQL, statement) {
		if token.Kind != sqltext.TokenPlaceholder {
			continue
		}
		if next < len(args) {
			b.WriteString(statement[from:token.Start])
			writeLiteral(&b, args[next])
			from = token.End
		}
		next++
	}
	if next != len(args) {
		return "", &domain.SQLError{Message: fmt.Sprintf(
			"The statement has %d question marks, but %d values were given.", next, len(args))}
	}
	b.WriteString(statement[from:])
	return b.String(), nil
}

func writeLiteral(b *strings.Builder, arg *string) {
	switch {
	case arg == nil:
		b.WriteString("NULL")
	case isPlain(*arg):
		b.WriteString("'" + *arg + "'")
	default:
		b.WriteString("_utf8mb4 x'" + hex.EncodeToString([]byte(*arg)) + "'")
	}
}

// isPlain reports whether s holds only characters that mean themselves between
// single quotes, whatever the session's settings are, and are harmless outside.
func isPlain(s string) bool {
	for i := range len(s) {
		c := s[i]
		isWord := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !isWord && !strings.ContainsRune(" -_.:,+", rune(c)) {
			return false
		}
	}
	return true
}

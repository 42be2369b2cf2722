// Package sqltext reads SQL as text: it splits scripts into statements,
// classifies them, finds {{name}} parameters, converts text positions and
// quotes names, each by the rules of the dialect. It knows no driver, opens no
// database and never runs anything. All work is linear in the length of the
// text, whatever the text is.
//
// It scans with each database's default settings: standard_conforming_strings
// on in PostgreSQL; no ANSI_QUOTES and no NO_BACKSLASH_ESCAPES in MySQL and
// MariaDB, which share the dialect MySQL.
package sqltext

// Dialect names a family of SQL. Its values equal the engines' names. Any other
// value is read as Postgres.
type Dialect string

// The dialects.
const (
	Postgres Dialect = "postgres"
	MySQL    Dialect = "mysql" // and MariaDB
	SQLite   Dialect = "sqlite"
)

// identStart reports whether c can open an unquoted name. Every byte of a
// multi-byte character can.
func identStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= 0x80
}

// identPart reports whether c can continue an unquoted name.
func identPart(c byte) bool { return identStart(c) || isDigit(c) || c == '$' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isSpace reports whether c is white space between tokens. SQLite knows no
// vertical tab.
func (d Dialect) isSpace(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '\r', '\f':
		return true
	case '\v':
		return d != SQLite
	}
	return false
}

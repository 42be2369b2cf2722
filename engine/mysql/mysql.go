// Package mysql is the engine for MySQL and MariaDB.
//
// The driver github.com/go-sql-driver/mysql signs in: it knows every password
// plugin. From then on this package speaks the text protocol on the same
// connection by itself, because the driver's own reader cannot do what a result
// grid needs: it parses FLOAT and DOUBLE into Go floats and prints them its own
// way, turns the INT ZEROFILL value 00042 into 42 and the YEAR 0000 into 0,
// allocates for every cell, and hides warning counts, column flags and
// COM_RESET_CONNECTION. So every cell is the server's own text, to the byte.
//
// What is decided here:
//   - A cell must be text. BINARY, VARBINARY, BLOB, BIT and GEOMETRY values are
//     shown as the mariadb client shows them with --binary-as-hex: 0x00FF. Text
//     columns arrive as the server converts them to utf8mb4.
//   - Statements go by COM_QUERY, never prepared: a prepared statement answers
//     in the binary protocol, whose numbers and dates would have to be formatted
//     here. Arguments are written into the text as literals that no setting of
//     the session can reinterpret; see bind.
//   - One statement a call, LOAD DATA LOCAL is off in the handshake itself.
//   - Cancelling is KILL QUERY from a second connection, repeated until the
//     statement has ended. Who asked for the end decides what the end is called,
//     because an interrupted BENCHMARK looks like a success.
//   - Read-only is a seat belt here, a transaction that only reads and a guard
//     that lets only reading statements through. The account's rights are the
//     one true control.
package mysql

import "dribble/engine"

// Engine opens MySQL and MariaDB databases. It is stateless.
type Engine struct{}

var _ engine.Engine = Engine{}

// New returns the engine.
func New() engine.Engine { return Engine{} }

// Open prepares access to one server without connecting yet.
func (Engine) Open(cfg engine.Config) (engine.DB, error) {
	set, err := readSettings(cfg)
	if err != nil {
		return nil, err
	}
	return newDatabase(set, max(cfg.MaxConns, 1)), nil
}

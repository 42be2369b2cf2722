// Package sqlite is the engine for SQLite database files. It speaks to the
// SQLite library itself (modernc.org/sqlite/lib, pure Go) and not through a
// database/sql driver, because a driver turns declared DATE or BOOLEAN columns
// into Go values, allocates for every cell and hides error positions.
//
// Cells are SQLite's own text form, exactly as CAST(x AS TEXT) gives it.
// Three things are decided here:
//   - A BLOB is shown as the sqlite3 shell's quote mode shows it: X'00ff'.
//   - TEXT that is not valid UTF-8 has its bad bytes replaced by U+FFFD, and
//     the statement says so in a notice; hex(column) gives the bytes.
//   - A NUL inside TEXT is kept.
//
// A source is one file: ATTACH of another file and VACUUM INTO are always
// refused. On a read-only source three guards stand behind each other: the file
// is opened read-only, PRAGMA query_only is set, and an authorizer compiles
// nothing but reads.
package sqlite

import (
	"fmt"
	"path/filepath"

	"dribble/engine"
)

// Engine opens SQLite files. It is stateless.
type Engine struct{}

var _ engine.Engine = Engine{}

// New returns the engine.
func New() engine.Engine { return Engine{} }

// Open prepares access to the file named by the field "path". The file is not
// touched yet.
func (Engine) Open(cfg engine.Config) (engine.DB, error) {
	fields, err := spec().Clean(cfg.Fields)
	if err != nil {
		return nil, err
	}
	path, err := filepath.Abs(fields[fieldPath])
	if err != nil {
		return nil, fmt.Errorf("find the absolute path of the database file: %w", err)
	}
	return newDatabase(path, cfg.ReadOnly, max(cfg.MaxConns, 1)), nil
}

// Package migrations holds the metadata store's schema as numbered goose files,
// one set for PostgreSQL and SQLite: only types and clauses that both understand.
// What one text cannot say for both stands in package db's dialect.go.
package migrations

import (
	"embed"
	"io/fs"
)

//go:embed *.sql
var files embed.FS

// Files returns the migrations, each named NNNNN_what.sql.
func Files() fs.FS { return files }

package sqlite

import (
	"fmt"
	"strings"

	"dribble/domain"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// guard decides what SQLite may compile on a connection and takes note of what
// a statement is about to do. SQLite asks it for every table read, function and
// change, so text tricks cannot pass it by.
type guard struct {
	readOnly bool

	// Of the statement being compiled:
	writes  bool             // INSERT, UPDATE, DELETE
	defines bool             // CREATE, DROP, ALTER, ANALYZE, REINDEX
	tells   bool             // a pragma that tells a setting
	refused *domain.SQLError // why it was refused

	// used is set once a statement may have left something behind in the
	// session: a temporary table, a setting, changes().
	used bool
}

// begin forgets the last statement.
func (g *guard) begin() { g.writes, g.defines, g.tells, g.refused = false, false, false, nil }

// authorize is SQLite's authorizer callback.
func (g *guard) authorize(_ *libc.TLS, _ uintptr, action int32, first, second, _, _ uintptr) int32 {
	switch action {
	case lib.SQLITE_READ, lib.SQLITE_SELECT, lib.SQLITE_RECURSIVE:
		return lib.SQLITE_OK
	case lib.SQLITE_FUNCTION:
		return g.function(libc.GoString(second))
	case lib.SQLITE_PRAGMA:
		return g.pragma(strings.ToLower(libc.GoString(first)), second != 0)
	case lib.SQLITE_ATTACH:
		// VACUUM attaches a nameless temporary database by itself.
		if first == 0 || libc.GoString(first) != "" {
			return g.refuse(codeOneFile, "A SQLite source is one file, so ATTACH and VACUUM INTO are not allowed here.",
				"Add the other file as a source of its own.")
		}
	case lib.SQLITE_INSERT, lib.SQLITE_UPDATE, lib.SQLITE_DELETE:
		g.writes = true
	case lib.SQLITE_TRANSACTION, lib.SQLITE_SAVEPOINT, lib.SQLITE_DETACH:
	default:
		g.defines = true
	}
	if g.readOnly {
		return g.refuseWrite(describe(action, libc.GoString(first)))
	}
	g.used = true
	return lib.SQLITE_OK
}

// function refuses the few built-in functions that reach beyond the database.
func (g *guard) function(name string) int32 {
	switch strings.ToLower(name) {
	case "load_extension", "fts3_tokenizer":
		return g.refuse(codeNotAllowed, fmt.Sprintf("The function %s is not allowed here.", name), "")
	}
	return lib.SQLITE_OK
}

// pragma lets harmless reads pass everywhere, and settings only where writing
// is allowed and the setting ends with the session or belongs to the file.
func (g *guard) pragma(name string, hasValue bool) int32 {
	switch {
	case readPragma(name) || !hasValue && settingPragma(name):
		g.tells = true
		return lib.SQLITE_OK
	case processPragma(name):
		return g.refuse(codeNotAllowed, fmt.Sprintf("PRAGMA %s is not allowed here, because it changes more than this session.", name), "")
	case g.readOnly:
		return g.refuseWrite("PRAGMA " + name)
	}
	g.used = true
	return lib.SQLITE_OK
}

// refuseWrite refuses a statement on a read-only source.
func (g *guard) refuseWrite(what string) int32 {
	return g.refuse(domain.CodeReadOnly, "This source is read-only, so "+what+" was refused.",
		"Switch off read-only in the source's settings to allow writing.")
}

func (g *guard) refuse(code, message, hint string) int32 {
	if g.refused == nil {
		g.refused = &domain.SQLError{Code: code, Message: message, Hint: hint}
	}
	return lib.SQLITE_DENY
}

// describe names what a statement wanted to do, for the refusal.
func describe(action int32, object string) string {
	var verb string
	switch action {
	case lib.SQLITE_INSERT:
		verb = "writing to"
	case lib.SQLITE_UPDATE:
		verb = "updating"
	case lib.SQLITE_DELETE:
		verb = "deleting from"
	case lib.SQLITE_ALTER_TABLE:
		return "ALTER TABLE"
	case lib.SQLITE_TRANSACTION, lib.SQLITE_SAVEPOINT:
		return "transaction control"
	case lib.SQLITE_ANALYZE, lib.SQLITE_REINDEX:
		return "this maintenance statement"
	case lib.SQLITE_DETACH:
		return "DETACH"
	default:
		return "a change of the schema"
	}
	if object == "" || strings.HasPrefix(object, "sqlite_") {
		return "a change of the schema"
	}
	return verb + " " + object
}

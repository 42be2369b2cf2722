package sqlite

import (
	"strconv"

	lib "modernc.org/sqlite/lib"
)

// codeName gives a result code's symbolic name as SQLite's manual lists it. An
// extended code without a name here is its primary code's name with the number.
func codeName(rc int32) string {
	if name := extendedName(rc); name != "" {
		return name
	}
	name := primaryName(rc & 0xff)
	if name == "" {
		return "SQLITE_" + strconv.Itoa(int(rc))
	}
	if rc > 0xff {
		name += "_" + strconv.Itoa(int(rc))
	}
	return name
}

func primaryName(rc int32) string {
	names := [...]string{
		lib.SQLITE_ERROR: "ERROR", lib.SQLITE_INTERNAL: "INTERNAL", lib.SQLITE_PERM: "PERM",
		lib.SQLITE_ABORT: "ABORT", lib.SQLITE_BUSY: "BUSY", lib.SQLITE_LOCKED: "LOCKED",
		lib.SQLITE_NOMEM: "NOMEM", lib.SQLITE_READONLY: "READONLY", lib.SQLITE_INTERRUPT: "INTERRUPT",
		lib.SQLITE_IOERR: "IOERR", lib.SQLITE_CORRUPT: "CORRUPT", lib.SQLITE_NOTFOUND: "NOTFOUND",
		lib.SQLITE_FULL: "FULL", lib.SQLITE_CANTOPEN: "CANTOPEN", lib.SQLITE_PROTOCOL: "PROTOCOL",
		lib.SQLITE_EMPTY: "EMPTY", lib.SQLITE_SCHEMA: "SCHEMA", lib.SQLITE_TOOBIG: "TOOBIG",
		lib.SQLITE_CONSTRAINT: "CONSTRAINT", lib.SQLITE_MISMATCH: "MISMATCH", lib.SQLITE_MISUSE: "MISUSE",
		lib.SQLITE_NOLFS: "NOLFS", lib.SQLITE_AUTH: "AUTH", lib.SQLITE_FORMAT: "FORMAT",
		lib.SQLITE_RANGE: "RANGE", lib.SQLITE_NOTADB: "NOTADB",
	}
	if rc <= 0 || int(rc) >= len(names) {
		return ""
	}
	return "SQLITE_" + names[rc]
}

func extendedName(rc int32) string {
	switch rc {
	case lib.SQLITE_CONSTRAINT_CHECK:
		return "SQLITE_CONSTRAINT_CHECK"
	case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
		return "SQLITE_CONSTRAINT_FOREIGNKEY"
	case lib.SQLITE_CONSTRAINT_NOTNULL:
		return "SQLITE_CONSTRAINT_NOTNULL"
	case lib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return "SQLITE_CONSTRAINT_PRIMARYKEY"
	case lib.SQLITE_CONSTRAINT_ROWID:
		return "SQLITE_CONSTRAINT_ROWID"
	case lib.SQLITE_CONSTRAINT_TRIGGER:
		return "SQLITE_CONSTRAINT_TRIGGER"
	case lib.SQLITE_CONSTRAINT_UNIQUE:
		return "SQLITE_CONSTRAINT_UNIQUE"
	case lib.SQLITE_CONSTRAINT_DATATYPE:
		return "SQLITE_CONSTRAINT_DATATYPE"
	case lib.SQLITE_BUSY_RECOVERY:
		return "SQLITE_BUSY_RECOVERY"
	case lib.SQLITE_BUSY_SNAPSHOT:
		return "SQLITE_BUSY_SNAPSHOT"
	case lib.SQLITE_READONLY_DBMOVED:
		return "SQLITE_READONLY_DBMOVED"
	case lib.SQLITE_READONLY_ROLLBACK:
		return "SQLITE_READONLY_ROLLBACK"
	case lib.SQLITE_READONLY_DIRECTORY:
		return "SQLITE_READONLY_DIRECTORY"
	}
	return ""
}

// hintFor says what to do about the failures that are not the statement's fault.
func hintFor(rc int32) string {
	if rc == lib.SQLITE_IOERR_WRITE {
		return "A file grew beyond what a worker may write, or the disk failed."
	}
	switch rc & 0xff {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return "Another program or run holds the file. Run again when it has finished."
	case lib.SQLITE_FULL:
		return "The disk that holds the file or its temporary files is full."
	case lib.SQLITE_NOMEM:
		return "The statement needs more memory than the worker may use."
	case lib.SQLITE_CANTOPEN:
		return "The file, or a temporary file beside it, cannot be opened by the account that runs Dribble."
	case lib.SQLITE_CORRUPT:
		return "The file is damaged. PRAGMA integrity_check tells where."
	case lib.SQLITE_NOTADB:
		return "The file is not a SQLite database, or it is encrypted."
	case lib.SQLITE_TOOBIG:
		return "A single value may be at most 64 MiB."
	case lib.SQLITE_READONLY:
		if rc == lib.SQLITE_READONLY_ROLLBACK {
			return "Another program died while writing. Open the file once with write access to repair it."
		}
		return "The file or its folder is read-only for the account that runs Dribble."
	}
	return ""
}

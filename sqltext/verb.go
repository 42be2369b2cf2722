package sqltext

// verbClass classifies statements other than queries by their verb at index
// at, and by the word after it where the verb alone does not tell.
func (r reader) verbClass(at int, verb string) Class {
	next := r.word(at + 1)
	switch verb {
	case "SHOW", "HELP", "CHECKSUM", "DESCRIBE", "DESC":
		return Read
	case "CALL", "DO", "COPY", "EXECUTE":
		return Write
	case "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "END", "ABORT", "LOCK", "UNLOCK", "XA":
		return Transaction
	case "USE", "DISCARD", "LISTEN", "UNLISTEN", "NOTIFY", "DEALLOCATE", "DECLARE", "FETCH", "MOVE", "CLOSE",
		"ATTACH", "DETACH", "HANDLER", "KILL", "CHECKPOINT", "SIGNAL", "RESIGNAL", "GET", "SET", "STOP":
		return Session
	case "CREATE", "ALTER", "COMMENT", "GRANT", "REVOKE", "VACUUM", "ANALYZE", "ANALYSE", "REINDEX", "TRUNCATE",
		"RENAME", "REFRESH", "CLUSTER", "SECURITY", "REASSIGN", "IMPORT", "OPTIMIZE", "REPAIR", "CHECK", "CACHE",
		"FLUSH", "PURGE", "INSTALL", "UNINSTALL", "SHUTDOWN", "RESTART", "CHANGE", "CLONE", "BINLOG":
		return DDL
	case "BEGIN":
		return when(next == "NOT", Write, Transaction) // MariaDB: a block of statements
	case "START":
		return when(next == "TRANSACTION", Transaction, Session)
	case "PREPARE":
		return when(next == "TRANSACTION", Transaction, Session)
	case "LOAD":
		return when(r.d == Postgres, Session, Write)
	case "RESET":
		return when(r.d == MySQL, DDL, Session) // RESET MASTER deletes logs
	case "DROP":
		return when(r.d == MySQL && next == "PREPARE", Session, DDL)
	case "PRAGMA":
		return r.pragmaClass(at)
	}
	return Unknown
}

func when(cond bool, yes, no Class) Class {
	if cond {
		return yes
	}
	return no
}

// pragmaClass tells SQLite's pragmas that look from those that set or act.
func (r reader) pragmaClass(at int) Class {
	name := at + 1
	if r.text(name+1) == "." {
		name += 2
	}
	switch r.text(name + 1) {
	case "":
		return when(oneOf(upper(r.text(name)), "OPTIMIZE", "INCREMENTAL_VACUUM", "WAL_CHECKPOINT", "SHRINK_MEMORY"), Session, Read)
	case "(":
		looks := oneOf(upper(r.text(name)), "TABLE_INFO", "TABLE_XINFO", "TABLE_LIST", "INDEX_LIST", "INDEX_INFO",
			"INDEX_XINFO", "FOREIGN_KEY_LIST", "FOREIGN_KEY_CHECK", "INTEGRITY_CHECK", "QUICK_CHECK")
		return when(looks, Read, Session)
	}
	return Session
}

// verbDanger names the danger of a statement other than a query.
func (r reader) verbDanger(at int, verb string) Danger {
	switch verb {
	case "TRUNCATE":
		return DangerTruncate
	case "DROP":
		return DangerDrop
	case "ALTER":
		return r.alterDanger(at)
	}
	return DangerNone
}

// alterDanger looks for ALTER … DROP and for MySQL's ALTER … TRUNCATE
// PARTITION outside parentheses. A column may be called drop.
func (r reader) alterDanger(at int) Danger {
	depth := 0
	for i := at + 1; i < len(r.toks); i++ {
		switch r.text(i) {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth != 0 || oneOf(r.word(i-1), "COLUMN", "TO", "RENAME", "ADD") {
			continue
		}
		switch word := r.word(i); {
		case word == "DROP":
			return DangerAlterDrop
		case word == "TRUNCATE" && r.word(i+1) == "PARTITION":
			return DangerTruncate
		}
	}
	return DangerNone
}

package sqltext

// maxWord bounds the words worth looking up: no keyword of any dialect is longer.
const maxWord = 32

// IsKeyword reports whether word, in any case, is coloured as a keyword in d:
// its reserved words and those that open statements and clauses.
func IsKeyword(d Dialect, word string) bool {
	w := upper(word)
	if isReserved(d, w) || commonKeyword(w) {
		return true
	}
	switch d {
	case MySQL:
		return mysqlKeyword(w)
	case SQLite:
		return sqliteKeyword(w)
	default:
		return postgresKeyword(w)
	}
}

// upper folds ASCII letters only, as the databases do for keywords: a dotless
// i must not become I. A word too long to be a keyword gives "".
func upper(word string) string {
	if len(word) > maxWord {
		return ""
	}
	var buf [maxWord]byte
	changed := false
	for i := range len(word) {
		c := word[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
			changed = true
		}
		buf[i] = c
	}
	if !changed {
		return word
	}
	return string(buf[:len(word)])
}

// isReserved reports whether the upper-case word must be quoted to be a name.
func isReserved(d Dialect, word string) bool {
	switch d {
	case MySQL:
		return mysqlReserved(word)
	case SQLite:
		return sqliteReserved(word)
	default:
		return postgresReserved(word)
	}
}

// commonKeyword knows the words that are not reserved everywhere yet mean the
// same wherever they are a keyword.
func commonKeyword(word string) bool {
	switch word {
	case "ABORT", "AFTER", "ALTER", "ANALYSE", "ANALYZE", "ATOMIC", "ATTACH", "BEFORE", "BEGIN", "BY",
		"CALL", "CASCADE", "CASE", "CHECKPOINT", "CLOSE", "CLUSTER", "COMMENT", "COMMIT", "CONFLICT",
		"COPY", "CREATE", "CUBE", "CURRENT", "CURSOR", "DATABASE", "DEALLOCATE", "DECLARE", "DELETE",
		"DETACH", "DISCARD", "DO", "DROP", "EACH", "END", "EXCLUDE", "EXECUTE", "EXPLAIN", "EXTENSION",
		"FETCH", "FILTER", "FIRST", "FOLLOWING", "FOR", "FUNCTION", "GRANT", "GROUPS", "IF", "IGNORE",
		"IMMEDIATE", "INDEX", "INSERT", "KEY", "LANGUAGE", "LAST", "LATERAL", "LISTEN", "LOAD", "LOCK",
		"LOCKED", "MATERIALIZED", "MERGE", "MOVE", "NO", "NOTHING", "NOTIFY", "NOWAIT", "NULLS", "OF",
		"OVER", "PARTITION", "PRECEDING", "PREPARE", "PROCEDURE", "RANGE", "RECURSIVE", "REFRESH",
		"REINDEX", "RELEASE", "RENAME", "REPLACE", "RESET", "RESTRICT", "RETURNS", "REVOKE", "ROLE",
		"ROLLBACK", "ROLLUP", "ROW", "ROWS", "SAVEPOINT", "SCHEMA", "SELECT", "SEQUENCE", "SET", "SHOW",
		"SKIP", "START", "TEMP", "TEMPORARY", "TIES", "TRANSACTION", "TRIGGER", "TRUNCATE", "UNBOUNDED",
		"UNLISTEN", "UNLOGGED", "UPDATE", "USE", "USING", "VACUUM", "VALUES", "VIEW", "WITH", "WITHIN",
		"WITHOUT", "WORK":
		return true
	}
	return false
}

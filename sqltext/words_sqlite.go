package sqltext

// sqliteReserved reports whether the upper-case word is unsafe as an unquoted
// name in SQLite: the words its parser refuses and those that change meaning
// by place.
func sqliteReserved(word string) bool {
	switch word {
	case "ADD", "ALL", "ALTER", "AND", "AS", "ASC", "AUTOINCREMENT", "BEGIN", "BETWEEN", "BY", "CASE",
		"CAST", "CHECK", "COLLATE", "COMMIT", "CONSTRAINT", "CREATE", "CROSS", "CURRENT", "CURRENT_DATE",
		"CURRENT_TIME", "CURRENT_TIMESTAMP", "DEFAULT", "DEFERRABLE", "DELETE", "DESC", "DISTINCT", "DO",
		"DROP", "ELSE", "END", "ESCAPE", "EXCEPT", "EXISTS", "EXPLAIN", "FILTER", "FOR", "FOREIGN", "FROM",
		"FULL", "GLOB", "GROUP", "GROUPS", "HAVING", "IF", "IN", "INDEX", "INDEXED", "INNER", "INSERT",
		"INTERSECT", "INTO", "IS", "ISNULL", "JOIN", "LEFT", "LIKE", "LIMIT", "MATCH", "NATURAL", "NOT",
		"NOTHING", "NOTNULL", "NULL", "OF", "OFFSET", "ON", "OR", "ORDER", "OUTER", "OVER", "PARTITION",
		"PRIMARY", "RAISE", "RANGE", "RECURSIVE", "REFERENCES", "REGEXP", "REPLACE", "RETURNING", "RIGHT",
		"ROWS", "SELECT", "SET", "TABLE", "THEN", "TO", "TRANSACTION", "UNION", "UNIQUE", "UPDATE", "USING",
		"VALUES", "WHEN", "WHERE", "WINDOW", "WITH", "WITHOUT":
		return true
	}
	return false
}

// sqliteKeyword adds SQLite's own words, for colouring.
func sqliteKeyword(word string) bool {
	switch word {
	case "ACTION", "ALWAYS", "DEFERRED", "EXCLUSIVE", "FAIL", "GENERATED", "INITIALLY", "INSTEAD", "PLAN",
		"PRAGMA", "QUERY", "ROWID", "STRICT", "VIRTUAL":
		return true
	}
	return false
}

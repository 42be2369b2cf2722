package sqltext

// changedObject names the table that a data-modifying verb at index at
// changes.
func (r reader) changedObject(at int, verb string) string {
	i := r.skipWords(at+1, "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE")
	if r.word(i) == "OR" { // SQLite: INSERT OR REPLACE, UPDATE OR FAIL
		i += 2
	}
	switch verb {
	case "DELETE":
		i = r.skipWords(i, "FROM", "ONLY")
	case "UPDATE":
		i = r.skipWords(i, "ONLY")
	default:
		i = r.skipWords(i, "INTO", "ONLY")
	}
	return r.name(r.skipParens(i))
}

// verbObject names what a statement other than a query touches.
func (r reader) verbObject(at int, verb string) string {
	switch verb {
	case "TRUNCATE":
		return r.name(r.skipWords(at+1, "TABLE", "ONLY"))
	case "COPY", "CALL":
		return r.name(at + 1)
	case "CREATE", "ALTER", "DROP", "RENAME", "COMMENT", "REFRESH":
		return r.ddlObject(at + 1)
	}
	return ""
}

// ddlObject finds the kind of object within the first words, then its name.
func (r reader) ddlObject(at int) string {
	const lookahead = 16 // room for DEFINER, ALGORITHM and SQL SECURITY
	for i := at; i < at+lookahead && i < len(r.toks); i++ {
		if !isObjectKind(r.word(i)) {
			continue
		}
		if r.word(i) == "EVENT" && r.word(i+1) == "TRIGGER" {
			i++
		}
		return r.name(r.skipWords(i+1, "CONCURRENTLY", "IF", "NOT", "EXISTS", "ONLY", "BY"))
	}
	return ""
}

func isObjectKind(word string) bool {
	switch word {
	case "TABLE", "TABLES", "VIEW", "INDEX", "SEQUENCE", "SCHEMA", "DATABASE", "FUNCTION", "PROCEDURE", "ROUTINE",
		"TRIGGER", "EVENT", "TYPE", "DOMAIN", "ROLE", "USER", "GROUP", "EXTENSION", "POLICY", "RULE", "AGGREGATE",
		"COLUMN", "CONSTRAINT", "COLLATION", "CONVERSION", "LANGUAGE", "PUBLICATION", "SUBSCRIPTION", "SERVER",
		"TABLESPACE", "STATISTICS", "PACKAGE", "WRAPPER", "METHOD", "CONFIGURATION", "DICTIONARY", "OWNED":
		return true
	}
	return false
}

package sqltext

import (
	"strings"
	"testing"
	"time"
)

// TestLinear feeds 1 MiB of what makes careless scanners look at the same bytes
// again and again. Linear work takes well under a second; quadratic work would
// be 10¹² steps, over a minute even for the fastest of them.
func TestLinear(t *testing.T) {
	const limit = time.Minute // for a crowded machine with the race detector on
	tests := []struct {
		name            string
		dialects        []Dialect
		open, unit, end string
	}{
		{"parentheses", []Dialect{Postgres}, "SELECT ", "(", ""},
		{"closing parentheses", []Dialect{Postgres}, "SELECT ", ")", ""},
		{"quotes", []Dialect{Postgres, MySQL, SQLite}, "", "'", ""},
		{"doubled names", []Dialect{Postgres, MySQL}, "", `""`, ""},
		{"dollars", []Dialect{Postgres}, "", "$", ""},
		{"dollar tags", []Dialect{Postgres}, "", "$a$b", ""},
		{"long dollar tag", []Dialect{Postgres}, "$" + strings.Repeat("a", 1<<19) + "$", "$a", ""},
		{"open dollar tags", []Dialect{Postgres}, "", "$a ", ""},
		{"comment openings", []Dialect{Postgres, MySQL, SQLite}, "", "/*", ""},
		{"comments", []Dialect{Postgres}, "", "/**/", ""},
		{"line comments", []Dialect{Postgres, MySQL}, "", "--\n", ""},
		{"comments behind a terminator", []Dialect{Postgres}, "SELECT 1; ", "/* */", ""},
		{"executable comments", []Dialect{MySQL}, "SELECT 1", "/*!50000*/", ""},
		{"executable statements", []Dialect{MySQL}, "", "/*!50000 a*/;", ""},
		{"braces", []Dialect{MySQL}, "", "{", ""},
		{"open parameters", []Dialect{Postgres}, "", "{{a ", ""},
		{"parameters", []Dialect{Postgres, MySQL}, "SELECT ", "{{a}}", ""},
		{"continued strings", []Dialect{Postgres}, "SELECT E'a'", "\n'a'", ""},
		{"strings almost continued", []Dialect{Postgres}, "SELECT ", "E'a'\n--\n", ""},
		{"EXPLAIN", []Dialect{Postgres, MySQL}, "", "EXPLAIN ANALYZE ", "SELECT 1"},
		{"EXPLAIN in parentheses", []Dialect{Postgres}, "", "EXPLAIN (ANALYZE) (", "SELECT 1"},
		{"SET STATEMENT", []Dialect{MySQL}, "", "SET STATEMENT a=1 FOR ", "SELECT 1"},
		{"SET STATEMENT without FOR", []Dialect{MySQL}, "", "SET STATEMENT ", "SELECT 1"},
		{"nested CTEs", []Dialect{Postgres, SQLite}, "", "WITH a AS (", "SELECT 1"},
		{"nested DELETE", []Dialect{Postgres}, "WITH ", "a AS (DELETE FROM b ", ""},
		{"dotted names", []Dialect{Postgres}, "DELETE FROM a", ".b", ""},
		{"DELETE verbs", []Dialect{Postgres}, "DELETE FROM ", "DELETE FROM a ", ""},
		{"ALTER", []Dialect{Postgres, MySQL}, "ALTER TABLE t ", "ADD a,", ""},
		{"body", []Dialect{Postgres}, "CREATE FUNCTION f() BEGIN ATOMIC ", "CASE ;", ""},
		{"program", []Dialect{MySQL}, "CREATE PROCEDURE p() BEGIN ", "BEGIN CASE END; ", ""},
		{"trigger", []Dialect{SQLite}, "CREATE TRIGGER x BEGIN ", "END ; ", ""},
		{"statements", []Dialect{Postgres}, "", "a;", ""},
		{"delimiter", []Dialect{MySQL}, "DELIMITER aaaaaaaaaaaaaab\n", "aaaaaaaaaaaaaa ", ""},
		{"delimiter lines", []Dialect{MySQL}, "", "DELIMITER ;\n", ""},
		{"operators", []Dialect{Postgres, MySQL}, "SELECT 1", "+-*", ""},
		{"dots", []Dialect{SQLite}, "", ".", ""},
		{"digits", []Dialect{Postgres, MySQL}, "", "1", ""},
		{"spaces", []Dialect{Postgres}, "SELECT", " ", ""},
		{"letters", []Dialect{MySQL}, "", "a", ""},
		{"backslashes", []Dialect{MySQL}, "SELECT '", `\`, ""},
	}
	for _, tt := range tests {
		for _, d := range tt.dialects {
			t.Run(string(d)+" "+tt.name, func(t *testing.T) {
				n := (MaxScript - len(tt.open) - len(tt.end)) / len(tt.unit)
				script := tt.open + strings.Repeat(tt.unit, n) + tt.end
				begin := time.Now()
				stmts, _ := Split(d, script)
				At(stmts, script, len(script)/2)
				for range Scan(d, script) {
				}
				if _, err := Bind(d, script, map[string]string{"a": "1"}); err == nil {
					LineCol(script, UTF16(script, len(script)))
				}
				if took := time.Since(begin); took > limit {
					t.Errorf("took %v for %d bytes, more than %v", took, len(script), limit)
				}
			})
		}
	}
}

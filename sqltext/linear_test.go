package sqltext

import (
	"strings"
	"testing"
	"time"
)

// TestLinear feeds 1 MiB of what makes careless scanners look at the same bytes
// again and again. Quadratic work would be 10¹² steps: hours, not seconds.
func TestLinear(t *testing.T) {
	const limit = 5 * time.Second // far above the usual few hundred milliseconds of a slow machine
	tests := []struct {
		name, open, unit, end string
	}{
		{"parentheses", "SELECT ", "(", ""},
		{"closing parentheses", "SELECT ", ")", ""},
		{"quotes", "", "'", ""},
		{"doubled names", "", `""`, ""},
		{"dollars", "", "$", ""},
		{"dollar tags", "", "$a$b", ""},
		{"long dollar tag", "$" + strings.Repeat("a", 1<<19) + "$", "$a", ""},
		{"open dollar tags", "", "$a ", ""},
		{"comment openings", "", "/*", ""},
		{"comments", "", "/**/", ""},
		{"line comments", "", "--\n", ""},
		{"comments behind a terminator", "SELECT 1; ", "/* */", ""},
		{"executable comments", "SELECT 1", "/*!50000*/", ""},
		{"executable statements", "", "/*!50000 a*/;", ""},
		{"braces", "", "{", ""},
		{"open parameters", "", "{{a ", ""},
		{"parameters", "SELECT ", "{{a}}", ""},
		{"continued strings", "SELECT E'a'", "\n'a'", ""},
		{"strings almost continued", "SELECT ", "E'a'\n--\n", ""},
		{"EXPLAIN", "", "EXPLAIN ANALYZE ", "SELECT 1"},
		{"EXPLAIN in parentheses", "", "EXPLAIN (ANALYZE) (", "SELECT 1"},
		{"SET STATEMENT", "", "SET STATEMENT a=1 FOR ", "SELECT 1"},
		{"SET STATEMENT without FOR", "", "SET STATEMENT ", "SELECT 1"},
		{"nested CTEs", "", "WITH a AS (", "SELECT 1"},
		{"nested DELETE", "WITH ", "a AS (DELETE FROM b ", ""},
		{"dotted names", "DELETE FROM a", ".b", ""},
		{"DELETE verbs", "DELETE FROM ", "DELETE FROM a ", ""},
		{"ALTER", "ALTER TABLE t ", "ADD a,", ""},
		{"body", "CREATE FUNCTION f() BEGIN ATOMIC ", "CASE ;", ""},
		{"program", "CREATE PROCEDURE p() BEGIN ", "BEGIN CASE END; ", ""},
		{"trigger", "CREATE TRIGGER x BEGIN ", "END ; ", ""},
		{"statements", "", "a;", ""},
		{"delimiter", "DELIMITER aaaaaaaaaaaaaab\n", "aaaaaaaaaaaaaa ", ""},
		{"delimiter lines", "", "DELIMITER ;\n", ""},
		{"operators", "SELECT 1", "+-*", ""},
		{"dots", "", ".", ""},
		{"digits", "", "1", ""},
		{"spaces", "SELECT", " ", ""},
		{"letters", "", "a", ""},
		{"backslashes", "SELECT '", `\`, ""},
	}
	for _, d := range []Dialect{Postgres, MySQL, SQLite} {
		for _, tt := range tests {
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

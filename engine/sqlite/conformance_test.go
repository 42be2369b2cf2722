package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"

	"dribble/engine"
	"dribble/engine/enginetest"
	"dribble/result"
)

func TestConformance(t *testing.T) {
	path := newFile(t)
	missing := filepath.Join(t.TempDir(), "missing.db")
	text := filepath.Join(filepath.Dir(missing), "notes.txt")
	writeFile(t, text, "This is a letter and not a database. This is a letter and not a database. "+
		"This is a letter and not a database.")
	enginetest.Run(t, enginetest.Fixture{
		Engine: New(),
		Fields: map[string]string{fieldPath: path},
		SQL: enginetest.Dialect{
			Series: func(n int) string {
				return fmt.Sprintf("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %d) SELECT n FROM s", n)
			},
			Endless: "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT n FROM s",
			Slow:    "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT max(n) FROM s",
			Busy: "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 100000) " +
				"SELECT count(*) FROM s AS a, s AS b, s AS c WHERE a.n + b.n < c.n",
			FailsMidway:  "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT abs(-9223372036854775807 - 1 + n - 5000) FROM s",
			Notice:       []string{"SELECT CAST(x'ff' AS TEXT)"},
			NoticeText:   "not valid UTF-8",
			Repeat:       func(s string, n int) string { return fmt.Sprintf("replace(hex(zeroblob(%d)), '00', '%s')", n, s) },
			Param:        func(int) string { return "?" },
			MaxColumns:   2000,
			MissingTable: "SQLITE_ERROR",
			Errors: []enginetest.ErrorCase{
				{Text: "SELCT 1", Code: "SQLITE_ERROR", Marker: "SELCT"},
				{Text: "SELECT 'é€😀', nope", Code: "SQLITE_ERROR", Marker: "nope"},
				{Text: "SELECT 1 +\n  * 2", Code: "SQLITE_ERROR", Marker: "* 2"},
				{Text: "SELECT nofunction(1)", Code: "SQLITE_ERROR", Marker: "nofunction"},
				{Text: "SELECT 'open", Code: "SQLITE_ERROR", Marker: "'open"},
			},
			SetState:  "PRAGMA case_sensitive_like = 1",
			ShowState: "SELECT 'A' LIKE 'a'",
			Changed:   "0",
			Fresh:     "1",
		},
		Types:     conformanceTypes(),
		BadValues: conformanceBadValues(),
		Escapes:   conformanceEscapes(t),
		Checks: []enginetest.CheckCase{
			{Name: "missing file", Change: map[string]string{fieldPath: missing}, Step: engine.StepHost, Field: fieldPath},
			{Name: "folder", Change: map[string]string{fieldPath: filepath.Dir(missing)}, Step: engine.StepHost, Field: fieldPath},
			{Name: "not a database", Change: map[string]string{fieldPath: text}, Step: engine.StepHost, Field: fieldPath},
		},
		Schema: enginetest.SchemaFixture{
			Setup: []string{
				"CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
				`CREATE TABLE book (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES author (id),
					title TEXT DEFAULT 'Untitled', isbn TEXT)`,
				"CREATE UNIQUE INDEX book_isbn ON book (isbn)",
				"CREATE VIEW shelf AS SELECT title FROM book",
			},
			Schema: mainSchema,
			IDType: "INTEGER",
		},
	})
}

// conformanceEscapes makes the write attempts scripts against the suite's table.
func conformanceEscapes(t *testing.T) [][]string {
	other := filepath.Join(t.TempDir(), "other.db")
	return [][]string{
		{"INSERT INTO guarded VALUES (9)"},
		{"DELETE FROM guarded"},
		{"UPDATE guarded SET id = 9"},
		{"REPLACE INTO guarded VALUES (1)"},
		{"WITH x AS (SELECT 1) DELETE FROM guarded WHERE 1 IN (SELECT * FROM x)"},
		{"DROP TABLE guarded"},
		{"ALTER TABLE guarded ADD COLUMN x"},
		{"CREATE TABLE sneaked (x)"},
		{"CREATE TABLE sneaked AS SELECT * FROM guarded"},
		{"CREATE VIEW sneaked AS SELECT 1"},
		{"CREATE TRIGGER sneaked AFTER INSERT ON guarded BEGIN DELETE FROM guarded; END"},
		{"CREATE VIRTUAL TABLE sneaked USING fts5(x)"},
		{"CREATE INDEX sneaked ON guarded (id)"},
		{"BEGIN", "DELETE FROM guarded", "COMMIT"},
		{"BEGIN IMMEDIATE", "DELETE FROM guarded", "COMMIT"},
		{"SAVEPOINT s", "DELETE FROM guarded", "RELEASE s"},
		{"COMMIT", "DELETE FROM guarded"},
		{"ROLLBACK", "DELETE FROM guarded"},
		{"PRAGMA query_only = 0", "DELETE FROM guarded"},
		{"PRAGMA query_only(false)", "DELETE FROM guarded"},
		{"PRAGMA writable_schema = 1", "DELETE FROM sqlite_schema"},
		{"PRAGMA journal_mode = WAL", "DELETE FROM guarded"},
		{"PRAGMA user_version = 9"},
		{"ATTACH '" + other + "' AS o", "CREATE TABLE o.t (x)"},
		{"ATTACH ':memory:' AS o", "CREATE TABLE o.t (x)"},
		{"VACUUM INTO '" + other + "'"},
		{"VACUUM"},
		{"UPDATE sqlite_dbpage SET data = zeroblob(4096)"},
		{"SELECT load_extension('" + other + "')"},
		{"SELECT 1; DELETE FROM guarded"},
		{"/* SELECT */ DELETE FROM guarded"},
		{"EXPLAIN DELETE FROM guarded", "DELETE FROM guarded"},
	}
}

func conformanceTypes() []enginetest.TypeCase {
	column := func(declared, value, want string, kind result.Kind) enginetest.TypeCase {
		return enginetest.TypeCase{
			Name: declared, Want: want, Type: declared, Kind: kind, Expr: "SELECT c FROM typed",
			Setup: []string{"DROP TABLE IF EXISTS typed", "CREATE TABLE typed (c " + declared + ")", "INSERT INTO typed VALUES (" + value + ")"},
		}
	}
	return []enginetest.TypeCase{
		{Name: "integer", Expr: "42", Want: "42", Type: "integer", Kind: result.KindInteger},
		{Name: "largest integer", Expr: "9223372036854775807", Want: "9223372036854775807", Type: "integer"},
		{Name: "smallest integer", Expr: "-9223372036854775807 - 1", Want: "-9223372036854775808", Type: "integer"},
		{Name: "real", Expr: "1.5", Want: "1.5", Type: "real", Kind: result.KindDecimal},
		{Name: "whole real", Expr: "1000000.0", Want: "1000000.0", Type: "real"},
		{Name: "text", Expr: "'é€😀'", Want: "é€😀", Type: "text", Kind: result.KindText},
		{Name: "blob", Expr: "x'00AbFF'", Want: "X'00abff'", Type: "blob", Kind: result.KindBinary},
		{Name: "null", Expr: "NULL", Null: true, Type: "any"},
		column("INTEGER", "9007199254740993", "9007199254740993", result.KindInteger),
		column("BIGINT", "-1", "-1", result.KindInteger),
		column("REAL", "0.1", "0.1", result.KindDecimal),
		column("DOUBLE PRECISION", "1", "1.0", result.KindDecimal),
		column("NUMERIC(10,2)", "'12.50'", "12.5", result.KindDecimal),
		column("TEXT", "7", "7", result.KindText),
		column("VARCHAR(2)", "'longer'", "longer", result.KindText),
		column("BLOB", "x'01'", "X'01'", result.KindBinary),
		column("BOOLEAN", "true", "1", result.KindBool),
		column("DATE", "'2024-02-29'", "2024-02-29", result.KindDate),
		column("DATETIME", "'2024-02-29 23:59:60'", "2024-02-29 23:59:60", result.KindTimestamp),
		column("TIMESTAMP", "1709164800", "1709164800", result.KindTimestamp),
		column("TIME", "'25:00'", "25:00", result.KindTime),
		column("JSON", `'{"a":[1,2]}'`, `{"a":[1,2]}`, result.KindJSON),
		column("UUID", "'x'", "x", result.KindUUID),
	}
}

func conformanceBadValues() []enginetest.TypeCase {
	return []enginetest.TypeCase{
		{Name: "infinity", Expr: "9e999", Want: "Inf"},
		{Name: "minus infinity", Expr: "-9e999", Want: "-Inf"},
		{Name: "not a number", Expr: "9e999 - 9e999", Null: true},
		{Name: "minus zero", Expr: "-0.0", Want: "0.0"},
		{Name: "smallest double", Expr: "4.9406564584124654e-324", Want: "4.9406564584124654e-324"},
		{Name: "largest double", Expr: "1.7976931348623157e+308", Want: "1.7976931348623157e+308"},
		{Name: "empty text", Expr: "''", Want: ""},
		{Name: "empty blob", Expr: "x''", Want: "X''"},
		{Name: "NUL in text", Expr: "char(97, 0, 98)", Want: "a\x00b"},
		{Name: "bad UTF-8", Expr: "CAST(x'61ff' AS TEXT)", Want: "a\uFFFD"},
		{Name: "half a character", Expr: "CAST(x'e282' AS TEXT)", Want: "\uFFFD"},
		{Name: "surrogate", Expr: "CAST(x'eda080' AS TEXT)", Want: "\uFFFD"},
		{Name: "text in an integer column", Expr: "SELECT c FROM odd", Want: "abc", Type: "INTEGER",
			Setup: []string{"DROP TABLE IF EXISTS odd", "CREATE TABLE odd (c INTEGER)", "INSERT INTO odd VALUES ('abc')"}},
		{Name: "blob in a text column", Expr: "SELECT c FROM odd", Want: "X'ff'", Type: "TEXT",
			Setup: []string{"DROP TABLE IF EXISTS odd", "CREATE TABLE odd (c TEXT)", "INSERT INTO odd VALUES (x'ff')"}},
		{Name: "boolean that is a word", Expr: "SELECT c FROM odd", Want: "maybe", Type: "BOOLEAN",
			Setup: []string{"DROP TABLE IF EXISTS odd", "CREATE TABLE odd (c BOOLEAN)", "INSERT INTO odd VALUES ('maybe')"}},
		{Name: "far date", Expr: "date('9999-12-31')", Want: "9999-12-31"},
		{Name: "date before Christ", Expr: "date('-4713-11-24')", Null: true},
		{Name: "impossible date", Expr: "date('2024-13-01')", Null: true},
	}
}

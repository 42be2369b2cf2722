package sqlite

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"dribble/domain"
)

// writeAttempts are ways to change the file, to make another one or to switch
// the guards off. Each must be refused on a read-only source.
func writeAttempts(dir string) []struct{ name, sql string } {
	other := filepath.Join(dir, "other.db")
	return []struct{ name, sql string }{
		{"insert", "INSERT INTO t VALUES (9, 'x')"},
		{"insert returning", "INSERT INTO t VALUES (9, 'x') RETURNING id"},
		{"update", "UPDATE t SET name = 'x'"},
		{"delete", "DELETE FROM t"},
		{"delete behind with", "WITH x AS (SELECT 1) DELETE FROM t WHERE id IN (SELECT * FROM x)"},
		{"replace", "REPLACE INTO t VALUES (1, 'x')"},
		{"upsert", "INSERT INTO t VALUES (1, 'x') ON CONFLICT DO UPDATE SET name = 'y'"},
		{"create table", "CREATE TABLE u (x)"},
		{"create table as", "CREATE TABLE u AS SELECT 1"},
		{"create temporary table", "CREATE TEMP TABLE u (x)"},
		{"create virtual table", "CREATE VIRTUAL TABLE u USING fts5(x)"},
		{"create index", "CREATE INDEX i ON t (name)"},
		{"create view", "CREATE VIEW v AS SELECT 1"},
		{"create trigger", "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END"},
		{"drop", "DROP TABLE t"},
		{"alter", "ALTER TABLE t ADD COLUMN x"},
		{"analyze", "ANALYZE"},
		{"reindex", "REINDEX"},
		{"vacuum", "VACUUM"},
		{"vacuum into", "VACUUM INTO '" + other + "'"},
		{"attach file", "ATTACH '" + other + "' AS o"},
		{"attach expression", "ATTACH '" + dir + "' || '/other.db' AS o"},
		{"attach memory", "ATTACH ':memory:' AS o"},
		{"attach uri", "ATTACH 'file:" + other + "?mode=rwc' AS o"},
		{"attach nameless", "ATTACH '' AS o"},
		{"detach", "DETACH main"},
		{"query_only off", "PRAGMA query_only = 0"},
		{"query_only off, call form", "PRAGMA query_only(0)"},
		{"writable_schema", "PRAGMA writable_schema = 1"},
		{"journal_mode", "PRAGMA journal_mode = WAL"},
		{"user_version", "PRAGMA user_version = 5"},
		{"schema_version", "PRAGMA main.schema_version = 5"},
		{"temp_store_directory", "PRAGMA temp_store_directory = '" + dir + "'"},
		{"wal_checkpoint", "PRAGMA wal_checkpoint(TRUNCATE)"},
		{"optimize", "PRAGMA optimize"},
		{"begin", "BEGIN"},
		{"begin immediate", "BEGIN IMMEDIATE"},
		{"savepoint", "SAVEPOINT s"},
		{"schema table", "UPDATE sqlite_schema SET sql = ''"},
		{"raw pages", "UPDATE sqlite_dbpage SET data = zeroblob(4096)"},
		{"load_extension", "SELECT load_extension('" + other + "')"},
		{"second statement", "SELECT 1; DELETE FROM t"},
		{"explained insert", "EXPLAIN INSERT INTO t VALUES (9, 'x')"},
		{"writefile", "SELECT writefile('" + other + "', 'x')"},
	}
}

func TestReadOnlyRefusesEveryWrite(t *testing.T) {
	t.Parallel()
	path := newFile(t, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)", "INSERT INTO t VALUES (1, 'a')", "CREATE INDEX t_name ON t (name)")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(t, openFile(t, path, true))
	attempts, refused := writeAttempts(filepath.Dir(path)), 0
	for _, a := range attempts {
		if _, _, err := run(s, a.sql); err != nil {
			refused++
		} else {
			t.Errorf("%s: %s was not refused", a.name, a.sql)
		}
		if got := mustRun(t, s, "SELECT name FROM t").value(); got != "a" {
			t.Fatalf("%s: the table now holds %q", a.name, got)
		}
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("the file has changed")
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("files beside the database: %v (%v)", files, err)
	}
	t.Logf("read-only escapes refused: %d of %d", refused, len(attempts))
	if len(attempts) < 22 {
		t.Errorf("the list has shrunk to %d attempts", len(attempts))
	}
}

func TestReadOnlySaysSo(t *testing.T) {
	t.Parallel()
	path := newFile(t, "CREATE TABLE t (id INTEGER PRIMARY KEY, n UNIQUE)")
	s := newSession(t, openFile(t, path, true))
	for _, sql := range []string{"INSERT INTO t VALUES (1)", "DROP TABLE t", "VACUUM", "BEGIN IMMEDIATE", "PRAGMA user_version = 1", "REINDEX"} {
		_, _, err := run(s, sql)
		if got := codeOf(err); got != domain.CodeReadOnly {
			t.Errorf("%s: code %q, want %q (%v)", sql, got, domain.CodeReadOnly, err)
		}
	}
}

func TestReadOnlyAllowsReads(t *testing.T) {
	t.Parallel()
	path := newFile(t, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)", "INSERT INTO t VALUES (1, 'a'), (2, 'b')",
		"CREATE VIEW v AS SELECT name FROM t", "CREATE VIRTUAL TABLE f USING fts5(body)", "INSERT INTO f VALUES ('hello world')", "ANALYZE")
	s := newSession(t, openFile(t, path, true))
	for _, sql := range []string{
		"SELECT * FROM v",
		"VALUES (1), (2)",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT sum(i) FROM n",
		"SELECT name, row_number() OVER (ORDER BY name) FROM t",
		"SELECT value FROM json_each('[1,2]')",
		"SELECT * FROM f WHERE f MATCH 'hello'",
		"EXPLAIN QUERY PLAN SELECT * FROM t",
		"EXPLAIN SELECT * FROM t",
		"PRAGMA table_info(t)",
		"PRAGMA table_xinfo('t')",
		"PRAGMA user_version",
		"PRAGMA integrity_check",
		"PRAGMA journal_mode",
		"SELECT * FROM pragma_table_list",
		"SELECT * FROM sqlite_schema",
		"SELECT * FROM sqlite_stat1",
		"SELECT date('now'), upper('x'), round(1.5), sqrt(2), random() IS NOT NULL",
		"SELECT * FROM t ORDER BY name DESC -- a comment; with a semicolon",
		"SELECT 1; -- done",
		"SELECT 1;;",
	} {
		if got := mustRun(t, s, sql); len(got.rows) == 0 {
			t.Errorf("%s gave no rows", sql)
		}
	}
}

func TestOtherFilesAreAlwaysRefused(t *testing.T) {
	t.Parallel()
	path := newFile(t, "CREATE TABLE t (id)")
	other := filepath.Join(filepath.Dir(path), "other.db")
	s := newSession(t, openFile(t, path, false))
	for _, sql := range []string{"ATTACH '" + other + "' AS o", "ATTACH ':memory:' AS o", "VACUUM INTO '" + other + "'"} {
		_, _, err := run(s, sql)
		if got := codeOf(err); got != codeOneFile {
			t.Errorf("%s: code %q, want %q (%v)", sql, got, codeOneFile, err)
		}
	}
	for _, sql := range []string{"PRAGMA writable_schema = 1", "PRAGMA soft_heap_limit = 1", "SELECT load_extension('x')", "PRAGMA temp_store_directory = '/'"} {
		_, _, err := run(s, sql)
		if got := codeOf(err); got != codeNotAllowed {
			t.Errorf("%s: code %q, want %q (%v)", sql, got, codeNotAllowed, err)
		}
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("another file was made")
	}
	mustRun(t, s, "VACUUM")
	mustRun(t, s, "ANALYZE")
	mustRun(t, s, "REINDEX")
	mustRun(t, s, "PRAGMA user_version = 3")
}

package handlers_test

import (
	"strings"
	"testing"
)

// outcome is what must become of a bad text: a run that succeeds, a run that fails
// with the database's error, or a refusal before any worker is asked.
type outcome string

const (
	runs    outcome = "runs"
	fails   outcome = "fails"
	refused outcome = "is refused"
)

type badText struct {
	name, engine, text string
	want               outcome
	says               string // in the error
}

func badTexts() []badText {
	big := func(n int) string { return "SELECT '" + strings.Repeat("x", n-9) + "'" }
	return []badText{
		{"empty", "postgres", "", refused, "nothing to run"},
		{"spaces", "mysql", " \t\r\n ", refused, "nothing to run"},
		{"semicolons", "sqlite", ";;;", refused, "nothing to run"},
		{"a line comment", "postgres", "-- nothing", refused, "nothing to run"},
		{"a block comment", "postgres", "/* nothing /* at */ all */", refused, "nothing to run"},
		{"a hash comment", "mysql", "# nothing", refused, "nothing to run"},
		{"NUL in a string", "postgres", "SELECT 'a\x00b'", refused, ""},
		{"NUL alone", "sqlite", "\x00", refused, ""},
		{"NUL after a statement", "mysql", "SELECT 1;\x00", refused, ""},
		{"byte order mark", "postgres", "\uFEFFSELECT 1", runs, ""},
		{"byte order mark, SQLite", "sqlite", "\uFEFFSELECT 1", runs, ""},
		{"byte order mark, MariaDB", "mysql", "\uFEFFSELECT 1", runs, ""},
		{"CR LF", "postgres", "SELECT 1,\r\n2\r\n", runs, ""},
		{"CR alone", "postgres", "SELECT\r1", runs, ""},
		{"right to left", "postgres", "SELECT 'שלום \u202E txet' AS \"עמודה\"", runs, ""},
		{"emoji", "mysql", "SELECT '💾' AS e", runs, ""},
		{"emoji in a name, which MariaDB refuses", "mysql", "SELECT 1 AS `💾`", fails, "character"},
		{"1 MiB", "postgres", big(1 << 20), runs, ""},
		{"1 MiB, SQLite", "sqlite", big(1 << 20), runs, ""},
		{"1 MiB and a byte", "postgres", big(1<<20 + 1), refused, "1 MiB"},
		{"10,000 parentheses, SQLite", "sqlite", "SELECT " + strings.Repeat("(", 10_000) + "1" + strings.Repeat(")", 10_000), fails, ""},
		{"10,000 parentheses, PostgreSQL", "postgres", "SELECT " + strings.Repeat("(", 10_000) + "1" + strings.Repeat(")", 10_000), fails, "memory exhausted"},
		{"10,000 parentheses, MariaDB", "mysql", "SELECT " + strings.Repeat("(", 10_000) + "1" + strings.Repeat(")", 10_000), runs, ""},
		{"open parenthesis", "postgres", "SELECT (1", fails, "syntax"},
		{"open quote", "postgres", "SELECT 'a", refused, "never closed"},
		{"open double quote", "postgres", `SELECT "a`, refused, "never closed"},
		{"open backtick", "mysql", "SELECT `a", refused, "never closed"},
		{"open bracket", "sqlite", "SELECT [a", refused, "never closed"},
		{"open dollar quote", "postgres", "SELECT $q$ a $$", refused, "never closed"},
		{"open comment", "postgres", "SELECT 1 /* a /* b */", refused, "never closed"},
		{"backslash quote", "mysql", `SELECT 'a\'`, refused, "never closed"},
		{"two statements", "postgres", "SELECT 1; SELECT 2", runs, ""},
		{"an error between", "sqlite", "SELECT 1; SELEC 2; SELECT 3", fails, "syntax"},
		{"psql command", "postgres", "\\d", refused, ""},
		{"psql shell", "postgres", "\\! id", refused, ""},
		{"psql copy", "postgres", "\\copy t from '/etc/passwd'", refused, ""},
		{"COPY from the client", "postgres", "COPY pg_class FROM STDIN", fails, ""},
		{"COPY to the client", "postgres", "COPY (SELECT 1) TO STDOUT", fails, ""},
		{"sqlite command", "sqlite", ".tables", refused, "command of the sqlite3 program"},
		{"load an extension", "sqlite", "SELECT load_extension('/tmp/x.so')", fails, ""},
		{"file of the worker", "mysql", "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t", fails, ""},
		{"executable comment", "mysql", "SELECT /*! 1 + */ 1", runs, ""},
		{"danger in a comment that a server may execute", "mysql", "/*!99999 DROP TABLE t */", refused, "removes t"},
		{"DELIMITER", "mysql", "DELIMITER //\nSELECT 1//", runs, ""},
		{"a parameter without value", "postgres", "SELECT {{id}}", refused, "id"},
		{"the database's own parameter", "postgres", "SELECT $1::int", fails, ""},
		{"a question mark", "mysql", "SELECT ?", fails, ""},
		{"a named parameter", "sqlite", "SELECT :a, @b, $c", fails, ""},
		{"wrong column", "postgres", "SELECT nope", fails, "nope"},
		{"wrong table", "mysql", "SELECT * FROM nope", fails, "nope"},
		{"division by zero", "postgres", "SELECT 1/0", fails, "zero"},
		{"no keyword", "postgres", "🦆", fails, "syntax"},
		{"a very long name", "postgres", "SELECT 1 AS " + strings.Repeat("n", 10_000), runs, ""},
	}
}

// TestBadTextsAreHandled sends texts that break naive programs: each is refused or
// answered clearly, and the source works afterwards.
func TestBadTextsAreHandled(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	sources := map[string]string{"sqlite": b.shop(t)}
	sources["postgres"], _ = b.postgres(t)
	sources["mysql"], _ = b.mariadb(t)
	handled, list := 0, badTexts()
	for _, tt := range list {
		got, said := b.outcome(t, sources[tt.engine], tt.text)
		if got != tt.want || !strings.Contains(strings.ToLower(said), strings.ToLower(tt.says)) {
			t.Errorf("%s: got %q saying %q, want %q saying %q", tt.name, got, said, tt.want, tt.says)
			continue
		}
		handled++
	}
	for _, text := range []string{"SELECT '\xff\xfe'", "\xc3\x28", "SELECT 1 -- \xed\xa0\x80"} { // not UTF-8: JSON cannot hold it
		a := b.call(t, "POST", "/api/v1/runs", `{"source_id":"`+sources["postgres"]+`","sql":"`+text+`"}`)
		if a.status == 202 {
			var made struct{ ID string }
			a.decode(t, &made)
			b.end(t, made.ID)
		} else if a.status != 400 && a.status != 422 {
			t.Errorf("%q: got %d %s", text, a.status, a.body)
			continue
		}
		handled++
	}
	for name, id := range sources {
		if r := b.ended(t, id, "SELECT 1"); r.Status != "success" {
			t.Errorf("%s does not work after all that: %+v", name, r.Error)
		}
	}
	t.Logf("bad inputs handled: %d of %d", handled, len(list)+3)
	if len(list)+3 < 40 {
		t.Errorf("the table has shrunk to %d", len(list)+3)
	}
}

// outcome runs a text and says what became of it.
func (b *bed) outcome(t *testing.T, source, text string) (outcome, string) {
	t.Helper()
	a := b.call(t, "POST", "/api/v1/runs", object{"source_id": source, "sql": text})
	if a.status != 202 {
		var e struct{ Error failure }
		a.decode(t, &e)
		if a.status != 422 && a.status != 413 && a.status != 409 || e.Error.Message == "" {
			t.Errorf("%.60q: got %d %s", text, a.status, a.body)
		}
		return refused, e.Error.Message
	}
	var made struct{ ID string }
	a.decode(t, &made)
	r := b.end(t, made.ID)
	switch {
	case r.Status == "success":
		return runs, ""
	case r.Status == "error" && r.Error != nil && r.Error.Message != "" && r.Error.Code != "worker_lost" && r.Error.Code != "internal":
		return fails, r.Error.Message
	}
	return outcome(r.Status), "without a clear error"
}

type badValue struct{ name, engine, expr, want string }

// null stands for NULL in the table.
const null = "\x00NULL"

func badValues() []badValue {
	return []badValue{
		{"NaN", "postgres", "'NaN'::float8", "NaN"}, {"infinity", "postgres", "'Infinity'::float8", "Infinity"}, {"-infinity", "postgres", "'-Infinity'::float4", "-Infinity"},
		{"-0", "postgres", "'-0'::float8", "-0"}, {"smallest", "postgres", "5e-324::float8", "5e-324"}, {"largest", "postgres", "1.7976931348623157e308::float8", "1.7976931348623157e+308"},
		{"numeric NaN", "postgres", "'NaN'::numeric", "NaN"}, {"numeric Inf", "postgres", "'-Infinity'::numeric", "-Infinity"}, {"trailing zeros", "postgres", "1.5000::numeric", "1.5000"},
		{"40 digits", "postgres", "1234567890123456789012345678901234567890::numeric", "1234567890123456789012345678901234567890"},
		{"2^53+1", "postgres", "9007199254740993::int8", "9007199254740993"}, {"least bigint", "postgres", "'-9223372036854775808'::int8", "-9223372036854775808"},
		{"year 1", "postgres", "'0001-01-01'::date", "0001-01-01"}, {"year 9999", "postgres", "'9999-12-31 23:59:59.999999'::timestamp", "9999-12-31 23:59:59.999999"},
		{"before Christ", "postgres", "'4713-01-01 BC'::date", "4713-01-01 BC"}, {"date infinity", "postgres", "'infinity'::date", "infinity"},
		{"time infinity", "postgres", "'-infinity'::timestamptz", "-infinity"}, {"24:00", "postgres", "'24:00'::time", "24:00:00"},
		{"bytea", "postgres", `'\x00ff'::bytea`, `\x00ff`}, {"empty bytea", "postgres", `''::bytea`, `\x`}, {"nested array", "postgres", "'{{1,NULL},{3,4}}'::int[]", "{{1,NULL},{3,4}}"},
		{"array of text", "postgres", `ARRAY['a,b', '"', NULL, '']`, `{"a,b","\"",NULL,""}`}, {"empty array", "postgres", "'{}'::int[]", "{}"},
		{"composite", "postgres", "ROW(1, 'a b', NULL)", `(1,"a b",)`}, {"nested composite", "postgres", "ROW(ROW(1, 2), ARRAY[3])", `("(1,2)",{3})`},
		{"JSON spaces", "postgres", `'{"b":  1, "b": 2}'::json`, `{"b":  1, "b": 2}`}, {"JSON big number", "postgres", "'123456789012345678901234567890.10'::jsonb", "123456789012345678901234567890.10"},
		{"range", "postgres", "'[1,5)'::int4range", "[1,5)"}, {"interval", "postgres", "'1 mon -1 day'::interval", "1 mon -1 days"}, {"void", "postgres", "pg_sleep(0)", ""},
		{"empty text", "postgres", "''", ""}, {"NULL", "postgres", "NULL", null}, {"the word NULL", "postgres", "'NULL'", "NULL"}, {"\\N", "postgres", `'\N'`, `\N`},
		{"control characters", "postgres", `E'\x01\x1f\x7f'`, "\x01\x1f\x7f"}, {"line separators", "postgres", `E'a\u2028b\u2029c'`, "a\u2028b\u2029c"}, {"markup", "postgres", "'</script><b>&amp;'", "</script><b>&amp;"},
		{"a formula", "postgres", `'=HYPERLINK("x")'`, `=HYPERLINK("x")`}, {"1 MiB", "postgres", "repeat('é', 524288)", strings.Repeat("é", 524288)},
		{"NUL in text", "sqlite", "'a' || char(0) || 'b'", "a\x00b"}, {"blob", "sqlite", "x'00ff'", "X'00ff'"}, {"text that is no UTF-8", "sqlite", "CAST(x'61ff62' AS TEXT)", "a\uFFFDb"},
		{"infinity, SQLite", "sqlite", "9e999", "Inf"}, {"NaN is NULL", "sqlite", "9e999 - 9e999", null}, {"real of a million", "sqlite", "1000000.0", "1000000.0"},
		{"zero date", "mysql", "CAST('0000-00-00' AS DATE)", "0000-00-00"}, {"long time", "mysql", "CAST('-838:59:59' AS TIME)", "-838:59:59"}, {"bytes", "mysql", "CAST('a' AS BINARY(3))", "0x610000"},
		{"unsigned", "mysql", "18446744073709551615", "18446744073709551615"}, {"double of a million", "mysql", "CAST(1000000 AS DOUBLE)", "1000000"}, {"double 1e308", "mysql", "1e308", "1e308"},
		{"NUL in text, MariaDB", "mysql", `CONVERT('a\0b' USING utf8mb4)`, "a\x00b"}, {"bits", "mysql", "b'101'", "0x05"}, {"1 MiB, MariaDB", "mysql", "REPEAT('é', 524288)", strings.Repeat("é", 524288)},
	}
}

// TestBadValuesAreHandled follows values that break naive programs through the
// run's rows, its JSON export and the streamed CSV.
func TestBadValuesAreHandled(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	sources := map[string]string{"sqlite": b.shop(t)}
	sources["postgres"], _ = b.postgres(t)
	sources["mysql"], _ = b.mariadb(t)
	handled, list := 0, badValues()
	for _, tt := range list {
		text := "SELECT " + tt.expr + " AS v, 1 AS one"
		r := b.ended(t, sources[tt.engine], text)
		if r.Status != "success" {
			t.Errorf("%s: got %s %+v", tt.name, r.Status, r.Error)
			continue
		}
		var exported window
		b.must(t, 200, "GET", "/api/v1/runs/"+r.ID+"/export?format=json", nil).decode(t, &exported)
		got, file := cellOf(b.rows(t, r.ID, "")), cellOf(exported)
		lines := records(t, strings.ReplaceAll(string(b.must(t, 200, "POST", "/api/v1/query", object{"source_id": sources[tt.engine], "sql": text}).body), "\r\n", "\n"))
		csv := strings.NewReplacer("∅empty∅", "").Replace(lines[1][0])
		if got != tt.want || file != tt.want || csv != strings.TrimPrefix(tt.want, null) {
			t.Errorf("%s: got %.60q, in JSON %.60q, in CSV %.60q, want %.60q", tt.name, got, file, csv, tt.want)
			continue
		}
		if p := b.visit(t, "/runs/"+r.ID); p.status != 200 {
			t.Errorf("%s: its page answers %d", tt.name, p.status)
			continue
		}
		handled++
	}
	t.Logf("bad inputs handled: %d of %d", handled, len(list))
	if len(list) < 50 {
		t.Errorf("the table has shrunk to %d", len(list))
	}
}

func cellOf(w window) string {
	switch {
	case len(w.Rows) != 1 || len(w.Rows[0]) != 2:
		return "no single row"
	case w.Rows[0][0] == nil:
		return null
	}
	return *w.Rows[0][0]
}

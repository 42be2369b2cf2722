package postgres_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dribble/engine"
	"dribble/engine/enginetest"
	"dribble/engine/postgres"
	"dribble/internal/testenv"
)

func TestEngine(t *testing.T) {
	server := testenv.Postgres(t).NewDatabase(t)
	admin := adminOf(t, server)
	enginetest.Run(t, enginetest.Fixture{
		Engine: postgres.New(),
		Fields: server.Fields("disable"),
		SQL: enginetest.Dialect{
			Series:  func(n int) string { return fmt.Sprintf("SELECT n FROM generate_series(1, %d) AS n", n) },
			Endless: "SELECT generate_series(1, 4000000000) AS n",
			Slow:    "SELECT pg_sleep(30)",
			Busy:    busy,
			Repeat:  func(s string, n int) string { return fmt.Sprintf("repeat('%s', %d)", s, n) },
			Param:   func(i int) string { return "$" + strconv.Itoa(i) },

			MaxColumns:   1600,
			NoColumns:    "SELECT",
			MissingTable: "42P01",
			Errors:       errorPositions(),
			FailsMidway:  "SELECT 1 / (20000 - n) FROM generate_series(1, 30000) AS n",
			State: []string{
				"SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
				"SELECT count(*) FROM pg_largeobject_metadata",
				"SELECT rolname, rolsuper FROM pg_roles ORDER BY 1",
				"SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
				"SELECT last_value, is_called FROM guarded_seq",
				"SELECT setconfig FROM pg_db_role_setting",
				"SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1",
			},
			Notice:     []string{"DO $$ BEGIN RAISE NOTICE 'hello from the server'; END $$"},
			NoticeText: "NOTICE: hello from the server",
			SetState:   "SET work_mem = '7MB'", ShowState: "SHOW work_mem", Changed: "7MB", Fresh: "4MB",
			Tag:        "INSERT 0 3",
			SeriesType: "int4",
		},
		Types:     types(t, server),
		BadValues: badValues(),
		Escapes:   escapes(),
		EscapeSetup: []string{
			"CREATE SEQUENCE guarded_seq",
			"CREATE PROCEDURE writes() LANGUAGE plpgsql AS 'BEGIN COMMIT; INSERT INTO guarded VALUES (5); COMMIT; END'",
			`CREATE FUNCTION definer_writes() RETURNS int LANGUAGE plpgsql SECURITY DEFINER
				AS 'BEGIN SET TRANSACTION READ WRITE; INSERT INTO guarded VALUES (5); RETURN 1; END'`,
			`CREATE FUNCTION plain_writes() RETURNS int LANGUAGE sql AS 'INSERT INTO guarded VALUES (5) RETURNING id'`,
			`CREATE FUNCTION config_writes() RETURNS int LANGUAGE plpgsql AS
				'BEGIN PERFORM set_config(''transaction_read_only'', ''off'', false); INSERT INTO guarded VALUES (5); RETURN 1; END'`,
			`CREATE FUNCTION large_writes() RETURNS oid LANGUAGE sql AS 'SELECT lo_create(4717)'`,
		},
		Checks: checks(server),
		Schema: enginetest.SchemaFixture{
			Setup: schemaSetup(), Schema: "public", Comments: true, Routine: "shelf_size", MarksKeys: true,
			IDType: "bigint",
		},
		Running: func(t testing.TB, appName string) int {
			return admin.count(t, `SELECT count(*) FROM pg_stat_activity
				WHERE application_name = $1 AND state <> 'idle' AND state <> 'idle in transaction (aborted)'
				AND query NOT LIKE '%pg_stat_activity%'`, appName)
		},
		Kill: func(t testing.TB, appName string) {
			admin.count(t, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1", appName)
		},
	})
}

// busy computes for more than 20 s and costs enough that the server compiles it
// first, which is when a single cancel request gets lost.
const busy = `SELECT count(*), sum(a.n * b.n), max(sqrt(a.n + b.n)), min(a.n % 7), avg(b.n)
	FROM generate_series(1, 30000) AS a(n) CROSS JOIN generate_series(1, 30000) AS b(n)
	WHERE (a.n + b.n) % 3 <> 1 GROUP BY a.n % 10`

func errorPositions() []enginetest.ErrorCase {
	return []enginetest.ErrorCase{
		{Text: "SELECT * FROM nowhere", Code: "42P01", Marker: "nowhere"},
		{Text: "SELECT 1,\n  missing_column\nFROM pg_class", Code: "42703", Marker: "missing_column"},
		{Text: "SELECT 'größe 💾', * FROM nowhere", Code: "42P01", Marker: "nowhere"},
		{Text: "/* é */ SELEKT 1", Code: "42601", Marker: "SELEKT"},
		{Text: "SELECT '日本'::text, 'a'::int", Code: "22P02", Marker: "'a'"},
	}
}

func schemaSetup() []string {
	return []string{
		"CREATE TABLE author (id bigint PRIMARY KEY, name text NOT NULL)",
		`CREATE TABLE book (
			id bigint PRIMARY KEY, author_id bigint REFERENCES author (id),
			title text NOT NULL DEFAULT 'Untitled', isbn varchar(20))`,
		"CREATE UNIQUE INDEX book_isbn ON book (isbn)",
		"CREATE VIEW shelf AS SELECT id, title FROM book",
		"COMMENT ON TABLE author IS 'People who write'",
		"COMMENT ON COLUMN author.name IS 'As on the cover'",
		"CREATE FUNCTION shelf_size() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM shelf'",
	}
}

func checks(server testenv.Server) []enginetest.CheckCase {
	return []enginetest.CheckCase{
		{Name: "wrong password", Change: map[string]string{"password": "wr0ng-secret"}, Step: engine.StepSignIn, Field: "password"},
		{Name: "no such user", Change: map[string]string{"user": "nobody_here"}, Step: engine.StepSignIn, Field: "password"},
		{Name: "no such database", Change: map[string]string{"database": "nowhere"}, Step: engine.StepSignIn, Field: "database"},
		{Name: "barred by pg_hba", Change: map[string]string{"user": server.BarredUser}, Step: engine.StepSignIn, Field: "user"},
		{Name: "refused port", Change: map[string]string{"port": "1"}, Step: engine.StepHost, Field: "port"},
		{Name: "unknown host", Change: map[string]string{"host": "no-such-host.invalid"}, Step: engine.StepHost, Field: "host"},
	}
}

// administrator looks at the server from outside the engine.
type administrator struct{ server testenv.Server }

func adminOf(t testing.TB, server testenv.Server) administrator {
	t.Helper()
	return administrator{server}
}

func (a administrator) count(t testing.TB, text string, args ...any) int {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), a.server.ConnString())
	if err != nil {
		t.Errorf("administrator: %v", err)
		return 0
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var n int
	if err := conn.QueryRow(context.Background(), text, args...).Scan(&n); err != nil {
		t.Errorf("administrator: %v", err)
	}
	return n
}

// escapes are scripts that try to write through a read-only source.
func escapes() [][]string {
	one := []string{
		"INSERT INTO guarded VALUES (2)",
		"WITH x AS (INSERT INTO guarded VALUES (3) RETURNING id) SELECT * FROM x",
		"WITH x AS (DELETE FROM guarded RETURNING id) SELECT * FROM x",
		"EXPLAIN ANALYZE INSERT INTO guarded VALUES (4)",
		"EXPLAIN (ANALYZE, FORMAT JSON) DELETE FROM guarded",
		"SELECT * INTO escaped FROM guarded",
		"CREATE TABLE escaped AS SELECT 1",
		"SELECT nextval('guarded_seq')",
		"SELECT setval('guarded_seq', 99)",
		"SELECT lo_create(4711)",
		"SELECT lo_from_bytea(4712, 'x')",
		`SELECT "lo_create"(4713)`,
		`SELECT pg_catalog . lo_create (4714)`,
		`SELECT U&"lo\005fcreate"(4715)`,
		"COPY guarded FROM PROGRAM 'echo 5'",
		"COPY guarded TO PROGRAM 'cat >/dev/null'",
		"COPY guarded FROM STDIN",
		"DO $$ BEGIN INSERT INTO guarded VALUES (6); END $$",
		"DO $$ BEGIN COMMIT; INSERT INTO guarded VALUES (6); COMMIT; END $$",
		"CALL writes()",
		"SELECT definer_writes()",
		"SELECT plain_writes()",
		"SELECT config_writes()",
		"SELECT large_writes()",
		"VALUES (plain_writes())",
		"SHOW ALL; SELECT plain_writes()",
		"TRUNCATE guarded",
		"DROP TABLE guarded",
		"ALTER TABLE guarded ADD COLUMN x int",
		"ALTER SYSTEM SET work_mem = '8MB'",
		"ALTER ROLE CURRENT_USER SET default_transaction_read_only = off",
		"CREATE ROLE escaped SUPERUSER",
		"GRANT ALL ON guarded TO PUBLIC",
		"SELECT 1; INSERT INTO guarded VALUES (7)",
		"MERGE INTO guarded g USING (VALUES (1)) v(id) ON g.id = v.id WHEN MATCHED THEN DELETE",
		"SELECT query_to_xml('INSERT INTO guarded VALUES (8) RETURNING id', true, true, '')",
		"/* SELECT */ INSERT INTO guarded VALUES (9)",
		"-- SELECT\nINSERT INTO guarded VALUES (9)",
		"(WITH x AS (INSERT INTO guarded VALUES (9) RETURNING id) SELECT * FROM x)",
		"TABLE guarded; DELETE FROM guarded",
		"COMMENT ON TABLE guarded IS 'escaped'",
		"REINDEX TABLE guarded",
		"SECURITY LABEL ON TABLE guarded IS 'x'",
		"IMPORT FOREIGN SCHEMA x FROM SERVER y INTO public",
		"EXECUTE anything",
	}
	scripts := [][]string{
		{"COMMIT", "INSERT INTO guarded VALUES (2)"},
		{"END", "INSERT INTO guarded VALUES (2)"},
		{"ABORT", "INSERT INTO guarded VALUES (2)"},
		{"ROLLBACK", "BEGIN READ WRITE", "INSERT INTO guarded VALUES (2)", "COMMIT"},
		{"ROLLBACK AND CHAIN", "INSERT INTO guarded VALUES (2)", "COMMIT"},
		{"COMMIT PREPARED 'x'", "INSERT INTO guarded VALUES (2)"},
		{"SET TRANSACTION READ WRITE", "INSERT INTO guarded VALUES (2)", "COMMIT"},
		{"SET transaction_read_only = off", "INSERT INTO guarded VALUES (2)", "COMMIT"},
		{"SET LOCAL transaction_read_only TO off", "INSERT INTO guarded VALUES (2)", "COMMIT"},
		{`SET "transaction_read_only" = off`, "INSERT INTO guarded VALUES (2)", "COMMIT"},
		{"SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", "INSERT INTO guarded VALUES (2)", "COMMIT"},
		{"SET default_transaction_read_only = off", "COMMIT", "INSERT INTO guarded VALUES (2)"},
		{"RESET ALL", "RESET transaction_read_only", "INSERT INTO guarded VALUES (2)", "COMMIT"},
		{"SELECT set_config('transaction_read_only', 'off', false)", "INSERT INTO guarded VALUES (2)", "COMMIT"},
		{`SELECT "set_config"('transaction_read_only', 'off', true)`, "INSERT INTO guarded VALUES (2)", "COMMIT"},
		{"PREPARE p AS INSERT INTO guarded VALUES (2)", "EXECUTE p", "COMMIT"},
		{"DECLARE c CURSOR FOR WITH x AS (INSERT INTO guarded VALUES (2) RETURNING id) SELECT * FROM x", "FETCH ALL FROM c"},
		{"SAVEPOINT a", "RELEASE a", "INSERT INTO guarded VALUES (2)"},
		{"SET standard_conforming_strings = off", `SELECT '\', lo_create(4716), '`, "COMMIT"},
		{"SELECT 1/0", "INSERT INTO guarded VALUES (2)"},
		{"SELECT 1/0", "COMMIT", "BEGIN", "INSERT INTO guarded VALUES (2)", "COMMIT"},
		{"SET ROLE escaped", "SET SESSION AUTHORIZATION postgres", "INSERT INTO guarded VALUES (2)"},
		{"LISTEN x", "NOTIFY x", "UNLISTEN *"},
		{"DISCARD ALL", "INSERT INTO guarded VALUES (2)"},
		{"LOCK TABLE guarded", "VACUUM guarded", "CLUSTER guarded", "CHECKPOINT"},
	}
	for _, text := range one {
		scripts = append(scripts, []string{text}, []string{text, "COMMIT"})
	}
	return scripts
}

func badValues() []enginetest.TypeCase {
	nested := "'{" + strings.Repeat("{", 4) + "1" + strings.Repeat("}", 4) + "}'::int[]"
	return []enginetest.TypeCase{
		{Name: "numeric NaN", Expr: "'NaN'::numeric", Want: "NaN"},
		{Name: "numeric Infinity", Expr: "'Infinity'::numeric", Want: "Infinity"},
		{Name: "numeric -Infinity", Expr: "'-Infinity'::numeric", Want: "-Infinity"},
		{Name: "numeric of 1000 digits", Expr: "repeat('9', 1000)::numeric", Want: strings.Repeat("9", 1000)},
		{Name: "numeric scale", Expr: "1.5000::numeric(10,4)", Want: "1.5000"},
		{Name: "numeric tiny", Expr: "1e-300::numeric", Want: "0." + strings.Repeat("0", 299) + "1"},
		{Name: "float8 NaN", Expr: "'NaN'::float8", Want: "NaN"},
		{Name: "float8 Infinity", Expr: "'Infinity'::float8", Want: "Infinity"},
		{Name: "float8 -Infinity", Expr: "'-Infinity'::float8", Want: "-Infinity"},
		{Name: "float8 -0", Expr: "'-0'::float8", Want: "-0"},
		{Name: "float8 denormal", Expr: "'5e-324'::float8", Want: "5e-324"},
		{Name: "float8 largest", Expr: "'1.7976931348623157e308'::float8", Want: "1.7976931348623157e+308"},
		{Name: "float8 0.1+0.2", Expr: "0.1::float8 + 0.2::float8", Want: "0.30000000000000004"},
		{Name: "float4 NaN", Expr: "'NaN'::float4", Want: "NaN"},
		{Name: "float4 shortest", Expr: "'16777216'::float4", Want: "1.6777216e+07"},
		{Name: "int8 smallest", Expr: "'-9223372036854775808'::int8", Want: "-9223372036854775808"},
		{Name: "int8 largest", Expr: "9223372036854775807", Want: "9223372036854775807"},
		{Name: "date 0001", Expr: "'0001-01-01'::date", Want: "0001-01-01"},
		{Name: "date 9999", Expr: "'9999-12-31'::date", Want: "9999-12-31"},
		{Name: "date largest", Expr: "'5874897-12-31'::date", Want: "5874897-12-31"},
		{Name: "date BC", Expr: "'4713-01-01 BC'::date", Want: "4713-01-01 BC"},
		{Name: "date infinity", Expr: "'infinity'::date", Want: "infinity"},
		{Name: "date -infinity", Expr: "'-infinity'::date", Want: "-infinity"},
		{Name: "timestamp infinity", Expr: "'infinity'::timestamp", Want: "infinity"},
		{Name: "timestamp -infinity", Expr: "'-infinity'::timestamptz", Want: "-infinity"},
		{Name: "timestamp micros", Expr: "'2026-02-28 23:59:59.999999'::timestamp", Want: "2026-02-28 23:59:59.999999"},
		{Name: "timestamptz BC", Expr: "'0044-03-15 12:00 BC'::timestamptz", Want: "0044-03-15 12:00:00+00 BC"},
		{Name: "time 24:00", Expr: "'24:00'::time", Want: "24:00:00"},
		{Name: "timetz", Expr: "'12:00:00.5+05:30'::timetz", Want: "12:00:00.5+05:30"},
		{Name: "interval mixed", Expr: "'-1 year 2 mons -3 days 04:05:06.789'::interval", Want: "-10 mons -3 days +04:05:06.789"},
		{Name: "bytea all bytes", Expr: "decode('00017f80ff5c27', 'hex')", Want: `\x00017f80ff5c27`},
		{Name: "bytea empty", Expr: "''::bytea", Want: `\x`},
		{Name: "empty array", Expr: "'{}'::int[]", Want: "{}"},
		{Name: "nested array", Expr: nested, Want: "{{{{{1}}}}}"},
		{Name: "array bounds", Expr: "'[0:1]={7,8}'::int[]", Want: "[0:1]={7,8}"},
		{Name: "array of awkward text", Expr: `ARRAY['a,b', '"', '\', '', NULL, 'NULL', '{}']`, Want: `{"a,b","\"","\\","",NULL,"NULL","{}"}`},
		{Name: "composite", Expr: `ROW(1, 'a,b', NULL, '', ROW(2, '"'))`, Want: `(1,"a,b",,"","(2,"""""""")")`},
		{Name: "composite of NULLs", Expr: "ROW(NULL, NULL)", Want: "(,)"},
		{Name: "json as written", Expr: `'{"b":1,  "a":1e400, "a":2}'::json`, Want: `{"b":1,  "a":1e400, "a":2}`},
		{Name: "jsonb null", Expr: "'null'::jsonb", Want: "null"},
		{Name: "jsonb big number", Expr: "'12345678901234567890.123456789'::jsonb", Want: "12345678901234567890.123456789"},
		{Name: "bpchar keeps spaces", Expr: "'ab'::char(5)", Want: "ab   "},
		{Name: "text of control bytes", Expr: `E'\x01\x1f\x7f\t\r\n'`, Want: "\x01\x1f\x7f\t\r\n"},
		{Name: "text of markup", Expr: `'<script>alert(1)</script>'`, Want: "<script>alert(1)</script>"},
		{Name: "text 1 MiB", Expr: "repeat('ab', 524288)", Want: strings.Repeat("ab", 524288)},
		{Name: "empty range", Expr: "'empty'::int4range", Want: "empty"},
		{Name: "endless range", Expr: "'[,]'::tsrange", Want: "(,)"},
		{Name: "void", Expr: "pg_sleep(0)", Want: "", Type: "void"},
		{Name: "money negative", Expr: "'-1234.5'::money", Want: "-$1,234.50"},
		{Name: "uuid nil", Expr: "'00000000-0000-0000-0000-000000000000'::uuid", Want: "00000000-0000-0000-0000-000000000000"},
		{Name: "bool", Expr: "true", Want: "t", Type: "bool"},
		{Name: "unknown literal", Expr: "'plain'", Want: "plain", Type: "text"},
		{Name: "typed NULL", Expr: "NULL::timestamptz", Null: true, Type: "timestamptz"},
		{Name: "array NULL", Expr: "NULL::int[]", Null: true, Type: "int4[]"},
	}
}

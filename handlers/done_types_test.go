package handlers_test

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dribble/internal/testenv"
)

// records reads CSV; a quoted empty field and an unquoted one differ (text and NULL).
func records(t *testing.T, text string) [][]string {
	t.Helper()
	const empty = "∅empty∅"
	for _, edge := range []string{",", "\n"} {
		for _, end := range []string{",", "\n"} {
			for strings.Contains(text, edge+`""`+end) {
				text = strings.ReplaceAll(text, edge+`""`+end, edge+`"`+empty+`"`+end)
			}
		}
	}
	r := csv.NewReader(strings.NewReader(text))
	list, err := r.ReadAll()
	if err != nil {
		t.Fatalf("not CSV: %v", err)
	}
	return list
}

// sameRecords compares the product's file with the database's own, cell by cell.
func sameRecords(t *testing.T, got, want [][]string) int {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d lines, want %d", len(got), len(want))
	}
	cells := 0
	for i := range want {
		if len(got[i]) != len(want[i]) {
			t.Fatalf("line %d: got %d cells, want %d", i, len(got[i]), len(want[i]))
		}
		for j := range want[i] {
			cells++
			if got[i][j] != want[i][j] {
				t.Errorf("line %d, %s: got %q, the database says %q", i, want[0][j], got[i][j], want[i][j])
			}
		}
	}
	return cells
}

// postgresValues are literals by type; a type not named here takes "1", if it can.
func postgresValues() map[string][]string {
	return map[string][]string{
		"bool": {"t", "f"}, "bytea": {`\xdeadbeef00ff`, ``}, "char": {"x", ""}, "name": {"a name", ""}, "int8": {"-9223372036854775808", "9007199254740993"},
		"int2": {"-32768"}, "int4": {"2147483647"}, "text": {"größe 💾 \"q\", 'x'\n\ttab\r\n\\", "", " ", "NULL", `\N`}, "oid": {"4294967295"},
		"float4": {"NaN", "Infinity", "-0", "1.1754944e-38", "16777216"}, "float8": {"NaN", "-Infinity", "0.1", "1e308", "5e-324", "1000000", "-0"},
		"numeric": {"NaN", "Infinity", "123456789012345678901234567890.1234567890", "0.00", "-1e-30"}, "money": {"$12,345.67", "-0.01"},
		"date": {"infinity", "-infinity", "0001-01-01", "4713-01-01 BC", "9999-12-31", "294276-12-31"}, "time": {"24:00:00", "23:59:59.999999"},
		"timetz": {"12:34:56+02", "00:00:00-15:59"}, "timestamp": {"infinity", "0001-01-01 00:00:00 BC", "2026-11-02 00:05:11.123456"},
		"timestamptz": {"-infinity", "2026-11-02 00:05:11+05:30"}, "interval": {"1 year -2 mons 3 days -04:05:06.7", "0"},
		"json": {`{"a": [1,  null], "a": "ü"}`, `null`}, "jsonb": {`{"b": 1.50, "a": "ü"}`, `"x"`}, "jsonpath": {"$.a[*]?(@ > 1)"}, "xml": {"<a>b &amp; c</a>"},
		"uuid": {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}, "inet": {"192.168.0.1/24", "::1"}, "cidr": {"10.0.0.0/8"}, "macaddr": {"08:00:2b:01:02:03"},
		"macaddr8": {"08:00:2b:01:02:03:04:05"}, "bit": {"1"}, "varbit": {"10101", ""}, "bpchar": {"padded  "}, "varchar": {"v, \"w\"", ""},
		"point": {"(1.5,-2)"}, "lseg": {"[(0,0),(1,1)]"}, "path": {"((0,0),(1,1),(2,0))", "[(0,0),(1,1)]"}, "box": {"(1,1),(0,0)"}, "polygon": {"((0,0),(1,1),(2,0))"},
		"line": {"{1,-1,0}"}, "circle": {"<(1,2),3>"}, "tsvector": {"'cat':3 'fat':2A"}, "tsquery": {"'fat' & ( 'rat' | 'cat' )"},
		"tid": {"(42,7)"}, "xid8": {"18446744073709551615"}, "int2vector": {"1 2 3"}, "oidvector": {"1 2"}, "pg_lsn": {"16/B374D848"},
		"txid_snapshot": {"10:20:10,14,15"}, "pg_snapshot": {"10:20:10,14,15"}, "refcursor": {"a cursor"}, "regclass": {"pg_class"}, "regtype": {"integer"},
		"regproc": {"now"}, "regprocedure": {"sum(integer)"}, "regoper": {"||/"}, "regoperator": {"+(integer,integer)"}, "regnamespace": {"public"},
		"regconfig": {"english"}, "regdictionary": {"simple"}, "regcollation": {`"C"`}, "regrole": {"pg_monitor"}, "aclitem": {"pg_monitor=r/pg_monitor"},
		"int4range": {"[1,5)", "empty"}, "int8range": {"(,9223372036854775807)"}, "numrange": {"(0.5,1.5]"}, "tsrange": {"[2026-01-01,2026-02-01)"},
		"tstzrange": {"[2026-01-01 00:00+00,)"}, "daterange": {"[2026-01-01,infinity)"}, "int4multirange": {"{[1,3),[5,7)}"}, "int8multirange": {"{}"},
		"nummultirange": {"{[1.5,2]}"}, "tsmultirange": {"{[2026-01-01,2026-01-02)}"}, "tstzmultirange": {"{}"}, "datemultirange": {"{[2026-01-01,2026-01-03)}"},
		"_text": {`{a,"b,c",NULL,"","\"q\""}`, "{}", `[2:3]={x,y}`}, "_int4": {"{{1,2},{3,NULL}}"}, "_float8": {"{NaN,-0,1e+300}"}, "_bytea": {`{"\\xdead"}`},
	}
}

// TestEveryPostgresTypeIsExportedToTheByte makes a table with a column of every
// built-in type that a table can have, and compares the product's CSV with COPY.
func TestEveryPostgresTypeIsExportedToTheByte(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src, server := b.postgres(t)
	conn := pgWatch(t, server).conn
	exec := func(text string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), text, args...); err != nil {
			t.Fatalf("%.200s: %v", text, err)
		}
	}
	for _, text := range []string{
		"CREATE TYPE mood AS ENUM ('sad', 'very, \"happy\"')", "CREATE TYPE spot AS (x int, y text)", "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
		"CREATE TABLE every (line serial PRIMARY KEY)",
	} {
		exec(text)
	}
	rows, err := conn.Query(t.Context(), `SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype IN ('b', 'r', 'm')
		AND typname NOT IN ('gtsvector', 'cstring', '_cstring', '_gtsvector', '_pg_node_tree') AND (typelem = 0 OR typcategory <> 'A' OR typname IN ('_text', '_int4', '_float8', '_bytea')) ORDER BY oid`)
	if err != nil {
		t.Fatal(err)
	}
	types, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	values := postgresValues()
	values["mood"], values["spot"], values["positive"], values["_spot"] = []string{`very, "happy"`}, []string{`(1,"a ""b"", c")`, "(,)"}, []string{"7"}, []string{`{"(1,a)","(,)"}`}
	types = append(types, "mood", "spot", "positive", "_spot")
	made := 0
	for _, name := range types {
		list := values[name]
		if list == nil {
			list = []string{"1"}
		}
		if _, err := conn.Exec(t.Context(), fmt.Sprintf(`ALTER TABLE every ADD "c %s" %s`, name, pgx.Identifier{name}.Sanitize())); err != nil {
			t.Logf("no column can have the type %s: %v", name, err)
			continue
		}
		kept := false
		for _, v := range list {
			literal := strings.ReplaceAll(v, "'", "''")
			if _, err := conn.Exec(t.Context(), fmt.Sprintf(`INSERT INTO every ("c %s") VALUES ('%s')`, name, literal)); err == nil {
				kept = true
			} else if values[name] != nil {
				t.Errorf("value %q of %s: %v", v, name, err)
			}
		}
		if !kept {
			t.Logf("no value can be written for %s", name)
			exec(fmt.Sprintf(`ALTER TABLE every DROP "c %s"`, name))
			continue
		}
		made++
	}
	exec("INSERT INTO every DEFAULT VALUES") // a row of NULLs
	const text = "SELECT * FROM every ORDER BY line"
	var want bytes.Buffer
	if _, err := conn.PgConn().CopyTo(t.Context(), &want, "COPY ("+text+") TO STDOUT (FORMAT csv, HEADER)"); err != nil {
		t.Fatal(err)
	}
	cells := compareFiles(t, b, src, text, records(t, want.String()))
	t.Logf("%d types, %d cells equal COPY's text", made, cells)
	if made < 75 {
		t.Errorf("only %d types were tried", made)
	}
}

// compareFiles holds export and stream of a statement against the database's own
// cells, and the API's rows too.
func compareFiles(t *testing.T, b *bed, src, text string, want [][]string) int {
	t.Helper()
	r := b.succeeded(t, src, text)
	stored := string(b.must(t, 200, "GET", "/api/v1/runs/"+r.ID+"/export?format=csv", nil).body)
	streamed := string(b.must(t, 200, "POST", "/api/v1/query?format=csv", object{"source_id": src, "sql": text}).body)
	if stored != streamed {
		t.Error("the stored and the streamed file differ")
	}
	return sameRecords(t, records(t, strings.ReplaceAll(stored, "\r\n", "\n")), linesOf(want))
}

// linesOf takes CR from line ends inside cells, as csv.Reader does.
func linesOf(want [][]string) [][]string {
	out := make([][]string, len(want))
	for i, row := range want {
		out[i] = slices.Clone(row)
		for j := range row {
			out[i][j] = strings.ReplaceAll(row[j], "\r\n", "\n")
		}
	}
	return out
}

// TestEveryMariaDBTypeIsExportedToTheByte compares with the mariadb client.
func TestEveryMariaDBTypeIsExportedToTheByte(t *testing.T) {
	t.Parallel()
	client, err := exec.LookPath("mariadb")
	if err != nil {
		t.Skip("SKIPPED: the mariadb client is not installed")
	}
	b := newBed(t, options{})
	src, server := b.mariadb(t)
	types := []struct{ name, values string }{
		{"TINYINT", "-128|127"}, {"TINYINT UNSIGNED", "255"}, {"SMALLINT", "-32768"}, {"MEDIUMINT", "8388607"}, {"INT", "-2147483648"}, {"INT(8) ZEROFILL", "42"},
		{"BIGINT", "-9223372036854775808|9007199254740993"}, {"BIGINT UNSIGNED", "18446744073709551615"}, {"DECIMAL(65,30)", "-1e-30|12345678901234567890123456789012345.1"},
		{"FLOAT", "16777216|1e-38|3.4e38"}, {"DOUBLE", "1000000|1e15|1e16|1e308|5e-324|0.1"}, {"DOUBLE(12,3)", "1.5"}, {"DATE", "0000-00-00|9999-12-31|0001-01-01"},
		{"TIME", "-838:59:59|838:59:59"}, {"TIME(6)", "-00:00:00.000001"}, {"DATETIME", "0000-00-00 00:00:00"}, {"DATETIME(6)", "9999-12-31 23:59:59.999999"},
		{"TIMESTAMP NULL", "2001-02-03 04:05:06"}, {"YEAR", "1901|2155"}, {"CHAR(10)", "é😀|a"}, {"VARCHAR(300)", "a,\"b\"\tc\n|'|\\\\"}, {"TINYTEXT", "t"}, {"TEXT", "x"},
		{"MEDIUMTEXT", "x"}, {"LONGTEXT", "ü"}, {"ENUM('a','b,c')", "b,c"}, {"SET('x','y','z')", "x,z"}, {"JSON", `{"a":  1}`},
		{"UUID", "123e4567-e89b-12d3-a456-426655440000"}, {"INET4", "255.0.0.1"}, {"INET6", "::ffff:10.0.0.1"}, {"VARBINARY(9)", "ab|é"}, {"BLOB", "x"}, {"BINARY(4)", "a"},
		{"LONGBLOB", "blob"}, {"BIT(1)", "b'1'"}, {"BIT(64)", "b'101'"}, {"POINT", "POINT(1,-2)"},
	}
	var setup, list []string
	for i, tt := range types {
		setup = append(setup, fmt.Sprintf("c%d %s DEFAULT NULL", i, tt.name))
	}
	script := "SET sql_mode = '';\nCREATE TABLE every (line INT AUTO_INCREMENT PRIMARY KEY, " + strings.Join(setup, ", ") + ");\n"
	for i, tt := range types {
		for v := range strings.SplitSeq(tt.values, "|") {
			if !strings.HasPrefix(v, "b'") && !strings.HasPrefix(v, "POINT") {
				v = "'" + strings.ReplaceAll(v, "'", "''") + "'"
			}
			script += fmt.Sprintf("INSERT INTO every (c%d) VALUES (%s);\n", i, v)
		}
		list = append(list, fmt.Sprintf("c%d", i))
	}
	script += "INSERT INTO every () VALUES ();"
	maria(t, client, server, script)
	text := "SELECT line, " + strings.Join(list, ", ") + " FROM every ORDER BY line"
	var want [][]string
	for line := range strings.Lines(maria(t, client, server, text)) {
		row := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		for i, cell := range row {
			row[i] = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\0`, "\x00", `\\`, `\`).Replace(cell)
			if cell == "NULL" || cell == "0x" { // the client's sign for a NULL of bytes
				row[i] = ""
			}
		}
		want = append(want, row)
	}
	cells := compareFiles(t, b, src, text, want)
	t.Logf("%d types, %d cells equal the client's text", len(types), cells)
}

func maria(t *testing.T, client string, s testenv.Server, script string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), client, "--no-defaults", "--protocol=tcp", "-h", s.Host, "-P", strconv.Itoa(s.Port), "-u", s.User, "-p"+s.Password,
		"--default-character-set=utf8mb4", "--batch", "--binary-as-hex", s.Database)
	cmd.Stdin = strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("mariadb: %v: %s", err, short(out))
	}
	return string(out)
}

// TestSQLiteValuesAreExportedToTheByte compares with what SQLite makes of each value in
// a cast.
func TestSQLiteValuesAreExportedToTheByte(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	path := shopFile(t)
	src := b.addSource(t, "sqlite", map[string]string{"path": path})
	values := []string{
		"NULL", "''", "0", "9223372036854775807", "-9223372036854775808", "0.1", "1000000.0", "1e15", "1e18", "-1e-5", "9e999", "-9e999", "1e308", "5e-324",
		"'text'", "'a,\"b\"'", "'two' || char(10) || 'lines'", "' x '", "'日本 ☕'", "true", "x'00ff'", "x''", "'NULL'", "date('2026-11-02')", "julianday('2026-11-02')", "json('{\"a\":  1}')",
	}
	b.succeeded(t, src, "CREATE TABLE every (line INTEGER PRIMARY KEY, i INTEGER, r REAL, t TEXT, b BLOB, n NUMERIC, d DATETIME, x)")
	for _, v := range values {
		b.succeeded(t, src, "INSERT INTO every (i, r, t, b, n, d, x) VALUES ("+strings.Repeat(v+", ", 6)+v+")")
	}
	const text = "SELECT line, i, r, t, b, n, d, x FROM every ORDER BY line"
	casts := "SELECT line"
	for _, c := range []string{"i", "r", "t", "b", "n", "d", "x"} {
		casts += fmt.Sprintf(", CASE typeof(%[1]s) WHEN 'blob' THEN 'X''' || lower(hex(%[1]s)) || '''' WHEN 'text' THEN iif(%[1]s = '', '∅empty∅', %[1]s) ELSE coalesce(CAST(%[1]s AS TEXT), '') END", c)
	}
	d, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	rows, err := d.QueryContext(t.Context(), casts+" FROM every ORDER BY line")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	want := [][]string{{"line", "i", "r", "t", "b", "n", "d", "x"}}
	for rows.Next() {
		row := make([]string, 8)
		if err := rows.Scan(&row[0], &row[1], &row[2], &row[3], &row[4], &row[5], &row[6], &row[7]); err != nil {
			t.Fatal(err)
		}
		want = append(want, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d values in 7 columns, %d cells equal SQLite's text", len(values), compareFiles(t, b, src, text, want))
}

package mysql

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"dribble/engine"
	"dribble/engine/enginetest"
	"dribble/internal/testenv"
)

func TestEngine(t *testing.T) { //nolint:paralleltest // the suite measures time
	enginetest.Run(t, fixture(t))
}

func fixture(t *testing.T) enginetest.Fixture {
	t.Helper()
	server := testenv.MariaDB(t).NewDatabase(t)
	watch := sessionOf(t, openAt(t, server, func(c *engine.Config) { c.AppName = "dt-suite-watch" }))
	execAll(t, watch, "CREATE PROCEDURE writes() BEGIN DELETE FROM guarded; END",
		"CREATE FUNCTION writing() RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM guarded; RETURN 1; END",
		"CREATE TABLE plain (a INT) ENGINE=MyISAM", "CREATE SEQUENCE counter")
	// The suite kills from a timer's goroutine too.
	var mu sync.Mutex
	return enginetest.Fixture{
		Engine: New(), Fields: server.Fields("disable"),
		SQL:   dialect(),
		Types: suiteTypes(), BadValues: suiteBadValues(),
		Escapes: escapes("/tmp/dribble-escaped-" + server.Database),
		Checks:  suiteChecks(t, server),
		Schema: enginetest.SchemaFixture{
			Setup: []string{
				"CREATE TABLE author (id INT PRIMARY KEY, name VARCHAR(50) NOT NULL COMMENT 'As on the cover') COMMENT 'People who write'",
				`CREATE TABLE book (id INT PRIMARY KEY, author_id INT REFERENCES author (id), title VARCHAR(50) DEFAULT 'Untitled',
					isbn VARCHAR(20), UNIQUE KEY book_isbn (isbn))`,
				"CREATE VIEW shelf AS SELECT title FROM book",
				"CREATE FUNCTION twice(n INT) RETURNS INT RETURN n * 2",
			},
			Schema: server.Database, Comments: true, Routine: "twice", MarksKeys: true, IDType: "int(11)",
		},
		Running: func(t testing.TB, app string) int {
			t.Helper()
			mu.Lock()
			defer mu.Unlock()
			return len(appConnections(t, watch, app, true))
		},
		Kill: func(t testing.TB, app string) {
			t.Helper()
			mu.Lock()
			defer mu.Unlock()
			for _, id := range appConnections(t, watch, app, false) {
				_, _ = watch.Exec(context.Background(), engine.Statement{Text: "KILL CONNECTION " + id}, &recorder{})
			}
		},
	}
}

// appConnections lists the connections called app: the busy ones by their tag,
// all of them by their database, which the suite has to itself.
func appConnections(t testing.TB, watch engine.Session, app string, busyOnly bool) []string {
	t.Helper()
	where := "INFO LIKE '" + settings{appName: plainWord(app)}.tagStart() + "%'"
	if !busyOnly {
		where = "DB = DATABASE() AND ID <> CONNECTION_ID()"
	}
	r := exec(t, watch, "SELECT ID FROM information_schema.PROCESSLIST WHERE "+where)
	ids := make([]string, 0, len(r.rows))
	for _, row := range r.rows {
		ids = append(ids, row[0])
	}
	return ids
}

func dialect() enginetest.Dialect {
	return enginetest.Dialect{
		Series: func(n int) string {
			return fmt.Sprintf("SELECT CAST(seq AS INT) AS n FROM seq_1_to_%d ORDER BY seq", n)
		},
		Endless: "SELECT a.seq AS n FROM seq_1_to_1000000 a, seq_1_to_1000000 b",
		Slow:    "SELECT SLEEP(60)",
		Busy:    "SELECT BENCHMARK(50000000000, MD5('x'))",
		Repeat:  func(s string, n int) string { return fmt.Sprintf("REPEAT('%s', %d)", s, n) },
		Param:   func(int) string { return "?" },

		MaxColumns:   maxColumns,
		OddName:      "größe",
		MissingTable: "1146",
		Errors: []enginetest.ErrorCase{
			{Text: "SELEC 1", Code: "1064", Marker: "SELEC"},
			{Text: "SELECT 'größe 💾',\n  nope FROM plain", Code: "1054", Marker: "nope"},
			{Text: "SELECT *\nFROM there_is_none\nWHERE 1", Code: "1146", Marker: "there_is_none"},
			{Text: "SELECT 1 AS a\nFRM x y", Code: "1064", Marker: "FRM"},
		},
		FailsMidway: "SELECT seq, IF(seq < 5000, 1, (SELECT 1 UNION SELECT seq + 1)) FROM seq_1_to_10000",
		State:       []string{"SHOW TABLES", "SELECT * FROM plain", "SELECT User FROM mysql.user WHERE User = 'made'"},
		Notice:      []string{"SELECT CAST('12abc' AS INT)"},
		NoticeText:  "12abc",
		SetState:    "SET SESSION sql_mode = 'ANSI_QUOTES'", ShowState: "SELECT @@sql_mode LIKE '%ANSI_QUOTES%'", Changed: "1", Fresh: "0",
		Tag:        "Records: 3  Duplicates: 0  Warnings: 0",
		SeriesType: "bigint",
	}
}

// suiteTypes are the first values of the types that TestTypesSurvive compares
// with the server's own text, here with the text written out.
func suiteTypes() []enginetest.TypeCase {
	var list []enginetest.TypeCase
	wants := firsts()
	for i, c := range typeCases() {
		want := strings.Replace(wants[i], "(empty)", "", 1)
		if wants[i] == "" {
			continue
		}
		table := fmt.Sprintf("suite_type_%d", i)
		list = append(list, enginetest.TypeCase{
			Name: c.decl, Expr: "SELECT v FROM " + table, Want: want, Type: c.name, Kind: c.kind,
			Setup: []string{
				"SET sql_mode = ''", fmt.Sprintf("CREATE TABLE %s (v %s)", table, c.decl),
				fmt.Sprintf("INSERT INTO %s VALUES (%s)", table, c.values[0]),
			},
		})
	}
	return list
}

func suiteBadValues() []enginetest.TypeCase {
	return []enginetest.TypeCase{
		{Name: "zero date", Expr: "CAST('0000-00-00' AS DATE)", Want: "0000-00-00"},
		{Name: "first date", Expr: "DATE '0001-01-01'", Want: "0001-01-01"},
		{Name: "last moment", Expr: "TIMESTAMP '9999-12-31 23:59:59.999999'", Want: "9999-12-31 23:59:59.999999"},
		{Name: "time beyond a day", Expr: "TIME '838:59:59'", Want: "838:59:59"},
		{Name: "time below zero", Expr: "TIME '-00:00:00.5'", Want: "-00:00:00.5"},
		{Name: "negative zero, as the server writes it", Expr: "ROUND(-0.4e0)", Want: "0"},
		{Name: "smallest double", Expr: "5e-324", Want: "5e-324"},
		{Name: "largest double", Expr: "1.7976931348623157e308", Want: "1.7976931348623157e308"},
		{Name: "third", Expr: "1e0/3", Want: "0.3333333333333333"},
		{Name: "huge decimal", Expr: "99999999999999999999999999999999999999999999999999999999999999999", Want: strings.Repeat("9", 65)},
		{Name: "divided by zero", Expr: "1/0", Null: true},
		{Name: "biggest unsigned", Expr: "~0", Want: "18446744073709551615"},
		{Name: "NUL in text", Expr: "'a\\0b'", Want: "a\x00b"},
		{Name: "line ends", Expr: "'a\\r\\nb\\tc'", Want: "a\r\nb\tc"},
		{Name: "bytes that are no text", Expr: "x'FF00FE'", Want: "0xFF00FE"},
		{Name: "no bytes", Expr: "x''", Want: "0x"},
		{Name: "latin1", Expr: "_latin1 x'E9FF'", Want: "éÿ"},
		{Name: "beyond the first plane", Expr: "'💾'", Want: "💾"},
		{Name: "markup", Expr: "'<script>alert(1)</script>'", Want: "<script>alert(1)</script>"},
		{Name: "formula", Expr: "'=1+1'", Want: "=1+1"},
		{Name: "json with gaps", Expr: `JSON_COMPACT('{"a" : [1, null]}')`, Want: `{"a":[1,null]}`},
		{Name: "true", Expr: "TRUE", Want: "1"},
		{Name: "1 MiB of bytes", Expr: "REPEAT(x'AB', 1048576)", Want: "0x" + strings.Repeat("AB", 1<<20)},
		{Name: "empty set of a group", Expr: "GROUP_CONCAT(NULL)", Null: true},
	}
}

func suiteChecks(t *testing.T, server testenv.Server) []enginetest.CheckCase {
	t.Helper()
	return []enginetest.CheckCase{
		{Name: "wrong password", Change: map[string]string{"password": "Wq7-not-it"}, Step: engine.StepSignIn, Field: "password"},
		{Name: "closed port", Change: map[string]string{"port": closedPort(t)}, Step: engine.StepHost, Field: "port"},
		{Name: "unknown host", Change: map[string]string{"host": "no-such-host.invalid"}, Step: engine.StepHost, Field: "host"},
		{Name: "unknown database", Change: map[string]string{"database": "no_such_db"}, Step: engine.StepSignIn, Field: "database"},
		{
			Name: "untrusted authority", Step: engine.StepTLS, Field: "sslrootcert",
			Change: map[string]string{"sslmode": "verify-full", "sslrootcert": server.PEM(t, server.OtherCAFile)},
		},
	}
}

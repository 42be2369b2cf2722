package mysql

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dribble/domain"
	"dribble/engine"
	"dribble/internal/testenv"
)

// TestCloseResets checks that nothing of a session reaches the next one, which
// gets the same connection.
func TestCloseResets(t *testing.T) {
	t.Parallel()
	d := openDB(t, func(c *engine.Config) { c.MaxConns = 1 })
	first := sessionOf(t, d)
	execAll(t, first, "CREATE TABLE kept (a INT)")
	id := first.wire.clean.id
	execAll(t, first, "SET @v = 1, sql_mode = 'ANSI', SESSION time_zone = '+09:00', NAMES latin1",
		"CREATE TEMPORARY TABLE temp (a INT)", "DO GET_LOCK('dt', 1)", "PREPARE p FROM 'SELECT 1'", "LOCK TABLES kept WRITE",
		"UNLOCK TABLES", "SET autocommit = 0", "INSERT INTO kept VALUES (1)")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	s := sessionOf(t, d)
	got := shown(exec(t, s, `SELECT @v, @@sql_mode LIKE '%ANSI%', @@time_zone = @@global.time_zone, @@character_set_results,
		@@autocommit, IS_FREE_LOCK('dt'), (SELECT COUNT(*) FROM kept), CONNECTION_ID()`))
	if !strings.HasSuffix(got, "[NULL, 0, 1, utf8mb4, 1, 1, 0, "+id+"]") {
		t.Errorf("the second session is not clean, or not on connection %s: %s", id, got)
	}
	if e := sqlError(t, s, "SELECT * FROM temp"); e.Code != "1146" {
		t.Errorf("the temporary table gave %v, want that it is gone", e)
	}
	if e := sqlError(t, s, "EXECUTE p"); e.Code != "1243" {
		t.Errorf("the prepared statement gave %v, want that it is gone", e)
	}
	execAll(t, s, "USE information_schema")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	last := sessionOf(t, d)
	if got := exec(t, last, "SELECT DATABASE()").rows[0][0]; got != d.database {
		t.Errorf("after USE the next session is in %s, want %s", got, d.database)
	}
	if last.wire.clean.id == id {
		t.Errorf("a connection left in another database was used again")
	}
}

func TestPoolWaits(t *testing.T) {
	t.Parallel()
	d := openDB(t, func(c *engine.Config) { c.MaxConns = 1 })
	s := sessionOf(t, d)
	ctx, cancel := context.WithTimeoutCause(context.Background(), 50*time.Millisecond, errWanted)
	defer cancel()
	if _, err := d.Session(ctx); !errors.Is(err, errWanted) {
		t.Errorf("got %v, want the cause that ended the wait", err)
	}
	if err := d.Ping(context.Background()); err != nil {
		t.Errorf("ping beside a busy session: %v", err)
	}
	free := make(chan error, 1)
	go func() {
		next, err := d.Session(context.Background())
		if err == nil {
			err = next.Close()
		}
		free <- err
	}()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-free; err != nil {
		t.Errorf("the waiting session got %v", err)
	}
}

// TestConnectionsDieIdle checks that a connection the server has dropped
// meanwhile is not handed out.
func TestConnectionsDieIdle(t *testing.T) {
	t.Parallel()
	d := openDB(t, func(c *engine.Config) { c.MaxConns = 1 })
	watch := sessionOf(t, openDB(t, nil))
	s := sessionOf(t, d)
	id := s.wire.clean.id
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	execAll(t, watch, "KILL CONNECTION "+id)
	exec(t, sessionOf(t, d), "SELECT 1")
}

func TestCannotConnect(t *testing.T) {
	t.Parallel()
	d := openDB(t, func(c *engine.Config) { c.Fields["password"] = "Wq7-secret" })
	for name, err := range map[string]error{
		"session": func() error { _, err := d.Session(context.Background()); return err }(),
		"ping":    d.Ping(context.Background()),
	} {
		var e *domain.SQLError
		if !errors.As(err, &e) || e.Code != domain.CodeConnection || strings.Contains(fmt.Sprint(e, e.Detail), "Wq7") {
			t.Errorf("%s gave %v, want code %s and no password", name, err, domain.CodeConnection)
		}
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	s := sessionOf(t, openDB(t, nil))
	values := []string{
		"", "plain", "it's", `back\slash`, `\'; DROP TABLE x; -- `, "é😀", "new\nline", "a\x00b", "%_", "?", "--", "/*", "0x41",
		strings.Repeat("z", 1<<20), "2024-02-29 10:00:00.5", "-1e5", "中\\", "\xc2\xbf\\", "`", `"`,
	}
	modes := []string{"SET sql_mode = ''", "SET sql_mode = 'ANSI_QUOTES'", "SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
		"SET NAMES gbk", "SET NAMES sjis"}
	for _, mode := range modes {
		execAll(t, s, mode, "SET character_set_results = utf8mb4")
		for _, v := range values {
			got := exec(t, s, "SELECT ?, HEX(?), '?', `a` FROM (SELECT 1 AS `a`) AS `?` -- ?\n", v, v)
			if got.rows[0][0] != v || got.rows[0][1] != fmt.Sprintf("%X", v) || got.rows[0][2] != "?" {
				t.Errorf("%s: %.40q came back as %.80q", mode, v, got.rows[0])
			}
		}
		execAll(t, s, "SET NAMES utf8mb4", "SET sql_mode = ''")
	}
	execAll(t, s, "CREATE TABLE t (a INT PRIMARY KEY, b DECIMAL(9,3), c DATETIME, d VARCHAR(9), e JSON)")
	exec(t, s, "INSERT INTO t VALUES (?, ?, ?, ?, ?)", "7", "-1.5", "2024-02-29 01:02:03", "é'", `{"k": "é"}`)
	got := exec(t, s, "SELECT * FROM t WHERE a = ? AND b < ? AND c > ? AND d LIKE ? AND JSON_VALUE(e, ?) = ?",
		"7", "0", "2024-01-01", "é%", "$.k", "é")
	if want := `[a, b, c, d, e] [7, -1.500, 2024-02-29 01:02:03, é', {"k": "é"}]`; shown(got) != want {
		t.Errorf("got %s, want %s", shown(got), want)
	}
	null := &recorder{}
	if _, err := s.Exec(context.Background(), engine.Statement{Text: "SELECT ? IS NULL", Args: []*string{nil}}, null); err != nil ||
		null.rows[0][0] != "1" {
		t.Errorf("a NULL argument gave %v, %v", null.rows, err)
	}
	one := "1"
	for text, args := range map[string][]*string{"SELECT ?": {&one, &one}, "SELECT ?, ?": {&one}} {
		_, err := s.Exec(context.Background(), engine.Statement{Text: text, Args: args}, &recorder{})
		var e *domain.SQLError
		if !errors.As(err, &e) {
			t.Errorf("%s with %d values gave %v, want an SQL error", text, len(args), err)
		}
	}
	execAll(t, s, "SET sql_mode = 'NO_BACKSLASH_ESCAPES'")
	_, err := s.Exec(context.Background(), engine.Statement{Text: `SELECT '\', ?, ' OR 1=1 -- '`, Args: []*string{&one}}, &recorder{})
	if err == nil {
		t.Errorf("a text that scanner and server may read differently was bound")
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	s := sessionOf(t, openDB(t, nil))
	cases := []struct {
		text     string
		affected int64
		tag      string
		notices  int
	}{
		{"CREATE TABLE o (a TINYINT PRIMARY KEY)", -1, "", 0},
		{"INSERT INTO o VALUES (1), (2), (3)", 3, "Records: 3  Duplicates: 0  Warnings: 0", 0},
		{"UPDATE o SET a = a + 10 WHERE a > 1", 2, "Rows matched: 2  Changed: 2  Warnings: 0", 0},
		{"DELETE FROM o WHERE a = 99", 0, "", 0},
		{"INSERT INTO o VALUES (4), (5) RETURNING a", 2, "", 0},
		{"DELETE FROM o WHERE a IN (4, 5) RETURNING a", 2, "", 0},
		{"INSERT IGNORE INTO o VALUES (1), (300)", 1, "Records: 2  Duplicates: 1  Warnings: 2", 2},
		{"CREATE TABLE o2 AS SELECT * FROM o", 4, "Records: 4  Duplicates: 0  Warnings: 0", 0},
		{"SELECT * FROM o", -1, "", 0},
		{"SET @a = 1", -1, "", 0},
		{"DROP TABLE IF EXISTS missing", -1, "", 1},
		{"SELECT seq + 'x' FROM seq_1_to_30", -1, "", 21},
	}
	for _, c := range cases {
		r := &recorder{}
		got, err := s.Exec(context.Background(), engine.Statement{Text: c.text}, r)
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		if got.Affected != c.affected || got.Tag != c.tag || len(r.notices) != c.notices {
			t.Errorf("%s: got %+v with notices %q, want %d, %q and %d notices", c.text, got, r.notices, c.affected, c.tag, c.notices)
		}
	}
}

func TestNoSockets(t *testing.T) {
	t.Parallel()
	fields := testenv.MariaDB(t).Fields("disable")
	for name, change := range map[string]map[string]string{
		"socket":        {"host": "/run/mysqld/mysqld.sock"},
		"option":        {"allowAllFiles": "true"},
		"bad authority": {"sslmode": "verify-ca", "sslrootcert": "none"},
		"bad key":       {"sslmode": "require", "sslcert": "x", "sslkey": "y"},
	} {
		f := map[string]string{}
		overlay(f, fields)
		overlay(f, change)
		_, err := New().Open(engine.Config{Fields: f})
		var e *domain.Error
		if !errors.As(err, &e) || e.Field == "" {
			t.Errorf("%s: got %v, want an error of a field", name, err)
		}
	}
}

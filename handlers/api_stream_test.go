package handlers_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestStreamBeginsEarly asks for rows that take seconds in all: the first of them
// must be there long before the last.
func TestStreamBeginsEarly(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src, _ := b.postgres(t)
	b.succeeded(t, src, "SELECT 1")
	start := time.Now()
	res := b.open(t, request{method: http.MethodPost, path: "/api/v1/query?format=csv", body: object{
		"source_id": src, "sql": "SELECT g, repeat('x', 9000), pg_sleep(0.1) FROM generate_series(1, 20) g",
	}})
	one := make([]byte, 1)
	if _, err := io.ReadFull(res.Body, one); err != nil {
		t.Fatal(err)
	}
	header := time.Since(start)
	firstRow := make([]byte, 9000)
	if _, err := io.ReadFull(res.Body, firstRow); err != nil {
		t.Fatal(err)
	}
	row := time.Since(start)
	rest, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	all := time.Since(start)
	t.Logf("first byte after %v, first row after %v, all after %v", header, row, all)
	if res.StatusCode != 200 || header > time.Second || row > time.Second || all < 2*time.Second || len(rest) < 19*9000 {
		t.Errorf("status %d; first byte after %v, first row after %v, all %d bytes after %v", res.StatusCode, header, row, len(rest), all)
	}
}

func TestStreamHasNoRowLimit(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t, object{"row_limit": 5})
	a := b.must(t, 200, "POST", "/api/v1/query?format=ndjson", object{"source_id": src, "sql": strings.Replace(endless, "FROM n)", "FROM n WHERE i < 50000)", 1)})
	if n := bytes.Count(a.body, []byte("\n")); n != 50_001 {
		t.Errorf("got %d lines, want the columns and 50000 rows", n)
	}
	var list struct{ Runs []run }
	b.get(t, "/api/v1/runs", &list)
	if len(list.Runs) != 1 || list.Runs[0].Status != "success" || list.Runs[0].RowCount != 50_000 || list.Runs[0].Trigger != "api" {
		t.Errorf("history: got %+v", list.Runs)
	}
}

func TestStreamsThatFail(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	pg, _ := b.postgres(t)
	for name, tt := range map[string]struct {
		body        object
		status      int
		code, field string
	}{
		"wrong column":   {object{"source_id": src, "sql": "SELECT nope FROM orders"}, 422, "invalid", "sql"},
		"two statements": {object{"source_id": src, "sql": "SELECT 1; SELECT 2"}, 422, "invalid", "sql"},
		"row limit":      {object{"source_id": src, "sql": "SELECT 1", "max_rows": 5}, 422, "invalid", "max_rows"},
		"danger":         {object{"source_id": src, "sql": "DELETE FROM orders"}, 409, "conflict", "confirm"},
		"no source":      {object{"sql": "SELECT 1"}, 422, "invalid", "source_id"},
		"unknown source": {object{"source_id": "nope", "sql": "SELECT 1"}, 404, "not_found", ""},
		"time limit":     {object{"source_id": src, "sql": neverRow, "timeout_ms": 100}, 422, "invalid", "sql"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if e := b.call(t, "POST", "/api/v1/query", tt.body).refused(t, tt.status, tt.code); e.Field != tt.field {
				t.Errorf("field: got %q, want %q (%s)", e.Field, tt.field, e.Message)
			}
		})
	}
	t.Run("position", func(t *testing.T) {
		t.Parallel()
		e := b.call(t, "POST", "/api/v1/query", object{"source_id": pg, "sql": "SELECT 'é', nope"}).refused(t, 422, "invalid")
		if e.Position == nil || *e.Position != len("SELECT 'é', ") {
			t.Errorf("got %+v, want the byte offset of nope", e)
		}
	})
	t.Run("no rows at all", func(t *testing.T) {
		t.Parallel()
		var done struct {
			ID, Status string
			Affected   *int
		}
		b.must(t, 200, "POST", "/api/v1/query", object{"source_id": src, "sql": "UPDATE orders SET total = 3 WHERE id < 3"}).decode(t, &done)
		if done.Status != "success" || done.Affected == nil || *done.Affected != 2 {
			t.Errorf("got %+v", done)
		}
	})
	t.Run("in the middle", func(t *testing.T) {
		t.Parallel()
		a := b.call(t, "POST", "/api/v1/query?format=json", object{"source_id": pg, "sql": "SELECT 1000 / (20000 - g) FROM generate_series(1, 30000) g"})
		if a.status != 200 || !a.cut {
			t.Errorf("got %d, cut off %v: half an answer looks whole", a.status, a.cut)
		}
	})
}

// TestStreamOfAClientThatLeaves breaks off a download: the database must be left
// in peace within a second.
func TestStreamOfAClientThatLeaves(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src, server := b.postgres(t)
	watch := pgWatch(t, server)
	ctx, leave := context.WithCancel(t.Context())
	text := `{"source_id":"` + src + `","sql":"SELECT g, repeat('x', 100) FROM generate_series(1, 100000000) g"}`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url+"/api/v1/query", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := b.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, res.Body, 1<<20); err != nil {
		t.Fatal(err)
	}
	if watch.active(t) != 1 {
		t.Error("the statement is not active while it is downloaded")
	}
	leave()
	_ = res.Body.Close()
	took := eventually(t, 3*time.Second, "the statement of a client that has left ends", func() bool { return watch.active(t) == 0 })
	t.Logf("the statement ended %v after its client had left", took)
	eventually(t, 3*time.Second, "the run is cancelled", func() bool { return len(b.listed(t, "status=cancelled")) == 1 })
}

// pgEye looks at what runs in one PostgreSQL database.
type pgEye struct{ conn *pgx.Conn }

func pgWatch(t *testing.T, s interface{ ConnString() string }) pgEye {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.ConnString())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(background(t)) })
	return pgEye{conn}
}

// active counts the statements under way besides its own.
func (e pgEye) active(t *testing.T) int {
	t.Helper()
	var n int
	err := e.conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid() AND backend_type = 'client backend'`).Scan(&n)
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return n
}

package handlers_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dribble/internal/testenv"
)

// HEAD asks for the headers alone: an answer that streams must not hold the
// connection for it.
func TestHeadOfAStreamLeavesTheConnectionFree(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	id := b.start(t, b.shop(t), endless, object{"max_rows": 5_000_000})
	for _, path := range []string{"/events", "/runs/" + id + "/events", "/api/v1/runs/" + id + "/events"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(b.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(3 * time.Second))
		if _, err := fmt.Fprintf(conn, "HEAD %s HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", path); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(conn)
		for _, method := range []string{http.MethodHead, http.MethodGet} {
			res, err := http.ReadResponse(in, &http.Request{Method: method})
			if err != nil {
				t.Errorf("%s, answer to %s: %v", path, method, err)
				break
			}
			if res.StatusCode != http.StatusOK {
				t.Errorf("%s, answer to %s: got %d", path, method, res.StatusCode)
			}
			_ = res.Body.Close()
		}
		_ = conn.Close()
	}
	b.must(t, 202, "POST", "/api/v1/runs/"+id+"/cancel", nil)
	b.end(t, id)
}

// A script may ask for rows right after it has started a run, before the database
// has said anything: there are none so far, and that is no error.
func TestRowsBeforeTheFirstOnes(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src, server := b.postgres(t)
	eye := pgWatch(t, server)
	id := b.start(t, src, "SELECT pg_sleep(20); SELECT 1")
	check := func(when string) {
		t.Helper()
		for _, statement := range []string{"0", "1"} {
			a := b.must(t, 200, "GET", "/api/v1/runs/"+id+"/rows?statement="+statement, nil)
			if got := strings.TrimSpace(string(a.body)); got != `{"columns":[],"rows":[],"row_count":0}` {
				t.Errorf("%s, statement %s: got %s", when, statement, got)
			}
		}
		b.call(t, "GET", "/api/v1/runs/"+id+"/rows?statement=2", nil).refused(t, 404, "not_found")
		if e := b.call(t, "GET", "/api/v1/runs/"+id+"/export?statement=1", nil).refused(t, 409, "conflict"); e.Hint == "" {
			t.Errorf("%s, export: no hint", when)
		}
	}
	check("just started")
	eventually(t, 10*time.Second, "the statement is active", func() bool { return eye.active(t) == 1 })
	check("in the database")
	b.must(t, 202, "POST", "/api/v1/runs/"+id+"/cancel", nil)
	b.end(t, id)
	b.call(t, "GET", "/api/v1/runs/"+id+"/rows?statement=1", nil).refused(t, 404, "not_found")
}

// A file of a result that still grows says that it holds the first rows only.
func TestExportOfAGrowingResultNamesItself(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	id := b.start(t, b.shop(t), endless, object{"max_rows": 5_000_000})
	eventually(t, 10*time.Second, "rows arrive", func() bool { return b.rows(t, id, "limit=1").RowCount > 0 })
	a := b.must(t, 200, "GET", "/api/v1/runs/"+id+"/export?format=tsv", nil)
	lines := strings.Count(string(a.body), "\n") - 1
	if want := fmt.Sprintf("first %d rows", lines); !strings.Contains(a.header.Get("Content-Disposition"), want) {
		t.Errorf("file of %d rows: got %q, want it to say %q", lines, a.header.Get("Content-Disposition"), want)
	}
	b.must(t, 202, "POST", "/api/v1/runs/"+id+"/cancel", nil)
	b.end(t, id)
	a = b.must(t, 200, "GET", "/api/v1/runs/"+id+"/export?format=tsv", nil)
	if strings.Contains(a.header.Get("Content-Disposition"), "first") {
		t.Errorf("whole result: got %q", a.header.Get("Content-Disposition"))
	}
}

func TestBodiesOfTheWrongKindAreNamed(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	for body, want := range map[string]struct{ field, says string }{
		`[]`:              {"", "must be a JSON object"},
		`"x"`:             {"", "must be a JSON object"},
		`{"source_id":1}`: {"source_id", "source_id must be a JSON string"},
		`{"source_id":"` + src + `","sql":"SELECT 1","confirm":7}`:    {"confirm", "confirm must be"},
		`{"source_id":"` + src + `","sql":"SELECT 1","confirm":[]}`:   {"confirm", "confirm must be"},
		`{"source_id":"` + src + `","sql":"SELECT 1","params":"all"}`: {"", "object of names and values"},
	} {
		e := b.call(t, "POST", "/api/v1/runs", body).refused(t, 400, "invalid")
		if e.Field != want.field || !strings.Contains(e.Message, want.says) || strings.HasPrefix(e.Message, " ") {
			t.Errorf("%s: got %+v, want field %q saying %q", body, e, want.field, want.says)
		}
	}
}

// What a browser stores must stay small and point at a tab.
func TestActiveTabIsOneOfTheTabs(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	for _, kind := range []string{"application/json", "application/json; charset=utf-8"} {
		for active, want := range map[string]string{"runs": "runs", strings.Repeat("x", 1<<20): "", "not open": ""} {
			a := b.send(t, request{method: "POST", path: "/tabs", header: map[string]string{"Content-Type": kind}, body: object{"tabs": []string{"welcome", "runs"}, "active": active}})
			if a.status != http.StatusNoContent {
				t.Fatalf("%s: got %d: %s", kind, a.status, short(a.body))
			}
			state, err := b.store.State(t.Context(), b.who)
			if err != nil || state.ActiveTab != want || len(state.Tabs) != 2 {
				t.Errorf("active %.20q: stored %.20q with %d tabs, %v; want %q with 2", active, state.ActiveTab, len(state.Tabs), err, want)
			}
		}
	}
}

// Closing a tab goes to its neighbour, unless that one's query is gone meanwhile.
func TestClosingATabNeverLeadsNowhere(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	var ids []string
	for _, name := range []string{"left", "right"} {
		var q struct{ ID string }
		b.must(t, 201, "POST", "/api/v1/queries", object{"name": name, "sql_content": "SELECT 1", "source_id": src}).decode(t, &q)
		b.must(t, 200, "GET", "/queries/"+q.ID, nil)
		ids = append(ids, q.ID)
	}
	b.must(t, 204, "DELETE", "/api/v1/queries/"+ids[0], nil)
	a := b.send(t, request{
		method: "POST", path: "/tabs", body: "close=" + ids[1], header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
	})
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "/" {
		t.Errorf("got %d to %s, want 303 to /", a.status, a.header.Get("Location"))
	}
}

// One page asks for a source's catalogue in several places at once; the database is
// asked once. A lock keeps the answer back until all have asked.
func TestCatalogueIsReadOnceAtATime(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src, server := b.postgres(t)
	b.succeeded(t, src, "CREATE TABLE first_one (id int)")
	conn, err := pgx.Connect(t.Context(), server.ConnString())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if _, err := conn.Exec(t.Context(), "BEGIN; LOCK TABLE pg_catalog.pg_description IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	eye := pgWatch(t, server) // a transaction sees the same activity for ever
	waiting := func() (n int) {
		t.Helper()
		err := eye.conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			a := b.call(t, "GET", "/api/v1/sources/"+src+"/schema", nil)
			if a.status != 200 || !strings.Contains(string(a.body), "first_one") {
				t.Errorf("got %d: %s", a.status, short(a.body))
			}
		})
	}
	eventually(t, 10*time.Second, "the catalogue is being read", func() bool { return waiting() > 0 })
	time.Sleep(300 * time.Millisecond) // for the others, if they asked the database too
	if n := waiting(); n != 1 {
		t.Errorf("the database was asked %d times at once, want once", n)
	}
	if _, err := conn.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	other := testenv.Postgres(t).NewDatabase(t)
	b.must(t, 200, "PATCH", "/api/v1/sources/"+src, object{"fields": object{"database": other.Database}})
	a := b.must(t, 200, "GET", "/api/v1/sources/"+src+"/schema", nil)
	if strings.Contains(string(a.body), "first_one") {
		t.Errorf("after the change to another database: got %s", short(a.body))
	}
}

package handlers_test

import (
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dribble/internal/testenv"
)

func TestBodiesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	const path = "/api/v1/runs"
	for name, tt := range map[string]struct {
		body, kind string
		status     int
		code       string
	}{
		"empty":             {"", "application/json", 400, "invalid"},
		"no JSON":           {"source_id=1", "application/json", 400, "invalid"},
		"half":              {`{"sql": "SELECT`, "application/json", 400, "invalid"},
		"a list":            {`[]`, "application/json", 400, "invalid"},
		"two objects":       {`{"sql":"a"} {}`, "application/json", 400, "invalid"},
		"wrong kind":        {`{"sql": 5}`, "application/json", 400, "invalid"},
		"number too large":  {`{"max_rows": 99999999999999999999}`, "application/json", 400, "invalid"},
		"half a row":        {`{"max_rows": 1.5}`, "application/json", 400, "invalid"},
		"unknown field":     {`{"sqll": "SELECT 1"}`, "application/json", 400, "invalid"},
		"a form":            {"sql=SELECT+1", "application/x-www-form-urlencoded", 400, "invalid"},
		"text":              {`{"sql":"SELECT 1"}`, "text/plain", 400, "invalid"},
		"no type":           {`{"sql":"SELECT 1"}`, "", 400, "invalid"},
		"too large":         {`{"sql":"` + strings.Repeat("x", 5<<20) + `"}`, "application/json", 413, "too_large"},
		"too large a space": {strings.Repeat(" ", 5<<20), "application/json", 413, "too_large"},
		"confirm a list":    {`{"confirm": []}`, "application/json", 400, "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := map[string]string{"Content-Type": tt.kind}
			b.send(t, request{method: http.MethodPost, path: path, header: header, body: tt.body}).refused(t, tt.status, tt.code)
		})
	}
}

func TestAddressesOfTheAPI(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	b.call(t, "GET", "/api/v1/nothing", nil).refused(t, 404, "not_found")
	b.call(t, "GET", "/api/v2/runs", nil).refused(t, 404, "not_found")
	for _, id := range []string{"nope", "00000000-0000-0000-0000-000000000000", "%27%20OR%201=1", "%00", strings.Repeat("x", 3000)} {
		for _, path := range []string{"/sources/ID", "/sources/ID/schema", "/queries/ID", "/queries/ID/versions", "/runs/ID", "/runs/ID/rows", "/runs/ID/export", "/runs/ID/events"} {
			b.call(t, "GET", "/api/v1"+strings.Replace(path, "ID", id, 1), nil).refused(t, 404, "not_found")
		}
		b.call(t, "DELETE", "/api/v1/queries/"+id, nil).refused(t, 404, "not_found")
		b.call(t, "PATCH", "/api/v1/queries/"+id, object{"name": "x"}).refused(t, 404, "not_found")
		b.call(t, "PATCH", "/api/v1/sources/"+id, object{"name": "x"}).refused(t, 404, "not_found")
	}
	a := b.call(t, "PUT", "/api/v1/runs", nil)
	a.refused(t, 405, "invalid")
	if got := a.header.Get("Allow"); !strings.Contains(got, "GET") || !strings.Contains(got, "POST") || strings.Contains(got, "DELETE") {
		t.Errorf("Allow: got %q, want GET and POST", got)
	}
	if a := b.call(t, "HEAD", "/api/v1/engines", nil); a.status != 200 || len(a.body) != 0 {
		t.Errorf("HEAD: got %d with %d bytes", a.status, len(a.body))
	}
}

func TestDatabasesThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	gone := b.addSource(t, "postgres", map[string]string{"host": "127.0.0.1", "port": "1", "database": "d", "user": "u", "sslmode": "disable"})
	b.call(t, "GET", "/api/v1/sources/"+gone+"/schema", nil).refused(t, 503, "unavailable")
	b.call(t, "POST", "/api/v1/query", object{"source_id": gone, "sql": "SELECT 1"}).refused(t, 503, "unavailable")
	r := b.ended(t, gone, "SELECT 1")
	if r.Status != "error" || r.Error == nil || r.Error.Code != "connection" {
		t.Errorf("a run: got %s %+v", r.Status, r.Error)
	}
}

// TestTooManyRunsOfASource fills all places and the whole queue of a source.
func TestTooManyRunsOfASource(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	b.succeeded(t, src, "SELECT 1")
	var ids []string
	for range 105 {
		ids = append(ids, b.start(t, src, neverRow))
	}
	eventually(t, 10*time.Second, "the queue is full", func() bool { return b.workers.Status()[0].Waiting == 100 })
	beyond := b.ended(t, src, "SELECT 1")
	if beyond.Status != "error" || beyond.Error == nil || beyond.Error.Code != "rate_limited" {
		t.Errorf("a run beyond the queue: got %s %+v", beyond.Status, beyond.Error)
	}
	b.call(t, "POST", "/api/v1/query", object{"source_id": src, "sql": "SELECT 1"}).refused(t, 429, "rate_limited")
	var r run
	b.get(t, "/api/v1/runs/"+ids[104], &r)
	if r.Status != "queued" {
		t.Errorf("the last run of the queue is %s", r.Status)
	}
	start := time.Now()
	for _, id := range ids {
		b.must(t, 202, "POST", "/api/v1/runs/"+id+"/cancel", nil)
	}
	for _, id := range ids {
		if r := b.end(t, id); r.Status != "cancelled" {
			t.Errorf("a run of the queue: got %s", r.Status)
		}
	}
	t.Logf("105 runs, 100 of them waiting, cancelled within %v", time.Since(start))
	b.succeeded(t, src, "SELECT 1")
}

func TestSchemaOfASource(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	for name, make := range map[string]func(t *testing.T) (source string){
		"SQLite": func(t *testing.T) string {
			return b.addSource(t, "sqlite", map[string]string{"path": filepath.Join(t.TempDir(), "new.db")})
		},
		"PostgreSQL": func(t *testing.T) string {
			id, _ := b.postgres(t)
			return id
		},
		"MariaDB": func(t *testing.T) string {
			id, _ := b.mariadb(t)
			return id
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id := make(t)
			if name == "SQLite" {
				id = b.shop(t)
				b.succeeded(t, id, "DROP TABLE items; DROP TABLE orders", object{"confirm": true})
			}
			b.succeeded(t, id, "CREATE TABLE city (id int PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x')")
			b.succeeded(t, id, "CREATE TABLE orders (id int PRIMARY KEY, city_id int REFERENCES city (id), note varchar(9))")
			path := "/api/v1/sources/" + id + "/schema"
			tables := b.tables(t, path)
			city, ok := tables["city"]
			if !ok || len(city.Columns) != 2 || !city.Columns[0].PrimaryKey || city.Columns[1].Nullable || city.Columns[1].Default == nil {
				t.Fatalf("city: got %+v among %d tables", city, len(tables))
			}
			if o := tables["orders"]; name != "SQLite" && !strings.HasSuffix(o.Columns[1].References, "city.id") {
				t.Errorf("orders.city_id refers to %q", o.Columns[1].References)
			}
			if got := b.tables(t, path+"?match=CITY_ID"); len(got) != 1 || got["orders"].Name == "" {
				t.Errorf("match by column: got %v", got)
			}
			if got := b.tables(t, path+"?match=nothing"); len(got) != 0 {
				t.Errorf("match of nothing: got %v", got)
			}
			b.succeeded(t, id, "CREATE TABLE later (a int)")
			b.call(t, "GET", path, nil)
			if got := b.tables(t, path+"?refresh=1"); got["later"].Name == "" {
				t.Error("refresh=1 does not see a new table")
			}
		})
	}
}

type schemaTable struct {
	Name    string
	Columns []struct {
		Name, Type, References string
		Nullable               bool
		Default                *string
		PrimaryKey             bool `json:"primary_key"`
	}
}

func (b *bed) tables(t *testing.T, path string) map[string]schemaTable {
	t.Helper()
	var s struct {
		Schemas []struct{ Tables []schemaTable }
	}
	b.get(t, path, &s)
	all := map[string]schemaTable{}
	for _, ns := range s.Schemas {
		for _, table := range ns.Tables {
			all[table.Name] = table
		}
	}
	return all
}

func TestTokens(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	token, err := b.store.CreateToken(t.Context(), b.who, "script", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	short, err := b.store.CreateToken(t.Context(), b.who, "short", time.Now().Add(200*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	with := func(value string) answer {
		return b.send(t, request{method: http.MethodGet, path: "/api/v1/sources", header: map[string]string{"Authorization": value}})
	}
	for name, value := range map[string]string{
		"token": "Bearer " + token, "young token": "Bearer " + short,
	} {
		if a := with(value); a.status != 200 {
			t.Errorf("%s: got %d %s", name, a.status, a.body)
		}
	}
	time.Sleep(250 * time.Millisecond)
	for name, value := range map[string]string{
		"expired": "Bearer " + short, "unknown": "Bearer drb_nope", "empty": "Bearer ", "cut": "Bearer " + token[:len(token)-1],
		"other scheme": "Basic dXNlcjpwYXNz", "no scheme": token, "in capitals": "Bearer " + strings.ToUpper(token), "very long": "Bearer " + strings.Repeat("x", 40_000),
	} {
		e := with(value).refused(t, 401, "unauthenticated")
		if strings.Contains(e.Message+e.Hint, token[5:]) {
			t.Errorf("%s: the answer holds the token", name)
		}
	}
	if strings.Contains(b.log.String(), token) {
		t.Error("the token is in the log")
	}
	list, err := b.store.Tokens(t.Context(), b.who)
	if err != nil {
		t.Fatal(err)
	}
	for _, tok := range list {
		if err := b.store.DeleteToken(t.Context(), b.who, tok.ID); err != nil {
			t.Fatal(err)
		}
	}
	with("Bearer "+token).refused(t, 401, "unauthenticated")
}

// roleOf makes a token and gives its user a role.
func (b *bed) roleOf(t *testing.T, role string) string {
	t.Helper()
	token, err := b.store.CreateToken(t.Context(), b.who, role, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := sql.Open("sqlite", "file:"+filepath.Join(b.dir, "meta.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	done, err := d.ExecContext(context.Background(), "UPDATE members SET role = ?", role)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := done.RowsAffected(); n != 1 {
		t.Fatalf("the role of %d members was set", n)
	}
	return token
}

// TestEveryRouteAsksForARole walks the router: each route must be in the table of
// what it needs, and a token of a weaker role, or a wrong one, must be refused.
func TestEveryRouteAsksForARole(t *testing.T) {
	t.Parallel()
	const view, edit, manage = 1, 2, 3
	needs := func(route string) int {
		method, path, _ := strings.Cut(route, " ")
		path = strings.TrimPrefix(path, "/api/v1")
		switch {
		case path == "/metrics", path == "/sources/new", strings.HasPrefix(path, "/sources/{id}/edit"), strings.HasPrefix(path, "/sources/{id}/delete"):
			return manage
		case path == "/sources/{id}/refresh":
			return view
		case method != "GET" && strings.HasPrefix(path, "/sources"):
			return manage
		case path == "/tabs", path == "/layout", path == "/theme", method == "GET":
			return view
		}
		return edit
	}
	open := map[string]bool{"GET /healthz": true, "GET /readyz": true, "GET /favicon.ico": true}
	checked := 0
	for role, rank := range map[string]int{"viewer": view, "editor": edit, "admin": manage} {
		b := newBed(t, options{})
		token := b.roleOf(t, role)
		for _, route := range routes(t, b.server.Handler(), "") {
			if open[route] || strings.HasSuffix(route, " /events") {
				continue
			}
			method, path, _ := strings.Cut(route, " ")
			path = strings.NewReplacer("{id}", "nope", "{number}", "1").Replace(path)
			send := func(bearer string) int {
				return b.send(t, request{method: method, path: path, header: map[string]string{"Authorization": "Bearer " + bearer}}).status
			}
			if got := send(token); (got == 403) != (rank < needs(route)) {
				t.Errorf("%s by %s: got %d", route, role, got)
			}
			if got := send("wrong"); got != 401 {
				t.Errorf("%s with a wrong token: got %d", route, got)
			}
			checked += 2
		}
	}
	t.Logf("access checked: %d of %d", checked, checked)
	if checked < 300 {
		t.Errorf("only %d checks were made", checked)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := b.call(t, "GET", path, nil); a.status != 200 || string(a.body) != "ok" {
			t.Errorf("%s: got %d %q", path, a.status, a.body)
		}
	}
	b.call(t, "GET", "/metrics", nil) // off in this bed; the program's test reads them
	dead := newBed(t, options{postgresMeta: testenv.Postgres(t).Host != ""})
	if err := dead.store.Close(); err != nil {
		t.Fatal(err)
	}
	if a := dead.call(t, "GET", "/readyz", nil); a.status != 503 || !strings.Contains(string(a.body), "metadata store") {
		t.Errorf("/readyz without its store: got %d %q", a.status, a.body)
	}
	if a := dead.call(t, "GET", "/healthz", nil); a.status != 200 {
		t.Errorf("/healthz without its store: got %d", a.status)
	}
	e := dead.call(t, "GET", "/api/v1/sources", nil).refused(t, 500, "internal")
	if strings.Contains(e.Message+e.Hint, "closed") || e.Hint == "" {
		t.Errorf("an internal failure tells its cause: %+v", e)
	}
}

package handlers_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dribble/internal/testenv"
)

type object = map[string]any

// run is an answered run, as far as the tests look at it.
type run struct {
	ID         string
	Status     string
	Trigger    string
	SQL        string
	SourceID   string `json:"source_id"`
	QueryID    string `json:"query_id"`
	Version    int    `json:"version_number"`
	RowCount   int64  `json:"row_count"`
	MS         float64
	MaxRows    int        `json:"max_rows"`
	CreatedAt  time.Time  `json:"created_at"`
	FinishedAt *time.Time `json:"finished_at"`
	Error      *sqlError
	Statements []statement
}

type sqlError struct {
	Code, Message, Hint string
	Position            *int
}

type statement struct {
	Seq       int
	SQL       string
	Status    string
	Columns   []column
	RowCount  int64 `json:"row_count"`
	Affected  *int64
	Truncated string
	Notices   []string
	Error     *sqlError
}

type column struct{ Name, Type string }

func names(cols []column) string {
	list := make([]string, len(cols))
	for i, c := range cols {
		list[i] = c.Name
	}
	return strings.Join(list, ",")
}

// addSource makes a source and returns its ID. more overrides body fields.
func (b *bed) addSource(t *testing.T, engine string, fields map[string]string, more ...object) string {
	t.Helper()
	body := object{"name": "source " + engine + " " + fmt.Sprint(time.Now().UnixNano()), "engine": engine, "fields": fields}
	for _, m := range more {
		for k, v := range m {
			body[k] = v
		}
	}
	var made struct{ ID string }
	b.must(t, http.StatusCreated, http.MethodPost, "/api/v1/sources", body).decode(t, &made)
	return made.ID
}

// shop adds a SQLite source with two small tables.
func (b *bed) shop(t *testing.T, more ...object) string {
	t.Helper()
	return b.addSource(t, "sqlite", map[string]string{"path": shopFile(t)}, more...)
}

func shopFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.db")
	d, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	for _, text := range []string{
		"CREATE TABLE orders (id INTEGER PRIMARY KEY, city TEXT, total REAL NOT NULL DEFAULT 0)",
		"INSERT INTO orders VALUES (1, 'Oslo', 9.5), (2, 'Bergen', 12), (3, NULL, 0), (4, '', 100)",
		"CREATE TABLE items (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders(id), name TEXT)",
	} {
		if _, err := d.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// postgres adds a source on a fresh PostgreSQL database.
func (b *bed) postgres(t *testing.T) (string, testenv.Server) {
	t.Helper()
	s := testenv.Postgres(t).NewDatabase(t)
	return b.addSource(t, "postgres", s.Fields("disable")), s
}

// mariadb adds a source on a fresh MariaDB database.
func (b *bed) mariadb(t *testing.T) (string, testenv.Server) {
	t.Helper()
	s := testenv.MariaDB(t).NewDatabase(t)
	return b.addSource(t, "mysql", s.Fields("disable")), s
}

// start begins a run and returns its ID.
func (b *bed) start(t *testing.T, source, text string, more ...object) string {
	t.Helper()
	body := object{"source_id": source, "sql": text}
	for _, m := range more {
		for k, v := range m {
			body[k] = v
		}
	}
	a := b.must(t, http.StatusAccepted, http.MethodPost, "/api/v1/runs", body)
	var made struct{ ID string }
	a.decode(t, &made)
	if got, want := a.header.Get("Location"), "/api/v1/runs/"+made.ID; got != want {
		t.Errorf("Location: got %q, want %q", got, want)
	}
	return made.ID
}

// end waits for a run's end.
func (b *bed) end(t *testing.T, id string) run {
	t.Helper()
	var r run
	for range 3 {
		b.get(t, "/api/v1/runs/"+id+"?wait=20s", &r)
		if r.Status != "queued" && r.Status != "running" {
			return r
		}
	}
	t.Fatalf("run %s did not end: %+v", id, r)
	return r
}

// ended runs a text to its end.
func (b *bed) ended(t *testing.T, source, text string, more ...object) run {
	t.Helper()
	return b.end(t, b.start(t, source, text, more...))
}

// succeeded is ended for a text that must not fail.
func (b *bed) succeeded(t *testing.T, source, text string, more ...object) run {
	t.Helper()
	r := b.ended(t, source, text, more...)
	if r.Status != "success" {
		t.Fatalf("%.200s: got %s (%+v), want success", text, r.Status, r.Error)
	}
	return r
}

type window struct {
	Columns  []column
	Rows     [][]*string
	RowCount int64 `json:"row_count"`
}

func (b *bed) rows(t *testing.T, id, query string) window {
	t.Helper()
	var w window
	b.get(t, "/api/v1/runs/"+id+"/rows?"+query, &w)
	return w
}

// String joins cells by | and rows by a space; NULL is ∅.
func (w window) String() string {
	lines := make([]string, len(w.Rows))
	for i, row := range w.Rows {
		cells := make([]string, len(row))
		for j, cell := range row {
			cells[j] = "∅"
			if cell != nil {
				cells[j] = *cell
			}
		}
		lines[i] = strings.Join(cells, "|")
	}
	return strings.Join(lines, " ")
}

// eventually repeats f until it is true or the time is up, and says how long it took.
func eventually(t *testing.T, limit time.Duration, what string, f func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !f() {
		if time.Since(start) > limit {
			t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(start)
}

func background(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

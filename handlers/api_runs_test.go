package handlers_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestRunsOfTheAPI(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bed) {
		src := b.shop(t)
		r := b.succeeded(t, src, "SELECT id, city FROM orders ORDER BY id; UPDATE orders SET total = 1 WHERE id > 1;\nSELECT 1 AS a, 2 AS a WHERE 0")
		if len(r.Statements) != 3 || r.Trigger != "api" || r.RowCount != 4 || r.FinishedAt == nil || r.MaxRows != 10_000 {
			t.Fatalf("got %+v", r)
		}
		first, second, third := r.Statements[0], r.Statements[1], r.Statements[2]
		if names(first.Columns) != "id,city" || first.RowCount != 4 || first.Truncated != "" || first.Error != nil {
			t.Errorf("first: got %+v", first)
		}
		if second.Columns != nil || second.Affected == nil || *second.Affected != 3 {
			t.Errorf("second: got %+v", second)
		}
		if names(third.Columns) != "a,a" || third.RowCount != 0 || third.SQL != "SELECT 1 AS a, 2 AS a WHERE 0" {
			t.Errorf("third: got %+v", third)
		}
		if got, want := b.rows(t, r.ID, "").String(), "1|Oslo 2|Bergen 3|∅ 4|"; got != want {
			t.Errorf("rows: got %q, want %q", got, want)
		}
		failed := b.ended(t, src, "SELECT 1;\n SELECT nope FROM orders; SELECT 2")
		if failed.Status != "error" || failed.Error == nil || !strings.Contains(failed.Error.Message, "nope") || len(failed.Statements) != 2 {
			t.Errorf("a failing script: got %+v", failed)
		}
		going := b.ended(t, src, "SELECT nope; SELECT 2", object{"keep_going": true})
		if going.Status != "error" || len(going.Statements) != 2 || going.Statements[1].Status != "success" {
			t.Errorf("keep_going: got %+v", going)
		}
	})
}

func TestRunsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	if r := b.succeeded(t, src, endless, object{"max_rows": 25}); r.RowCount != 25 || r.Statements[0].Truncated != "rows" || r.MaxRows != 25 {
		t.Errorf("max_rows: got %+v", r)
	}
	if r := b.succeeded(t, src, "SELECT 1", object{"max_rows": 5_000_000}); r.MaxRows != 5_000_000 {
		t.Errorf("the maximum: got %d", r.MaxRows)
	}
	started := time.Now()
	r := b.ended(t, src, neverRow, object{"timeout_ms": 200})
	if took := time.Since(started); r.Status != "error" || r.Error == nil || r.Error.Code != "timeout" || took > 5*time.Second {
		t.Errorf("timeout_ms: got %s %+v after %v", r.Status, r.Error, took)
	}
	r = b.succeeded(t, src, "SELECT CAST({{id}} AS INTEGER) + 1, {{name}}", object{"params": object{"id": "41", "name": "O'Hara; --"}})
	if got := b.rows(t, r.ID, "").String(); got != "42|O'Hara; --" {
		t.Errorf("params: got %q", got)
	}
	bounded := b.shop(t, object{"row_limit": 2, "timeout_ms": 300})
	if r := b.succeeded(t, bounded, "SELECT * FROM orders"); r.RowCount != 2 || r.Statements[0].Truncated != "rows" {
		t.Errorf("row_limit of the source: got %+v", r.Statements)
	}
	if r := b.ended(t, bounded, neverRow); r.Error == nil || r.Error.Code != "timeout" {
		t.Errorf("timeout_ms of the source: got %+v", r.Error)
	}
}

const (
	// endless sends rows for ever.
	endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
	// neverRow works for ever without a row.
	neverRow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
)

func TestRunsThatAreRefused(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	readOnly := b.shop(t, object{"read_only": true})
	production := b.shop(t, object{"production": true, "name": "Live"})
	for name, tt := range map[string]struct {
		body        object
		status      int
		code, field string
		position    int // -1: none
	}{
		"nothing":               {object{}, 422, "invalid", "source_id", -1},
		"text and query":        {object{"source_id": src, "query_id": "x", "sql": "SELECT 1"}, 422, "invalid", "sql", -1},
		"unknown source":        {object{"source_id": "nope", "sql": "SELECT 1"}, 404, "not_found", "", -1},
		"unknown query":         {object{"query_id": "nope"}, 404, "not_found", "", -1},
		"empty text":            {object{"source_id": src, "sql": ""}, 422, "invalid", "", -1},
		"only a comment":        {object{"source_id": src, "sql": "-- nothing"}, 422, "invalid", "", -1},
		"open quote":            {object{"source_id": src, "sql": "SELECT 'a"}, 422, "invalid", "", 7},
		"text too large":        {object{"source_id": src, "sql": "SELECT '" + strings.Repeat("x", 1<<20) + "'"}, 413, "too_large", "", -1},
		"max_rows below 0":      {object{"source_id": src, "sql": "SELECT 1", "max_rows": -1}, 422, "invalid", "max_rows", -1},
		"max_rows too high":     {object{"source_id": src, "sql": "SELECT 1", "max_rows": 5_000_001}, 422, "invalid", "max_rows", -1},
		"timeout below 0":       {object{"source_id": src, "sql": "SELECT 1", "timeout_ms": -1}, 422, "invalid", "timeout_ms", -1},
		"timeout too long":      {object{"source_id": src, "sql": "SELECT 1", "timeout_ms": int64(1) << 62}, 422, "invalid", "timeout_ms", -1},
		"parameter missing":     {object{"source_id": src, "sql": "SELECT {{id}}"}, 422, "invalid", "id", 7},
		"write when read-only":  {object{"source_id": readOnly, "sql": "SELECT 1; DELETE FROM orders WHERE id = 1"}, 403, "forbidden", "", 10},
		"danger unconfirmed":    {object{"source_id": src, "sql": "DELETE FROM orders"}, 409, "conflict", "confirm", 0},
		"danger, confirm false": {object{"source_id": src, "sql": "DROP TABLE orders", "confirm": false}, 409, "conflict", "confirm", 0},
		"danger, only yes":      {object{"source_id": production, "sql": "DROP TABLE orders", "confirm": true}, 409, "conflict", "confirm", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := b.call(t, "POST", "/api/v1/runs", tt.body).refused(t, tt.status, tt.code)
			if e.Field != tt.field {
				t.Errorf("field: got %q, want %q (%s)", e.Field, tt.field, e.Message)
			}
			if (e.Position == nil) != (tt.position < 0) || e.Position != nil && *e.Position != tt.position {
				t.Errorf("position: got %v, want %d", e.Position, tt.position)
			}
		})
	}
	t.Run("nothing was run", func(t *testing.T) {
		var list struct{ Runs []run }
		b.get(t, "/api/v1/runs", &list)
		if len(list.Runs) != 0 {
			t.Errorf("refused runs are in the history: %+v", list.Runs)
		}
	})
	t.Run("confirmed", func(t *testing.T) {
		b.succeeded(t, src, "DELETE FROM items", object{"confirm": true})
		b.succeeded(t, src, "DROP TABLE items", object{"confirm": "yes"})
		b.succeeded(t, production, "DROP TABLE items", object{"confirm": "Live"})
	})
}

func TestRunsAreListedInPages(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bed) {
		src, other := b.shop(t), b.shop(t)
		var q savedQuery
		b.must(t, 201, "POST", "/api/v1/queries", object{"name": "q", "sql_content": "SELECT 7", "source_id": other}).decode(t, &q)
		var want []string
		for range 5 {
			want = append([]string{b.succeeded(t, src, "SELECT 1").ID}, want...)
		}
		failed := b.ended(t, src, "SELECT nope").ID
		byQuery := b.end(t, b.startQuery(t, q.ID)).ID
		all := append([]string{byQuery, failed}, want...)
		for filter, ids := range map[string][]string{
			"status=error":                    {failed},
			"source_id=" + other:              {byQuery},
			"query_id=" + q.ID:                {byQuery},
			"match=NOPE":                      {failed},
			"status=interrupted":              {},
			"source_id=unknown":               {},
			"":                                all,
			"status=success&source_id=" + src: want,
		} {
			if got := b.listed(t, filter+"&limit=3"); strings.Join(got, " ") != strings.Join(ids, " ") {
				t.Errorf("?%s: got %v, want %v", filter, got, ids)
			}
		}
		for _, bad := range []string{"limit=0", "limit=1001", "limit=x", "limit=1.5"} {
			b.call(t, "GET", "/api/v1/runs?"+bad, nil).refused(t, 400, "invalid")
		}
		b.call(t, "GET", "/api/v1/runs?cursor=nonsense", nil).refused(t, 422, "invalid")
	})
}

// listed pages through a list of runs to its end.
func (b *bed) listed(t *testing.T, query string) []string {
	t.Helper()
	ids, cursor := []string{}, ""
	for range 10 {
		var page struct {
			Runs []run
			Next string `json:"next_cursor"`
		}
		b.get(t, "/api/v1/runs?"+query+"&cursor="+url.QueryEscape(cursor), &page)
		if len(page.Runs) > 3 {
			t.Errorf("a page of 3 has %d runs", len(page.Runs))
		}
		for i, r := range page.Runs {
			if i > 0 && r.CreatedAt.After(page.Runs[i-1].CreatedAt) {
				t.Error("the list is not newest first")
			}
			ids = append(ids, r.ID)
		}
		if cursor = page.Next; cursor == "" {
			return ids
		}
	}
	t.Fatal("the list does not end")
	return nil
}

func TestWaitAnswersWithTheEnd(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	b.succeeded(t, src, "SELECT 1") // the worker is up
	id := b.start(t, src, neverRow)
	var r run
	started := time.Now()
	b.get(t, "/api/v1/runs/"+id+"?wait=150ms", &r)
	if took := time.Since(started); r.Status != "running" || took < 140*time.Millisecond || took > 3*time.Second {
		t.Errorf("wait=150ms of an endless run: got %s after %v", r.Status, took)
	}
	time.AfterFunc(100*time.Millisecond, func() { b.call(t, "POST", "/api/v1/runs/"+id+"/cancel", nil) })
	started = time.Now()
	b.get(t, "/api/v1/runs/"+id+"?wait=30s", &r)
	if took := time.Since(started); r.Status != "cancelled" || took > 5*time.Second {
		t.Errorf("wait=30s of a run that is cancelled: got %s after %v", r.Status, took)
	}
	for _, bad := range []string{"x", "-1s", "5"} {
		b.call(t, "GET", "/api/v1/runs/"+id+"?wait="+bad, nil).refused(t, 400, "invalid")
	}
	b.call(t, "GET", "/api/v1/runs/nope?wait=1s", nil).refused(t, 404, "not_found")
}

func TestCancelKeepsRows(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	id := b.start(t, src, endless, object{"max_rows": 5_000_000})
	eventually(t, 10*time.Second, "rows arrive", func() bool {
		var r run
		b.get(t, "/api/v1/runs/"+id, &r)
		return r.RowCount > 100
	})
	a := b.must(t, 202, "POST", "/api/v1/runs/"+id+"/cancel", nil)
	if !strings.Contains(string(a.body), id) {
		t.Errorf("got %s", a.body)
	}
	r := b.end(t, id)
	if r.Status != "cancelled" || r.Statements[0].Truncated != "cancelled" || r.Error == nil || r.Error.Code != "cancelled" {
		t.Errorf("got %+v", r)
	}
	if w := b.rows(t, id, "limit=2"); w.RowCount != r.RowCount || w.String() != "1 2" {
		t.Errorf("rows: got %d %q, want %d", w.RowCount, w, r.RowCount)
	}
	b.must(t, 202, "POST", "/api/v1/runs/"+id+"/cancel", nil) // again: left as it is
	b.call(t, "POST", "/api/v1/runs/nope/cancel", nil).refused(t, 404, "not_found")
	b.succeeded(t, src, "SELECT 1")
}

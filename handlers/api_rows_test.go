package handlers_test

import (
	"encoding/csv"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestRowsInWindows(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	r := b.succeeded(t, src, "SELECT id, city, total FROM orders ORDER BY id; SELECT 7 AS n")
	for query, want := range map[string]string{
		"":                        "1|Oslo|9.5 2|Bergen|12.0 3|∅|0.0 4||100.0",
		"offset=1&limit=2":        "2|Bergen|12.0 3|∅|0.0",
		"offset=3&limit=10":       "4||100.0",
		"offset=4":                "",
		"offset=99999":            "",
		"limit=0":                 "",
		"statement=1":             "7",
		"sort=-total&limit=2":     "4||100.0 2|Bergen|12.0",
		"sort=total&limit=1":      "3|∅|0.0",
		"sort=%232&limit=2":       "4||100.0 2|Bergen|12.0",
		"filter=bergen":           "2|Bergen|12.0",
		"filter=total%20%3E%2010": "2|Bergen|12.0 4||100.0",
		"filter=total%3E0&sort=-id&offset=1&limit=1": "2|Bergen|12.0",
		"filter=nothing+like+it":                     "",
	} {
		if got := b.rows(t, r.ID, query).String(); got != want {
			t.Errorf("?%s: got %q, want %q", query, got, want)
		}
	}
	if w := b.rows(t, r.ID, "filter=total%3E0&limit=1"); w.RowCount != 3 || names(w.Columns) != "id,city,total" {
		t.Errorf("a filtered window: got %d rows of %v, want 3", w.RowCount, w.Columns)
	}
	for query, want := range map[string]struct {
		status int
		code   string
	}{
		"offset=-1": {400, "invalid"}, "limit=x": {400, "invalid"}, "limit=10001": {400, "invalid"}, "statement=-1": {400, "invalid"},
		"sort=nope": {400, "invalid"}, "statement=2": {404, "not_found"}, "sort=%2399": {400, "invalid"},
	} {
		b.call(t, "GET", "/api/v1/runs/"+r.ID+"/rows?"+query, nil).refused(t, want.status, want.code)
	}
	b.call(t, "GET", "/api/v1/runs/nope/rows", nil).refused(t, 404, "not_found")
	w := b.succeeded(t, src, "UPDATE orders SET total = 1 WHERE id = 1")
	b.call(t, "GET", "/api/v1/runs/"+w.ID+"/rows", nil).refused(t, 404, "not_found")
}

func TestRowsWhileTheyArrive(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	id := b.start(t, src, endless, object{"max_rows": 5_000_000})
	eventually(t, 10*time.Second, "rows arrive", func() bool {
		a := b.call(t, "GET", "/api/v1/runs/"+id+"/rows?limit=3", nil)
		return a.status == 200 && strings.Contains(string(a.body), `["3"]`)
	})
	var r run
	b.get(t, "/api/v1/runs/"+id, &r)
	if r.Status != "running" {
		t.Errorf("rows were only there when the run was %s", r.Status)
	}
	before := b.rows(t, id, "limit=1").RowCount
	eventually(t, 10*time.Second, "more rows arrive", func() bool { return b.rows(t, id, "limit=1").RowCount > before })
	e := b.call(t, "GET", "/api/v1/runs/"+id+"/rows?sort=i", nil).refused(t, 409, "conflict")
	if e.Hint == "" {
		t.Errorf("sorting a growing result: got %+v, want a hint", e)
	}
	if a := b.call(t, "GET", "/api/v1/runs/"+id+"/export?format=ndjson", nil); a.status != 200 {
		t.Errorf("an export while rows arrive: got %d", a.status)
	}
	b.must(t, 202, "POST", "/api/v1/runs/"+id+"/cancel", nil)
	b.end(t, id)
}

func TestExports(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	const text = "SELECT 1 AS id, 'a \"b\"' AS \"na,me\", NULL AS x UNION ALL SELECT 2, 'tab\there', '' UNION ALL SELECT 3, 'two' || char(10) || 'lines', 'é'"
	r := b.succeeded(t, src, text)
	for format, want := range map[string]struct{ body, kind string }{
		"csv":    {"id,\"na,me\",x\r\n1,\"a \"\"b\"\"\",\r\n2,tab\there,\"\"\r\n3,\"two\nlines\",é\r\n", "text/csv; charset=utf-8; header=present"},
		"tsv":    {"id\tna,me\tx\n1\ta \"b\"\t\\N\n2\ttab\\there\t\n3\ttwo\\nlines\té\n", "text/tab-separated-values; charset=utf-8"},
		"ndjson": {"", "application/x-ndjson"},
		"json":   {"", "application/json"},
		"":       {"id,\"na,me\",x\r\n1,\"a \"\"b\"\"\",\r\n2,tab\there,\"\"\r\n3,\"two\nlines\",é\r\n", "text/csv; charset=utf-8; header=present"},
	} {
		stored := b.must(t, 200, "GET", "/api/v1/runs/"+r.ID+"/export?format="+format, nil)
		streamed := b.must(t, 200, "POST", "/api/v1/query?format="+format, object{"source_id": src, "sql": text})
		if want.body != "" && string(stored.body) != want.body {
			t.Errorf("%s: got %q, want %q", format, stored.body, want.body)
		}
		if string(streamed.body) != string(stored.body) {
			t.Errorf("%s: streamed %q, stored %q", format, streamed.body, stored.body)
		}
		for name, a := range map[string]answer{"stored": stored, "streamed": streamed} {
			if got := a.header.Get("Content-Type"); got != want.kind {
				t.Errorf("%s %s: got type %q, want %q", name, format, got, want.kind)
			}
			extension := "." + format
			if format == "" {
				extension = ".csv"
			}
			if got := a.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; ") || !strings.HasSuffix(got, extension+`"`) {
				t.Errorf("%s %s: got file name %q", name, format, got)
			}
			if a.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s %s: the browser may guess the type", name, format)
			}
		}
	}
	var w window
	b.must(t, 200, "GET", "/api/v1/runs/"+r.ID+"/export?format=json", nil).decode(t, &w)
	if got, want := w.String(), "1|a \"b\"|∅ 2|tab\there| 3|two\nlines|é"; got != want || names(w.Columns) != "id,na,me,x" {
		t.Errorf("json: got %q, want %q", got, want)
	}
	for _, format := range []string{"exe", "CSV", "../csv"} {
		b.call(t, "GET", "/api/v1/runs/"+r.ID+"/export?format="+url.QueryEscape(format), nil).refused(t, 400, "invalid")
		b.call(t, "POST", "/api/v1/query?format="+url.QueryEscape(format), object{"source_id": src, "sql": text}).refused(t, 400, "invalid")
	}
	b.call(t, "GET", "/api/v1/runs/"+r.ID+"/export?statement=1", nil).refused(t, 404, "not_found")
	sorted := b.must(t, 200, "GET", "/api/v1/runs/"+r.ID+"/export?sort=-id&filter=id%3E1", nil)
	lines, err := csv.NewReader(strings.NewReader(string(sorted.body))).ReadAll()
	if err != nil || len(lines) != 3 || lines[1][0] != "3" {
		t.Errorf("a sorted and filtered export: got %v, %v", lines, err)
	}
}

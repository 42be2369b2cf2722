package handlers_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/go-chi/chi/v5"
)

// workspace fills a bed with one of each thing and names it as an attacker would.
func workspace(t *testing.T, b *bed) (src, query, run string) {
	t.Helper()
	src = b.shop(t, object{"name": hostile("source")})
	b.succeeded(t, src, `CREATE TABLE "`+hostile("table")+`" ("`+hostile("column")+`" text)`)
	b.succeeded(t, src, `INSERT INTO "`+hostile("table")+`" VALUES ('`+hostile("cell")+`')`)
	b.tables(t, "/api/v1/sources/"+src+"/schema?refresh=1")
	var q savedQuery
	b.must(t, 201, "POST", "/api/v1/queries", object{
		"name": hostile("query"), "folder": hostile("folder"), "source_id": src, "sql_content": `SELECT * FROM "` + hostile("table") + `" -- ` + hostile("comment"),
	}).decode(t, &q)
	b.must(t, 200, "PATCH", "/api/v1/queries/"+q.ID, object{"sql_content": `SELECT *, 1 AS n FROM "` + hostile("table") + `"`})
	run = b.startQuery(t, q.ID)
	b.end(t, run)
	b.ended(t, src, `SELECT "`+hostile("error")+`" FROM orders`)
	return src, q.ID, run
}

// hostile is markup that shows where it was let through.
func hostile(where string) string {
	return "<img src=x onerror=alert(1) data-hostile=" + where + "><script>alert(2)</script></textarea></title>"
}

// TestEveryLinkAndForm walks all pages that links reach, as a browser without
// script. Each must answer well, name its controls and let no markup through.
func TestEveryLinkAndForm(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src, query, run := workspace(t, b)
	queue := []string{"/", "/welcome", "/queries", "/runs", "/queries/" + query + "?run=" + run, "/sources/" + src, "/tree?match=orders",
		"/runs?status=error", "/queries?match=img", "/nothing", "/sources/new?engine=nope"}
	wrong := map[string]int{"/nothing": 404, "/sources/new?engine=nope": 422}
	seen, forms := map[string]bool{}, map[string]bool{}
	for _, path := range queue {
		seen[path] = true
	}
	for i := 0; i < len(queue) && i < 250; i++ {
		path := queue[i]
		p := b.visit(t, path)
		want := 200
		if w, ok := wrong[path]; ok {
			want = w
		}
		if p.status == 303 {
			if next := p.header.Get("Location"); !seen[next] {
				seen[next], queue = true, append(queue, next)
			}
			continue
		}
		if p.status != want {
			t.Errorf("%s: got %d, want %d", path, p.status, want)
		}
		if !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
			continue
		}
		sound(t, path, p)
		p.Find("a[href]").Each(func(_ int, a *goquery.Selection) {
			href, _, _ := strings.Cut(a.AttrOr("href", ""), "#")
			if strings.HasPrefix(href, "/") && !strings.HasPrefix(href, "//") && !seen[href] {
				seen[href], queue = true, append(queue, href)
			}
		})
		p.Find("form[method=post][action]").Each(func(_ int, f *goquery.Selection) { forms[f.AttrOr("action", "")] = true })
		p.Find("[formaction]").Each(func(_ int, f *goquery.Selection) { forms[f.AttrOr("formaction", "")] = true })
	}
	tree, _ := b.server.Handler().(chi.Routes)
	for action := range forms {
		if path, _, _ := strings.Cut(action, "?"); !tree.Match(chi.NewRouteContext(), http.MethodPost, path) {
			t.Errorf("a form leads to %s, which takes no POST", action)
		}
	}
	t.Logf("visited %d pages and found %d forms", min(len(queue), 250), len(forms))
	if len(queue) < 25 || len(forms) < 8 {
		t.Errorf("only %d pages and %d forms were found", len(queue), len(forms))
	}
}

// sound checks what must hold of every page.
func sound(t *testing.T, path string, p page) {
	t.Helper()
	labelled(t, path, p)
	if p.Find("[data-hostile]").Length() > 0 {
		t.Errorf("%s: markup of a name got through: %v", path, p.Find("[data-hostile]").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("data-hostile", "") }))
	}
	p.Find("script").Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("src", "") == "" && s.AttrOr("nonce", "") == "" || strings.Contains(s.Text(), "alert(") {
			t.Errorf("%s: an inline script without nonce: %.100s", path, s.Text())
		}
	})
	p.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, attribute := range s.Nodes[0].Attr {
			if strings.HasPrefix(attribute.Key, "on") || attribute.Key == "style" || strings.HasPrefix(strings.TrimSpace(strings.ToLower(attribute.Val)), "javascript:") {
				t.Errorf("%s: attribute %s=%q cannot work under the policy", path, attribute.Key, attribute.Val)
			}
		}
	})
	ids := map[string]bool{}
	p.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("id", ""); ids[id] {
			t.Errorf("%s: two elements have the ID %q", path, id)
		} else {
			ids[id] = true
		}
	})
	if n := p.Find("main").Length(); n != 1 {
		t.Errorf("%s: %d main elements", path, n)
	}
	if strings.TrimSpace(p.Find("title").Text()) == "" || p.Find("html[lang]").Length() != 1 || p.Find("h1").Length() != 1 {
		t.Errorf("%s: title %q, lang %d, h1 %d", path, p.Find("title").Text(), p.Find("html[lang]").Length(), p.Find("h1").Length())
	}
}

// TestGetNeverChangesState visits every GET route and compares the metadata before
// and after. Only the list of open tabs may differ: it is what a visit is for.
func TestGetNeverChangesState(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src, query, run := workspace(t, b)
	before := metadata(t, b)
	foreign := map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example", "HX-Request": "true"}
	visited := 0
	for _, route := range routes(t, b.server.Handler(), "") {
		method, path, _ := strings.Cut(route, " ")
		if method != "GET" || path == "/events" {
			continue
		}
		id := query
		switch {
		case strings.Contains(path, "/runs/{id}"):
			id = run
		case strings.Contains(path, "/sources/{id}"):
			id = src
		}
		path = strings.NewReplacer("{id}", id, "{number}", "1").Replace(path)
		b.visit(t, path+"?refresh=1&confirm=yes&sql="+url.QueryEscape("DELETE FROM orders")+"&run=1&name=x&theme=dark&close="+query, foreign)
		b.visit(t, path)
		visited++
	}
	if after := metadata(t, b); after != before {
		t.Errorf("a GET changed the metadata:\n%s", difference(before, after))
	}
	if r := b.succeeded(t, src, "SELECT count(*) FROM orders"); b.rows(t, r.ID, "").String() != "4" {
		t.Error("a GET ran a statement")
	}
	t.Logf("visited %d addresses", visited)
}

// metadata is the whole metadata database as text, open tabs left out.
func metadata(t *testing.T, b *bed) string {
	t.Helper()
	d, err := sql.Open("sqlite", "file:"+filepath.Join(b.dir, "meta.db")+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	var out strings.Builder
	for _, table := range column1(t, d, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('workspace_state', 'workers') ORDER BY name") {
		rows, err := d.QueryContext(t.Context(), `SELECT * FROM "`+table+`"`)
		if err != nil {
			t.Fatal(err)
		}
		cols, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, refs := make([]any, len(cols)), make([]any, len(cols))
			for i := range values {
				refs[i] = &values[i]
			}
			if err := rows.Scan(refs...); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&out, table, values)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func column1(t *testing.T, d *sql.DB, text string) []string {
	t.Helper()
	rows, err := d.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// difference lists the lines that only one of two texts has.
func difference(a, b string) string {
	var out strings.Builder
	for _, pair := range [][3]string{{"-", a, b}, {"+", b, a}} {
		for line := range strings.Lines(pair[1]) {
			if !strings.Contains(pair[2], line) {
				out.WriteString(pair[0] + " " + line)
			}
		}
	}
	return out.String()
}

package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"dribble/handlers"
)

// opened makes a query by the form and returns its address.
func (b *bed) opened(t *testing.T, source, text string) string {
	t.Helper()
	p := b.submit(t, "/queries", url.Values{"source_id": {source}, "sql": {text}})
	if p.status != http.StatusSeeOther {
		t.Fatalf("a new query: got %d", p.status)
	}
	return p.header.Get("Location")
}

func (p page) editor() string { return p.Find("textarea[name=sql]").Text() }

func TestQueryIsSavedRenamedCopiedDeleted(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src, other := b.shop(t), b.shop(t)
	path := b.opened(t, src, "SELECT 1")
	id := strings.TrimPrefix(path, "/queries/")
	if p := b.submit(t, path+"/draft", url.Values{"sql": {"SELECT 2"}, "source_id": {other}}); p.status != 204 {
		t.Errorf("a draft: got %d", p.status)
	}
	p := b.visit(t, path)
	if p.editor() != "SELECT 2" || p.Find("select[name=source_id] option[selected]").AttrOr("value", "") != other {
		t.Errorf("the draft's page holds %q", p.editor())
	}
	for _, bad := range []url.Values{{"sql": {strings.Repeat("x", 1<<20+1)}}, {"sql": {"SELECT 2"}, "source_id": {"nope"}}} {
		if p := b.submit(t, path+"/draft", bad); p.status != 413 && p.status != 422 {
			t.Errorf("a bad draft: got %d", p.status)
		}
	}
	b.follow(t, b.submit(t, path+"/versions", url.Values{"sql": {"SELECT 3"}, "message": {"three"}}))
	saved := b.submit(t, path+"/versions", url.Values{"sql": {"SELECT 4"}}, script)
	if saved.status != 200 || !strings.Contains(saved.text, "query-list") {
		t.Errorf("saving by script: got %d", saved.status)
	}
	if p := b.submit(t, path+"/rename", url.Values{"name": {"Four"}}); p.status != 303 {
		t.Errorf("rename: got %d", p.status)
	}
	if p := b.submit(t, path+"/rename", url.Values{"name": {"Four <b>"}}, script); p.status != 200 || p.Find("b").Length() > 0 {
		t.Errorf("rename by script: got %d", p.status)
	}
	if p := b.submit(t, path+"/rename", url.Values{"name": {"  "}}); p.status != 422 {
		t.Errorf("rename to nothing: got %d", p.status)
	}
	list := b.visit(t, path+"/versions")
	if !strings.Contains(list.Text(), "three") || list.Find(`a[href="`+path+`/versions/1"]`).Length() == 0 {
		t.Error("the list of versions lacks what was saved")
	}
	if v := b.visit(t, path+"/versions/1"); !strings.Contains(v.Text(), "SELECT 3") {
		t.Error("the first version does not show its text")
	}
	if p := b.follow(t, b.submit(t, path+"/versions/1/restore", nil)); p.editor() != "SELECT 3" {
		t.Errorf("restored: got %q", p.editor())
	}
	var versions versionList
	b.get(t, "/api/v1/queries/"+id+"/versions", &versions)
	if len(versions.Versions) != 3 || versions.Versions[0].Trigger != "restore" {
		t.Errorf("versions: got %+v", versions)
	}
	if p := b.follow(t, b.submit(t, path+"/duplicate", nil)); p.editor() != "SELECT 3" || !strings.Contains(p.Find("title").Text(), "copy") {
		t.Errorf("the copy: got %q named %q", p.editor(), p.Find("title").Text())
	}
	if p := b.submit(t, path+"/delete", nil); p.status != 303 || p.header.Get("Location") == path {
		t.Errorf("delete: got %d to %q", p.status, p.header.Get("Location"))
	}
	if p := b.visit(t, path); p.status != 404 {
		t.Errorf("a deleted query: got %d", p.status)
	}
	if p := b.visit(t, "/"); p.status != 200 {
		t.Errorf("the start page after deleting the open query: got %d", p.status)
	}
}

// TestSelectionIsRun runs the statement at the cursor and a selection; positions
// come from the browser in UTF-16 units.
func TestSelectionIsRun(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	path := b.opened(t, src, "")
	const text = "SELECT '💾é' AS first;\nSELECT 2 AS second"
	for name, tt := range map[string]struct{ from, to, want string }{
		"cursor in the first":  {"3", "3", "💾é"},
		"cursor in the second": {"28", "28", "2"},
		"selection of a part":  {"23", "31", "2"},
	} {
		p := b.follow(t, b.submit(t, path+"/runs", url.Values{"sql": {text}, "from": {tt.from}, "to": {tt.to}}))
		if p.cells() != tt.want || p.editor() != text {
			t.Errorf("%s: got %q, want %q; the editor holds %q", name, p.cells(), tt.want, p.editor())
		}
	}
	p := b.follow(t, b.submit(t, path+"/runs", url.Values{"sql": {"SELECT '💾', 1;\n\nSELECT nope FROM orders"}, "from": {""}, "to": {""}}))
	if !strings.Contains(p.Text(), "nope") || !strings.Contains(p.Text(), "3") {
		t.Error("the error does not say its line")
	}
}

func TestTreeAndPreview(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	b.visit(t, "/sources/"+src+"/tree", script) // a search looks only in what has been read
	for path, want := range map[string]string{
		"/sources/" + src + "/tree":                                  "orders",
		"/sources/" + src + "/tree?level=3&schema=main":              "orders",
		"/sources/" + src + "/tree?level=4&schema=main&table=orders": "city",
		"/sources/" + src + "?schema=main&table=orders":              "city",
		"/tree?match=cit": "orders", // whose column it is
		"/tree?match=":    "source sqlite",
		"/sources/" + src + "/tree?level=3&schema=main&offset=1&match=items": "",
	} {
		if p := b.visit(t, path, script); p.status != 200 || !strings.Contains(p.Text(), want) {
			t.Errorf("%s: got %d and %q, want %q in it", path, p.status, strings.Fields(p.Text()), want)
		}
	}
	for path, want := range map[string]int{"level=9": 400, "level=3&schema=nope": 404, "level=4&schema=main&table=nope": 404} {
		if p := b.visit(t, "/sources/"+src+"/tree?"+path, script); p.status != want {
			t.Errorf("?%s: got %d, want %d", path, p.status, want)
		}
	}
	form := url.Values{"source_id": {src}, "schema": {"main"}, "table": {"orders"}}
	first := b.submit(t, "/tables/preview", form)
	p := b.follow(t, first)
	if !strings.Contains(p.cells(), "1|Oslo") || !strings.Contains(p.editor(), "orders") {
		t.Errorf("a preview shows %q", p.cells())
	}
	again := b.submit(t, "/tables/preview", form)
	one, _, _ := strings.Cut(first.header.Get("Location"), "?")
	two, _, _ := strings.Cut(again.header.Get("Location"), "?")
	if one == "" || one != two {
		t.Errorf("the same table opens %q and %q, want one tab", one, two)
	}
	b.succeeded(t, src, `CREATE TABLE "odd ""name" (a int)`)
	odd := b.submit(t, "/tables/preview", url.Values{"source_id": {src}, "schema": {"main"}, "table": {`odd "name`}}, script)
	if odd.status != 200 || strings.Contains(odd.text, "no such table") {
		t.Errorf("a table with an odd name: got %d", odd.status)
	}
	if p := b.submit(t, "/sources/"+src+"/refresh", nil, script); p.status != 200 || !strings.Contains(p.Text(), "odd") {
		t.Errorf("refresh by script: got %d", p.status)
	}
	if p := b.submit(t, "/sources/"+src+"/refresh", nil); p.status != 303 {
		t.Errorf("refresh: got %d", p.status)
	}
	gone := b.addSource(t, "postgres", map[string]string{"host": "127.0.0.1", "port": "1", "database": "d", "user": "u", "sslmode": "disable"})
	if p := b.visit(t, "/sources/"+gone+"/tree", script); p.status != 200 || strings.TrimSpace(p.Text()) == "" {
		t.Errorf("the tree of a source that is down: got %d %q", p.status, p.Text())
	}
	if p := b.visit(t, "/sources/"+gone); p.status != 200 {
		t.Errorf("the page of a source that is down: got %d", p.status)
	}
	etag := b.must(t, 200, "GET", "/sources/"+src+"/completion", nil).header.Get("ETag")
	same := b.send(t, request{method: "GET", path: "/sources/" + src + "/completion", header: map[string]string{"If-None-Match": etag}})
	if etag == "" || same.status != 304 {
		t.Errorf("completion asked again: got %d with tag %q", same.status, etag)
	}
}

func TestConnectionTestByScript(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	form := url.Values{"engine": {"sqlite"}, "name": {"File"}, "field.path": {shopFile(t)}}
	ok := b.submit(t, "/sources/test", form, script)
	if ok.status != 200 || ok.header.Get("Content-Type") != "text/event-stream" || !strings.Contains(ok.text, "SQLite 3") {
		t.Errorf("a test by script: got %d %s", ok.status, ok.header.Get("Content-Type"))
	}
	form.Set("field.path", "/nowhere/at/all.db")
	for name, p := range map[string]page{"script": b.submit(t, "/sources/test", form, script), "form": b.submit(t, "/sources/test", form)} {
		if p.status != 200 || !strings.Contains(p.text, "/nowhere/at/all.db") {
			t.Errorf("a test that fails by %s: got %d", name, p.status)
		}
	}
	form.Set("field.path", "")
	if p := b.submit(t, "/sources/test", form); p.status != 422 {
		t.Errorf("a test without a path: got %d", p.status)
	}
	id := b.shop(t)
	edit := url.Values{"engine": {"sqlite"}, "id": {id}, "name": {"File"}}
	if p := b.submit(t, "/sources/test", edit); p.status != 200 || !strings.Contains(p.Text(), "SQLite 3") {
		t.Errorf("a test of a stored source with nothing typed: got %d", p.status)
	}
}

// TestSidebarStaysTrue watches the workspace's stream while a run ends.
func TestSidebarStaysTrue(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	res := b.open(t, request{method: "GET", path: "/events"})
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("got %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	messages := make(chan event, 100)
	go func() {
		events(t, res.Body, func(e event) bool { messages <- e; return false })
		close(messages)
	}()
	<-messages // the state at the start
	ended := b.succeeded(t, src, "SELECT 1").ID
	limit := time.After(10 * time.Second)
	for found := false; !found; {
		select {
		case e := <-messages:
			found = strings.Contains(e.data, "/runs/"+ended) && strings.Contains(e.data, "Succeeded")
		case <-limit:
			t.Fatal("the open page is not told of a run that has ended")
		}
	}
	_ = res.Body.Close()
}

func TestWelcomeRunsAnExample(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{samples: func(b *bed) []handlers.Sample {
		id := b.sampleID
		return []handlers.Sample{{Name: "Cities", SQL: "SELECT city FROM orders WHERE id = 1", SourceID: id, Expected: "1 row"}, {Name: "More", SQL: "SELECT 2", SourceID: id}}
	}})
	p := b.visit(t, "/welcome")
	form := p.Find("form[action='/queries']:has(button[name=run])").First()
	values := url.Values{"run": {"1"}}
	form.Find("input[name]").Each(func(_ int, in *goquery.Selection) { values.Set(in.AttrOr("name", ""), in.AttrOr("value", "")) })
	if values.Get("sql") == "" {
		t.Fatal("the welcome page offers no example to run")
	}
	if ran := b.follow(t, b.submit(t, "/queries", values)); ran.cells() != "Oslo" {
		t.Errorf("the example's page shows %q", ran.cells())
	}
	b.must(t, 204, "DELETE", "/api/v1/sources/"+b.sampleID, nil)
	if p := b.visit(t, "/welcome"); p.status != 200 || p.Find("button[name=run]").Length() > 0 {
		t.Errorf("without the sample: got %d with examples still offered", p.status)
	}
}

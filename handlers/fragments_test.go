package handlers_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestFragmentsAndPages(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src, query, run := workspace(t, b)
	for _, path := range []string{"/queries/" + query, "/runs", "/queries", "/sources/new", "/sources/" + src, "/tree?match=orders", "/queries/" + query + "/versions", "/queries/" + query + "/versions/1"} {
		whole, part := b.visit(t, path), b.visit(t, path, script)
		if whole.status != 200 || part.status != 200 {
			t.Errorf("%s: got %d and %d", path, whole.status, part.status)
		}
		if !strings.Contains(whole.text, "<!doctype html>") && !strings.Contains(whole.text, "<!DOCTYPE html>") {
			t.Errorf("%s: without script no whole page comes", path)
		}
		if strings.Contains(strings.ToLower(part.text), "<html") {
			t.Errorf("%s: a script gets the whole page", path)
		}
		if whole.header.Get("Vary") != "HX-Request" || part.header.Get("Vary") != "HX-Request" || whole.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: a cache may mix page and fragment", path)
		}
		back := b.visit(t, path, map[string]string{"HX-Request": "true", "HX-History-Restore-Request": "true"})
		if !strings.Contains(strings.ToLower(back.text), "<html") {
			t.Errorf("%s: going back gets a fragment", path)
		}
	}
	rows := b.visit(t, "/runs/"+run+"/rows?statement=0&offset=0&limit=10", script)
	if rows.status != 200 || !strings.Contains(rows.Text(), "data-hostile=cell") || rows.Find("[data-hostile]").Length() > 0 {
		t.Errorf("rows for the grid: got %d %s", rows.status, short([]byte(rows.text)))
	}
	cell := b.visit(t, "/runs/"+run+"/cell?statement=0&row=0&col=0", script)
	if cell.status != 200 || !strings.Contains(cell.Text(), hostile("cell")) || cell.Find("[data-hostile]").Length() > 0 {
		t.Errorf("a whole value: got %d", cell.status)
	}
	for path, want := range map[string]int{
		"/runs/" + run + "/cell?row=99": 404, "/runs/" + run + "/cell?col=99": 404, "/runs/" + run + "/cell?row=x": 400,
		"/runs/" + run + "/rows?limit=1001": 400, "/runs/nope/rows": 404, "/runs/nope": 404, "/queries/nope": 404, "/sources/nope": 404,
		"/queries/" + query + "/versions/99": 404, "/queries/" + query + "/versions/x": 404, "/sources/" + src + "?table=nope": 404,
	} {
		if p := b.visit(t, path, script); p.status != want {
			t.Errorf("%s by a script: got %d, want %d", path, p.status, want)
		} else if p.header.Get("HX-Reswap") != "none" {
			t.Errorf("%s: the error replaces what the page shows", path)
		}
	}
	if p := b.visit(t, "/runs/nope"); p.status != 404 || p.Find("main h1").Length() != 1 {
		t.Errorf("an unknown run as a page: got %d", p.status)
	}
}

func TestRunByScript(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	made := b.submit(t, "/queries", url.Values{"source_id": {src}, "sql": {"SELECT 1"}}, script)
	path := made.header.Get("HX-Push-Url")
	if made.status != 200 || !strings.HasPrefix(path, "/queries/") {
		t.Fatalf("a new query: got %d at %q", made.status, path)
	}
	b.succeeded(t, src, "SELECT 1") // the worker is up, so the next run is quick
	p := b.submit(t, path+"/runs", url.Values{"sql": {"SELECT id FROM orders"}, "source_id": {src}}, script)
	if p.status != 200 || strings.Contains(strings.ToLower(p.text), "<html") {
		t.Fatalf("Run: got %d", p.status)
	}
	slow := b.submit(t, path+"/runs", url.Values{"sql": {neverRow}, "source_id": {src}}, script)
	if slow.status != 200 {
		t.Fatalf("a slow run: got %d", slow.status)
	}
	id := b.listed(t, "status=running&limit=1")[0]
	if !strings.Contains(slow.text, "/runs/"+id+"/events") {
		t.Error("the answer names no stream to follow")
	}
	res := b.open(t, request{method: "GET", path: "/runs/" + id + "/events"})
	time.AfterFunc(100*time.Millisecond, func() { b.submit(t, "/runs/"+id+"/cancel", nil, script) })
	list := events(t, res.Body, nil)
	if len(list) < 2 || list[len(list)-1].name != "done" || !strings.Contains(list[len(list)-1].data, "cancelled") {
		t.Errorf("the page's stream: got %q", kinds(list))
	}
	refused := b.submit(t, path+"/runs", url.Values{"sql": {"SELECT 'a"}, "source_id": {src}}, script)
	if refused.status != 422 || strings.Contains(strings.ToLower(refused.text), "<html") {
		t.Errorf("a refused run: got %d", refused.status)
	}
	danger := b.submit(t, path+"/runs", url.Values{"sql": {"DROP TABLE orders"}, "source_id": {src}}, script)
	if danger.status != 409 || danger.header.Get("HX-Reswap") != "none" || !strings.Contains(danger.text, "confirm") {
		t.Errorf("a danger: got %d", danger.status)
	}
}

func TestSmallPages(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	if p := b.visit(t, "/favicon.ico"); p.status != 302 || !strings.Contains(p.header.Get("Location"), "favicon") {
		t.Errorf("favicon: got %d to %q", p.status, p.header.Get("Location"))
	}
	if p := b.visit(t, "/no/such/page"); p.status != 404 || p.Find("h1").Length() != 1 || p.Find(`a[href="/"]`).Length() == 0 {
		t.Errorf("404: got %d without heading or a way out", p.status)
	}
	if p := b.submit(t, "/welcome", nil); p.status != 405 || !strings.Contains(p.header.Get("Allow"), "GET") {
		t.Errorf("POST /welcome: got %d, Allow %q", p.status, p.header.Get("Allow"))
	}
	if a := b.call(t, "HEAD", "/welcome", nil); a.status != 200 || len(a.body) != 0 {
		t.Errorf("HEAD /welcome: got %d with %d bytes", a.status, len(a.body))
	}
	for path, form := range map[string]url.Values{
		"/theme": {"theme": {"purple"}}, "/tables/preview": {"source_id": {b.shop(t)}},
	} {
		if p := b.submit(t, path, form); p.status != 422 {
			t.Errorf("%s: got %d, want 422", path, p.status)
		}
	}
	for target, want := range map[string]string{"/runs": "/runs", "//evil.example": "/", "https://evil.example": "/", "/\\evil.example": "/", "": "/"} {
		p := b.submit(t, "/theme", url.Values{"theme": {"dark"}, "back": {target}})
		if p.status != 303 || p.header.Get("Location") != want {
			t.Errorf("back to %q: got %d to %q", target, p.status, p.header.Get("Location"))
		}
	}
	if p := b.visit(t, "/runs"); p.Find(`html[data-theme="dark"]`).Length() != 1 {
		t.Error("the chosen theme is not on the page")
	}
	if p := b.submit(t, "/queries", nil); p.status != 303 {
		t.Errorf("a new query: got %d", p.status)
	}
}

// TestTabsAndLayout sends what the browser's scripts send.
func TestTabsAndLayout(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	var ids []string
	for range 3 {
		p := b.submit(t, "/queries", url.Values{"source_id": {src}})
		ids = append(ids, strings.TrimPrefix(p.header.Get("Location"), "/queries/"))
		b.follow(t, p)
	}
	b.must(t, 204, "POST", "/tabs", object{"tabs": []string{ids[2], ids[0], ids[1]}, "active": ids[0]})
	if p := b.visit(t, "/"); p.status != 200 || !strings.Contains(p.Find("form:has(textarea[name=sql])").AttrOr("action", ""), ids[0]) {
		t.Errorf("the start page does not show the active tab: %d", p.status)
	}
	if p := b.submit(t, "/tabs", url.Values{"close": {ids[0]}}); p.header.Get("Location") != "/queries/"+ids[1] {
		t.Errorf("closing the active tab goes to %q, want its right neighbour", p.header.Get("Location"))
	}
	b.must(t, 204, "POST", "/layout", object{"sidebar": 300, "extra": object{"a": 1}})
	b.must(t, 204, "POST", "/layout", object{"editor": 99999})
	if a := b.call(t, "POST", "/layout", object{"x": strings.Repeat("x", 300<<10)}); a.status != 413 {
		t.Errorf("a layout of 300 kB: got %d", a.status)
	}
	if a := b.call(t, "POST", "/tabs", object{"tabs": make([]string, 201)}); a.status != 422 {
		t.Errorf("201 tabs: got %d", a.status)
	}
	if a := b.call(t, "POST", "/tabs", `{"tabs": "x"}`); a.status != 400 {
		t.Errorf("tabs as text: got %d", a.status)
	}
}

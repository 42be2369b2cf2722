package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// page is an HTML answer.
type page struct {
	*goquery.Document
	status int
	header http.Header
	text   string
}

// visit gets a page as a browser without script does; header adds to the request.
func (b *bed) visit(t *testing.T, path string, header ...map[string]string) page {
	t.Helper()
	r := request{method: http.MethodGet, path: path}
	if len(header) > 0 {
		r.header = header[0]
	}
	return read(t, b.send(t, r))
}

// submit posts a form as a browser does.
func (b *bed) submit(t *testing.T, path string, form url.Values, header ...map[string]string) page {
	t.Helper()
	h := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
	for _, more := range header {
		for k, v := range more {
			h[k] = v
		}
	}
	return read(t, b.send(t, request{method: http.MethodPost, path: path, header: h, body: form.Encode()}))
}

func read(t *testing.T, a answer) page {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	return page{doc, a.status, a.header, string(a.body)}
}

// follow goes where a 303 points.
func (b *bed) follow(t *testing.T, p page) page {
	t.Helper()
	if p.status != http.StatusSeeOther {
		t.Fatalf("got %d, want a 303: %s", p.status, short([]byte(p.text)))
	}
	return b.visit(t, p.header.Get("Location"))
}

var script = map[string]string{"HX-Request": "true"} //nolint:gochecknoglobals // a constant map

// cells is the text of the first grid's rows, cells joined by |.
func (p page) cells() string {
	var rows []string
	p.Find("[role=row]").Each(func(_ int, row *goquery.Selection) {
		var cells []string
		row.Find("[role=gridcell]").Each(func(_ int, c *goquery.Selection) { cells = append(cells, strings.TrimSpace(c.Text())) })
		if cells != nil {
			rows = append(rows, strings.Join(cells, "|"))
		}
	})
	return strings.Join(rows, " ")
}

func TestRunWithoutScript(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	p := b.follow(t, b.submit(t, "/queries", url.Values{"source_id": {src}, "sql": {"SELECT 1"}}))
	form := p.Find("form:has(textarea[name=sql])")
	action, _ := form.Attr("action")
	if p.status != 200 || form.Length() != 1 || form.Find("textarea[name=sql]").Text() != "SELECT 1" || form.Find("[type=submit]").Length() == 0 {
		t.Fatalf("the query's page: got %d with %d editors", p.status, form.Length())
	}
	values := url.Values{"sql": {"SELECT id, city\r\nFROM orders ORDER BY id"}, "source_id": {src}, "max_rows": {"1,000"}}
	answer := b.submit(t, action, values)
	if got := answer.header.Get("Location"); answer.status != 303 || !strings.Contains(got, "?run=") {
		t.Fatalf("Run: got %d to %q", answer.status, got)
	}
	p = b.follow(t, answer)
	if got, want := p.cells(), "1|Oslo 2|Bergen 3|NULL 4|"; got != want {
		t.Errorf("rows on the page: got %q, want %q", got, want)
	}
	if got := p.Find("textarea[name=sql]").Text(); got != "SELECT id, city\nFROM orders ORDER BY id" {
		t.Errorf("the editor keeps %q", got)
	}
	if got := p.Find("[role=columnheader]").Text(); !strings.Contains(got, "id") || !strings.Contains(got, "city") {
		t.Errorf("column headers: %q", got)
	}
	for _, format := range []string{"csv", "json"} {
		href, ok := p.Find(`a[href*="format=` + format + `"]`).Attr("href")
		if !ok || b.must(t, 200, "GET", href, nil).header.Get("Content-Disposition") == "" {
			t.Errorf("no link to download %s: %q", format, href)
		}
	}
	wrong := b.follow(t, b.submit(t, action, url.Values{"sql": {"SELECT nope FROM orders"}, "source_id": {src}}))
	if !strings.Contains(wrong.Text(), "no such column: nope") || wrong.Find("textarea[name=sql]").Text() != "SELECT nope FROM orders" {
		t.Error("a failed run does not show the database's words beside the text")
	}
}

// TestPagesForMoreThanOneWindow pages through 250 rows by plain links.
func TestPagesForMoreThanOneWindow(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	r := b.succeeded(t, src, endless, object{"max_rows": 250})
	p := b.visit(t, "/runs/"+r.ID)
	if p.status != 200 || !strings.HasPrefix(p.cells(), "1 2 3") || strings.Contains(p.cells(), " 101") {
		t.Fatalf("got %d and cells %.60q…", p.status, p.cells())
	}
	href, ok := p.Find(`a[href*="offset=100"]`).First().Attr("href")
	if !ok {
		t.Fatal("no link to the next rows")
	}
	if next := b.visit(t, href); !strings.HasPrefix(next.cells(), "101 102") {
		t.Errorf("%s: got cells %.60q…", href, next.cells())
	}
	if last := b.visit(t, "/runs/"+r.ID+"?statement=0&offset=200"); !strings.HasSuffix(last.cells(), " 250") {
		t.Errorf("the last page: got %.60q…", last.cells())
	}
	if !strings.Contains(p.Text(), "250") {
		t.Error("the page does not say how many rows there are")
	}
}

func TestRefusedRunsKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t, object{"read_only": true, "name": "Read only"})
	writable := b.shop(t)
	p := b.submit(t, "/queries", url.Values{"source_id": {src}})
	path := p.header.Get("Location")
	for name, tt := range map[string]struct {
		form   url.Values
		status int
		says   string
	}{
		"open quote":     {url.Values{"sql": {"SELECT 'a\nb"}}, 422, "never closed"},
		"nothing":        {url.Values{"sql": {"-- note"}}, 422, "nothing to run"},
		"bad row limit":  {url.Values{"sql": {"SELECT 1"}, "max_rows": {"many"}}, 422, "row limit"},
		"write":          {url.Values{"sql": {"DELETE FROM orders WHERE id = 1"}}, 403, "read-only"},
		"unknown source": {url.Values{"sql": {"SELECT 1"}, "source_id": {"nope"}}, 422, "source"},
	} {
		got := b.submit(t, path+"/runs", tt.form)
		if got.status != tt.status || !strings.Contains(strings.ToLower(got.Text()), strings.ToLower(tt.says)) {
			t.Errorf("%s: got %d, want %d and %q", name, got.status, tt.status, tt.says)
		}
		if text := got.Find("textarea[name=sql]").Text(); name != "unknown source" && text != tt.form.Get("sql") {
			t.Errorf("%s: the editor holds %q", name, text)
		}
	}
	big := b.submit(t, path+"/runs", url.Values{"sql": {strings.Repeat("x", 5<<20)}})
	if big.status != 413 {
		t.Errorf("a form of 5 MiB: got %d", big.status)
	}
	danger := b.submit(t, path+"/runs", url.Values{"sql": {"DELETE FROM orders"}, "source_id": {writable}})
	form := danger.Find(`form[method=post]:has([name=confirm])`)
	if danger.status != 409 || form.Length() != 1 || !strings.Contains(danger.Text(), "orders") {
		t.Fatalf("a danger: got %d with %d forms", danger.status, form.Length())
	}
	action, _ := form.Attr("action")
	again := url.Values{}
	form.Find("input[name]").Each(func(_ int, in *goquery.Selection) {
		again.Set(in.AttrOr("name", ""), in.AttrOr("value", ""))
	})
	if p := b.follow(t, b.submit(t, action, again)); !strings.Contains(p.Text(), "4") {
		t.Error("the confirmed statement did not run")
	}
	if r := b.succeeded(t, writable, "SELECT count(*) FROM orders"); b.rows(t, r.ID, "").String() != "0" {
		t.Error("the confirmed DELETE deleted nothing")
	}
}

func TestSourceForms(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	p := b.visit(t, "/sources/new?engine=postgres")
	labelled(t, "/sources/new", p)
	const secret = "typed-Pa55"
	form := url.Values{
		"engine": {"postgres"}, "name": {"Warehouse <b>"}, "field.host": {"db.example"}, "field.port": {"70000"},
		"field.database": {"d"}, "field.user": {"u\"'"}, "field.password": {secret}, "field.sslmode": {"require"}, "read_only": {"on"},
	}
	bad := b.submit(t, "/sources", form)
	if bad.status != 422 {
		t.Fatalf("a bad port: got %d", bad.status)
	}
	for name, want := range map[string]string{"name": "Warehouse <b>", "field.host": "db.example", "field.port": "70000", "field.user": "u\"'"} {
		if got, _ := bad.Find(`input[name="` + name + `"]`).Attr("value"); got != want {
			t.Errorf("the form lost %s: got %q, want %q", name, got, want)
		}
	}
	if bad.Find(`select[name="field.sslmode"] option[selected]`).AttrOr("value", "") != "require" || bad.Find("input[name=read_only][checked]").Length() != 1 {
		t.Error("the form lost a choice")
	}
	port := bad.Find(`input[name="field.port"]`)
	told := ""
	for id := range strings.FieldsSeq(port.AttrOr("aria-describedby", "")) {
		told += bad.Find(`[id="` + id + `"]`).Text()
	}
	if port.AttrOr("aria-invalid", "") != "true" || !strings.Contains(told, "65535") {
		t.Errorf("the field at fault is not marked, or what is wrong is not tied to it: %q", told)
	}
	if strings.Contains(bad.text, secret) {
		t.Error("the form gives the password back")
	}
	labelled(t, "the redrawn form", bad)
	sq := url.Values{"engine": {"sqlite"}, "name": {"File"}, "field.path": {shopFile(t)}, "row_limit": {"5"}, "timeout": {"60"}}
	if p := b.submit(t, "/sources", sq); p.status != 303 {
		t.Fatalf("a good form: got %d %s", p.status, short([]byte(p.Find("main").Text())))
	}
	var list struct{ Sources []source }
	b.get(t, "/api/v1/sources", &list)
	if len(list.Sources) != 1 || list.Sources[0].RowLimit != 5 || list.Sources[0].TimeoutMS != 60_000 {
		t.Fatalf("got %+v", list.Sources)
	}
	id := list.Sources[0].ID
	if p := b.visit(t, "/sources/"+id+"/edit"); p.status != 200 || p.Find(`input[name="field.path"]`).AttrOr("value", "") != sq.Get("field.path") {
		t.Errorf("the form of a source: got %d", p.status)
	}
	tested := b.submit(t, "/sources/test", sq)
	if tested.status != 200 || !strings.Contains(tested.Text(), "SQLite 3") {
		t.Errorf("the test without script: got %d", tested.status)
	}
	sq.Set("name", "Renamed")
	if p := b.follow(t, b.submit(t, "/sources/"+id, sq)); p.status != 200 || !strings.Contains(p.Text(), "Renamed") {
		t.Errorf("after a change: got %d", p.status)
	}
	ask := b.visit(t, "/sources/"+id+"/delete")
	action, _ := ask.Find("main form[method=post][action$=delete]").Attr("action")
	if p := b.follow(t, b.submit(t, action, nil)); p.status != 200 {
		t.Errorf("after deleting: got %d", p.status)
	}
	b.call(t, "GET", "/api/v1/sources/"+id, nil).refused(t, 404, "not_found")
}

// labelled checks that every control of a page has a name that a screen reader can
// say, and that every form says where it goes.
func labelled(t *testing.T, where string, p page) {
	t.Helper()
	p.Find("input, select, textarea, button").Each(func(_ int, c *goquery.Selection) {
		id := c.AttrOr("id", "")
		named := c.AttrOr("type", "") == "hidden" || c.AttrOr("aria-label", "") != "" || strings.TrimSpace(c.Text()) != "" && goquery.NodeName(c) == "button" ||
			c.Closest("label").Length() > 0 || id != "" && p.Find(`label[for="`+id+`"]`).Length() > 0 || c.AttrOr("title", "") != ""
		for ref := range strings.FieldsSeq(c.AttrOr("aria-labelledby", "")) {
			named = named || strings.TrimSpace(p.Find(`[id="`+ref+`"]`).Text()) != ""
		}
		if !named {
			html, _ := goquery.OuterHtml(c)
			t.Errorf("%s: a control has no name: %.200s", where, html)
		}
	})
	p.Find("form").Each(func(_ int, f *goquery.Selection) {
		if m := f.AttrOr("method", ""); m != "dialog" && (m == "" || f.AttrOr("action", "") == "") {
			html, _ := goquery.OuterHtml(f)
			t.Errorf("%s: a form goes nowhere: %.200s", where, html)
		}
	})
}

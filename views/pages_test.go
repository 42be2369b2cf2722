package views_test

import (
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"dribble/domain"
	"dribble/result"
	"dribble/views"
)

func parse(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(render(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func pages() map[string]templ.Component {
	s := shell()
	schema := catalogue()
	browse := views.BrowseView{Source: sources()[0], Engines: engines(), Schemas: schema.Schemas, Schema: "sales", Now: now(), CanEdit: true, CanManage: true}
	table := browse
	table.Table = &schema.Schemas[0].Tables[0]
	run := success()
	return map[string]templ.Component{
		"query":    views.Workspace(s, views.QueryPanel(successView())),
		"running":  views.Workspace(s, views.QueryPanel(runningView())),
		"failed":   views.Workspace(s, views.QueryPanel(failedView())),
		"runs":     views.Workspace(s, views.RunsPanel(runsView())),
		"run":      views.Workspace(s, views.RunPanel(views.RunView{Run: run, Results: successView().Results, Engines: engines(), Now: now(), CanEdit: true})),
		"welcome":  views.Workspace(s, views.WelcomePanel(welcomeView())),
		"source":   views.Workspace(s, views.SourcePage(sourceView())),
		"browse":   views.Workspace(s, views.BrowsePanel(browse)),
		"table":    views.Workspace(s, views.BrowsePanel(table)),
		"queries":  views.Workspace(s, views.QueriesPanel(views.QueriesView{Queries: sidebar().Queries, Engines: engines(), Now: now()})),
		"versions": views.Workspace(s, views.VersionsPanel(versionsView())),
		"version":  views.Workspace(s, views.VersionPanel(views.VersionView{Query: revenueQuery(), Version: domain.Version{Number: 2, Author: "Mina"}, CanEdit: true, Now: now()})),
		"confirm":  views.Workspace(s, views.ConfirmPage(confirmView())),
		"error":    views.ErrorPage(page(), 404, &domain.Error{Message: "There is nothing at this address."}, "ABC"),
	}
}

// Every page must live under the content security policy, work without script, and
// name its controls.
func TestPagesKeepTheRules(t *testing.T) {
	t.Parallel()
	for name, c := range pages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := parse(t, c)
			if n := doc.Find("h1").Length(); n != 1 {
				t.Errorf("got %d h1 elements, want 1", n)
			}
			seen := map[string]bool{}
			doc.Find("*").Each(func(_ int, s *goquery.Selection) {
				checkAttributes(t, s, seen)
				checkControl(t, doc, s)
			})
		})
	}
}

func checkAttributes(t *testing.T, s *goquery.Selection, seen map[string]bool) {
	t.Helper()
	for _, a := range s.Nodes[0].Attr {
		switch {
		case a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on"):
			t.Errorf("<%s %s> is against the content security policy", s.Nodes[0].Data, a.Key)
		case strings.HasPrefix(a.Val, "js:") || strings.HasPrefix(a.Val, "javascript:"):
			t.Errorf("<%s %s=%q> needs eval", s.Nodes[0].Data, a.Key, a.Val)
		case a.Key == "id" && seen[a.Val]:
			t.Errorf("id %q is there twice", a.Val)
		case a.Key == "id":
			seen[a.Val] = true
		}
	}
	if s.Is("script:not([src]), style") && s.AttrOr("nonce", "") == "" {
		t.Errorf("an inline <%s> has no nonce", s.Nodes[0].Data)
	}
	if s.Is("[hx-post]") && !s.Is("form[action][method=post], button[type=submit]") {
		t.Errorf("hx-post on <%s> does nothing without script", s.Nodes[0].Data)
	}
	if s.Is("[hx-sse\\:connect]") && s.AttrOr("hx-sse:close", "") == "" {
		t.Error("a stream without a close event reconnects for ever")
	}
}

func checkControl(t *testing.T, doc *goquery.Document, s *goquery.Selection) {
	t.Helper()
	html, _ := goquery.OuterHtml(s)
	html = html[:min(len(html), 160)]
	switch {
	case s.Is("button, summary, a[href]"):
		visible := s.Clone()
		visible.Find("svg, [aria-hidden=true]").Remove()
		if s.AttrOr("aria-label", "") == "" && strings.TrimSpace(visible.Text()) == "" {
			t.Errorf("no name: %s", html)
		}
	case s.Is("input:not([type=hidden]), select, textarea"):
		id := s.AttrOr("id", "none")
		if s.AttrOr("aria-label", "") == "" && doc.Find(`label[for="`+id+`"]`).Length() == 0 && s.Closest("label").Length() == 0 {
			t.Errorf("no label: %s", html)
		}
	case s.Is("[role=tab][aria-selected=true]") && s.Closest("#tabs").Length() == 0:
		if doc.Find("#"+s.AttrOr("aria-controls", "none")).Length() != 1 {
			t.Errorf("the chosen tab shows nothing: %s", html)
		}
	}
}

func TestGridIsARealGrid(t *testing.T) {
	t.Parallel()
	v := successView().Results
	v.Statements[0].Rows[0][1] = []byte(`<script>alert("x")</script>`)
	v.Statements[0].Columns[0].Name = `"><b>`
	doc := parse(t, views.Results(v))
	grid := doc.Find("table[role=grid]")
	if got := grid.AttrOr("aria-rowcount", ""); got != "45" {
		t.Errorf("aria-rowcount: got %s, want 45 (44 rows and the header)", got)
	}
	if got := grid.AttrOr("aria-colcount", ""); got != "7" {
		t.Errorf("aria-colcount: got %s, want 7", got)
	}
	if doc.Find("script, b").Length() != 0 {
		t.Error("a cell or a column name became an element")
	}
	first := grid.Find("tbody tr").First()
	if got := first.AttrOr("aria-rowindex", "") + " " + first.AttrOr("data-row", ""); got != "2 0" {
		t.Errorf("first row's indexes: got %s, want 2 0", got)
	}
	if got := first.Find("td").Eq(1).Text(); got != `<script>alert("x")</script>` {
		t.Errorf("cell: got %s", got)
	}
	number := first.Find("td").Eq(2)
	if number.Text() != "4,182" || number.AttrOr("data-v", "") != "4182" {
		t.Errorf("grouped number: got %s with data-v %s", number.Text(), number.AttrOr("data-v", ""))
	}
	if got := grid.Find("tbody tr").Eq(2).Find("td.is-null").Text(); got != "NULL" {
		t.Errorf("NULL cell: got %q", got)
	}
}

func TestPagesOfRowsWithoutScript(t *testing.T) {
	t.Parallel()
	v := successView().Results
	st := &v.Statements[0]
	st.RowCount, st.Offset = 250, 100
	doc := parse(t, views.Results(v))
	var links []string
	doc.Find(".grid-pages a").Each(func(_ int, a *goquery.Selection) { links = append(links, a.Text()+" "+a.AttrOr("href", "")) })
	want := []string{
		"First /queries/q1?run=r1&statement=0&offset=0", "Previous /queries/q1?run=r1&statement=0&offset=0",
		"Next /queries/q1?run=r1&statement=0&offset=200", "Last /queries/q1?run=r1&statement=0&offset=200",
	}
	if strings.Join(links, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(links, "\n"), strings.Join(want, "\n"))
	}
}

func TestRunEndedNeverReplacesAGrid(t *testing.T) {
	t.Parallel()
	v := successView()
	html := render(t, views.RunEnded(v.Results, v.Status))
	if strings.Contains(html, "<sql-grid") {
		t.Error("the last message of a run would throw the reader's grid away")
	}
	for _, id := range []string{"#strip-r1", "#bar-r1", "#messages-r1", "#cancel-button-q1", "#status-run-q1"} {
		if !strings.Contains(html, `hx-target="`+id+`"`) {
			t.Errorf("%s is not brought up to date", id)
		}
	}
}

func TestRunEndedSaysSoOnce(t *testing.T) {
	t.Parallel()
	v := successView()
	for _, test := range []struct {
		status domain.RunStatus
		took   time.Duration
		want   string
	}{
		{domain.RunSuccess, 1240 * time.Millisecond, "Run finished, 44 rows, 1.24 seconds"},
		{domain.RunCancelled, 125 * time.Second, "Run cancelled, 44 rows, 2 minutes 05 seconds"},
		{domain.RunSuccess, time.Millisecond, "Run finished, 44 rows, less than 0.01 seconds"},
		{domain.RunError, time.Second, ""},
		{domain.RunRunning, time.Second, ""},
	} {
		v.Results.Run.Status, v.Results.Run.Elapsed = test.status, test.took
		for _, answer := range []templ.Component{views.RunEnded(v.Results, v.Status), views.RunStarted(v)} {
			doc := parse(t, answer)
			if got := strings.TrimSpace(doc.Find(`hx-partial[hx-target="#live"]`).Text()); got != test.want {
				t.Errorf("%s after %s says %q, want %q", test.status, test.took, got, test.want)
			}
		}
	}
}

func TestKeysAreNamedAsTheReaderKnowsThem(t *testing.T) {
	t.Parallel()
	const mac, linux = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "Mozilla/5.0 (X11; Linux x86_64)"
	for _, test := range []struct{ userAgent, keys, want string }{
		{mac, "⇧⌘↵", "⇧⌘↵"},
		{linux, "⇧⌘↵", "Ctrl+Shift+Enter"},
		{linux, "⌘\\", `Ctrl+\`},
		{linux, "⌥[ ⌥]", "Alt+[ Alt+]"},
		{"", "F8", "F8"},
	} {
		var out strings.Builder
		if err := views.Key(test.keys).Render(views.OnMac(t.Context(), test.userAgent), &out); err != nil {
			t.Fatal(err)
		}
		if want := `<kbd class="key">` + test.want + `</kbd>`; out.String() != want {
			t.Errorf("%s for %q is %s, want %s", test.keys, test.userAgent, out.String(), want)
		}
	}
}

func TestSecretsAreNeverRendered(t *testing.T) {
	t.Parallel()
	v := sourceView()
	v.ID = "s1"
	v.Values["password"] = "hunter2"
	v.Stored = map[string]bool{"password": true}
	doc := parse(t, views.SourceDialog(v))
	if html, _ := doc.Html(); strings.Contains(html, "hunter2") {
		t.Error("the form shows a stored password")
	}
	field := doc.Find(`[name="field.password"]`)
	if _, required := field.Attr("required"); required {
		t.Error("a stored password must not have to be typed again")
	}
}

func TestEnterInTheSourceFormTests(t *testing.T) {
	t.Parallel()
	v := sourceView()
	v.Test = views.TestView{}
	first := parse(t, views.SourceDialog(v)).Find("#source-form button[type=submit]").First()
	if got := first.AttrOr("formaction", ""); got != "/sources/test" {
		t.Errorf("the form's first button goes to %q: Enter would add an untested source", got)
	}
}

func TestReadersSeeNoControlsTheyMayNotUse(t *testing.T) {
	t.Parallel()
	s, v := shell(), successView()
	s.CanEdit, s.CanManage, v.CanEdit = false, false, false
	doc := parse(t, views.Workspace(s, views.QueryPanel(v)))
	for _, selector := range []string{"button[data-run]", "[data-save]", "[data-tab-new]", `a[href="/sources/new"]`, ".menu-danger"} {
		if doc.Find(selector).Length() > 0 {
			t.Errorf("a viewer sees %s", selector)
		}
	}
	if _, ok := doc.Find("textarea[name=sql]").Attr("readonly"); !ok {
		t.Error("a viewer can edit the text")
	}
}

func TestTree(t *testing.T) {
	t.Parallel()
	schema := catalogue()
	for i := range 700 {
		schema.Schemas[0].Tables = append(schema.Schemas[0].Tables, schema.Schemas[0].Tables[i%4])
	}
	rows := views.TableRows("s1", schema.Schemas[0], 0)
	if got := rows[len(rows)-1]; got.Kind != views.RowMore || got.Name != "Show 204 more" {
		t.Errorf("last row: got %s %q, want more, Show 204 more", got.Kind, got.Name)
	}
	if got := len(views.TableRows("s1", schema.Schemas[0], 500)); got != 204 {
		t.Errorf("second page: got %d rows, want 204", got)
	}
	doc := parse(t, views.SourcesSection(sidebar(), engines(), true))
	doc.Find("[role=treeitem]").Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("aria-level", "") == "" || s.AttrOr("data-name", "") == "" {
			t.Error("a tree row has no level or name")
		}
	})
	if got := doc.Find(`[data-source=s2] > [role=group]`).AttrOr("data-src", ""); got != "/sources/s2/tree?level=2" {
		t.Errorf("a closed source loads from %q", got)
	}
}

func TestLeadingLineEndSurvivesTheTextField(t *testing.T) {
	t.Parallel()
	v := successView()
	v.Query.DraftSQL = "\nSELECT 1 <b>"
	html := render(t, views.QueryPanel(v))
	if !strings.Contains(html, ">\n\nSELECT 1 &lt;b&gt;</textarea>") {
		t.Error("HTML drops the first line end of a text field; the text must carry one more")
	}
}

func BenchmarkRowWindow(b *testing.B) {
	columns := []result.Column{
		{Name: "n", Kind: result.KindInteger}, {Name: "a", Kind: result.KindText}, {Name: "b", Kind: result.KindText}, {Name: "c", Kind: result.KindDecimal},
		{Name: "j", Kind: result.KindJSON}, {Name: "d", Kind: result.KindTimestamp}, {Name: "e", Kind: result.KindText}, {Name: "f", Kind: result.KindBool},
		{Name: "g", Kind: result.KindUUID}, {Name: "h", Kind: result.KindText},
	}
	row := rows(`1234567|South|paid|212940.50|{"code":"NOV10","pct":10}|2026-11-20 17:07:03+00|x|t|f47ac10b-58cc-4372-a567-0e02b2c3d479|some text`)[0]
	window := views.Rows{Columns: columns}
	for range 100 {
		window.Rows = append(window.Rows, row)
	}
	var out strings.Builder
	for b.Loop() {
		out.Reset()
		if err := views.RowWindow(window).Render(b.Context(), &out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(out.Len()), "bytes/window")
}

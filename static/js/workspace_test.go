package js_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// panel is a query's panel as the server renders it.
func panel(id, title, text, results string) string {
	return fmt.Sprintf(`<section role="tabpanel" class="panel" id="panel-%[1]s" data-tab="%[1]s" data-title="%[2]s" aria-labelledby="tab-%[1]s">
<form class="query-form" id="run-%[1]s" method="post" action="/queries/%[1]s/runs" data-query="%[1]s" data-draft-url="/queries/%[1]s/draft" hx-post="/queries/%[1]s/runs" hx-target="#results-%[1]s" hx-swap="outerHTML">
<div class="toolbar" role="toolbar" aria-label="Query">
<select name="source_id" aria-label="Source"><option value="s1" data-dialect="postgres" selected>Orders</option><option value="s2" data-dialect="mysql">Tickets</option></select>
<button type="submit" class="run" data-run>Run <kbd>⌘↵</kbd></button>
<button type="submit" form="cancel-" data-cancel disabled>Cancel</button>
<button type="submit" data-save hx-post="/queries/%[1]s/versions" hx-target="#version-%[1]s" hx-swap="innerHTML">Save <kbd>⌘S</kbd></button>
<span id="version-%[1]s">v7</span>
<details class="menu"><summary>More</summary><div class="menu-body"><button type="submit" name="all" value="1" data-run-all>Run all <kbd>⇧⌘↵</kbd></button><a href="/queries/%[1]s/versions" data-versions>Version history</a></div></details>
</div>
<sql-editor data-dialect="postgres" data-completion-url="/sources/s1/completion" data-problem-scope="results-%[1]s"><textarea name="sql" id="sql-%[1]s" aria-label="SQL" spellcheck="false">%[3]s</textarea></sql-editor>
<input type="hidden" name="from"><input type="hidden" name="to">
</form>
<div class="splitter" data-splitter="editor" role="separator" aria-orientation="horizontal" aria-label="Editor height"></div>
<div class="results" id="results-%[1]s" data-status="none">%[4]s</div>
<footer class="status" id="status-%[1]s"><span data-caret></span></footer>
</section>`, id, title, text, results)
}

func tabItem(id, title string, active bool) string {
	return fmt.Sprintf(`<div class="tab-item" role="presentation"><a role="tab" id="tab-%[1]s" class="tab" draggable="false" href="/queries/%[1]s" data-tab="%[1]s" aria-controls="panel-%[1]s" aria-selected="%[3]v"><span class="tab-name">%[2]s</span><span class="tab-dot"></span></a>`+
		`<form method="post" action="/tabs"><button name="close" value="%[1]s" aria-label="Close %[2]s">×</button></form></div>`, id, title, active)
}

func workspace(tabs, panels string) string {
	return `<a class="skip-link" href="#main">Skip to the query</a><div class="app"><nav id="sidebar" class="sidebar" aria-label="Sidebar"><button type="button" data-toggle="sidebar">Sidebar</button><input type="search" aria-label="Search tables and queries">
<section id="sources" aria-label="Sources"><ul role="tree" id="tree" aria-label="Sources">` + tree + `</ul></section><section id="queries"><ul id="query-list"><li><a href="/queries/q3" data-query="q3">Third</a></li></ul></section></nav>
<div class="splitter" data-splitter="sidebar" role="separator" aria-orientation="vertical" aria-label="Sidebar width"></div>
<main id="main"><div id="tabs" class="tab-strip" role="tablist" aria-label="Open queries">` + tabs + `</div>
<form method="post" action="/queries" hx-post="/queries" hx-target="#panels" hx-swap="beforeend"><button data-tab-new>+</button></form>
<div id="panels">` + panels + `</div></main></div>`
}

const tree = `<li role="treeitem" aria-expanded="false" aria-level="1" data-kind="source" data-source="s1" data-name="Orders"><div class="tree-row"><a class="tree-link" href="/sources/s1">Orders</a></div><ul role="group" data-src="/sources/s1/tree" hidden></ul></li>
<li role="treeitem" aria-expanded="false" aria-level="1" data-kind="source" data-source="s2" data-name="Tickets"><div class="tree-row"><a class="tree-link" href="/sources/s2">Tickets</a></div><ul role="group" data-src="/sources/s2/tree" hidden></ul></li>`

const script = "-- first\nSELECT 1;\n\nSELECT o.id\n  FROM sales.orders o;\n"

func noContent(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

func workspaceRoutes() map[string]http.HandlerFunc {
	text := func(html string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(html)) }
	}
	var mu sync.Mutex
	tabs := []string{"q1", "q2"}
	strip := func(id, title string) string {
		mu.Lock()
		defer mu.Unlock()
		if !slices.Contains(tabs, id) {
			tabs = append(tabs, id)
		}
		var out strings.Builder
		for _, each := range tabs {
			out.WriteString(tabItem(each, map[bool]string{true: title, false: "Query " + each}[each == id], false))
		}
		return `<hx-partial hx-target="#tabs" hx-swap="innerHTML">` + out.String() + `</hx-partial>`
	}
	added := func(id, title string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(panel(id, title, "", "") + strip(id, title)))
		}
	}
	return map[string]http.HandlerFunc{
		"POST /tabs": func(w http.ResponseWriter, r *http.Request) {
			var state struct{ Tabs []string }
			if err := json.NewDecoder(r.Body).Decode(&state); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			tabs = state.Tabs
			w.WriteHeader(http.StatusNoContent)
		},
		"POST /layout":             noContent,
		"POST /queries/{id}/draft": noContent,
		"POST /queries/{id}/rename": func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(strip(r.PathValue("id"), html.EscapeString(r.FormValue("name")))))
		},
		"POST /queries/{id}/versions": text("v8"),
		"POST /queries/{id}/runs":     text(`<div class="results" id="results-q1" data-run="r1" data-status="success"><p>44 rows</p></div>`),
		"GET /queries/{id}": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("HX-Request") != "true" {
				http.Error(w, "a whole page", http.StatusTeapot)
				return
			}
			id := r.PathValue("id")
			_, _ = w.Write([]byte(panel(id, "Query "+id, "SELECT '"+id+"'", "") + strip(id, "Query "+id)))
		},
		"POST /queries":        added("q9", "scratch 9"),
		"POST /tables/preview": added("q8", "orders"),
		"GET /sources/s1/tree": text(`<li role="treeitem" aria-expanded="false" aria-level="2" data-kind="table" data-source="s1" data-schema="sales" data-table="Order Items" data-name="Order Items"><div class="tree-row"><a class="tree-link" href="/sources/s1?table=orders">Order Items</a><form method="post" action="/tables/preview" data-preview hx-post="/tables/preview" hx-target="#panels" hx-swap="beforeend"><button tabindex="-1">Preview</button></form></div><ul role="group" hidden></ul></li>
<li role="treeitem" aria-level="2" data-kind="column" data-source="s1" data-schema="sales" data-table="orders" data-name="placed_at"><div class="tree-row"><a class="tree-link" href="/sources/s1?table=orders">placed_at</a></div></li>`),
		"GET /sources/{id}/completion": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"dialect":"postgres","default_schema":"public","truncated":false,"schemas":[{"name":"sales","tables":[{"name":"orders","kind":"table","columns":[{"name":"id","type":"int8"},{"name":"placed_at","type":"timestamptz"},{"name":"%s_only","type":"text"}]}]}]}`, r.PathValue("id"))
		},
	}
}

const editor = `document.querySelector('.panel:not([hidden]) sql-editor')`

func openWorkspace(t *testing.T, results string) *site {
	t.Helper()
	tabs := tabItem("q1", "Revenue", true) + tabItem("q2", "Late", false)
	s := open(t, workspace(tabs, panel("q1", "Revenue", script, results)), workspaceRoutes())
	s.until(editor + `?.view`)
	return s
}

// put sets the caret or the selection of the editor.
func (s *site) put(from, to int) {
	s.t.Helper()
	s.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`%s.view.dispatch({ selection: { anchor: %d, head: %d } }); %[1]s.view.focus()`, editor, from, to)))
}

func (s *site) noPosts(path string) {
	s.t.Helper()
	if got := s.countPosts(path); got > 0 {
		s.t.Errorf("%d posts to %s, want none", got, path)
	}
}

func field(body, name string) string {
	for part := range strings.SplitSeq(body, "&") {
		if value, found := strings.CutPrefix(part, name+"="); found {
			return value
		}
	}
	return "absent"
}

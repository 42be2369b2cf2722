package js_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestGridSortsByHeader(t *testing.T) {
	t.Parallel()
	fake := newTable(500, 4)
	routes := fake.routes()
	rows := routes["GET /runs/r1/rows"]
	sorted := make(chan string, 20)
	routes["GET /runs/r1/rows"] = func(w http.ResponseWriter, r *http.Request) {
		sorted <- r.URL.Query().Get("sort")
		rows(w, r)
	}
	s := open(t, fake.body("data-sortable"), routes)
	s.until(noBlanks)
	expect := func(want, state string) {
		t.Helper()
		if got := <-sorted; got != want {
			t.Errorf("asked for order %q, want %q", got, want)
		}
		s.equal(state, `document.querySelector('th[data-name="c2"]').ariaSort`)
		s.until(noBlanks)
	}
	s.do(chromedp.Click(`th[data-name="c2"]`))
	expect("2:asc", "ascending")
	s.do(chromedp.Click(`th[data-name="c2"]`))
	expect("2:desc", "descending")
	s.do(chromedp.Click(`th[data-name="c2"]`))
	expect("", "null")
	s.do(chromedp.Evaluate[chromedp.Void](grid+`.selection.set(0, 2)`), chromedp.Focus("sql-grid table"))
	s.key(kb.ArrowDown, chromedp.ModifierShift, chromedp.ModifierAlt)
	expect("2:desc", "descending")
	s.key(kb.Enter)
	s.until(`document.querySelector('#dialog[open]')`)
}

func TestRegionsAreReachedByKey(t *testing.T) {
	t.Parallel()
	s := openWorkspace(t, "")
	s.put(0, 0)
	where := `document.activeElement.closest('.toolbar, sql-editor, .results, #tabs, #sidebar').matches('%s')`
	s.key(kb.F6, chromedp.ModifierShift)
	s.until(where, ".toolbar")
	s.key(kb.F6, chromedp.ModifierShift)
	s.until(where, "#tabs")
	s.key(kb.F6, chromedp.ModifierShift)
	s.until(where, "#sidebar")
	s.key(kb.F6)
	s.until(where, "#tabs")
	s.do(chromedp.Focus("#queries a"))
	s.key("/")
	s.equal("Search tables and queries", `document.activeElement.ariaLabel`)
	s.key("d", chromedp.ModifierCtrl, chromedp.ModifierShift)
	s.equal("source_id", `document.activeElement.name`)
	s.key(kb.Escape)
	s.equal("true", editor+`.contains(document.activeElement)`)
}

func TestSwapsMoveFocusOnlyWhenItsElementIsGone(t *testing.T) {
	t.Parallel()
	page := `<main id="main"><section id="runs"><h2>Runs</h2><div id="place"><button id="gone" hx-get="/next" hx-target="#place">Next</button><button id="kept" hx-get="/next" hx-target="#other">Other</button></div><div id="other"></div><p id="text">text</p></section></main>`
	s := open(t, page, map[string]http.HandlerFunc{
		"GET /next": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<p>new</p>")) },
	})
	s.do(chromedp.Click("#kept"))
	s.until(`document.querySelector('#other p')`)
	s.equal("kept", `document.activeElement.id`)
	s.do(chromedp.Click("#text"), chromedp.Evaluate[chromedp.Void](`document.activeElement.blur(); htmx.ajax('GET', '/next', { target: '#other' })`, chromedp.EvalAwaitPromise))
	s.equal("BODY", `document.activeElement.tagName`)
	s.do(chromedp.Click("#gone"))
	s.until(`document.activeElement.textContent === 'Runs'`)
}

// Colours and sizes are the style sheets' part; the fixture's are its own.
func TestPagesHaveNoAccessibilityFaults(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile(filepath.Join(modules(t), "axe-core", "axe.min.js"))
	if err != nil {
		t.Skip("axe-core is not installed")
	}
	fake := newTable(100_000, 6)
	routes := workspaceRoutes()
	for pattern, handler := range fake.routes() {
		routes[pattern] = handler
	}
	html := fake.body("data-sortable")
	result := html[strings.Index(html, "<sql-grid"):strings.Index(html, "</sql-grid>")] + "</sql-grid>"
	s := open(t, workspace(strings.ReplaceAll(tabItem("q1", "Revenue", true), `<form method="post"`, `<form aria-hidden="true" method="post"`), panel("q1", "Revenue", script, result)), routes)
	s.until(editor + `?.view`)
	s.do(chromedp.Evaluate[chromedp.Void](goToRow(50000)))
	s.until(noBlanks)
	s.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#tabs [name=close]').tabIndex = -1; ` + string(axe) + `; 0`))
	faults := eval[json.RawMessage](s, `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'], rules: { 'color-contrast': { enabled: false }, 'target-size': { enabled: false } } }).then((r) => r.violations.map((v) => [v.id, ...v.nodes.map((n) => n.html.slice(0, 160))]))`)
	if string(faults) != "[]" {
		t.Errorf("axe found %s", faults)
	}
}

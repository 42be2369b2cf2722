package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe is the accessibility checker of node_modules, a development dependency.
func axe(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "node_modules", "axe-core", "axe.min.js"))
	if os.IsNotExist(err) && !strings.Contains(os.Getenv("DRIBBLE_TEST_REQUIRE"), "chromium") {
		t.Skip("SKIPPED: axe-core is not installed (npm ci --ignore-scripts)")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// barriers asks axe what on the page keeps somebody out, and tells each.
func (s *tab) barriers(checker, name, options string) {
	s.t.Helper()
	run := `(async () => {
		const { violations } = await axe.run(document, { resultTypes: ['violations'], ...` + options + ` });
		return violations.map(({ id, help, nodes }) => id + ': ' + help + ' at ' + nodes.slice(0, 3).map(({ target, any, all }) => target.join(' ') + ' (' + [...any, ...all].map((c) => c.message).join('; ') + ')').join(', '));
	})()`
	s.settle()
	if !eval[bool](s, `!!globalThis.axe`) {
		eval[bool](s, "%s; true", checker)
	}
	for _, found := range eval[[]string](s, "%s", run) {
		s.t.Errorf("%s: %s", name, found)
	}
}

func TestNobodyIsKeptOut(t *testing.T) {
	checker := axe(t)
	server := shopDatabase(t)
	p := startProduct(t)
	s := openTab(t, p)
	shop := p.addSource("Shop", "postgres", server.Fields("disable"), true)
	good := p.newQuery("Good", shop, "SELECT * FROM sales.orders")
	p.call("PATCH", "/queries/"+good, map[string]any{"sql_content": "SELECT id, total FROM sales.orders"})
	bad := p.newQuery("Bad", shop, "SELECT\n  nothing_here\nFROM sales.orders")
	long := p.newQuery("Long", shop, fmt.Sprintf(slowRows, 6000))
	loose := p.call("POST", "/runs", map[string]any{"source_id": shop, "sql": "SELECT 1 AS one; SELECT 2 AS two"})["id"].(string)
	p.call("GET", "/runs/"+loose+"?wait=10s", nil)
	s.allow(404, "/nowhere")

	pages := []struct {
		name, path string
		prepare    func()
	}{
		{"welcome", "/welcome", func() {}},
		{"results", "/queries/" + good, func() {
			s.editorReady()
			if eval[string](s, resultsNow+`.dataset.run`) == "" {
				s.click(inPanel + "[data-run]")
			}
			s.until(gridNow + `?.rows?.row(0)`)
		}},
		{"error", "/queries/" + bad, func() {
			s.editorReady()
			if eval[string](s, resultsNow+`.dataset.run`) == "" {
				s.click(inPanel + "[data-run]")
			}
			s.until(`document.querySelector('.cm-problem') && document.querySelector('.failure')`)
		}},
		{"running", "/queries/" + long, func() {
			s.editorReady()
			if eval[string](s, resultsNow+`.dataset.status`) != "running" {
				s.click(inPanel + "[data-run]")
			}
			s.until(gridNow + `?.rows?.count > 5`)
		}},
		{"runs", "/runs", func() {}},
		{"run", "/runs/" + loose, func() {}},
		{"versions", "/queries/" + good + "/versions", func() {}},
		{"version", "/queries/" + good + "/versions/1", func() {}},
		{"add source", "/sources/new", func() {}},
		{"edit source", "/sources/" + shop + "/edit", func() {}},
		{"add source dialog", "/welcome", func() {
			s.click(`.card-link[href="/sources/new"]`)
			s.until(`document.querySelector('#dialog').open`)
		}},
		{"shortcuts", "/welcome", func() {
			s.key("?")
			s.until(`document.querySelector('#shortcuts').open`)
		}},
		{"delete confirmation", "/sources/" + shop + "/delete", func() {}},
		{"browse", "/sources/" + shop, func() {}},
		{"table", "/sources/" + shop + "?schema=sales&table=orders", func() {}},
		{"queries", "/queries", func() {}},
		{"not found", "/nowhere", func() {}},
	}
	for _, page := range pages {
		s.do(chromedp.EmulateViewport(1440, 900))
		s.theme("light")
		s.open(page.path)
		page.prepare()
		s.barriers(checker, page.name, "{}")
		s.theme("dark") // changes colours alone
		s.barriers(checker, page.name+" in the dark", "{ runOnly: ['color-contrast', 'link-in-text-block'] }")
		s.do(chromedp.EmulateViewport(390, 844))
		s.barriers(checker, page.name+" in the dark on a phone", "{}")
	}
	for _, run := range p.call("GET", "/runs?status=running", nil)["runs"].([]any) {
		p.call("POST", "/runs/"+run.(map[string]any)["id"].(string)+"/cancel", nil)
	}
}

// TestScriptWeight holds what the browser must fetch before a page is useful.
func TestScriptWeight(t *testing.T) {
	p := startProduct(t)
	s := openTab(t, p)
	weigh := func() (total float64, heaviest string) {
		text := eval[string](s, `JSON.stringify(performance.getEntriesByType('resource').filter((e) => e.name.endsWith('.js')).map((e) => ({ name: e.name.replace(/.*\//, ''), size: e.encodedBodySize })))`)
		var all []struct {
			Name string
			Size float64
		}
		if err := json.Unmarshal([]byte(text), &all); err != nil {
			t.Fatal(err)
		}
		var most float64
		for _, each := range all {
			total += each.Size
			if each.Size > most {
				most, heaviest = each.Size, each.Name
			}
			if each.Size == 0 {
				t.Errorf("%s has no size: did it load?", each.Name)
			}
		}
		return total / 1000, heaviest
	}
	s.open("/welcome")
	bare, heaviest := weigh()
	s.openQuery(p, "Weighed", p.sample(), "SELECT 1")
	whole, most := weigh()
	t.Logf("scripts: %.1f kB without the editor (most: %s), %.1f kB with it (most: %s)", bare, heaviest, whole, most)
	if bare > 40 || whole > 190 {
		t.Errorf("scripts weigh %.1f kB without and %.1f kB with the editor, want at most 40 and 190", bare, whole)
	}
}

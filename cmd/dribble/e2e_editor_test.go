package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestCompletionByAlias(t *testing.T) {
	p := startProduct(t)
	s := openTab(t, p)
	s.openQuery(p, "Complete", p.sample(), "")
	s.write("SELECT b.¦ FROM beans b")
	s.key("t")
	s.key("a")
	s.until(`[...document.querySelectorAll('.cm-tooltip-autocomplete li')].some((li) => li.textContent.includes('tasting_notes'))`)
	s.until(`document.querySelector('.cm-tooltip-autocomplete li[aria-selected="true"]')?.textContent.includes('tasting_notes')`)
	// The list takes no key in its first 75 ms, so that typing on is safe.
	shown := eval[float64](s, `performance.now()`)
	s.until(`performance.now() > %f + 150`, shown)
	s.enterKey()
	s.equal("SELECT b.tasting_notes FROM beans b", editorNow+`.text`)
	s.runNow()
	s.ended("success")
	s.equal("38", gridNow+`.rows.count`)
}

func TestRunAtCaretAndSeveralStatements(t *testing.T) {
	p := startProduct(t)
	s := openTab(t, p)
	s.openQuery(p, "Several", p.sample(), "")
	s.write("SELECT 1 AS one;\nSELECT 2¦ AS two;\nSELECT 3 AS three")
	s.runNow()
	s.ended("success")
	if got := s.cells(0); len(got) != 1 || got[0] != "2" {
		t.Errorf("the statement at the caret gave %q, want 2", got)
	}

	before := eval[string](s, resultsNow+`.dataset.run`)
	s.key(kb.Enter, chromedp.ModifierCtrl, chromedp.ModifierShift)
	s.until(resultsNow+`.dataset.run !== %s`, quote(before))
	s.ended("success")
	s.until(resultsNow + `.querySelectorAll('.result-tabs [role="tab"]').length === 4`)
	s.click(inPanel + `.result-tabs [role="tab"]:nth-of-type(3)`)
	if got := s.cells(0); len(got) != 1 || got[0] != "3" {
		t.Errorf("the third result is %q, want 3", got)
	}
	s.key(kb.ArrowLeft)
	s.until(gridNow + `?.rows.row(0)?.[1].textContent === '2'`)
	s.clickText(inPanel+".result-tab", "Messages")
	s.until(panelInView + `.querySelector('.messages')?.checkVisibility()`)

	// A selection is what runs.
	s.write("SELECT 'left out'; SELECT 7 AS seven")
	eval[bool](s, editorNow+`.view.dispatch({ selection: { anchor: 19, head: 36 } }) ?? true`)
	s.runNow()
	s.ended("success")
	if got := s.cells(0); len(got) != 1 || got[0] != "7" {
		t.Errorf("the selection gave %q, want 7", got)
	}
}

func TestErrorIsMarkedWhereTheDatabaseSaysIt(t *testing.T) {
	server := shopDatabase(t)
	p := startProduct(t)
	s := openTab(t, p)
	s.openQuery(p, "Broken", p.addSource("Shop", "postgres", server.Fields("disable"), false), "")
	text := "-- first\nSELECT 1;\n\nSELECT o.id,\n  o.totl\nFROM sales.orders o"
	s.write(text)
	s.runNow()
	s.ended("error")
	s.until(`document.querySelector('.cm-problem')`)
	s.equal("o.totl", `document.querySelector('.cm-problem').textContent`)
	s.untilText(".problem", "Line 5, column 3")
	s.untilText(".problem", "42703")
	s.equal("5", `(() => { const view = %s.view; return view.state.doc.lineAt(view.posAtDOM(document.querySelector('.cm-problem'))).number; })()`, editorNow)
	s.untilText(inPanel+".failure", "totl")
	s.shots("error")
	s.clickText(inPanel+"button", "Go to line 5")
	s.until(`document.activeElement.matches('.cm-content')`)
	s.untilText(inPanel+"[data-caret]", "Ln 5, Col 3")
	s.do(insert("x"))
	s.until(`!document.querySelector('.cm-problem')`)
	if got := eval[string](s, editorNow+`.text`); got != strings.Replace(text, "o.totl", "xo.totl", 1) {
		t.Errorf("the text is %q after typing at the problem", got)
	}
}

func TestVersions(t *testing.T) {
	p := startProduct(t)
	s := openTab(t, p)
	s.open("/")
	s.click("[data-tab-new]")
	s.until(panelInView + `?.dataset.title.startsWith('scratch')`)
	s.editorReady()
	dirty := func(want string) {
		t.Helper()
		s.until(panelInView+`.classList.contains('is-dirty') === %s`, want)
		s.until(`document.querySelector('#tabs [aria-selected="true"]').classList.contains('is-dirty') === %s`, want)
	}
	s.write("SELECT 'first'")
	s.key("s", chromedp.ModifierCtrl)
	s.untilText(inPanel+".version-number", "v1")
	dirty("false")
	s.until(`document.querySelector('#query-list [data-query]')`)
	s.write("SELECT 'second'")
	dirty("true")
	s.key("s", chromedp.ModifierCtrl)
	s.untilText(inPanel+".version-number", "v2")
	dirty("false")
	s.untilText("#toasts", "Saved as v2")

	s.click(inPanel + "[data-versions]")
	s.until(`location.pathname.endsWith('/versions') && document.querySelectorAll('.version-table tbody tr').length === 2`)
	s.clickText(".version-table a", "v1")
	s.untilText("#version-sql", "SELECT 'first'")
	s.clickText("button", "Restore as a new version")
	s.until(`/^\/queries\/[^/]+$/.test(location.pathname)`)
	s.editorReady()
	s.equal("SELECT 'first'", editorNow+`.text`)
	s.untilText(inPanel+".version-number", "v3")
}

package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const tabNames = `[...document.querySelectorAll('#tabs .tab-name')].map((e) => e.textContent).join(', ')`

func TestTabs(t *testing.T) {
	p := startProduct(t)
	s := openTab(t, p)
	s.openQuery(p, "First", p.sample(), "SELECT 'kept text'")
	s.until(`%s === 'First'`, tabNames)
	s.click(inPanel + ".cm-content")
	s.runNow()
	s.ended("success")

	s.key("t", chromedp.ModifierAlt)
	s.until(`%s === 'First, scratch 1' && %s.dataset.title === 'scratch 1'`, tabNames, panelInView)
	s.editorReady()
	s.write("SELECT 'draft' AS typed")
	s.until(`document.querySelector('#tabs [aria-selected="true"]').classList.contains('is-dirty')`)

	x, y := s.place(`#tabs [aria-selected="true"] .tab-name`)
	s.do(chromedp.MouseClickXY(x, y, chromedp.ClickCount(1)), chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
	s.until(`document.activeElement.matches('.tab-rename')`)
	s.key("a", chromedp.ModifierCtrl)
	s.do(insert("Renamed"))
	s.enterKey()
	s.until(`%s === 'First, Renamed'`, tabNames)

	// The keyboard carries a tab to another place.
	s.until(`document.activeElement.matches('#tabs [role="tab"]')`)
	s.key(kb.ArrowLeft, chromedp.ModifierCtrl, chromedp.ModifierShift)
	s.until(`%s === 'Renamed, First'`, tabNames)
	s.until(`performance.getEntriesByType('resource').some((e) => e.name.endsWith('/draft')) && performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/tabs')).length >= 2`)

	s.open("/")
	s.until(`%s === 'Renamed, First'`, tabNames)
	s.editorReady()
	s.equal("Renamed", panelInView+`.dataset.title`)
	s.equal("SELECT 'draft' AS typed", editorNow+`.text`)
	s.clickText("#tabs [role=tab]", "First")
	s.until(panelInView + `.dataset.title === 'First' && ` + editorNow + `?.view`)
	s.equal("SELECT 'kept text'", editorNow+`.text`)
	if got := s.cells(0); got[0] != "kept text" {
		t.Errorf("the result after a reload is %q", got)
	}

	// Back and forward show the tabs of their addresses.
	s.do(chromedp.NavigateBack())
	s.until(panelInView + `.dataset.title === 'Renamed'`)
	s.do(chromedp.NavigateForward())
	s.until(panelInView + `.dataset.title === 'First'`)

	s.click(`#tabs .tab-item:has([aria-selected="true"]) [name="close"]`)
	s.until(`%s === 'Renamed' && %s.dataset.title === 'Renamed'`, tabNames, panelInView)
	s.open("/")
	s.until(`%s === 'Renamed'`, tabNames)
}

func TestRenameDuplicateDelete(t *testing.T) {
	p := startProduct(t)
	s := openTab(t, p)
	s.openQuery(p, "First", p.sample(), "SELECT 'the same' AS text")
	x, y := s.place(`#tabs [aria-selected="true"] .tab-name`)
	s.do(chromedp.MouseClickXY(x, y, chromedp.ClickCount(1)), chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
	s.until(`document.activeElement.matches('.tab-rename')`)
	s.key("a", chromedp.ModifierCtrl)
	s.do(insert("Better <name>"))
	s.enterKey()
	s.until(`%s === 'Better <name>'`, tabNames)
	s.untilText("#query-list", "Better <name>")
	s.until(`document.title.startsWith('Better <name>')`)
	s.until(`document.activeElement.matches('#tabs [aria-selected="true"]')`)

	s.click(inPanel + ".toolbar details.menu > summary")
	s.clickText(inPanel+".menu-item", "Duplicate")
	s.until(`%s === 'Better <name>, Better <name> copy'`, tabNames)
	s.editorReady()
	s.equal("SELECT 'the same' AS text", editorNow+`.text`)

	s.click(inPanel + ".toolbar details.menu > summary")
	s.clickText(inPanel+".menu-item", "Delete query")
	s.clickText(inPanel+".menu-form button", "Delete query")
	s.until(`%s === 'Better <name>'`, tabNames)
	s.editorReady()
	s.equal("Better <name>", panelInView+`.dataset.title`)
}

func TestThemeAndSidebarAreKept(t *testing.T) {
	p := startProduct(t)
	s := openTab(t, p)
	s.theme("light")
	s.open("/")
	colour := eval[string](s, `getComputedStyle(document.documentElement).color`)
	s.click(".sidebar-header summary")
	s.clickText(".sidebar-header button", "Dark")
	s.until(`document.documentElement.dataset.theme === 'dark' && document.readyState === 'complete'`)
	s.open("/runs")
	s.equal("dark", `document.documentElement.dataset.theme`)
	if dark := eval[string](s, `getComputedStyle(document.documentElement).color`); dark == colour {
		t.Errorf("the page is %s in both themes", dark)
	}
	s.key("b", chromedp.ModifierCtrl)
	s.until(`document.documentElement.dataset.sidebar === 'hidden' && !document.querySelector('#sidebar').checkVisibility({ visibilityProperty: true })`)
	s.until(`performance.getEntriesByType('resource').some((e) => e.name.endsWith('/layout'))`)
	s.open("/runs")
	s.until(`!document.querySelector('#sidebar').checkVisibility({ visibilityProperty: true })`)
}

package main

import (
	"strings"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Parts of the page that the tests speak of: those of the panel in view.
const (
	panelInView = `document.querySelector('#panels > .panel:not([hidden])')`
	editorNow   = panelInView + `.querySelector('sql-editor')`
	resultsNow  = panelInView + `.querySelector('.results')`
	gridNow     = `[...` + panelInView + `.querySelectorAll('sql-grid')].find((g) => g.checkVisibility())`
	inPanel     = `#panels > .panel:not([hidden]) `
)

// openQuery saves a query and shows it with the editor ready.
func (s *tab) openQuery(p *product, name, source, text string) string {
	s.t.Helper()
	id := p.newQuery(name, source, text)
	s.open("/queries/" + id)
	s.editorReady()
	return id
}

func (s *tab) editorReady() {
	s.t.Helper()
	s.until(editorNow + `?.view`)
}

// write puts text into the editor in place of what it holds, the caret at ¦ or at
// the end.
func (s *tab) write(text string) {
	s.t.Helper()
	at := strings.Index(text, "¦")
	text = strings.Replace(text, "¦", "", 1)
	s.click(inPanel + ".cm-content")
	s.key("a", chromedp.ModifierCtrl)
	s.do(insert(text))
	s.until(editorNow+`.text === %s`, quote(text))
	if at >= 0 {
		eval[bool](s, editorNow+`.goTo(%d) ?? true`, at)
	}
}

// runNow presses Ctrl+Enter and waits for a new run to show.
func (s *tab) runNow() {
	s.t.Helper()
	before := eval[string](s, resultsNow+`.dataset.run ?? ''`)
	s.key(kb.Enter, chromedp.ModifierCtrl)
	s.until(resultsNow+`?.dataset.run && `+resultsNow+`.dataset.run !== %s`, quote(before))
}

// ended waits for the run in view to end and compares how it did.
func (s *tab) ended(status string) time.Duration {
	s.t.Helper()
	took := s.until(`!/^(queued|running)$/.test(` + resultsNow + `.dataset.status)`)
	s.equal(status, resultsNow+`.dataset.status`)
	return took
}

// run writes a text, runs the statement at the caret and waits for its end.
func (s *tab) run(text, status string) {
	s.t.Helper()
	s.write(text)
	s.runNow()
	s.ended(status)
}

// cells waits for the grid in view to show rows and returns the first row's cells.
func (s *tab) cells(row int) []string {
	s.t.Helper()
	s.until(gridNow+`?.rows?.row(%d)`, row)
	return eval[[]string](s, gridNow+`.rows.row(%d).slice(1).map((c) => c.dataset.v ?? c.textContent)`, row)
}

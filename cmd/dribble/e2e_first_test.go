package main

import (
	"testing"
)

func TestFirstRun(t *testing.T) {
	s := openTab(t, startIn(t, t.TempDir()))
	s.open("/")
	s.equal("Ask your first question", `document.querySelector('h1').textContent`)
	// The sample's tables are there at once, unless its worker is slow to start.
	if eval[string](s, `document.querySelector('#tree [data-kind="source"]').ariaExpanded`) != "true" {
		s.click("#tree .tree-link")
	}
	s.until(`document.querySelectorAll('#tree [data-kind="table"]').length === 6`)
	s.untilText("#tree .state", "ready")
	s.untilText(".status-worker", "Roastery sample ready")
	s.shots("first-run")

	s.clickText("button", "Run this")
	s.until(gridNow + `?.rows?.count === 5`)
	if got := s.cells(0); len(got) != 3 || got[0] == "" {
		t.Errorf("the first row is %q, want three values", got)
	}
	s.equal("Best-selling beans this month", panelInView+`.dataset.title`)
	s.until(`/^\/queries\//.test(location.pathname)`)
	s.until(`document.querySelector('#history-list .side-link')`)
	s.shots("workspace-sample")
}

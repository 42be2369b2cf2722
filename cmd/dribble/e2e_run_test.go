package main

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// slowRows sends rows of about 2 kB, one each 10 ms.
const slowRows = `SELECT n, repeat('x', 2000) AS filler, pg_sleep(0.01) FROM generate_series(1, %d) n`

// watchRun notes in the page when a run was asked for and when its first row
// stood in a grid.
const watchRun = `(() => {
	window.asked = window.seen = undefined;
	document.addEventListener('submit', () => { window.asked = performance.now(); }, { capture: true, once: true });
	const look = () => {
		const grid = ` + gridNow + `;
		if (window.asked && grid?.querySelector('tbody tr:not(.is-tail) td:not(.is-blank)')) window.seen = performance.now();
		else requestAnimationFrame(look);
	};
	requestAnimationFrame(look);
	return true;
})()`

func TestRowsArriveWhileTheQueryRuns(t *testing.T) {
	server := shopDatabase(t)
	p := startProduct(t)
	s := openTab(t, p)
	shop := p.addSource("Shop", "postgres", server.Fields("disable"), false)
	s.openQuery(p, "Quick", shop, "")
	s.run("SELECT 1", "success") // wakes the worker

	// In a fresh tab no old grid is in the way.
	s.openQuery(p, "Slow rows", shop, "")
	s.write(fmt.Sprintf(slowRows, 300))
	eval[bool](s, watchRun)
	s.runNow()
	s.until(`window.seen`)
	first := time.Duration(eval[float64](s, `window.seen - window.asked`) * float64(time.Millisecond))
	t.Logf("first row on the screen %s after Run", first.Round(time.Millisecond))
	if first > time.Second {
		t.Errorf("the first row took %s, want at most 1 s", first)
	}
	s.equal("running", resultsNow+`.dataset.status`)
	count := eval[int](s, gridNow+`.rows.count`)
	s.until(gridNow+`.rows.count > %d && `+resultsNow+`.dataset.status === 'running'`, count+50)
	s.untilText(inPanel+".run-strip", "rows/s")
	s.shots("running")
	s.ended("success")
	s.until(gridNow + `.rows.count === 300`)
	s.untilText("#live", "Run finished, 300 rows")
	if got := s.cells(299); got[0] != "300" || len(got[1]) < 1000 {
		t.Errorf("the last row begins %q with %d characters of filler", got[0], len(got[1]))
	}
}

func TestCancel(t *testing.T) {
	server := shopDatabase(t)
	p := startProduct(t)
	s := openTab(t, p)
	s.openQuery(p, "Long", p.addSource("Shop", "postgres", server.Fields("disable"), false), "")
	s.write(fmt.Sprintf(slowRows, 3000))
	s.runNow()
	s.until(gridNow + `?.rows?.count > 10`)
	s.click(inPanel + ".toolbar [data-cancel]")
	took := s.ended("cancelled")
	t.Logf("cancelled %s after the click", took.Round(time.Millisecond))
	s.untilText("#live", "Run cancelled")
	s.until(`!` + panelInView + `.querySelector('.run-strip') && !` + panelInView + `.querySelector('[data-run]').disabled`)
	kept := eval[int](s, gridNow+`.rows.count`)
	if kept < 10 || kept >= 3000 {
		t.Errorf("%d rows are kept of a cancelled run", kept)
	}
	s.runNow()
	s.until(gridNow + `?.rows?.count > 0`)
	s.key(".", chromedp.ModifierCtrl)
	s.ended("cancelled")
	s.run("SELECT 'still here' AS answer", "success")
	if got := s.cells(0); got[0] != "still here" {
		t.Errorf("after a cancelled run the next gave %q", got)
	}
}

func TestMillionRows(t *testing.T) {
	server := shopDatabase(t)
	p := startProduct(t)
	s := openTab(t, p)
	s.openQuery(p, "Many", p.addSource("Shop", "postgres", server.Fields("disable"), false), "")
	s.run(`SELECT n AS id, 'name ' || n AS name, n % 7 AS a, n % 11 AS b, n % 13 AS c, n % 17 AS d, n % 19 AS e, n % 23 AS f, n % 29 AS g, n % 31 AS h FROM generate_series(1, 1000000) n`, "success")
	s.untilText(inPanel+".status", "First 10,000 rows")
	s.equal("10000", gridNow+`.rows.count`)

	s.choose(inPanel+`[name="max_rows"]`, "1000000")
	s.click(inPanel + ".cm-content")
	began := time.Now()
	s.runNow()
	s.ended("success")
	t.Logf("1,000,000 rows of 10 columns in %s", time.Since(began).Round(10*time.Millisecond))
	s.until(gridNow + `?.rows.count === 1000000`)
	s.equal("false", panelInView+`.querySelector('.status').textContent.includes('First')`)

	took := eval[float64](s, `(async () => {
		const grid = %s;
		const began = performance.now();
		grid.selection.set(999998, 0);
		grid.reveal();
		while (!grid.querySelector('tr[data-row="999998"] td:not(.is-blank)')) await new Promise(requestAnimationFrame);
		return performance.now() - began;
	})()`, gridNow)
	t.Logf("row 999,999 on the screen in %.0f ms", took)
	if got := s.cells(999998); got[0] != "999999" || got[1] != "name 999999" {
		t.Errorf("row 999,999 is %q", got)
	}
	count := eval[int](s, gridNow+`.querySelectorAll('*').length`)
	t.Logf("%d elements in the grid", count)
	if count > 1000 {
		t.Errorf("the grid has %d elements, want at most 1,000", count)
	}

	s.click(inPanel + `sql-grid tr[data-row="999998"] td:nth-child(3)`)
	s.key(kb.Home, chromedp.ModifierCtrl)
	s.until(gridNow + `.querySelector('tr[data-row="0"] td.is-active')`)
	s.key(kb.End, chromedp.ModifierCtrl)
	s.until(gridNow + `.querySelector('tr[data-row="999999"] td.is-active')`)
}

func TestWorkerKilled(t *testing.T) {
	server := shopDatabase(t)
	p := startProduct(t)
	s := openTab(t, p)
	id := p.addSource("Shop", "postgres", server.Fields("disable"), false)
	s.openQuery(p, "Doomed", id, "")
	s.write(fmt.Sprintf(slowRows, 3000))
	before := p.workers()
	s.runNow()
	s.until(gridNow + `?.rows?.count > 10`)
	pids := p.workers()
	if len(pids) == 0 {
		t.Fatalf("no worker runs: %v before", before)
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	took := s.until(`!/^(queued|running)$/.test(` + resultsNow + `.dataset.status)`)
	t.Logf("the loss of the worker shows after %s", took.Round(time.Millisecond))
	if took > 2*time.Second {
		t.Errorf("the loss of the worker shows after %s, want at most 2 s", took)
	}
	s.until(panelInView + `.querySelector('.failure')`)
	s.shots("worker-lost")
	s.run("SELECT 'again' AS answer", "success")
	if got := s.cells(0); got[0] != "again" {
		t.Errorf("the next run gave %q", got)
	}
}

func TestRefusedRun(t *testing.T) {
	p := startProduct(t)
	s := openTab(t, p)
	id := s.openQuery(p, "Empty", p.sample(), "")
	s.allow(422, "/queries/"+id+"/runs")
	s.write("-- only a comment")
	s.key(kb.Enter, chromedp.ModifierCtrl)
	s.untilText(inPanel+".failure", "Not sent")
	s.run("SELECT 'sent' AS answer", "success")
	if got := s.cells(0); got[0] != "sent" {
		t.Errorf("the run after a refused one gave %q", got)
	}
}

func TestHistory(t *testing.T) {
	p := startProduct(t)
	s := openTab(t, p)
	s.openQuery(p, "Counted", p.sample(), "")
	s.run("SELECT count(*) AS beans FROM beans", "success")
	s.run("SELECT 'newer' AS answer", "success")
	s.until(`document.querySelectorAll('#history-list .side-run').length === 2`)
	s.click(`#history-list li:nth-child(2) .side-run`)
	s.until(gridNow + `?.rows.row(0)?.[1].textContent === '38'`)
	s.clickText("a", "All runs")
	s.until(`location.pathname === '/runs' && document.querySelectorAll('.runs-table tbody tr').length === 2`)
	s.shots("all-runs")
	s.click(`.runs-table tbody tr:nth-child(1) .runs-open`)
	s.until(gridNow + `?.rows?.row(0)?.[1].textContent === 'newer'`)
}

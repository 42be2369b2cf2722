package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// copied presses Ctrl+C and returns what the page put on the clipboard.
func (s *tab) copied() string {
	s.t.Helper()
	eval[bool](s, `(() => { window.copied = undefined; addEventListener('copy', (e) => { window.copied = e.clipboardData.getData('text/plain'); }, { once: true }); return true; })()`)
	s.do(chromedp.KeyEvent("c", chromedp.KeyModifiers(chromedp.ModifierCtrl), withCommands("copy")))
	s.until(`window.copied !== undefined`)
	return eval[string](s, `window.copied`)
}

func TestCopyResizeExport(t *testing.T) {
	p := startProduct(t)
	s := openTab(t, p)
	s.openQuery(p, "Values", p.sample(), "")
	s.run("SELECT 1234567 AS amount, 'tab' || char(9) || 'inside' AS note, NULL AS gone\nUNION ALL SELECT 2, 'plain', ''", "success")
	if got := s.cells(0); got[0] != "1234567" || got[2] != "NULL" {
		t.Errorf("the first row is %q", got)
	}
	s.click(inPanel + `sql-grid tr[data-row="0"] td:nth-child(2)`)
	s.key("a", chromedp.ModifierCtrl)
	if got, want := s.copied(), "1234567\t\"tab\tinside\"\t\n2\tplain\t"; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}

	edge := eval[[]float64](s, `(() => { const { right, top, height } = %s.querySelector('thead th[data-name="amount"]').getBoundingClientRect(); return [right - 2, top + height / 2]; })()`, gridNow)
	width := eval[int](s, gridNow+`.columns.widths[0]`)
	s.drag(edge[0], edge[1], edge[0]+90, edge[1])
	s.until(gridNow+`.columns.widths[0] === %d`, width+90)
	s.until(`performance.getEntriesByType('resource').some((e) => e.name.endsWith('/layout'))`)
	s.open(eval[string](s, `location.pathname`))
	s.until(gridNow+`?.columns?.widths[0] === %d`, width+90)

	s.clickText(inPanel+".result-actions summary", "Export")
	href := eval[string](s, `[...document.querySelectorAll('.result-actions a[download]')].find((a) => a.checkVisibility() && a.textContent.includes('CSV')).getAttribute('href')`)
	if got, want := string(p.get(href)), "amount,note,gone\r\n1234567,tab\tinside,\r\n2,plain,\"\"\r\n"; got != want {
		t.Errorf("the CSV is %q, want %q", got, want)
	}
	s.key(kb.Escape)
	s.until(`!document.querySelector('.result-actions details[open]')`)

	s.click(inPanel + `sql-grid tr[data-row="0"] td:nth-child(3)`)
	s.key(kb.Enter)
	s.until(`document.querySelector('#dialog').open`)
	if got := eval[string](s, `document.querySelector('#cell-value').textContent`); !strings.Contains(got, "tab\tinside") {
		t.Errorf("the whole value is %q", got)
	}
	s.key(kb.Escape)
	s.until(`!document.querySelector('#dialog').open`)
}

func TestSort(t *testing.T) {
	p := startProduct(t)
	s := openTab(t, p)
	s.openQuery(p, "Sorted", p.sample(), "")
	s.run("SELECT name, price FROM beans", "success")
	s.until(gridNow + `?.rows.count === 38`)
	s.click(inPanel + `sql-grid thead th[data-name="price"]`)
	s.until(gridNow + `.querySelector('th[data-name="price"]').ariaSort === 'ascending' && ` + gridNow + `.rows.row(37)`)
	s.equal("true", `(() => { const all = [...Array(38).keys()].map((n) => Number(%s.rows.row(n)[2].dataset.v ?? %s.rows.row(n)[2].textContent)); return all.every((v, i) => i === 0 || v >= all[i - 1]); })()`, gridNow, gridNow)
}

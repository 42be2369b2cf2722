package js_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// table is a simulated result of any size.
type table struct {
	rows    atomic.Int64
	columns int
	done    bool
	fetches atomic.Int64
	delay   time.Duration
	broken  atomic.Bool
	cut     bool // texts are shown shortened
}

func newTable(rows int64, columns int) *table {
	fake := &table{columns: columns, done: true}
	fake.rows.Store(rows)
	return fake
}

func (f *table) window(offset, limit int64) string {
	var out strings.Builder
	out.WriteString("<tbody>")
	for row := offset; row < min(offset+limit, f.rows.Load()); row++ {
		fmt.Fprintf(&out, `<tr role="row" aria-rowindex="%d" data-row="%d"><th role="rowheader">%d</th>`, row+2, row, row+1)
		for column := range f.columns {
			switch column % 4 {
			case 0:
				fmt.Fprintf(&out, `<td role="gridcell" class="k-integer" data-v="%d" aria-colindex="%d">%d,5</td>`, row, column+2, row)
			case 1:
				fmt.Fprintf(&out, `<td role="gridcell" class="k-text is-null" aria-colindex="%d">NULL</td>`, column+2)
			default:
				fmt.Fprintf(&out, `<td role="gridcell" class="k-text" aria-colindex="%d"%s>r%d c%d</td>`, column+2, map[bool]string{true: " data-cut"}[f.cut], row, column)
			}
		}
		out.WriteString("</tr>")
	}
	out.WriteString("</tbody>")
	return out.String()
}

func (f *table) body(attributes string) string {
	var head strings.Builder
	for column := range f.columns {
		fmt.Fprintf(&head, `<th role="columnheader" scope="col" data-kind="text" data-type="text" data-name="c%d" aria-colindex="%d">c%d <span>text</span></th>`, column, column+2, column)
	}
	first := int64(100)
	if f.columns > 60 {
		first = 10
	}
	return fmt.Sprintf(`<div class="panel" data-tab="q1"><div class="results" id="results-q1" data-run="r1" data-status="success">
<div class="result-bar"><button type="button" data-copy>Copy</button></div>
<sql-grid class="grid" id="grid-r1-0" data-src="/runs/r1/rows?statement=0" data-rows="%d" data-done="%v" data-columns="%d" %s><div class="grid-viewport" tabindex="0">
<table role="grid" aria-label="Result" aria-rowcount="%d" aria-colcount="%d"><thead><tr role="row"><th role="columnheader" class="grid-corner" aria-label="Row"></th>%s</tr></thead>%s</table></div></sql-grid></div></div>`,
		f.rows.Load(), f.done, f.columns, attributes, f.rows.Load()+1, f.columns+1, head.String(), f.window(0, min(first, f.rows.Load())))
}

func (f *table) routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /runs/r1/rows": func(w http.ResponseWriter, r *http.Request) {
			f.fetches.Add(1)
			time.Sleep(f.delay)
			if f.broken.Load() {
				http.Error(w, "no worker", http.StatusServiceUnavailable)
				return
			}
			offset, _ := strconv.ParseInt(r.URL.Query().Get("offset"), 10, 64)
			limit, _ := strconv.ParseInt(r.URL.Query().Get("limit"), 10, 64)
			if r.Header.Get("HX-Request") != "true" || limit > 100 {
				http.Error(w, "not a window", http.StatusBadRequest)
				return
			}
			_, _ = w.Write([]byte(f.window(offset, limit)))
		},
		"GET /runs/r1/cell": func(w http.ResponseWriter, r *http.Request) {
			text := "whole value of " + r.URL.Query().Get("row") + "/" + r.URL.Query().Get("col")
			if r.URL.Query().Get("raw") == "1" {
				_, _ = w.Write([]byte(text))
				return
			}
			_, _ = fmt.Fprintf(w, `<h2>Value</h2><pre>%s</pre><button type="button" data-close>Close</button>`, text)
		},
		"POST /layout": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	}
}

func openTable(t *testing.T, fake *table) *site {
	t.Helper()
	s := open(t, fake.body(""), fake.routes())
	s.until(`document.querySelector('sql-grid.is-live')`)
	return s
}

const (
	grid     = `document.querySelector('sql-grid')`
	viewport = `document.querySelector('.grid-viewport')`
)

// firstRow is the number of the row under the header.
const firstRow = `[...document.querySelectorAll('sql-grid tbody tr')].find((row) => row.getBoundingClientRect().bottom > document.querySelector('sql-grid thead').getBoundingClientRect().bottom + 1).dataset.row`

// goToRow makes a row, counted from 0, the active one and shows it.
func goToRow(row int) string {
	return fmt.Sprintf("%[1]s.selection.set(%[2]d, %[1]s.selection.column), %[1]s.reveal()", grid, row)
}

// noBlanks says that every row on the screen has its cells.
const noBlanks = `document.querySelectorAll('sql-grid tbody tr').length > 0 && !document.querySelector('sql-grid .is-blank')`

func TestGridShowsAMillionRows(t *testing.T) {
	t.Parallel()
	s := openTable(t, newTable(1_000_000, 10))
	s.until(noBlanks)
	s.equal("0", firstRow)
	for _, row := range []int{999_999, 0, 123_456, 500_000, 777_777, 999_999} {
		ms := eval[float64](s, `(async () => { const start = performance.now(); %s;
			for (;;) { const cell = document.querySelector('td.is-active'); if (cell) return performance.now() - start; await new Promise(requestAnimationFrame); } })()`, goToRow(row))
		t.Logf("row %d after %.1f ms", row, ms)
		s.equal(strconv.Itoa(row), `document.querySelector('td.is-active').parentElement.dataset.row`)
		s.equal(strconv.Itoa(row), `document.querySelector('td.is-active').dataset.v`)
		s.until(`(() => { const a = document.querySelector('td.is-active').getBoundingClientRect(); const b = %s.getBoundingClientRect(); return a.top >= b.top + 30 && a.bottom <= b.bottom; })()`, viewport)
	}
	if got := eval[int](s, `document.querySelectorAll('sql-grid *').length`); got > 1000 {
		t.Errorf("the grid holds %d elements, want at most 1000", got)
	} else {
		t.Logf("%d elements", got)
	}
	if got := eval[float64](s, `document.querySelector('.grid-space').offsetHeight`); got > 8_000_000 {
		t.Errorf("the spacer is %v px high", got)
	}
}

func TestGridScrollBarReachesBothEnds(t *testing.T) {
	t.Parallel()
	s := openTable(t, newTable(1_000_000, 10))
	s.do(chromedp.Evaluate[chromedp.Void](viewport + `.scrollTop = 1e9`))
	s.until(`[...document.querySelectorAll('sql-grid tbody tr')].at(-1).dataset.row === '999999' && ` + noBlanks)
	s.until(`Math.abs([...document.querySelectorAll('sql-grid tbody tr')].at(-1).getBoundingClientRect().bottom - (%[1]s.getBoundingClientRect().top + %[1]s.clientHeight)) < 2`, viewport)
	s.do(chromedp.Evaluate[chromedp.Void](viewport + `.scrollTop = 4e6`))
	s.until("Number(%s) < 900000 && %s", firstRow, noBlanks)
	if middle := eval[int](s, "Number(%s)", firstRow); middle < 499_000 || middle > 501_000 {
		t.Errorf("the middle of the bar shows row %d", middle)
	}
	s.do(chromedp.Evaluate[chromedp.Void](viewport + `.scrollTop = 0`))
	s.until(firstRow + ` === '0'`)
}

func TestGridWheelIsExactInScaledContent(t *testing.T) {
	t.Parallel()
	s := openTable(t, newTable(1_000_000, 10))
	s.do(chromedp.Evaluate[chromedp.Void](goToRow(500000)))
	s.until(noBlanks)
	before := eval[int](s, "Number(%s)", firstRow)
	for range 5 {
		s.wheel(260)
		time.Sleep(400 * time.Millisecond)
	}
	if got := eval[int](s, "Number(%s)", firstRow) - before; got != 50 {
		t.Errorf("five wheel ticks of ten rows moved %d rows, want 50", got)
	}
}

func TestGridKeyboard(t *testing.T) {
	t.Parallel()
	s := openTable(t, newTable(5000, 6))
	s.do(chromedp.Focus("sql-grid table"))
	at := func(row, column int) {
		t.Helper()
		s.equal(fmt.Sprintf("%d/%d", row, column), `%[1]s.selection.row + '/' + %[1]s.selection.column`, grid)
		s.until(`document.getElementById(document.querySelector('sql-grid table').getAttribute('aria-activedescendant'))?.ariaColIndex === '%d'`, column+2)
	}
	at(0, 0)
	s.key(kb.ArrowDown)
	s.key(kb.ArrowRight)
	at(1, 1)
	s.key(kb.End)
	at(1, 5)
	s.key(kb.End, chromedp.ModifierCtrl)
	at(4999, 5)
	s.key(kb.PageUp)
	row := eval[int](s, grid+`.selection.row`)
	if row >= 4990 || row < 4970 {
		t.Errorf("page up went to row %d", row)
	}
	s.key(kb.Home, chromedp.ModifierCtrl)
	at(0, 0)
	s.key(kb.ArrowDown, chromedp.ModifierShift)
	s.key(kb.ArrowRight, chromedp.ModifierShift)
	s.equal("4", `document.querySelectorAll('td.is-selected').length`)
	s.key(kb.ArrowDown, chromedp.ModifierCtrl)
	at(4999, 1)
	s.key("a", chromedp.ModifierCtrl)
	s.equal("0-4999", `%[1]s.selection.range.top + '-' + %[1]s.selection.range.bottom`, grid)
	s.key(kb.Escape)
	s.equal("true", grid+`.selection.single`)
}

func TestGridCopiesRawValues(t *testing.T) {
	t.Parallel()
	s := openTable(t, newTable(5000, 4))
	s.do(chromedp.Evaluate[chromedp.Void](`window.copied = null; const set = DataTransfer.prototype.setData; DataTransfer.prototype.setData = function (type, text) { window.copied = text; set.call(this, type, text); }; 0`))
	s.do(chromedp.Evaluate[chromedp.Void](grid+`.selection.set(1, 0); `+grid+`.selection.set(2, 3, true); 0`), chromedp.Focus("sql-grid table"))
	s.copy()
	s.until(`window.copied !== null`)
	s.equal("1\t\tr1 c2\tr1 c3\n2\t\tr2 c2\tr2 c3", `window.copied`)

	s.key("c", chromedp.ModifierCtrl, chromedp.ModifierShift)
	s.until(`window.copied.startsWith('c0')`)
	s.equal("c0\tc1\tc2\tc3\n1\t\tr1 c2\tr1 c3\n2\t\tr2 c2\tr2 c3", `window.copied`)

	// Rows that are not in the page are fetched first.
	s.do(chromedp.Evaluate[chromedp.Void](`window.copied = ''; ` + grid + `.selection.setRange(0, 0, 4999, 0); 0`))
	s.key("c", chromedp.ModifierCtrl, chromedp.ModifierShift)
	s.until(`window.copied.endsWith('4999')`)
	s.equal("5001", `window.copied.split('\n').length`)

	s.key(kb.Escape)
	s.do(chromedp.Click(".result-bar button"))
	s.until(`window.copied.endsWith('r4999 c3')`)
}

func TestGridCopiesLongValuesWhole(t *testing.T) {
	t.Parallel()
	fake := newTable(500, 4)
	fake.cut = true
	s := openTable(t, fake)
	s.do(chromedp.Evaluate[chromedp.Void](`window.copied = null; const set = DataTransfer.prototype.setData; DataTransfer.prototype.setData = function (type, text) { window.copied = text; set.call(this, type, text); }; `+grid+`.selection.set(1, 0); `+grid+`.selection.set(2, 2, true); 0`), chromedp.Focus("sql-grid table"))
	s.copy()
	s.until(`window.copied !== null`)
	s.equal("1\t\twhole value of 1/2\n2\t\twhole value of 2/2", `window.copied`)
}

func TestGridRefusesHugeCopies(t *testing.T) {
	t.Parallel()
	s := openTable(t, newTable(1_000_000, 10))
	s.do(chromedp.Click(".result-bar button"))
	s.until(`document.querySelector('.toast')?.textContent.includes('1,000,000 rows are too many')`)
}

func TestGridOpensTheWholeValue(t *testing.T) {
	t.Parallel()
	s := openTable(t, newTable(500, 4))
	s.do(chromedp.Focus("sql-grid table"))
	s.key(kb.ArrowDown)
	s.key(kb.Enter)
	s.until(`document.querySelector('#dialog[open] pre')?.textContent === 'whole value of 1/0'`)
	s.key(kb.Escape)
	s.until(`!document.querySelector('#dialog[open]') && document.activeElement === document.querySelector('sql-grid table')`)
}

func TestGridFollowsAStreamUntilTheReaderScrolls(t *testing.T) {
	t.Parallel()
	fake := newTable(30, 6)
	fake.done = false
	s := openTable(t, fake)
	grow := func(rows int64, done bool) {
		fake.rows.Store(rows)
		s.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
			`document.querySelector('.results').dispatchEvent(new CustomEvent('rows', { bubbles: true, detail: { data: '{"statement":0,"rows":%d,"done":%v}' } }))`, rows, done)))
	}
	grow(250, false)
	s.equal("0", firstRow)
	s.until(`document.querySelector('.grid-chip')?.textContent.includes('Following new rows')`)
	grow(1200, false)
	s.until(`document.querySelector('tr[data-row="1199"] td.k-integer')?.dataset.v === '1199'`)
	s.equal("3", `document.querySelectorAll('tr.is-tail').length`)
	s.wheel(-400)
	s.until(`document.querySelector('.grid-chip').textContent === 'Follow new rows'`)
	before := eval[string](s, firstRow)
	grow(2000, false)
	s.equal(before, firstRow)
	s.do(chromedp.Click(".grid-chip"))
	s.until(`document.querySelector('tr[data-row="1999"] td.k-integer')?.dataset.v === '1999'`)
	grow(2100, true)
	s.until(`!document.querySelector('.grid-chip, tr.is-tail')`)
	s.equal("2101", `document.querySelector('sql-grid table').getAttribute('aria-rowcount')`)
}

func TestGridSaysWhenRowsCannotBeRead(t *testing.T) {
	t.Parallel()
	fake := newTable(50_000, 6)
	s := openTable(t, fake)
	s.until(noBlanks)
	fake.broken.Store(true)
	s.do(chromedp.Evaluate[chromedp.Void](goToRow(20000)))
	s.until(`document.querySelector('.grid-chip')?.textContent.includes('Try again')`)
	fake.broken.Store(false)
	s.do(chromedp.Click(".grid-chip"))
	s.until(noBlanks + ` && !document.querySelector('.grid-chip')`)
}

func TestGridShowsSkeletonsOnlyWhenRowsAreSlow(t *testing.T) {
	t.Parallel()
	fake := newTable(50_000, 6)
	s := openTable(t, fake)
	fake.delay = 600 * time.Millisecond
	s.do(chromedp.Evaluate[chromedp.Void](goToRow(20000)))
	const bar = `getComputedStyle(document.querySelector('td.is-blank'), '::before').visibility`
	s.equal("hidden", bar)
	s.until(bar + ` === 'visible'`)
	s.until(noBlanks)
}

func TestGridDropsWindowsNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	fake := newTable(1_000_000, 6)
	fake.delay = 30 * time.Millisecond
	s := openTable(t, fake)
	s.do(chromedp.Evaluate[chromedp.Void](`(async () => { for (let i = 1; i < 60; i++) { `+viewport+`.scrollTop = i * 100000; await new Promise(requestAnimationFrame); } })()`, chromedp.EvalAwaitPromise))
	s.until(noBlanks)
	if got := fake.fetches.Load(); got > 40 {
		t.Errorf("dragging the thumb fetched %d windows", got)
	} else {
		t.Logf("%d fetches", got)
	}
}

func TestGridWideResultStaysSmall(t *testing.T) {
	t.Parallel()
	s := openTable(t, newTable(2000, 1600))
	s.until(noBlanks)
	if got := eval[int](s, `document.querySelectorAll('sql-grid *').length`); got > 3000 {
		t.Errorf("%d elements for 1,600 columns, want at most 3000", got)
	} else {
		t.Logf("%d elements", got)
	}
	s.do(chromedp.Focus("sql-grid table"))
	s.key(kb.End)
	s.until(`document.querySelector('td.is-active')?.textContent === 'r0 c1599'`)
	s.until(`document.querySelector('td.is-active').getBoundingClientRect().right <= %[1]s.getBoundingClientRect().right + 1`, viewport)
	s.equal("1601", `document.querySelector('td.is-active').ariaColIndex`)
	s.key(kb.Home)
	s.until(`document.querySelector('td.is-active')?.dataset.v === '0'`)
}

func TestGridColumnsAreResized(t *testing.T) {
	t.Parallel()
	s := openTable(t, newTable(500, 4))
	s.until(noBlanks)
	const width = `Math.round(document.querySelector('th[data-name="c2"]').getBoundingClientRect().width)`
	before := eval[int](s, width)
	if before < 60 || before > 420 {
		t.Errorf("the first width is %d px", before)
	}
	x := eval[float64](s, `document.querySelector('th[data-name="c2"]').getBoundingClientRect().right - 2`)
	y := eval[float64](s, `document.querySelector('th[data-name="c2"]').getBoundingClientRect().top + 15`)
	s.do(chromedp.DragAndDropXY(x, y, x+60, y, 5))
	if got := eval[int](s, width); got != before+60 {
		t.Errorf("after dragging 60 px the width is %d, want %d", got, before+60)
	}
	s.posted("/layout", fmt.Sprintf(`{"columns":{"q1":{"c2":%d}}}`, before+60))
	s.do(chromedp.MouseClickXY(x+60, y, chromedp.ClickCount(2)))
	if got := eval[int](s, width); got > before+2 {
		t.Errorf("a double click fits to %d px, want about %d", got, before)
	}
	s.do(chromedp.Evaluate[chromedp.Void](grid+`.selection.set(0, 2)`), chromedp.Focus("sql-grid table"))
	before = eval[int](s, width)
	s.key(kb.ArrowRight, chromedp.ModifierShift, chromedp.ModifierAlt)
	if got := eval[int](s, width); got != before+16 {
		t.Errorf("the keyboard made it %d px, want %d", got, before+16)
	}
}

func TestGridSelectsByDragging(t *testing.T) {
	t.Parallel()
	s := openTable(t, newTable(500, 4))
	s.until(noBlanks)
	point := func(row, column int) (x, y float64) {
		cell := fmt.Sprintf(`document.querySelector('tr[data-row="%d"] td[aria-colindex="%d"]').getBoundingClientRect()`, row, column+2)
		return eval[float64](s, "%s.left + 20", cell), eval[float64](s, "%s.top + 10", cell)
	}
	x1, y1 := point(1, 0)
	x2, y2 := point(3, 2)
	s.do(chromedp.DragAndDropXY(x1, y1, x2, y2, 4))
	s.equal("1,0 3,2", `(({top, left, bottom, right}) => top + ',' + left + ' ' + bottom + ',' + right)(%s.selection.range)`, grid)
	s.equal("9", `document.querySelectorAll('td.is-selected').length`)
}

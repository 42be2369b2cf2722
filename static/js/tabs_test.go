package js_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const order = `[...document.querySelectorAll('#tabs [role=tab]')].map((tab) => tab.dataset.tab).join()`

func TestTabsKeepTheirText(t *testing.T) {
	t.Parallel()
	s := openWorkspace(t, "")
	s.put(0, 0)
	s.do(chromedp.KeyEvent("kept "), chromedp.Click("#tab-q2"))
	s.until(`document.querySelector('#panel-q1').hidden && document.querySelector('#panel-q2 .cm-content')`)
	s.equal("/queries/q2", `location.pathname`)
	s.equal("Query q2 · Dribble", `document.title`)
	s.posted("/tabs", `{"tabs":["q1","q2"],"active":"q2"}`)
	s.do(chromedp.Evaluate[chromedp.Void](`history.back()`))
	s.until(`location.pathname === '/' && !document.querySelector('#panel-q1').hidden`)
	s.equal("true", editor+`.text.startsWith('kept ')`)
	s.key("z", chromedp.ModifierCtrl)
	s.until(`!%s.text.startsWith('kept ')`, editor)
}

func TestTabsOpenFromLinksAndButtons(t *testing.T) {
	t.Parallel()
	s := openWorkspace(t, "")
	s.do(chromedp.Click("#queries a"))
	s.until(`document.querySelector('#panel-q3:not([hidden])') && document.querySelector('#tab-q3')?.ariaSelected === 'true'`)
	s.equal("page", `document.querySelector('#queries a').ariaCurrent`)
	s.equal("Query q3", `document.querySelector('#tab-q3 .tab-name').textContent`)
	s.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#tab-q1').focus()`))
	s.key("t", chromedp.ModifierAlt)
	s.until(`document.querySelector('#panel-q9:not([hidden])')`)
	s.equal("q1,q2,q3,q9", order)
	s.key("w", chromedp.ModifierAlt)
	s.until(order + ` === 'q1,q2,q3' && !document.querySelector('#panel-q3').hidden`)
	s.key("1", chromedp.ModifierAlt)
	s.until(`!document.querySelector('#panel-q1').hidden`)
	s.key("[", chromedp.ModifierAlt)
	s.until(`!document.querySelector('#panel-q3').hidden`)
}

func TestTabsClose(t *testing.T) {
	t.Parallel()
	s := openWorkspace(t, "")
	s.put(0, 0)
	s.do(chromedp.KeyEvent("unsaved"), chromedp.Click(`#tabs button[value="q1"]`))
	s.until(order + ` === 'q2' && document.querySelector('#panel-q2:not([hidden])') && !document.querySelector('#panel-q1')`)
	if body := s.posted("/queries/q1/draft", "").body; !strings.HasPrefix(body, "sql=unsaved") {
		t.Errorf("the draft is %s", body)
	}
	s.posted("/tabs", `{"tabs":["q2"],"active":"q2"}`)
}

func TestTabsCloseWithTheMiddleButton(t *testing.T) {
	t.Parallel()
	s := openWorkspace(t, "")
	x := eval[float64](s, `document.querySelector('#tab-q2').getBoundingClientRect().left + 30`)
	y := eval[float64](s, `document.querySelector('#tab-q2').getBoundingClientRect().top + 8`)
	s.do(chromedp.MouseClickXY(x, y, chromedp.ButtonMiddle))
	s.until(order + ` === 'q1'`)
}

func TestTabsMove(t *testing.T) {
	t.Parallel()
	s := openWorkspace(t, "")
	s.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#tab-q1').focus()`))
	s.key(kb.ArrowRight, chromedp.ModifierCtrl, chromedp.ModifierShift)
	s.equal("q2,q1", order)
	s.equal("tab-q1", `document.activeElement.id`)
	s.key(kb.ArrowLeft)
	s.equal("tab-q2", `document.activeElement.id`)
	box := func(id string) (x, y float64) {
		return eval[float64](s, `document.querySelector('#tab-%s').getBoundingClientRect().left + 20`, id), eval[float64](s, `document.querySelector('#tab-%s').getBoundingClientRect().top + 8`, id)
	}
	x1, y1 := box("q2")
	x2, y2 := box("q1")
	s.do(chromedp.DragAndDropXY(x1, y1, x2+100, y2, 8))
	s.until(order + ` === 'q1,q2'`)
	s.until(`!document.querySelector('#panel-q1').hidden`)
	s.posted("/tabs", `["q1","q2"]`)
}

func TestTabsRename(t *testing.T) {
	t.Parallel()
	s := openWorkspace(t, "")
	s.do(chromedp.DoubleClick("#tab-q1 .tab-name"))
	s.until(`document.activeElement.matches('.tab-rename')`)
	s.do(chromedp.KeyEvent("North & South"), chromedp.KeyEvent(kb.Enter))
	if body := s.posted("/queries/q1/rename", "").body; body != "name=North+%26+South" {
		t.Errorf("posted %s", body)
	}
	s.until(`document.querySelector('#tab-q1 .tab-name').textContent === 'North & South'`)
	s.until(`document.querySelector('#panel-q1').dataset.title === 'North & South'`)
}

func TestTreeKeys(t *testing.T) {
	t.Parallel()
	s := openWorkspace(t, "")
	s.do(chromedp.Focus("#tree .tree-link"))
	s.equal("1", `document.querySelectorAll('#tree .tree-link[tabindex="0"]').length`)
	s.key(kb.ArrowRight)
	s.until(`document.querySelector('[data-name="placed_at"]')?.checkVisibility()`)
	s.equal("1", `document.querySelectorAll('#tree .tree-link[tabindex="0"]').length`)
	s.equal("Orders", `document.activeElement.textContent`)
	s.key("p")
	s.equal("placed_at", `document.activeElement.textContent`)
	s.key(kb.ArrowLeft)
	s.equal("Orders", `document.activeElement.textContent`)
	s.key(kb.ArrowLeft)
	s.until(`!document.querySelector('[data-name="placed_at"]').checkVisibility()`)
	s.key(kb.End)
	s.equal("Tickets", `document.activeElement.textContent`)
	s.key(kb.Home)
	s.key(kb.ArrowRight)
	s.key(kb.ArrowDown)
	s.key(" ")
	s.until(`document.querySelector('#panel-q8:not([hidden])')`)
	s.posted("/tables/preview", "")
}

func TestLayoutIsDraggedAndStored(t *testing.T) {
	t.Parallel()
	s := openWorkspace(t, "")
	const width = `getComputedStyle(document.documentElement).getPropertyValue('--sidebar-w')`
	s.do(chromedp.DragAndDropXY(264, 200, 314, 200, 5))
	s.equal("310px", width)
	s.until(`document.querySelector('[data-splitter=sidebar]').ariaValueNow === '310'`)
	s.posted("/layout", `{"sidebar":310}`)
	s.do(chromedp.Focus(`[data-splitter=sidebar]`))
	s.key(kb.ArrowLeft)
	s.equal("294px", width)
	s.key(kb.ArrowRight, chromedp.ModifierShift)
	s.equal("358px", width)
	s.key(kb.End)
	s.equal("420px", width)
	s.key(kb.Home)
	s.equal("200px", width)
	s.key("b", chromedp.ModifierCtrl)
	s.equal("hidden", `document.documentElement.dataset.sidebar`)
	s.do(chromedp.Focus(`[data-splitter=editor]`))
	s.key(kb.ArrowUp)
	s.equal("318px", `getComputedStyle(document.documentElement).getPropertyValue('--editor-h')`)
	s.posted("/layout", `{"sidebar":200,"sidebarHidden":true,"editor":318}`)
}

func TestRunStream(t *testing.T) {
	t.Parallel()
	routes := workspaceRoutes()
	fake := newTable(0, 4)
	for pattern, handler := range fake.routes() {
		routes[pattern] = handler
	}
	routes["POST /queries/{id}/runs"] = func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`<div class="results" id="results-q1" data-run="r1" data-status="running"><div hx-sse:connect="/runs/r1/events" hx-sse:close="done" hx-swap="none"></div>
<div class="result-bar" id="bar-r1" role="tablist"><button type="button" role="tab" aria-controls="result-r1-0" aria-selected="true">Results</button><button type="button" role="tab" aria-controls="messages-r1" aria-selected="false">Messages</button></div>
<span data-elapsed="2000">2.00 s</span><form id="cancel-r1" method="post" action="/runs/r1/cancel" hx-post="/runs/r1/cancel" hx-swap="none"></form><div id="stack-r1"></div><section id="messages-r1" hidden>Sent</section></div>`))
	}
	routes["POST /runs/r1/cancel"] = noContent
	cancelled := make(chan struct{})
	routes["GET /runs/r1/events"] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		send := func(format string, args ...any) {
			_, _ = fmt.Fprintf(w, format+"\n\n", args...)
			w.(http.Flusher).Flush()
			time.Sleep(40 * time.Millisecond)
		}
		fake.rows.Store(30)
		fake.done = false
		html := fake.body("")
		start := strings.Index(html, "<sql-grid")
		html = html[start : strings.Index(html, "</sql-grid>")+len("</sql-grid>")]
		send(`data: <hx-partial hx-target="#stack-r1" hx-swap="beforeend"><section id="result-r1-0">%s</section></hx-partial>`, strings.ReplaceAll(html, "\n", " "))
		for rows := int64(100); rows <= 1000; rows += 100 {
			fake.rows.Store(rows)
			send("event: rows\ndata: {\"statement\":0,\"rows\":%d,\"done\":false}", rows)
		}
		select {
		case <-cancelled:
		case <-r.Context().Done():
			return
		}
		send(`data: <hx-partial hx-target="#bar-r1" hx-swap="innerHTML"><button type="button" role="tab" aria-controls="result-r1-0" aria-selected="true">Results 1,000</button><button type="button" role="tab" aria-controls="messages-r1" aria-selected="false">Messages</button></hx-partial>`)
		send("event: rows\ndata: {\"statement\":0,\"rows\":1000,\"done\":true}")
		send("event: done\ndata: {\"status\":\"success\",\"rows\":1000,\"ms\":1240}")
	}
	s := open(t, workspace(tabItem("q1", "Revenue", true)+tabItem("q2", "Late", false), panel("q1", "Revenue", script, "")), routes)
	s.until(editor + `?.view`)
	s.put(12, 12)
	s.key(kb.Enter, chromedp.ModifierCtrl)
	s.until(`document.querySelector('sql-grid')?.dataset.rows === '1000'`)
	s.equal("true", editor+`.contains(document.activeElement)`)
	s.equal("true", `document.querySelector('#tab-q1').classList.contains('is-running')`)
	s.until(`parseFloat(document.querySelector('[data-elapsed]').textContent) > 2.2`)
	s.do(chromedp.Click(`#bar-r1 [aria-controls="messages-r1"]`))
	s.equal("true", `document.querySelector('#result-r1-0').hidden && !document.querySelector('#messages-r1').hidden`)
	s.key(".", chromedp.ModifierCtrl)
	s.posted("/runs/r1/cancel", "")
	s.do(chromedp.Click("#tab-q2"))
	s.until(`document.querySelector('#panel-q2')`)
	close(cancelled)
	s.until(`document.querySelector('#results-q1').dataset.status === 'success'`)
	s.equal("true", `document.querySelector('#tab-q1').classList.contains('is-finished') && !document.querySelector('#tab-q1').classList.contains('is-running')`)
	s.do(chromedp.Click("#tab-q1"))
	s.until(`!document.querySelector('#messages-r1').hidden && document.querySelector('#result-r1-0').hidden`)
	s.equal("false", `document.querySelector('#tab-q1').classList.contains('is-finished')`)
	s.key(kb.ArrowLeft)
	s.do(chromedp.Click(`#bar-r1 [aria-controls="result-r1-0"]`))
	s.until(noBlanks)
	s.equal("1001", `document.querySelector('sql-grid table').getAttribute('aria-rowcount')`)
}

func TestLayersAndSmallControls(t *testing.T) {
	t.Parallel()
	s := open(t, `<a href="/form" id="add" hx-get="/form" hx-target="#dialog">Add</a>
<details class="menu"><summary id="more">More</summary><div><button type="button">One</button><button type="button">Two</button></div></details>
<input type="password" id="secret" value="x"><button type="button" data-reveal="secret">Show</button>
<pre id="message">no such column</pre><button type="button" id="copy" data-copy="#message">Copy</button><p id="rest">rest</p>`,
		map[string]http.HandlerFunc{
			"GET /form": func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(`<h2>Add source</h2><form method="post" action="/form" hx-post="/form" hx-target="#dialog"><input name="host" aria-label="Host" autofocus><button>Add</button></form><button type="button" data-close>Close</button>`))
			},
			"POST /form": func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(`<hx-partial hx-target="#toasts" hx-swap="beforeend"><div class="toast" data-kind="ok"><span class="toast-text">Source added.</span><button type="button" data-close>Close</button></div></hx-partial><hx-partial hx-target="#dialog" hx-swap="innerHTML"></hx-partial>`))
			},
		})
	s.do(chromedp.Click("#add"))
	s.until(`document.querySelector('#dialog[open] [name=host]') === document.activeElement`)
	s.do(chromedp.Click("#dialog [data-close]"))
	s.until(`!document.querySelector('#dialog[open]') && document.querySelector('#dialog').childElementCount === 0 && document.activeElement.id === 'add'`)
	s.do(chromedp.Click("#add"))
	s.until(`document.querySelector('#dialog[open]')`)
	s.key(kb.Enter)
	s.until(`!document.querySelector('#dialog[open]') && document.querySelector('.toast[data-kind=ok] .toast-text')?.textContent === 'Source added.'`)
	s.do(chromedp.Click(".toast [data-close]"))
	s.until(`!document.querySelector('.toast')`)

	s.do(chromedp.Click("#more"))
	s.key(kb.ArrowDown)
	s.key(kb.ArrowDown)
	s.equal("Two", `document.activeElement.textContent`)
	s.key(kb.Escape)
	s.equal("false more", `document.querySelector('.menu').open + ' ' + document.activeElement.id`)
	s.do(chromedp.Click("#more"), chromedp.Click("#rest"))
	s.equal("false", `document.querySelector('.menu').open`)

	s.do(chromedp.Click("[data-reveal]"))
	s.equal("text true", `document.querySelector('#secret').type + ' ' + document.querySelector('[data-reveal]').ariaPressed`)
	s.do(chromedp.Evaluate[chromedp.Void](`window.copied = ''; const set = DataTransfer.prototype.setData; DataTransfer.prototype.setData = function (type, text) { window.copied = text; set.call(this, type, text); }; 0`), chromedp.Click("#copy"))
	s.until(`document.querySelector('.toast')?.textContent.includes('Copied')`)
	s.equal("no such column", `window.copied`)
}

package main

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// noScript turns the page's scripts off. The driver can still look.
func (s *tab) noScript() {
	s.t.Helper()
	s.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// press clicks a control that loads another page and waits for that page.
func (s *tab) press(selector, text string) {
	s.t.Helper()
	eval[bool](s, `document.documentElement.setAttribute('data-old', '') ?? true`)
	s.clickText(selector, text)
	s.until(`!document.documentElement.hasAttribute('data-old') && document.readyState === 'complete'`)
}

// TestWithoutScript does the main job with scripts off: every step is a form or
// a link.
func TestWithoutScript(t *testing.T) {
	server := shopDatabase(t)
	p := startProduct(t)
	s := openTab(t, p)
	s.noScript()
	s.open("/")
	if eval[bool](s, `!!globalThis.htmx`) {
		t.Fatal("scripts still run")
	}
	s.press("button", "Run this")
	s.equal("5", `document.querySelectorAll('sql-grid tbody tr').length`)

	// Add a source, with a test before.
	s.press(`#sources a[aria-label="Add source"], a.card-link`, "")
	s.press(".engine-links a", "PostgreSQL")
	fields := server.Fields("disable")
	fields["password"] = "not the password"
	s.fillSource("Plain shop", fields)
	s.press("#source-actions button", "Test connection")
	s.until(`document.querySelector('#test-panel .note-err') && document.querySelector('#fault-password').checkVisibility()`)
	s.equal("Plain shop", `document.querySelector('#source-own-name').value`)
	s.enter(`[name="field.password"]`, server.Password)
	s.press("#source-actions button", "Test connection")
	s.until(`document.querySelector('#test-panel .note-ok')`)
	s.enter(`[name="field.password"]`, server.Password) // a page never gives a password back
	s.press("#source-actions button", "Add source")

	// Browse it to a table, whose rows are a press away.
	s.press("#tree .tree-link", "Plain shop")
	s.press(".pill", "sales")
	s.press(".browse-table a", "orders")
	s.untilText(".browse-table", "placed_at")
	s.press(".crumbs button", "Show rows")
	s.equal("100", `document.querySelectorAll('sql-grid tbody tr').length`)

	// Write, run, page through the rows.
	s.enter(`textarea[name="sql"]`, "SELECT id, customer\nFROM sales.orders\nORDER BY id")
	s.press(".toolbar button", "Run")
	s.equal("success", `document.querySelector('.results').dataset.status`)
	first := func(want string) {
		t.Helper()
		s.equal(want, `document.querySelector('sql-grid tbody tr td').textContent`)
	}
	first("1")
	s.press(".grid-pages a", "Next")
	first("101")
	s.press(".grid-pages a", "Last")
	first("401")
	s.press(".grid-pages a", "Previous")
	first("301")
	s.press(".grid-pages a", "First")
	first("1")
	s.click(".result-actions summary")
	href := eval[string](s, `[...document.querySelectorAll('.result-actions a[download]')].find((a) => a.textContent.includes('CSV')).getAttribute('href')`)
	if got := string(p.get(href)); !strings.HasPrefix(got, "id,customer\r\n1,customer 1\r\n") || strings.Count(got, "\n") != 501 {
		t.Errorf("the CSV has %d lines and begins %.40q", strings.Count(got, "\n"), got)
	}

	// An error tells where.
	s.enter(`textarea[name="sql"]`, "SELECT 1,\n  nothing_here\nFROM sales.orders")
	s.press(".toolbar button", "Run")
	s.untilText(".failure", "nothing_here")
	s.untilText(".failure", "2")

	// Save twice, look at the history of the query, restore.
	s.enter(`textarea[name="sql"]`, "SELECT 'one' AS v")
	s.press(".toolbar button", "Save")
	s.enter(`textarea[name="sql"]`, "SELECT 'two' AS v")
	s.press(".toolbar button", "Save")
	s.press("a.version-mark", "v")
	s.equal("2", `document.querySelectorAll('.version-table tbody tr').length`)
	s.press(".version-table a", "v1")
	s.press("button", "Restore as a new version")
	s.equal("SELECT 'one' AS v", `document.querySelector('textarea[name="sql"]').value`)

	// The runs of everything.
	s.press("a", "All runs")
	s.until(`document.querySelectorAll('.runs-table tbody tr').length === 4`)
	s.press(".runs-open", "Open")
	s.untilText(".failure", "nothing_here")

	// Delete the source.
	s.press("#tree .tree-link", "Plain shop")
	s.press("a", "Edit source")
	s.press("a", "Delete source")
	s.untilText("#dialog-title", "Delete Plain shop?")
	s.press("button", "Delete source")
	s.until(`!document.querySelector('#tree [data-name="Plain shop"]')`)
}

package main

import (
	"maps"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/jackc/pgx/v5"

	"dribble/internal/testenv"
)

// shopDatabase is a PostgreSQL database with a small shop in it.
func shopDatabase(t *testing.T) testenv.Server {
	t.Helper()
	server := testenv.Postgres(t).NewDatabase(t)
	conn, err := pgx.Connect(t.Context(), server.ConnString())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	_, err = conn.Exec(t.Context(), `
		CREATE SCHEMA sales;
		CREATE TABLE sales.orders (id bigint PRIMARY KEY, customer text NOT NULL, placed_at timestamptz, total numeric(10,2));
		CREATE TABLE sales.order_items (id bigint PRIMARY KEY, order_id bigint REFERENCES sales.orders (id), bean text);
		CREATE TABLE public.notes (id int, body text);
		INSERT INTO sales.orders SELECT n, 'customer ' || n, '2026-01-01 00:00+00'::timestamptz + n * interval '1 hour', n * 1.25 FROM generate_series(1, 500) n;
		INSERT INTO public.notes VALUES (1, 'keep me');
		ANALYZE;`)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// fillSource writes a source's fields into the form in view.
func (s *tab) fillSource(name string, fields map[string]string) {
	s.t.Helper()
	s.enter("#source-own-name", name)
	for field, value := range fields {
		selector := `[name="field.` + field + `"]`
		if eval[string](s, `document.querySelector(%s).localName`, quote(selector)) == "select" {
			s.choose(selector, value)
		} else {
			s.enter(selector, value)
		}
	}
}

func TestAddSourceInDialog(t *testing.T) {
	server := shopDatabase(t)
	s := openTab(t, startProduct(t))
	s.open("/")
	s.click(`.card-link[href="/sources/new"]`)
	s.until(`document.querySelector('#dialog').open && document.querySelector('#source-form')`)
	s.clickText(`#dialog .engine-card`, "PostgreSQL")
	s.until(`document.querySelector('[name="field.host"]')`)

	wrong := maps.Clone(server.Fields("disable"))
	wrong["password"] = "not the password"
	s.fillSource("Shop", wrong)
	s.clickText("#dialog button", "Test connection")
	s.until(`document.querySelector('#test-panel .note-err')`)
	s.until(`document.querySelector('#fault-password')?.checkVisibility()`)
	if title := eval[string](s, `document.querySelector('#test-panel .note-title').textContent`); title == "" {
		t.Error("the failed test has no title")
	}
	s.shots("add-source-failure")

	s.enter(`[name="field.password"]`, server.Password)
	s.clickText("#dialog button", "Test connection")
	s.until(`document.querySelector('#test-panel .note-ok')`)
	s.equal("5", `document.querySelectorAll('#test-panel .test-step').length`)
	s.equal("5", `document.querySelectorAll('#test-panel .test-step.is-ok').length`)
	s.until(`!document.querySelector('#fault-password')?.checkVisibility()`)
	s.shots("add-source-success")

	s.clickText("#dialog button", "Add source")
	s.until(`!document.querySelector('#dialog').open && document.querySelector('#tree [data-kind="source"][data-name="Shop"]')`)
}

func TestTreeAndSearch(t *testing.T) {
	server := shopDatabase(t)
	p := startProduct(t)
	p.addSource("Shop", "postgres", server.Fields("disable"), false)
	s := openTab(t, p)
	s.open("/")
	const shop = `#tree [data-kind="source"][data-name="Shop"]`
	s.click(shop + " .tree-link")
	s.until(`document.querySelector('%s [data-kind="schema"][data-name="sales"]')`, shop)
	open := func(selector, child string) {
		t.Helper()
		if eval[string](s, `document.querySelector(%s).ariaExpanded`, quote(selector)) != "true" {
			s.click(selector + " > .tree-row .tree-link")
		}
		s.until(`document.querySelector(%s)?.checkVisibility()`, quote(child))
	}
	open(shop+` [data-kind="schema"][data-name="sales"]`, shop+` [data-kind="table"][data-name="orders"]`)
	open(shop+` [data-kind="table"][data-name="orders"]`, shop+` [data-kind="column"][data-name="placed_at"]`)
	s.untilText(shop+` [data-kind="column"][data-name="placed_at"]`, "timestamp")

	// Arrows lead on from the table; Left closes it.
	s.click(shop + ` [data-kind="table"][data-name="orders"] > .tree-row .tree-link`)
	s.key(kb.ArrowRight)
	s.key(kb.ArrowLeft)
	s.equal("false", `document.querySelector(%s).ariaExpanded`, quote(shop+` [data-kind="table"][data-name="orders"]`))

	s.key("k", chromedp.ModifierCtrl)
	s.equal("Search tables and queries", `document.activeElement.ariaLabel`)
	s.do(insert("order_it"))
	s.until(`[...document.querySelectorAll('#tree [data-kind="table"]')].filter((e) => e.checkVisibility()).every((e) => e.dataset.name === 'order_items') && document.querySelector(%s)`,
		quote(shop+` [data-kind="table"][data-name="order_items"]`))
	s.enter(`#sidebar [aria-label="Search tables and queries"]`, "nothing is called so")
	s.untilText("#tree", "Nothing matches")

	// A table's rows are one press away.
	s.enter(`#sidebar [aria-label="Search tables and queries"]`, "notes")
	s.until(`document.querySelector('#tree [data-name="notes"]')?.checkVisibility()`)
	eval[bool](s, `document.querySelector('#tree [data-kind="table"][data-name="notes"] .tree-link').focus() ?? true`)
	s.key(" ")
	s.until(panelInView + `.dataset.title === 'notes'`)
	if got := s.cells(0); len(got) != 2 || got[1] != "keep me" {
		t.Errorf("the preview's first row is %q, want 1 and keep me", got)
	}
}

func TestDeleteSource(t *testing.T) {
	server := shopDatabase(t)
	p := startProduct(t)
	id := p.addSource("Old shop", "postgres", server.Fields("disable"), false)
	s := openTab(t, p)
	s.open("/sources/" + id)
	s.clickText("a", "Edit source")
	s.until(`document.querySelector('#dialog').open && document.querySelector('#dialog [name="field.host"]').value !== ''`)
	s.equal("", `document.querySelector('#dialog [name="field.password"]').value`)
	s.clickText("#dialog a", "Delete source")
	s.untilText("#dialog-title", "Delete Old shop?")
	s.clickText("button", "Delete source")
	s.until(`location.pathname === '/' && !document.querySelector('#tree [data-name="Old shop"]')`)
}

func TestProductionAsksForItsName(t *testing.T) {
	server := shopDatabase(t)
	p := startProduct(t)
	id := p.addSource("Shop live", "postgres", server.Fields("disable"), true)
	s := openTab(t, p)
	query := s.openQuery(p, "Clear notes", id, "")
	s.allow(409, "/queries/"+query+"/runs") // a question is not a success
	s.write("DELETE FROM public.notes")
	s.key(kb.Enter, chromedp.ModifierCtrl)
	s.until(`document.querySelector('#dialog').open && document.querySelector('#confirm-name')`)
	s.shots("destructive-confirm")
	s.clickText("#dialog button", "Delete every row") // without the name nothing happens
	s.until(`document.querySelector('#confirm-name').matches(':invalid')`)
	s.equal("true", `document.querySelector('#dialog').open`)
	s.key(kb.Escape)
	s.until(`!document.querySelector('#dialog').open`)
	s.run("SELECT count(*) FROM public.notes", "success")
	if got := s.cells(0); got[0] != "1" {
		t.Errorf("%s notes are left after the refusal, want 1", got[0])
	}

	s.write("DELETE FROM public.notes")
	before := eval[string](s, resultsNow+`.dataset.run`)
	s.key(kb.Enter, chromedp.ModifierCtrl)
	s.until(`document.querySelector('#confirm-name')`)
	s.enter("#confirm-name", "Shop live")
	s.clickText("#dialog button", "Delete every row")
	s.until(`!document.querySelector('#dialog').open && `+resultsNow+`.dataset.run !== %s`, quote(before))
	s.ended("success")
	s.untilText(inPanel+".results", "1 row")
}

package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"dribble/auth"
	"dribble/db"
	"dribble/domain"
	"dribble/engine"
	"dribble/views"
)

// How much the sidebar shows at once.
const (
	sidebarQueries = 200
	sidebarRuns    = 20
)

// page makes what every full page needs.
func (s *Server) page(r *http.Request, title string, state db.State) views.Page {
	p := principal(r)
	l := readLayout(state.Layout)
	theme := state.Theme
	if theme == "system" {
		theme = ""
	}
	return views.Page{
		Title: title, Nonce: nonce(r), Theme: theme, Principal: p, Workspace: s.workspaceName(r), Engines: s.engines,
		Layout:  views.Layout{Sidebar: l.Sidebar, Editor: l.Editor, SidebarHidden: l.SidebarHidden, Columns: l.Columns},
		Version: s.version, Now: time.Now(), CanEdit: auth.Can(p, auth.Edit), CanManage: auth.Can(p, auth.Manage),
	}
}

// pageOf is page with the stored state, for answers that need no more of it.
func (s *Server) pageOf(r *http.Request, title string) views.Page {
	state, err := s.store.State(r.Context(), principal(r))
	if err != nil {
		state = db.State{}
	}
	return s.page(r, title, state)
}

func (s *Server) workspaceName(r *http.Request) string {
	w, err := s.store.Workspace(r.Context(), principal(r))
	if err != nil {
		return "Workspace"
	}
	return w.Name
}

// showWorkspace answers a full page round one panel, or the panel alone with the
// tab strip for scripts. q is the query in the panel, nil for other panels.
func (s *Server) showWorkspace(w http.ResponseWriter, r *http.Request, code int, title string, state db.State, q *domain.Query, panel templ.Component) error {
	tabs := s.tabs(r, state)
	if isFragment(r) {
		return s.render(w, r, code, templ.Join(panel, views.Fill("tabs", views.TabItems(tabs))))
	}
	page := s.page(r, title, state)
	page.Editor = q != nil
	sidebar, err := s.sidebar(r, q)
	if err != nil {
		return err
	}
	return s.render(w, r, code, views.Workspace(views.Shell{Page: page, Sidebar: sidebar, Tabs: tabs}, panel))
}

// tabs are the person's open tabs; those whose query is gone are left out.
func (s *Server) tabs(r *http.Request, state db.State) []views.Tab {
	list := make([]views.Tab, 0, len(state.Tabs))
	for _, t := range state.Tabs {
		active := t.ID == state.ActiveTab
		switch t.ID {
		case tabWelcome:
			list = append(list, views.Tab{ID: t.ID, Kind: views.TabWelcome, Name: "Welcome", Active: active})
			continue
		case tabRuns:
			list = append(list, views.Tab{ID: t.ID, Kind: views.TabRuns, Name: "All runs", Active: active})
			continue
		}
		q, err := s.store.Query(r.Context(), principal(r), t.ID)
		if err != nil {
			continue
		}
		list = append(list, views.QueryTab(q, active))
	}
	return list
}

func (s *Server) sidebar(r *http.Request, active *domain.Query) (views.Sidebar, error) {
	ctx, p := r.Context(), principal(r)
	sources, err := s.store.Sources(ctx, p)
	if err != nil {
		return views.Sidebar{}, err
	}
	queries, err := s.store.Queries(ctx, p, db.QueryFilter{Limit: sidebarQueries})
	if err != nil {
		return views.Sidebar{}, err
	}
	runs, _, err := s.store.Runs(ctx, p, db.RunFilter{Limit: sidebarRuns})
	if err != nil {
		return views.Sidebar{}, err
	}
	side := views.Sidebar{Queries: queries, QueryTotal: len(queries), History: runs}
	open := ""
	if active != nil {
		side.ActiveQuery, open = active.ID, active.SourceID
	} else if len(sources) == 1 {
		open = sources[0].ID
	}
	for _, src := range sources {
		item := views.SourceItem{Source: src, State: s.workers.State(src.ID)}
		if src.ID == open {
			item.Children = s.quickTree(ctx, src)
			item.Open = item.Children != nil
		}
		side.Sources = append(side.Sources, item)
	}
	return side, nil
}

// treePatience is how long a page waits for the tree of its own source. A slower
// source is read when somebody opens it.
const treePatience = 200 * time.Millisecond

// quickTree returns the rows below a source if they can be had at once. A catalogue
// that comes late goes to the cache for the next page.
func (s *Server) quickTree(ctx context.Context, src domain.Source) []views.TreeRow {
	ctx, cancel := context.WithTimeout(ctx, treePatience)
	defer cancel()
	schema, err := s.catalogue(ctx, src, false)
	if err != nil {
		if ctx.Err() == nil {
			s.log.InfoContext(ctx, "read catalogue", slog.String("source", src.ID), slog.Any("error", err))
		}
		return nil
	}
	return s.treeRows(src, schema)
}

func (s *Server) treeRows(src domain.Source, schema engine.Schema) []views.TreeRow {
	return views.SchemaRows(src.ID, schema, s.defaultSchema(src, schema))
}

// showHome goes to where the person left off: the active tab, or the first-run
// page if there is none.
func (s *Server) showHome(w http.ResponseWriter, r *http.Request) error {
	state, err := s.store.State(r.Context(), principal(r))
	if err != nil {
		return err
	}
	switch state.ActiveTab {
	case "", tabWelcome:
		return s.showWelcome(w, r)
	case tabRuns:
		return s.showRuns(w, r)
	}
	q, err := s.store.Query(r.Context(), principal(r), state.ActiveTab)
	if domain.CodeOf(err) == domain.NotFound {
		return s.showWelcome(w, r)
	}
	if err != nil {
		return err
	}
	return s.openQuery(w, r, q)
}

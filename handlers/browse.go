package handlers

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"dribble/db"
	"dribble/domain"
	"dribble/engine"
	"dribble/query"
	"dribble/sqltext"
	"dribble/views"
)

// browseSource is the schema browser that works without script.
func (s *Server) browseSource(w http.ResponseWriter, r *http.Request) error {
	src, err := s.store.Source(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	state, err := s.store.State(r.Context(), principal(r))
	if err != nil {
		return err
	}
	page := s.page(r, src.Name, state)
	v := views.BrowseView{
		Source: src, State: s.workers.State(src.ID), Engines: s.engines, CanEdit: page.CanEdit, CanManage: page.CanManage, Now: time.Now(),
	}
	schema, err := s.catalogue(r.Context(), src, false)
	if err != nil {
		v.Failure = treeProblem(err)
	} else if err := s.chooseTable(r, src, schema, &v); err != nil {
		return err
	}
	state.ActiveTab = ""
	return s.showWorkspace(w, r, http.StatusOK, src.Name, state, nil, views.BrowsePanel(v))
}

// chooseTable fills in the schema and table that the address names. Indexes are
// read for the table in view alone.
func (s *Server) chooseTable(r *http.Request, src domain.Source, schema engine.Schema, v *views.BrowseView) error {
	v.Schemas = schema.Schemas
	if v.Schema = r.URL.Query().Get("schema"); v.Schema == "" {
		if v.Schema = s.defaultSchema(src, schema); v.Schema == "" && len(schema.Schemas) > 0 {
			v.Schema = schema.Schemas[0].Name
		}
	}
	name := r.URL.Query().Get("table")
	if name == "" {
		return nil
	}
	detail, err := s.workers.Schema(r.Context(), src, engine.SchemaRequest{Schema: v.Schema, Table: name, Columns: true})
	if err != nil {
		return databaseError(err)
	}
	ns, _ := findNamespace(detail, v.Schema)
	t, ok := findTable(ns, name)
	if !ok {
		return domain.Errorf(domain.NotFound, "There is no table %q in %s.", name, v.Schema)
	}
	v.Table = &t
	return nil
}

// showSearchPage is the search of the sidebar as a page, without script.
func (s *Server) showSearchPage(w http.ResponseWriter, r *http.Request, match string, items []views.SourceItem) error {
	state, err := s.store.State(r.Context(), principal(r))
	if err != nil {
		return err
	}
	queries, err := s.store.Queries(r.Context(), principal(r), db.QueryFilter{Match: match, Limit: sidebarQueries})
	if err != nil {
		return err
	}
	state.ActiveTab = ""
	page := s.page(r, "Search", state)
	sidebar, err := s.sidebar(r, nil)
	if err != nil {
		return err
	}
	sidebar.Sources, sidebar.Match, sidebar.Queries = items, match, queries
	panel := views.QueriesPanel(views.QueriesView{Queries: queries, Match: match, Engines: s.engines, CanEdit: page.CanEdit, Now: page.Now})
	return s.render(w, r, http.StatusOK, views.Workspace(views.Shell{Page: page, Sidebar: sidebar, Tabs: s.tabs(r, state)}, panel))
}

// askConfirm asks before a destructive statement is sent, naming what it hits.
func (s *Server) askConfirm(w http.ResponseWriter, r *http.Request, q domain.Query, public *domain.Error, danger *query.ConfirmError) error {
	form := r.PostForm
	v := views.ConfirmView{
		Title: public.Message, Text: "This cannot be undone from Dribble.", Action: "/queries/" + q.ID + "/runs", Target: "#results-" + q.ID,
		Code: highlight(sqltext.Dialect(danger.Source.Engine), danger.Statement.Text), KeepHref: "/queries/" + q.ID,
		Rows: s.estimate(r, danger),
	}
	v.Do, v.Keep = outcomes(danger.Statement)
	for _, name := range []string{"sql", "source_id", "from", "to", "max_rows"} {
		if form.Has(name) {
			v.Fields = append(v.Fields, views.Field{Name: name, Value: form.Get(name)})
		}
	}
	if danger.Name {
		v.TypeName = danger.Source.Name
	}
	return s.showConfirm(w, r, http.StatusConflict, v)
}

// outcomes names what the two buttons of the question lead to.
func outcomes(st sqltext.Statement) (do, keep string) {
	switch {
	case st.Danger == sqltext.DangerNoWhere && st.Keyword == "UPDATE":
		return "Change every row", "Keep rows"
	case st.Danger == sqltext.DangerNoWhere:
		return "Delete every row", "Keep rows"
	case st.Danger == sqltext.DangerTruncate:
		return "Remove every row", "Keep rows"
	}
	return "Drop for good", "Keep it"
}

// estimate is about how many rows the statement's table has, if a catalogue at hand
// knows it.
func (s *Server) estimate(r *http.Request, danger *query.ConfirmError) int64 {
	if danger.Statement.Danger != sqltext.DangerNoWhere && danger.Statement.Danger != sqltext.DangerTruncate {
		return 0
	}
	if !s.isKnown(r, danger.Source) {
		return 0
	}
	schema, err := s.catalogue(r.Context(), danger.Source, false)
	if err != nil {
		return 0
	}
	for _, ns := range schema.Schemas {
		for _, t := range ns.Tables {
			if danger.Statement.Object == t.Name || danger.Statement.Object == ns.Name+"."+t.Name {
				return t.RowsEstimate
			}
		}
	}
	return 0
}

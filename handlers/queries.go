package handlers

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"dribble/db"
	"dribble/domain"
	"dribble/query"
	"dribble/sqltext"
	"dribble/views"
)

// checkText refuses SQL that is too large to keep.
func checkText(text string) error {
	if len(text) > sqltext.MaxScript {
		return &domain.Error{Code: domain.TooLarge, Field: "sql", Message: fmt.Sprintf("The text is larger than %d bytes.", sqltext.MaxScript), Hint: "Split it into several queries."}
	}
	return nil
}

// showQuery shows a query's tab.
func (s *Server) showQuery(w http.ResponseWriter, r *http.Request) error {
	q, err := s.store.Query(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	return s.openQuery(w, r, q)
}

// openQuery shows a query's tab with the run that the address names, else its
// newest one.
func (s *Server) openQuery(w http.ResponseWriter, r *http.Request, q domain.Query) error {
	snap, err := s.runOf(r, q)
	if err != nil {
		return err
	}
	if snap == nil {
		return s.showQueryPanel(w, r, http.StatusOK, q, views.ResultView{QueryID: q.ID, Engines: s.engines, Now: time.Now()}, nil)
	}
	view := s.resultView(r, *snap, q.DraftSQL, readShown(r, *snap))
	return s.showQueryPanel(w, r, http.StatusOK, q, view, &view.Run)
}

// runOf finds the run that a query's page shows; nil if it never ran.
func (s *Server) runOf(r *http.Request, q domain.Query) (*query.Snapshot, error) {
	id := r.URL.Query().Get("run")
	if id == "" {
		runs, _, err := s.store.Runs(r.Context(), principal(r), db.RunFilter{QueryID: q.ID, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(runs) == 0 {
			return nil, nil //nolint:nilnil // no run is no failure
		}
		id = runs[0].ID
	}
	snap, err := s.runs.Now(r.Context(), principal(r), id)
	if err != nil {
		return nil, err
	}
	if snap.Run.QueryID != q.ID {
		return nil, domain.Errorf(domain.NotFound, "This run does not belong to %s.", q.Name)
	}
	return &snap, nil
}

// showQueryPanel answers the panel of a query, inside the whole page unless
// a script asks for it.
func (s *Server) showQueryPanel(w http.ResponseWriter, r *http.Request, code int, q domain.Query, results views.ResultView, run *domain.Run) error {
	state, err := s.changeState(r, func(state *db.State) error { openTab(state, q.ID); return nil })
	if err != nil {
		return err
	}
	page := s.page(r, q.Name, state)
	sources, err := s.store.Sources(r.Context(), principal(r))
	if err != nil {
		return err
	}
	var src domain.Source
	for _, known := range sources {
		if known.ID == q.SourceID {
			src = known
		}
	}
	panel := views.QueryPanel(views.QueryView{
		Query: q, Source: src, State: s.workers.State(src.ID), Sources: sources, Engines: s.engines,
		Results: results, Status: s.statusView(q, src, run), CanEdit: page.CanEdit,
	})
	return s.showWorkspace(w, r, code, q.Name, state, &q, panel)
}

// createQuery opens a new query: blank, with a given text, or a copy of an example
// that is run at once.
func (s *Server) createQuery(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	p, text := principal(r), lineEnds(r.PostForm.Get("sql"))
	if err := checkText(text); err != nil {
		return err
	}
	sourceID, err := s.chooseSource(r)
	if err != nil {
		return err
	}
	name := strings.TrimSpace(r.PostForm.Get("name"))
	if name == "" {
		if name, err = s.scratchName(r); err != nil {
			return err
		}
	}
	q, err := s.store.CreateQuery(r.Context(), p, domain.Query{Name: name, SourceID: sourceID, DraftSQL: text, IsEphemeral: true}, domain.TriggerManual)
	if err != nil {
		return err
	}
	return s.showNew(w, r, q, r.PostForm.Get("run") != "")
}

// showNew shows a query that has just been made, running it first if asked.
func (s *Server) showNew(w http.ResponseWriter, r *http.Request, q domain.Query, run bool) error {
	path := "/queries/" + q.ID
	if run {
		req, err := editorRequest(func(string) string { return "" }, q, q.DraftSQL)
		if err != nil {
			return err
		}
		started, err := s.runs.Start(r.Context(), principal(r), req)
		if err != nil {
			return s.refuseRun(w, r, q, q.DraftSQL, err)
		}
		s.feed.announce(started.WorkspaceID)
		_, _ = s.waitShort(r, started.ID) // whatever comes of it, the page shows it
		path += "?run=" + started.ID
	}
	if !isFragment(r) {
		return redirect(w, r, path)
	}
	w.Header().Set("HX-Push-Url", "/queries/"+q.ID)
	return s.openQuery(w, r, q)
}

// chooseSource is the source that a form names, else the one of the active tab,
// else the first one; "" if there is none.
func (s *Server) chooseSource(r *http.Request) (string, error) {
	p := principal(r)
	if id := r.PostForm.Get("source_id"); id != "" {
		_, err := s.store.Source(r.Context(), p, id)
		return id, err
	}
	if state, err := s.store.State(r.Context(), p); err == nil && tabKind(state.ActiveTab) == tabQuery && state.ActiveTab != "" {
		if q, err := s.store.Query(r.Context(), p, state.ActiveTab); err == nil && q.SourceID != "" {
			return q.SourceID, nil
		}
	}
	sources, err := s.store.Sources(r.Context(), p)
	if err != nil || len(sources) == 0 {
		return "", err
	}
	return sources[0].ID, nil
}

// scratchName numbers a new tab past those that are open.
func (s *Server) scratchName(r *http.Request) (string, error) {
	state, err := s.store.State(r.Context(), principal(r))
	if err != nil {
		return "", err
	}
	highest := 0
	for _, t := range s.tabs(r, state) {
		if n, err := strconv.Atoi(strings.TrimPrefix(t.Name, "scratch ")); err == nil {
			highest = max(highest, n)
		}
	}
	return "scratch " + strconv.Itoa(highest+1), nil
}

// previewTable opens the first rows of a table in a tab that is used again for the
// same table.
func (s *Server) previewTable(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	p, form := principal(r), r.PostForm
	src, err := s.store.Source(r.Context(), p, form.Get("source_id"))
	if err != nil {
		return err
	}
	schema, table := form.Get("schema"), form.Get("table")
	if table == "" {
		return domain.FieldError("table", "Choose a table.")
	}
	key := "table:" + src.ID + ":" + sqltext.QuoteIdent(sqltext.Dialect(src.Engine), schema) + "." + sqltext.QuoteIdent(sqltext.Dialect(src.Engine), table)
	q, err := s.store.EphemeralByPreview(r.Context(), p, key)
	if domain.CodeOf(err) == domain.NotFound {
		d := sqltext.Dialect(src.Engine)
		name := sqltext.QuoteIfNeeded(d, table)
		if schema != "" {
			name = sqltext.QuoteIfNeeded(d, schema) + "." + name
		}
		q, err = s.store.CreateQuery(r.Context(), p, domain.Query{
			Name: table, SourceID: src.ID, DraftSQL: "SELECT *\nFROM " + name + "\nLIMIT 100;", IsEphemeral: true, PreviewKey: key,
		}, domain.TriggerManual)
	}
	if err != nil {
		return err
	}
	return s.showNew(w, r, q, true)
}

// saveDraft keeps what is typed.
func (s *Server) saveDraft(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	p, id, text := principal(r), chi.URLParam(r, "id"), lineEnds(r.PostForm.Get("sql"))
	if err := checkText(text); err != nil {
		return err
	}
	if err := s.store.SaveDraft(r.Context(), p, id, text); err != nil {
		return err
	}
	if source := r.PostForm.Get("source_id"); source != "" {
		q, err := s.store.Query(r.Context(), p, id)
		if err != nil {
			return err
		}
		if q.SourceID != source {
			q.SourceID = source
			if _, err := s.store.UpdateQuery(r.Context(), p, q); err != nil {
				return err
			}
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) renameQuery(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	id := chi.URLParam(r, "id")
	if err := s.store.RenameQuery(r.Context(), principal(r), id, r.PostForm.Get("name")); err != nil {
		return err
	}
	if isFragment(r) {
		return s.refreshSidebar(w, r)
	}
	return redirect(w, r, "/queries/"+id)
}

// refreshSidebar answers the tab strip and the list of queries after a change.
func (s *Server) refreshSidebar(w http.ResponseWriter, r *http.Request) error {
	parts, err := s.sidebarParts(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, parts)
}

func (s *Server) duplicateQuery(w http.ResponseWriter, r *http.Request) error {
	p := principal(r)
	q, err := s.store.Query(r.Context(), p, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	dup, err := s.store.CreateQuery(r.Context(), p, domain.Query{
		Name: q.Name + " copy", SourceID: q.SourceID, DraftSQL: q.DraftSQL, IsEphemeral: true, ForkedFrom: q.ID,
	}, domain.TriggerManual)
	if err != nil {
		return err
	}
	return s.showNew(w, r, dup, false)
}

func (s *Server) deleteQuery(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	if err := s.store.DeleteQuery(r.Context(), principal(r), id); err != nil {
		return err
	}
	state, err := s.changeState(r, func(state *db.State) error { closeTab(state, id); return nil })
	if err != nil {
		return err
	}
	return redirect(w, r, s.activePath(r, state))
}

// showQueries lists the saved queries: a page, or the sidebar's list for scripts.
func (s *Server) showQueries(w http.ResponseWriter, r *http.Request) error {
	match := strings.TrimSpace(r.URL.Query().Get("match"))
	queries, err := s.store.Queries(r.Context(), principal(r), db.QueryFilter{Match: match, Limit: sidebarQueries})
	if err != nil {
		return err
	}
	state, err := s.store.State(r.Context(), principal(r))
	if err != nil {
		return err
	}
	if isFragment(r) {
		return s.render(w, r, http.StatusOK, views.QueryItems(queries, state.ActiveTab))
	}
	sources, err := s.store.Sources(r.Context(), principal(r))
	if err != nil {
		return err
	}
	byID := make(map[string]domain.Source, len(sources))
	for _, src := range sources {
		byID[src.ID] = src
	}
	page := s.page(r, "Queries", state)
	state.ActiveTab = ""
	panel := views.QueriesPanel(views.QueriesView{Queries: queries, Match: match, Engines: s.engines, Sources: byID, CanEdit: page.CanEdit, Now: page.Now})
	return s.showWorkspace(w, r, http.StatusOK, "Queries", state, nil, panel)
}

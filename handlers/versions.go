package handlers

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"dribble/db"
	"dribble/domain"
	"dribble/sqltext"
	"dribble/views"
)

// saveVersion keeps the text as a new version, and makes a scratch query real.
func (s *Server) saveVersion(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	p, id, form := principal(r), chi.URLParam(r, "id"), r.PostForm
	q, err := s.store.Query(r.Context(), p, id)
	if err != nil {
		return err
	}
	text := q.DraftSQL
	if form.Has("sql") {
		text = lineEnds(form.Get("sql"))
	}
	if err := checkText(text); err != nil {
		return err
	}
	if source := form.Get("source_id"); source != "" && source != q.SourceID {
		q.SourceID = source
		if _, err := s.store.UpdateQuery(r.Context(), p, q); err != nil {
			return unknownSource(err)
		}
	}
	if err := s.store.SaveDraft(r.Context(), p, id, text); err != nil {
		return err
	}
	if _, _, err := s.store.SaveVersion(r.Context(), p, id, text, domain.TriggerManual, strings.TrimSpace(form.Get("message"))); err != nil {
		return err
	}
	if !isFragment(r) {
		return redirect(w, r, "/queries/"+id)
	}
	if q, err = s.store.Query(r.Context(), p, id); err != nil {
		return err
	}
	rest, err := s.sidebarParts(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, templ.Join(views.SavedVersion(views.QueryView{Query: q}), rest))
}

// sidebarParts are the tab strip and the list of queries as partials.
func (s *Server) sidebarParts(r *http.Request) (templ.Component, error) {
	state, err := s.store.State(r.Context(), principal(r))
	if err != nil {
		return nil, err
	}
	queries, err := s.store.Queries(r.Context(), principal(r), db.QueryFilter{Limit: sidebarQueries})
	if err != nil {
		return nil, err
	}
	return templ.Join(
		views.Fill("tabs", views.TabItems(s.tabs(r, state))),
		views.Fill("query-list", views.QueryItems(queries, state.ActiveTab)),
	), nil
}

// showVersions lists a query's versions.
func (s *Server) showVersions(w http.ResponseWriter, r *http.Request) error {
	p := principal(r)
	q, err := s.store.Query(r.Context(), p, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	versions, err := s.store.Versions(r.Context(), p, q.ID)
	if err != nil {
		return err
	}
	lastRuns, err := s.lastRuns(r, q.ID)
	if err != nil {
		return err
	}
	items := make([]views.VersionItem, len(versions))
	for i, v := range versions {
		items[i] = views.VersionItem{Version: v, LastRun: lastRuns[v.Number]}
	}
	state, err := s.store.State(r.Context(), p)
	if err != nil {
		return err
	}
	page := s.page(r, "Versions", state)
	state.ActiveTab = ""
	return s.showWorkspace(w, r, http.StatusOK, "Versions of "+q.Name, state, nil,
		views.VersionsPanel(views.VersionsView{Query: q, Versions: items, CanEdit: page.CanEdit, Now: page.Now}))
}

// lastRuns finds the newest run of each version among a query's recent runs.
func (s *Server) lastRuns(r *http.Request, queryID string) (map[int]*domain.Run, error) {
	runs, _, err := s.store.Runs(r.Context(), principal(r), db.RunFilter{QueryID: queryID, Limit: 1000})
	if err != nil {
		return nil, err
	}
	byVersion := map[int]*domain.Run{}
	for _, run := range runs {
		if byVersion[run.Version] == nil {
			byVersion[run.Version] = &run
		}
	}
	return byVersion, nil
}

func (s *Server) showVersion(w http.ResponseWriter, r *http.Request) error {
	q, v, err := s.versionOf(r)
	if err != nil {
		return err
	}
	state, err := s.store.State(r.Context(), principal(r))
	if err != nil {
		return err
	}
	src, err := s.store.Source(r.Context(), principal(r), q.SourceID)
	if err != nil {
		src = domain.Source{Engine: string(sqltext.Postgres)} // its source is gone; only colours depend on it
	}
	page := s.page(r, "Version", state)
	state.ActiveTab = ""
	title := q.Name + ", version " + strconv.Itoa(v.Number)
	return s.showWorkspace(w, r, http.StatusOK, title, state, nil, views.VersionPanel(views.VersionView{
		Query: q, Version: v, Code: highlight(sqltext.Dialect(src.Engine), v.SQL), Newest: v.Number == q.VersionCount,
		CanEdit: page.CanEdit, Now: time.Now(),
	}))
}

func (s *Server) versionOf(r *http.Request) (domain.Query, domain.Version, error) {
	q, err := s.store.Query(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return q, domain.Version{}, err
	}
	number, err := strconv.Atoi(chi.URLParam(r, "number"))
	if err != nil {
		return q, domain.Version{}, domain.Errorf(domain.NotFound, "Versions are numbered from 1.")
	}
	v, err := s.store.Version(r.Context(), principal(r), q.ID, number)
	return q, v, err
}

// restoreVersion makes an old text the newest version again.
func (s *Server) restoreVersion(w http.ResponseWriter, r *http.Request) error {
	q, v, err := s.versionOf(r)
	if err != nil {
		return err
	}
	p := principal(r)
	message := "Restored version " + strconv.Itoa(v.Number)
	if _, _, err := s.store.SaveVersion(r.Context(), p, q.ID, v.SQL, domain.TriggerRestore, message); err != nil {
		return err
	}
	if err := s.store.SaveDraft(r.Context(), p, q.ID, v.SQL); err != nil {
		return err
	}
	return redirect(w, r, "/queries/"+q.ID)
}

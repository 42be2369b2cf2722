package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"dribble/auth"
	"dribble/db"
	"dribble/domain"
	"dribble/query"
	"dribble/result"
	"dribble/sqltext"
	"dribble/views"
)

// How long the answer to Run waits for the run's end before it shows a run under
// way: a quick query then needs no second request.
const (
	quickRun = 60 * time.Millisecond // with script: the stream takes over
	plainRun = 2 * time.Second       // without: the page would have to be reloaded
)

// startRun runs what the editor of a query holds.
func (s *Server) startRun(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	p, form := principal(r), r.PostForm
	q, err := s.store.Query(r.Context(), p, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	text := lineEnds(form.Get("sql"))
	if form.Has("sql") && text != q.DraftSQL {
		if err := s.store.SaveDraft(r.Context(), p, q.ID, text); err != nil {
			return err
		}
		q.DraftSQL = text
	}
	if !form.Has("sql") {
		text = q.DraftSQL
	}
	sourceID := form.Get("source_id")
	if sourceID == "" {
		sourceID = q.SourceID
	}
	if sourceID != q.SourceID {
		q.SourceID = sourceID
		if _, err := s.store.UpdateQuery(r.Context(), p, q); err != nil {
			return unknownSource(err)
		}
	}
	req, err := editorRequest(form.Get, q, text)
	if err == nil {
		var run domain.Run
		if run, err = s.runs.Start(r.Context(), p, req); err == nil {
			s.feed.announce(p.WorkspaceID)
			return s.showStarted(w, r, q, run)
		}
	}
	return s.refuseRun(w, r, q, text, err)
}

// lineEnds undoes what form posts make of line ends, so that offsets of the editor
// and of the stored text agree.
func lineEnds(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// editorRequest reads what is to be run from a query's form.
func editorRequest(field func(string) string, q domain.Query, text string) (query.Request, error) {
	req := query.Request{
		QueryID: q.ID, SourceID: q.SourceID, SQL: text, Trigger: domain.TriggerEditor, Confirm: field("confirm"),
		SaveVersion: !q.IsEphemeral && q.PreviewKey == "", Refresh: field("refresh") != "",
	}
	if q.PreviewKey != "" {
		req.Trigger = domain.TriggerTable
	}
	if text := field("max_rows"); text != "" {
		n, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
		if err != nil || n < 1 {
			return req, domain.FieldError("max_rows", "The row limit must be a positive number, not %q.", text)
		}
		req.MaxRows = n
	}
	from, errFrom := strconv.Atoi(field("from"))
	to, errTo := strconv.Atoi(field("to"))
	if errFrom == nil && errTo == nil {
		a, b := sqltext.ByteOffset(text, from), sqltext.ByteOffset(text, to)
		req.From, req.To = &a, &b
	}
	return req, nil
}

// showStarted answers Run: the results as far as they are at once.
func (s *Server) showStarted(w http.ResponseWriter, r *http.Request, q domain.Query, run domain.Run) error {
	snap, err := s.waitShort(r, run.ID)
	if err != nil {
		return err
	}
	if !isFragment(r) {
		return redirect(w, r, "/queries/"+q.ID+"?run="+run.ID)
	}
	src, err := s.store.Source(r.Context(), principal(r), run.SourceID)
	if err != nil {
		return err
	}
	view := s.resultView(r, snap, q.DraftSQL, defaultShown(snap))
	return s.render(w, r, http.StatusOK, views.RunStarted(views.QueryView{
		Query: q, Source: src, State: s.workers.State(src.ID), Engines: s.engines, Results: view,
		Status: s.statusView(q, src, &view.Run), CanEdit: true,
	}))
}

// waitShort gives a run that was just started a moment to end.
func (s *Server) waitShort(r *http.Request, runID string) (query.Snapshot, error) {
	patience := quickRun
	if !isFragment(r) {
		patience = plainRun
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	return s.runs.Wait(ctx, principal(r), runID)
}

// refuseRun shows why a run was not started. What was typed is kept: it is the
// draft already. An unconfirmed danger becomes a question.
func (s *Server) refuseRun(w http.ResponseWriter, r *http.Request, q domain.Query, text string, err error) error {
	var public *domain.Error
	if !errors.As(err, &public) || public.Code == domain.Internal || public.Code == domain.NotFound {
		return err
	}
	src, sourceErr := s.store.Source(r.Context(), principal(r), q.SourceID)
	if sourceErr != nil {
		src = domain.Source{}
	}
	var danger *query.ConfirmError
	if errors.As(err, &danger) {
		return s.askConfirm(w, r, q, public, danger)
	}
	view := refusalView(q.ID, public, sqltext.Dialect(src.Engine), text)
	view.Engines, view.Now = s.engines, time.Now()
	if isFragment(r) {
		return s.render(w, r, status(public.Code), views.Results(view))
	}
	return s.showQueryPanel(w, r, status(public.Code), q, view, nil)
}

// showRows answers a window of rows for the grid.
func (s *Server) showRows(w http.ResponseWriter, r *http.Request) error {
	win, err := readWindow(r, 1000)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "id")
	if !isFragment(r) {
		return redirect(w, r, "/runs/"+id+"?statement="+strconv.Itoa(win.statement)+"&offset="+strconv.FormatInt(win.offset, 10))
	}
	win.order = gridOrder(win.order)
	reader, _, err := s.runs.Result(r.Context(), principal(r), id, win.statement)
	if err != nil {
		return err
	}
	defer reader.Close()
	rows, err := collect(r, reader, win)
	if err != nil {
		return err
	}
	w.Header().Set("Vary", "HX-Request")
	return s.render(w, r, http.StatusOK, views.RowWindow(views.Rows{Columns: reader.Columns(), Offset: win.offset, Rows: rows}))
}

// gridOrder reads the grid's form of sorting, "2:desc" with columns from 0.
func gridOrder(o result.Order) result.Order {
	column, direction, ok := strings.Cut(o.Sort, ":")
	n, err := strconv.Atoi(column)
	if !ok || err != nil {
		return o
	}
	o.Sort = "#" + strconv.Itoa(n+1)
	if direction == "desc" {
		o.Sort = "-" + o.Sort
	}
	return o
}

func (s *Server) exportPage(w http.ResponseWriter, r *http.Request) error {
	return s.exportRun(w, r, chi.URLParam(r, "id"))
}

// cancelRun stops a run. The stream shows the end; a plain form goes back.
func (s *Server) cancelRun(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	if err := s.runs.Cancel(r.Context(), principal(r), id); err != nil {
		return err
	}
	if isFragment(r) {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), plainRun)
	defer cancel()
	if _, err := s.runs.Wait(ctx, principal(r), id); err != nil {
		return err
	}
	return redirect(w, r, "/runs/"+id)
}

// showRun shows one run: in its query's tab if it has one, else on a page of its
// own.
func (s *Server) showRun(w http.ResponseWriter, r *http.Request) error {
	snap, err := s.runs.Now(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	if snap.Run.QueryID != "" {
		if _, err := s.store.Query(r.Context(), principal(r), snap.Run.QueryID); err == nil {
			values := r.URL.Query()
			values.Set("run", snap.Run.ID)
			return redirect(w, r, "/queries/"+snap.Run.QueryID+"?"+values.Encode())
		}
		snap.Run.QueryID = ""
	}
	state, err := s.store.State(r.Context(), principal(r))
	if err != nil {
		return err
	}
	state.ActiveTab = ""
	src, err := s.store.Source(r.Context(), principal(r), snap.Run.SourceID)
	if err != nil {
		src = domain.Source{Name: snap.Run.SourceName, Engine: snap.Run.Engine}
	}
	page := s.page(r, "Run", state)
	status := s.statusView(domain.Query{ID: "run-" + snap.Run.ID}, src, &snap.Run)
	status.FormID = ""
	panel := views.RunPanel(views.RunView{
		Run: snap.Run, Engines: s.engines, Now: page.Now, Code: highlight(sqltext.Dialect(snap.Run.Engine), snap.Run.SQL),
		Results: s.resultView(r, snap, snap.Run.SQL, readShown(r, snap)), Status: status, CanEdit: page.CanEdit,
	})
	return s.showWorkspace(w, r, http.StatusOK, "Run", state, nil, panel)
}

// showRuns is the history.
func (s *Server) showRuns(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	sources, err := s.store.Sources(r.Context(), principal(r))
	if err != nil {
		return err
	}
	filter := views.RunFilter{Match: q.Get("match"), Status: q.Get("status"), SourceID: q.Get("source_id")}
	runs, next, err := s.store.Runs(r.Context(), principal(r), db.RunFilter{
		Status: domain.RunStatus(filter.Status), SourceID: filter.SourceID, Match: filter.Match, Limit: 50, Cursor: q.Get("cursor"),
	})
	if err != nil {
		return err
	}
	state, err := s.changeState(r, func(state *db.State) error { openTab(state, tabRuns); return nil })
	if err != nil {
		return err
	}
	panel := views.RunsPanel(views.RunsView{
		Runs: runs, Total: -1, Filter: filter, Sources: sources, Next: next, Paged: q.Get("cursor") != "", Engines: s.engines,
		Status: views.StatusView{TabID: tabRuns, Now: time.Now(), Note: "Results kept for " + views.InWords(s.runs.Kept())}, Now: time.Now(), CanEdit: auth.Can(principal(r), auth.Edit),
	})
	return s.showWorkspace(w, r, http.StatusOK, "All runs", state, nil, panel)
}

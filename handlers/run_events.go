package handlers

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"dribble/domain"
	"dribble/query"
	"dribble/views"
)

// streamRun shows a run to a page as it goes: fragments for the parts that change,
// and `rows` events that tell the grid how far it may fetch. Each viewer is told
// everything from its own beginning, so a reconnect needs nothing from before.
func (s *Server) streamRun(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	snap, err := s.runs.Now(r.Context(), principal(r), id)
	if err != nil {
		return err
	}
	v := s.newViewer(w, r, snap.Run)
	for {
		if err := v.show(snap); err != nil || snap.Done() {
			return nil //nolint:nilerr // the viewer has left; the run goes on
		}
		if snap, err = s.follow(r, v.stream, snap); err != nil {
			return nil //nolint:nilerr // the viewer has left; the run goes on
		}
	}
}

// editorOf is the text that the run's problem is marked in, and its source.
func (s *Server) editorOf(r *http.Request, run domain.Run) (string, domain.Source) {
	src, err := s.store.Source(r.Context(), principal(r), run.SourceID)
	if err != nil {
		src = domain.Source{ID: run.SourceID, Name: run.SourceName, Engine: run.Engine}
	}
	if run.QueryID == "" {
		return run.SQL, src
	}
	q, err := s.store.Query(r.Context(), principal(r), run.QueryID)
	if err != nil {
		return run.SQL, src
	}
	return q.DraftSQL, src
}

// rowsEvent is the data of a `rows` event.
type rowsEvent struct {
	Statement int   `json:"statement"`
	Rows      int64 `json:"rows"`
	Done      bool  `json:"done"`
}

// viewer is one page that watches one run. Statements run in order, so two counts
// say what the page has: sections, and how many of them are in their last form.
// The page tells them in its address, and after a break by the last event's ID.
type viewer struct {
	server *Server
	r      *http.Request
	stream *eventStream
	editor string
	source domain.Source
	known  int
	ready  int
	told   map[int]rowsEvent
}

func (s *Server) newViewer(w http.ResponseWriter, r *http.Request, run domain.Run) *viewer {
	editor, src := s.editorOf(r, run)
	v := &viewer{server: s, r: r, editor: editor, source: src, told: map[int]rowsEvent{}}
	v.known, _ = strconv.Atoi(r.URL.Query().Get("known"))
	v.ready, _ = strconv.Atoi(r.URL.Query().Get("ready"))
	if _, err := fmt.Sscanf(r.Header.Get("Last-Event-ID"), "%d-%d", &v.known, &v.ready); err != nil {
		s.log.DebugContext(r.Context(), "stream begins anew", slog.String("run", run.ID))
	}
	v.stream = newStream(w, r)
	return v
}

func (v *viewer) show(snap query.Snapshot) error {
	show := defaultShown(snap)
	show.inPage = v.ready
	view := v.server.resultView(v.r, snap, v.editor, show)
	status := v.status(view.Run)
	var parts []templ.Component
	for i, st := range view.Statements {
		if part := v.section(view, i, st); part != nil {
			parts = append(parts, part)
		}
	}
	if snap.Done() {
		parts = append(parts, views.RunEnded(view, status))
	} else {
		parts = append(parts, views.RunTick(view, status))
	}
	id := fmt.Sprintf("%d-%d", v.known, v.ready)
	if err := v.stream.render(v.r.Context(), id, parts...); err != nil {
		return err
	}
	for _, st := range snap.Run.Statements {
		if err := v.tellRows(st); err != nil {
			return err
		}
	}
	if !snap.Done() {
		return nil
	}
	return v.send("done", map[string]any{"status": snap.Run.Status, "rows": snap.Run.RowCount, "ms": snap.Run.Elapsed.Milliseconds()})
}

// section brings a statement's section into the page: first as a place that waits,
// then in its last form. A grid that is there is never replaced, since it fetches
// its rows itself and people are reading it.
func (v *viewer) section(view views.ResultView, i int, st views.StatementView) templ.Component {
	ready := st.HasRows || st.Status.Done()
	switch {
	case i < v.ready || i < v.known && !ready:
		return nil
	case i >= v.known:
		v.known = i + 1
		if ready {
			v.ready = i + 1
		}
		return views.StatementBegan(view, i)
	}
	v.ready = i + 1
	return views.StatementRows(view, i)
}

func (v *viewer) status(run domain.Run) views.StatusView {
	tab := run.QueryID
	if tab == "" {
		tab = "run-" + run.ID
	}
	return v.server.statusView(domain.Query{ID: tab}, v.source, &run)
}

func (v *viewer) tellRows(st domain.RunStatement) error {
	if !st.HasRows {
		return nil
	}
	now := rowsEvent{st.Seq, st.RowCount, st.Status.Done()}
	if v.told[st.Seq] == now {
		return nil
	}
	v.told[st.Seq] = now
	return v.send("rows", now)
}

func (v *viewer) send(name string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return v.stream.send(name, "", string(text))
}

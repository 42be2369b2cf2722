package handlers

import (
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"dribble/db"
	"dribble/domain"
	"dribble/views"
)

// tellWorkspace sends what has changed in the sidebar since the last message.
// states holds what the viewer knows of the workers.
func (s *Server) tellWorkspace(r *http.Request, stream *eventStream, states map[string]domain.WorkerState) error {
	sources, err := s.store.Sources(r.Context(), principal(r))
	if err != nil {
		return err
	}
	var parts []templ.Component
	for _, src := range sources {
		now := s.workers.State(src.ID)
		if known, ok := states[src.ID]; ok && known == now {
			continue
		}
		states[src.ID] = now
		parts = append(parts, views.SourceState(src.ID, now))
	}
	runs, _, err := s.store.Runs(r.Context(), principal(r), db.RunFilter{Limit: sidebarRuns})
	if err != nil {
		return err
	}
	parts = append(parts, views.Fill("history-list", views.HistoryItems(runs, time.Now())))
	return stream.render(r.Context(), "", parts...)
}

// failPage shows an error as a page, or as a note in the place of a fragment.
func (s *Server) failPage(w http.ResponseWriter, r *http.Request, code int, e *domain.Error) {
	w.Header().Del("Content-Length")
	if isFragment(r) {
		w.Header().Set("HX-Reswap", "none")
		_ = s.render(w, r, code, views.Append("toasts", views.Toast(views.Note{Kind: views.ToastError, Text: e.Message, Detail: e.Hint})))
		return
	}
	page := s.pageOf(r, "Error "+strconv.Itoa(code))
	_ = s.render(w, r, code, views.ErrorPage(page, code, e, requestID(r.Context())))
}

package handlers

import (
	"net/http"
	"time"

	"github.com/a-h/templ"

	"dribble/db"
	"dribble/domain"
	"dribble/views"
)

// streamWorkspace keeps a page's sidebar true: worker states, and the newest runs.
func (s *Server) streamWorkspace(w http.ResponseWriter, r *http.Request) error {
	p := principal(r)
	stream := newStream(w, r)
	workers, stop := s.workers.Watch()
	defer stop()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	states := map[string]domain.WorkerState{}
	for {
		history := s.feed.changed(p.WorkspaceID)
		if err := s.tellWorkspace(r, stream, states); err != nil {
			return nil //nolint:nilerr // the viewer has left
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-workers:
		case <-history:
		case <-beat.C:
			if err := stream.beat(); err != nil {
				return nil //nolint:nilerr // the viewer has left
			}
			continue
		}
		// Changes come in bursts; one message tells them all.
		select {
		case <-time.After(progressEvery):
		case <-r.Context().Done():
			return nil
		}
	}
}

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

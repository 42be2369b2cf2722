package handlers

import (
	"context"
	"net/http"
	"time"

	"dribble/db"
	"dribble/domain"
	"dribble/sqltext"
	"dribble/views"
)

// showWelcome is the first-run page.
func (s *Server) showWelcome(w http.ResponseWriter, r *http.Request) error {
	state, err := s.changeState(r, func(state *db.State) error { openTab(state, tabWelcome); return nil })
	if err != nil {
		return err
	}
	page := s.page(r, "Welcome", state)
	v := views.WelcomeView{Engines: s.engines, CanEdit: page.CanEdit, CanManage: page.CanManage, Status: views.StatusView{TabID: tabWelcome, Now: page.Now}}
	for i, sample := range s.samples {
		src, err := s.store.Source(r.Context(), principal(r), sample.SourceID)
		if domain.CodeOf(err) == domain.NotFound {
			break // the sample has been deleted
		}
		if err != nil {
			return err
		}
		e := views.Example{
			Name: sample.Name, Note: sample.Note, SQL: sample.SQL, SourceID: src.ID, Engine: src.Engine,
			Code: highlight(sqltext.Dialect(src.Engine), sample.SQL),
		}
		if i == 0 {
			e.Expected = sample.Expected
			v.First, v.Status.Source, v.Status.State = &e, src, s.workers.State(src.ID)
			continue
		}
		v.More = append(v.More, e)
	}
	return s.showWorkspace(w, r, http.StatusOK, "Welcome", state, nil, views.WelcomePanel(v))
}

// waitShort gives a run that was just started a moment to end.
func (s *Server) waitShort(r *http.Request, runID string) {
	patience := quickRun
	if !isFragment(r) {
		patience = plainRun
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	_, _ = s.runs.Wait(ctx, principal(r), runID) // whatever comes of it, the page shows it
}

// pageOf is page with the stored state, for answers that need no more of it.
func (s *Server) pageOf(r *http.Request, title string) views.Page {
	state, err := s.store.State(r.Context(), principal(r))
	if err != nil {
		state = db.State{}
	}
	return s.page(r, title, state)
}

// streamWorkspace keeps a page's sidebar true: worker states, and the newest runs.
func (s *Server) streamWorkspace(w http.ResponseWriter, r *http.Request) error {
	p := principal(r)
	stream := newStream(w)
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

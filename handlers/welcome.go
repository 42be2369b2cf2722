package handlers

import (
	"net/http"

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

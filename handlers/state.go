package handlers

import (
	"mime"
	"net/http"
	"slices"

	"dribble/db"
	"dribble/domain"
)

// Kinds and IDs of tabs that are no queries.
const (
	tabWelcome = "welcome"
	tabRuns    = "runs"
	tabQuery   = "query"
)

// maxTabs bounds how many tabs a person keeps open.
const maxTabs = 200

// changeState changes the person's workspace state as one step, so that tabs and
// layout saved at the same moment do not undo each other.
func (s *Server) changeState(r *http.Request, change func(*db.State) error) (db.State, error) {
	s.stateLock.Lock()
	defer s.stateLock.Unlock()
	state, err := s.store.State(r.Context(), principal(r))
	if err != nil {
		return state, err
	}
	if err := change(&state); err != nil {
		return state, err
	}
	return state, s.store.SaveState(r.Context(), principal(r), state)
}

// openTab makes the tab the active one, adding it at the end if it is new.
func openTab(state *db.State, id string) {
	if !hasTab(state, id) {
		if len(state.Tabs) >= maxTabs {
			state.Tabs = slices.Delete(state.Tabs, 0, 1)
		}
		state.Tabs = append(state.Tabs, db.Tab{ID: id, Kind: tabKind(id)})
	}
	state.ActiveTab = id
}

func hasTab(state *db.State, id string) bool {
	return slices.ContainsFunc(state.Tabs, func(t db.Tab) bool { return t.ID == id })
}

func tabKind(id string) string {
	if id == tabWelcome || id == tabRuns {
		return id
	}
	return tabQuery
}

// closeTab removes a tab; its right neighbour, else its left one, becomes active.
func closeTab(state *db.State, id string) {
	i := slices.IndexFunc(state.Tabs, func(t db.Tab) bool { return t.ID == id })
	if i < 0 {
		return
	}
	state.Tabs = slices.Delete(state.Tabs, i, i+1)
	if state.ActiveTab != id {
		return
	}
	state.ActiveTab = ""
	if len(state.Tabs) > 0 {
		state.ActiveTab = state.Tabs[min(i, len(state.Tabs)-1)].ID
	}
}

// tabPath is where a tab lives.
func tabPath(id string) string {
	switch id {
	case "":
		return "/"
	case tabWelcome:
		return "/welcome"
	case tabRuns:
		return "/runs"
	}
	return "/queries/" + id
}

// saveTabs takes the order of tabs and the active one as JSON from the script, or
// closes one tab by a plain form.
func (s *Server) saveTabs(w http.ResponseWriter, r *http.Request) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
		return s.arrangeTabs(w, r)
	}
	if err := readForm(w, r); err != nil {
		return err
	}
	state, err := s.changeState(r, func(state *db.State) error {
		closeTab(state, r.PostForm.Get("close"))
		return nil
	})
	if err != nil {
		return err
	}
	return redirect(w, r, s.activePath(r, state))
}

// activePath is where the active tab lives, the start if its query is gone.
func (s *Server) activePath(r *http.Request, state db.State) string {
	id := state.ActiveTab
	if id != "" && tabKind(id) == tabQuery {
		if _, err := s.store.Query(r.Context(), principal(r), id); err != nil {
			return "/"
		}
	}
	return tabPath(id)
}

func (s *Server) arrangeTabs(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Tabs   []string `json:"tabs"`
		Active string   `json:"active"`
	}
	if err := decodeJSON(w, r, &body); err != nil {
		return err
	}
	if len(body.Tabs) > maxTabs {
		return domain.FieldError("tabs", "At most %d tabs can be open.", maxTabs)
	}
	_, err := s.changeState(r, func(state *db.State) error {
		state.Tabs = state.Tabs[:0]
		for _, id := range body.Tabs {
			if id != "" && len(id) <= 64 && !hasTab(state, id) {
				state.Tabs = append(state.Tabs, db.Tab{ID: id, Kind: tabKind(id)})
			}
		}
		state.ActiveTab = ""
		if hasTab(state, body.Active) {
			state.ActiveTab = body.Active
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

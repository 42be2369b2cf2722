package handlers

import (
	"encoding/json"
	"net/http"
	"net/url"

	"dribble/db"
	"dribble/domain"
)

// maxLayout bounds what a browser may keep in its layout.
const maxLayout = 256 << 10

// layout is the part of the stored layout that the server renders itself.
type layout struct {
	Sidebar       int                       `json:"sidebar"`
	Editor        int                       `json:"editor"`
	SidebarHidden bool                      `json:"sidebarHidden"`
	Columns       map[string]map[string]int `json:"columns"`
}

// readLayout gives the stored layout with its sizes held to sane bounds.
func readLayout(text json.RawMessage) layout {
	var l layout
	_ = json.Unmarshal(text, &l) // a broken layout is the default layout
	if l.Sidebar != 0 {
		l.Sidebar = min(max(l.Sidebar, 200), 420)
	}
	if l.Editor != 0 {
		l.Editor = min(max(l.Editor, 100), 4000)
	}
	return l
}

// saveLayout merges the sent keys over the stored ones: two browser tabs that
// change different things do not undo each other.
func (s *Server) saveLayout(w http.ResponseWriter, r *http.Request) error {
	var changed map[string]json.RawMessage
	if err := decodeJSON(w, r, &changed); err != nil {
		return err
	}
	_, err := s.changeState(r, func(state *db.State) error {
		merged := map[string]json.RawMessage{}
		_ = json.Unmarshal(state.Layout, &merged)
		for key, value := range changed {
			merged[key] = value
		}
		text, err := json.Marshal(merged)
		if err != nil {
			return err
		}
		if len(text) > maxLayout {
			return domain.Errorf(domain.TooLarge, "The layout is larger than %d bytes.", maxLayout)
		}
		state.Layout = text
		return nil
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// saveTheme keeps the person's choice of light, dark or the system's.
func (s *Server) saveTheme(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	theme := r.PostForm.Get("theme")
	if theme != "light" && theme != "dark" && theme != "system" {
		return domain.FieldError("theme", "The theme must be light, dark or system.")
	}
	_, err := s.changeState(r, func(state *db.State) error { state.Theme = theme; return nil })
	if err != nil {
		return err
	}
	return redirect(w, r, back(r))
}

// back is the path of the page that a form was sent from, this server's only.
func back(r *http.Request) string {
	path := r.PostForm.Get("back")
	u, err := url.Parse(path) // refuses tabs and line ends, which browsers drop
	if err != nil || u.Scheme != "" || u.Host != "" || len(path) < 2 || path[0] != '/' || path[1] == '/' || path[1] == '\\' {
		return "/"
	}
	return path
}

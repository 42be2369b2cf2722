package handlers

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"dribble/db"
)

func stateOf(active string, ids ...string) *db.State {
	s := &db.State{ActiveTab: active}
	for _, id := range ids {
		s.Tabs = append(s.Tabs, db.Tab{ID: id, Kind: tabKind(id)})
	}
	return s
}

func tell(s *db.State) string {
	var ids []string
	for _, t := range s.Tabs {
		if t.ID == s.ActiveTab {
			t.ID = "[" + t.ID + "]"
		}
		ids = append(ids, t.ID)
	}
	return strings.Join(ids, " ")
}

func TestOpenTab(t *testing.T) {
	t.Parallel()
	s := stateOf("a", "a", "b")
	openTab(s, "c")
	openTab(s, tabRuns)
	openTab(s, "b")
	if got := tell(s); got != "a [b] c runs" {
		t.Errorf("got %q", got)
	}
	if kind := s.Tabs[3].Kind; kind != tabRuns || s.Tabs[0].Kind != tabQuery {
		t.Errorf("kinds: got %q and %q", kind, s.Tabs[0].Kind)
	}
	for i := range maxTabs {
		openTab(s, fmt.Sprint("many ", i))
	}
	if len(s.Tabs) != maxTabs || s.Tabs[maxTabs-1].ID != s.ActiveTab || hasTab(s, "a") {
		t.Errorf("many tabs: %d are open, the active one is %q", len(s.Tabs), s.ActiveTab)
	}
}

func TestCloseTab(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, active, close, want string }{
		{"the active one: its right neighbour", "b", "b", "a [c]"},
		{"the active one at the end: its left neighbour", "c", "c", "a [b]"},
		{"another one", "a", "b", "[a] c"},
		{"one that is not there", "a", "x", "[a] b c"},
		{"none", "a", "", "[a] b c"},
	}
	for _, tt := range tests {
		s := stateOf(tt.active, "a", "b", "c")
		closeTab(s, tt.close)
		if got := tell(s); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	s := stateOf("a", "a")
	if closeTab(s, "a"); s.ActiveTab != "" || tabPath(s.ActiveTab) != "/" {
		t.Errorf("the last one: got %q", s.ActiveTab)
	}
}

func TestLayoutIsHeldToSaneBounds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]layout{
		``: {}, `broken`: {}, `{"sidebar":1,"editor":1}`: {Sidebar: 200, Editor: 100}, `{"sidebar":99999,"editor":99999}`: {Sidebar: 420, Editor: 4000},
		`{"sidebar":300,"unknown":{"x":1}}`: {Sidebar: 300},
	} {
		if got := readLayout([]byte(text)); got.Sidebar != want.Sidebar || got.Editor != want.Editor {
			t.Errorf("%s: got %+v, want %+v", text, got, want)
		}
	}
}

// A form's way back stays on this server, however the path is dressed up.
func TestBackStaysHere(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/queries/1?run=2": "/queries/1?run=2", "": "/", "/": "/", "//evil.example": "/", "/\\evil.example": "/", "https://evil.example": "/",
		"/\t/evil.example": "/", "/\n/evil.example": "/", "queries": "/", "javascript:alert(1)": "/",
	} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/theme", nil)
		r.PostForm = map[string][]string{"back": {path}}
		if got := back(r); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}

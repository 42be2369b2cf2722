// Package views holds Dribble's pages and fragments as typed templ components, and
// the writing of numbers, times and cells. It does no I/O and knows nothing of
// HTTP, the store or how a query is run.
package views

import (
	"context"
	"fmt"
	"io"

	"time"

	"github.com/a-h/templ"

	"dribble/domain"
	"dribble/engine"
	"dribble/static"
)

// Page is what every full page needs.
type Page struct {
	Title     string // of the window, without "Dribble"
	Nonce     string // of this answer's content security policy
	Theme     string // "light", "dark", or "" to follow the system
	Layout    Layout
	Principal domain.Principal
	Workspace string // its name
	Engines   Engines
	Version   string
	Now       time.Time // times are shown in its zone
	CanEdit   bool      // may write and run queries
	CanManage bool      // may change sources
	Editor    bool      // the page shows an SQL editor, so its modules are fetched at once
}

// Layout is what a user has made of the workspace, in pixels; 0 means the default.
// Its JSON form is what POST /layout sends, one or more keys at a time.
type Layout struct {
	Sidebar       int                       `json:"sidebar,omitempty"`
	Editor        int                       `json:"editor,omitempty"`
	SidebarHidden bool                      `json:"sidebarHidden,omitempty"`
	Columns       map[string]map[string]int `json:"columns,omitempty"` // by query ID, then column name
}

// Engines are the specs of all engines.
type Engines []engine.Spec

// Title returns an engine's name for people.
func (e Engines) Title(name string) string {
	if spec, ok := engine.Find(e, name); ok {
		return spec.Title
	}
	return name
}

// Monogram returns the two letters of an engine's tile.
func (e Engines) Monogram(name string) string {
	if spec, ok := engine.Find(e, name); ok {
		return spec.Monogram
	}
	return "?"
}

// importMap writes the one inline script of a page: the map of module names.
func importMap(nonce string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := fmt.Fprintf(w, `<script type="importmap" nonce="%s">%s</script>`, templ.EscapeString(nonce), static.ImportMap())
		if err != nil {
			return fmt.Errorf("write import map: %w", err)
		}
		return nil
	})
}

// sizes writes the stored sizes of sidebar and editor as custom properties.
func sizes(nonce string, l Layout) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		if l.Sidebar == 0 && l.Editor == 0 {
			return nil
		}
		text := ""
		if l.Sidebar > 0 {
			text += fmt.Sprintf("--sidebar-w:%dpx;", l.Sidebar)
		}
		if l.Editor > 0 {
			text += fmt.Sprintf("--editor-h:%dpx;", l.Editor)
		}
		if _, err := fmt.Fprintf(w, `<style nonce="%s">:root{%s}</style>`, templ.EscapeString(nonce), text); err != nil {
			return fmt.Errorf("write sizes: %w", err)
		}
		return nil
	})
}

func ready() bool { return static.Missing() == "" }

// styles are the style sheets in the order of their cascade layers; within
// a layer the later one wins.
func styles() []string {
	return []string{
		"css/tokens.css", "css/base.css", "css/layout.css", "css/controls.css", "css/badges.css", "css/components.css",
		"css/sidebar.css", "css/workbench.css", "css/results.css", "css/grid.css", "css/pages.css", "css/forms.css", "css/screens.css",
		"css/editor.css",
	}
}

func modules(p Page) []string {
	urls := static.Modules("dribble/app.js")
	if p.Editor {
		urls = append(urls, static.Modules("dribble/editor.js")...)
	}
	seen := make(map[string]bool, len(urls))
	var once []string
	for _, u := range urls {
		if !seen[u] {
			seen[u] = true
			once = append(once, u)
		}
	}
	return once
}

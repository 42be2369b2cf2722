package views

import (
	"dribble/domain"
)

// Shell is everything round the panels of a full page.
type Shell struct {
	Page
	Sidebar Sidebar
	Tabs    []Tab
}

// Kinds of tabs.
const (
	TabQuery   = "query"
	TabScratch = "scratch" // a query nobody has named yet
	TabPreview = "preview" // rows of a table
	TabWelcome = "welcome"
	TabRuns    = "runs"
)

// Tab is one open tab. ID is the query's, or TabWelcome or TabRuns.
type Tab struct {
	ID     string
	Kind   string
	Name   string
	Active bool
	Dirty  bool
	State  domain.RunStatus // of its newest run, if that is running or has failed; else ""
}

// QueryTab is the tab of a query.
func QueryTab(q domain.Query, active bool) Tab {
	kind := TabQuery
	if q.PreviewKey != "" {
		kind = TabPreview
	} else if q.IsEphemeral {
		kind = TabScratch
	}
	return Tab{ID: q.ID, Kind: kind, Name: q.Name, Active: active, Dirty: Edited(q)}
}

// Edited reports whether a query's draft differs from its newest version.
func Edited(q domain.Query) bool { return q.DraftSQL != q.SQL }

func (t Tab) href() string {
	switch t.Kind {
	case TabWelcome:
		return "/welcome"
	case TabRuns:
		return "/runs"
	}
	return "/queries/" + t.ID
}

func (t Tab) icon() string {
	switch {
	case t.running():
		return "spinner"
	case t.State == domain.RunError:
		return "circle-alert"
	case t.Kind == TabWelcome:
		return "book-open"
	case t.Kind == TabRuns:
		return "history"
	case t.Kind == TabPreview:
		return "table-2"
	case t.Kind == TabScratch:
		return "file-clock"
	}
	return "file-code-corner"
}

func (t Tab) running() bool { return t.State != "" && !t.State.Done() }

// Sidebar is what the left column shows.
type Sidebar struct {
	Sources     []SourceItem
	Match       string // of the search box
	Queries     []domain.Query
	QueryTotal  int    // of all saved queries, when Queries is cut
	ActiveQuery string // its ID
	History     []domain.Run
}

// queryMark is the version mark of a query in a list.
func queryMark(q domain.Query) string {
	if q.VersionCount == 0 {
		return ""
	}
	return "v" + Count(int64(q.VersionCount))
}

func queryIcon(q domain.Query) string { return QueryTab(q, false).plainIcon() }

func (t Tab) plainIcon() string {
	t.State = ""
	return t.icon()
}

func runHref(run domain.Run) string {
	if run.QueryID == "" {
		return "/runs/" + run.ID
	}
	return "/queries/" + run.QueryID + "?run=" + run.ID
}

func runName(run domain.Run) string {
	if run.QueryName != "" {
		return run.QueryName
	}
	return "Ad-hoc run"
}

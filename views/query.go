package views

import (
	"strconv"
	"time"

	"dribble/domain"
)

// QueryView is one query's panel.
type QueryView struct {
	Query   domain.Query
	Source  domain.Source // the chosen one; zero if the query has none
	State   domain.WorkerState
	Sources []domain.Source // the choices
	Engines Engines
	Shown   int // number of the version in the editor; 0 = the newest
	Results ResultView
	Status  StatusView
	CanEdit bool
	Hidden  bool // opened in the background
}

func (v QueryView) id() string { return v.Query.ID }

func (v QueryView) path(rest string) string { return "/queries/" + v.Query.ID + rest }

// versionWord is what the toolbar says about the text's place in history.
func (v QueryView) versionWord() string {
	if v.Query.VersionCount == 0 {
		return "unsaved"
	}
	return "v" + strconv.Itoa(orDefault(v.Shown, v.Query.VersionCount))
}

func completionURL(sourceID string) string {
	if sourceID == "" {
		return ""
	}
	return "/sources/" + sourceID + "/completion"
}

// StatusView is the bar at the foot of a panel.
type StatusView struct {
	TabID   string
	FormID  string        // of the query form that the row limit belongs to; "" without one
	Source  domain.Source // zero if there is none
	State   domain.WorkerState
	Run     *domain.Run // the run shown, nil if none
	Partial string      // "First 10,000 rows", "" if the result is whole
	Cached  bool        // the result is an earlier run's; Refresh runs it anew
	MaxRows int         // chosen limit
	Limits  []int       // choices of it
	Note    string      // instead of a source: "Kept for 90 days"
	Now     time.Time
}

func (v StatusView) running() bool { return v.Run != nil && !v.Run.Status.Done() }

// stateSentence is the worker's name and state in words.
func (v StatusView) stateSentence() string { return v.Source.Name + " " + mark(v.State) }

// PartialResult names the limit that cut a run's results, "" if none did.
func PartialResult(run domain.Run) string {
	for _, st := range run.Statements {
		switch st.Truncated {
		case domain.TruncatedRows:
			return "First " + Count(st.RowCount) + " rows"
		case domain.TruncatedBytes:
			return "First " + Bytes(st.Bytes)
		case domain.TruncatedCancel:
			return "Partial: cancelled after " + Plural(st.RowCount, "row")
		}
	}
	return ""
}

func limits(v StatusView) []int {
	if len(v.Limits) > 0 {
		return v.Limits
	}
	return []int{100, 1000, 10_000, 100_000, 1_000_000}
}

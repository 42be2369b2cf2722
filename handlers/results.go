package handlers

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"dribble/domain"
	"dribble/query"
	"dribble/result"
	"dribble/views"
)

// shown says which part of a run's results a page shows.
type shown struct {
	statement int   // or views.ShowMessages
	offset    int64 // of the first row, for pages without script
	inPage    int   // statements before this one stand in the page already; their rows are not read
}

// readShown reads the choice from the address; without one, messages of a failed
// run and the first statement with rows of any other are shown.
func readShown(r *http.Request, snap query.Snapshot) shown {
	q := r.URL.Query()
	if q.Get("view") == "messages" {
		return shown{statement: views.ShowMessages}
	}
	if n, err := strconv.Atoi(q.Get("statement")); err == nil && n >= 0 && n < len(snap.Run.Statements) {
		offset, err := strconv.ParseInt(q.Get("offset"), 10, 64)
		if err != nil || offset < 0 {
			offset = 0
		}
		return shown{statement: n, offset: offset}
	}
	return defaultShown(snap)
}

func defaultShown(snap query.Snapshot) shown {
	if snap.Run.Error != nil && snap.Run.RowCount == 0 {
		return shown{statement: views.ShowMessages}
	}
	for i, st := range snap.Run.Statements {
		if st.HasRows {
			return shown{statement: i}
		}
	}
	if len(snap.Run.Statements) == 0 && snap.Done() {
		return shown{statement: views.ShowMessages}
	}
	return shown{}
}

// resultView is everything that a page shows of a run. editor is the text that the
// run's problem is marked in.
func (s *Server) resultView(r *http.Request, snap query.Snapshot, editor string, show shown) views.ResultView {
	v := views.ResultView{
		QueryID: snap.Run.QueryID, Run: snap.Run, Shown: show.statement, Progress: progress(snap),
		Problem: problem(snap, editor), Engines: s.engines, Now: time.Now(),
	}
	if v.Run.Elapsed == 0 {
		v.Run.Elapsed = v.Progress.Took
	}
	var widths map[string]int
	if show.inPage < len(snap.Run.Statements) {
		widths = s.columnWidths(r, snap.Run.QueryID)
	}
	for i, st := range snap.Run.Statements {
		sv := views.StatementView{RunStatement: st, Columns: snap.Columns[i], Widths: widths}
		if i == show.statement {
			sv.Offset = show.offset
		}
		if st.HasRows && i >= show.inPage {
			var err error
			sv.Rows, err = s.firstRows(r, snap, i, sv.Offset)
			sv.Expired = err != nil
		}
		v.Statements = append(v.Statements, sv)
	}
	return v
}

// firstRows reads the window of a statement's rows that a page shows at first.
func (s *Server) firstRows(r *http.Request, snap query.Snapshot, seq int, offset int64) ([][][]byte, error) {
	reader, _, err := s.runs.Result(r.Context(), principal(r), snap.Run.ID, seq)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return collect(r, reader, window{offset: offset, limit: views.PageRows(len(reader.Columns()))})
}

// maxCellShown bounds the bytes of a cell that a page carries; more is fetched
// when somebody opens the cell. It leaves room to show 1,000 characters.
const maxCellShown = 4100

// collect copies a window of rows, long cells cut.
func collect(r *http.Request, reader *result.Reader, win window) ([][][]byte, error) {
	var rows [][][]byte
	err := scan(r, reader, win, func(int64) error { return nil }, func(_ int64, cells [][]byte) error {
		size := 0
		for _, c := range cells {
			size += min(len(c), maxCellShown)
		}
		buffer := make([]byte, 0, size)
		row := make([][]byte, len(cells))
		for i, c := range cells {
			if c == nil {
				continue
			}
			start := len(buffer)
			buffer = append(buffer, c[:min(len(c), maxCellShown)]...)
			row[i] = buffer[start:len(buffer):len(buffer)]
		}
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

func progress(snap query.Snapshot) views.Progress {
	p := views.Progress{Phase: phaseWord(snap.Phase), Ahead: snap.Phase.Ahead, Rows: snap.Run.RowCount, Bytes: snap.Run.Bytes}
	switch {
	case snap.Run.Status.Done():
		p.Took = snap.Run.Elapsed
	case !snap.Run.StartedAt.IsZero():
		p.Took = time.Since(snap.Run.StartedAt)
	default:
		p.Took = time.Since(snap.Run.CreatedAt)
	}
	if p.Rows > 0 && p.Took > 100*time.Millisecond {
		p.Rate = float64(p.Rows) / p.Took.Seconds()
	}
	return p
}

func phaseWord(p query.Phase) string {
	switch p.Name {
	case query.PhaseStarting:
		return "Starting worker"
	case query.PhaseWaiting, query.PhaseQueued:
		return "Waiting"
	case query.PhaseReceiving:
		return "Receiving rows"
	case query.PhaseCancelling:
		return "Cancelling"
	}
	return "Running"
}

// columnWidths are the widths that the person has given a query's columns.
func (s *Server) columnWidths(r *http.Request, queryID string) map[string]int {
	if queryID == "" {
		return nil
	}
	state, err := s.store.State(r.Context(), principal(r))
	if err != nil {
		return nil
	}
	return readLayout(state.Layout).Columns[queryID]
}

// fresh is how old a result may be before the page says its age.
const fresh = time.Minute

// statusView is the bar at the foot of a query's panel.
func (s *Server) statusView(q domain.Query, src domain.Source, run *domain.Run) views.StatusView {
	v := views.StatusView{
		TabID: q.ID, FormID: "run-" + q.ID, Source: src, State: s.workers.State(src.ID), Run: run, Now: time.Now(),
		MaxRows: s.runs.Limits().DefaultRows, Limits: s.limitChoices(),
	}
	if src.RowLimit > 0 {
		v.MaxRows = src.RowLimit
	}
	if run != nil {
		v.Partial = views.PartialResult(*run)
		if run.MaxRows > 0 {
			v.MaxRows = run.MaxRows
		}
		v.Cached = run.CachedFrom != "" || run.Status.Done() && run.Error == nil && time.Since(run.FinishedAt) > fresh
	}
	if !slices.Contains(v.Limits, v.MaxRows) {
		v.Limits = append(v.Limits, v.MaxRows)
		slices.Sort(v.Limits)
	}
	return v
}

// limitChoices are the row limits offered, up to the workspace's maximum.
func (s *Server) limitChoices() []int {
	var list []int
	for _, n := range []int{100, 1000, 10_000, 100_000, 1_000_000, 5_000_000} {
		if n <= s.runs.Limits().MaxRows {
			list = append(list, n)
		}
	}
	return list
}

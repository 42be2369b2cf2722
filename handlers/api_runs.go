package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"dribble/db"
	"dribble/domain"
	"dribble/query"
	"dribble/result"
)

type runJSON struct {
	ID         string            `json:"id"`
	Status     string            `json:"status"`
	Trigger    string            `json:"trigger"`
	SourceID   string            `json:"source_id"`
	QueryID    string            `json:"query_id,omitempty"`
	Version    int               `json:"version_number,omitempty"`
	SQL        string            `json:"sql"`
	Params     map[string]string `json:"params,omitempty"`
	RowCount   int64             `json:"row_count"`
	Bytes      int64             `json:"bytes"`
	MS         float64           `json:"ms"`
	MaxRows    int               `json:"max_rows,omitempty"`
	Error      *sqlErrorJSON     `json:"error"`
	CachedFrom string            `json:"cached_from,omitempty"`
	CreatedBy  string            `json:"created_by"`
	CreatedAt  time.Time         `json:"created_at"`
	StartedAt  *time.Time        `json:"started_at"`
	FinishedAt *time.Time        `json:"finished_at"`
	Statements []statementJSON   `json:"statements,omitempty"`
}

type sqlErrorJSON struct {
	Code     string `json:"code"`
	Message  string `json:"message"`
	Detail   string `json:"detail,omitempty"`
	Hint     string `json:"hint,omitempty"`
	Position *int   `json:"position,omitempty"` // byte offset in the text it belongs to
}

type statementJSON struct {
	Seq       int                `json:"seq"`
	SQL       string             `json:"sql"`
	Status    string             `json:"status"`
	Columns   []resultColumnJSON `json:"columns"` // null if it returned no rows at all
	RowCount  int64              `json:"row_count"`
	Affected  *int64             `json:"affected"`
	Truncated string             `json:"truncated"` // "", rows, bytes or cancelled
	MS        float64            `json:"ms"`
	Notices   []string           `json:"notices,omitempty"`
	Error     *sqlErrorJSON      `json:"error"`
}

type resultColumnJSON struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

func newSQLErrorJSON(e *domain.SQLError) *sqlErrorJSON {
	if e == nil {
		return nil
	}
	return &sqlErrorJSON{e.Code, e.Message, e.Detail, e.Hint, e.Position}
}

func newColumnsJSON(cols []result.Column) []resultColumnJSON {
	out := make([]resultColumnJSON, len(cols))
	for i, c := range cols {
		out[i] = resultColumnJSON{c.Name, c.Type}
	}
	return out
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func newRunJSON(run domain.Run) runJSON {
	return runJSON{
		ID: run.ID, Status: string(run.Status), Trigger: run.Trigger, SourceID: run.SourceID, QueryID: run.QueryID,
		Version: run.Version, SQL: run.SQL, Params: run.Params, RowCount: run.RowCount, Bytes: run.Bytes,
		MS: milliseconds(run.Elapsed), MaxRows: run.MaxRows, Error: newSQLErrorJSON(run.Error), CachedFrom: run.CachedFrom,
		CreatedBy: run.Author, CreatedAt: run.CreatedAt, StartedAt: optional(run.StartedAt), FinishedAt: optional(run.FinishedAt),
	}
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func snapshotJSON(snap query.Snapshot) runJSON {
	out := newRunJSON(snap.Run)
	out.Statements = make([]statementJSON, len(snap.Run.Statements))
	for i, st := range snap.Run.Statements {
		out.Statements[i] = statementJSON{
			Seq: st.Seq, SQL: st.SQL, Status: string(st.Status), RowCount: st.RowCount, Truncated: string(st.Truncated),
			MS: milliseconds(st.Elapsed), Notices: st.Notices, Error: newSQLErrorJSON(st.Error),
		}
		if st.HasRows {
			out.Statements[i].Columns = newColumnsJSON(snap.Columns[i])
		}
		if st.Affected >= 0 {
			out.Statements[i].Affected = &st.Affected
		}
	}
	return out
}

// runBody is what POST /runs and POST /query accept.
type runBody struct {
	SourceID  string       `json:"source_id"`
	QueryID   string       `json:"query_id"`
	SQL       string       `json:"sql"`
	Params    scalars      `json:"params"`
	MaxRows   int          `json:"max_rows"`
	TimeoutMS int64        `json:"timeout_ms"`
	Confirm   confirmation `json:"confirm"`
	KeepGoing bool         `json:"keep_going"`
	Refresh   bool         `json:"refresh"`
}

// confirmation is true, or the source's name for a production source.
type confirmation string

// UnmarshalJSON accepts a boolean or a string.
func (c *confirmation) UnmarshalJSON(text []byte) error {
	var yes bool
	if json.Unmarshal(text, &yes) == nil {
		if yes {
			*c = "yes"
		}
		return nil
	}
	if json.Unmarshal(text, (*string)(c)) != nil {
		return domain.FieldError("confirm", "confirm must be true, false or the source's name.")
	}
	return nil
}

// request turns the body into a run request; a query_id means its newest version.
func (s *Server) request(r *http.Request, body runBody) (query.Request, error) {
	req := query.Request{
		SourceID: body.SourceID, SQL: body.SQL, Params: body.Params, MaxRows: body.MaxRows, Trigger: domain.TriggerAPI,
		Timeout: durationOf(body.TimeoutMS, time.Millisecond), Confirm: string(body.Confirm),
		KeepGoing: body.KeepGoing, Refresh: body.Refresh,
	}
	if body.MaxRows < 0 {
		return req, domain.FieldError("max_rows", "max_rows must be a positive number.")
	}
	if body.TimeoutMS < 0 {
		return req, domain.FieldError("timeout_ms", "timeout_ms must be a positive number.")
	}
	switch {
	case body.QueryID == "" && body.SourceID == "":
		return req, domain.FieldError("source_id", "Send source_id and sql, or query_id.")
	case body.QueryID != "" && body.SQL != "":
		return req, domain.FieldError("sql", "Send either query_id or sql, not both.")
	case body.QueryID != "":
		q, err := s.store.Query(r.Context(), principal(r), body.QueryID)
		if err != nil {
			return req, err
		}
		req.QueryID, req.SQL, req.SaveVersion = q.ID, q.SQL, true
		if req.SourceID == "" {
			req.SourceID = q.SourceID
		}
	}
	return req, nil
}

func (s *Server) apiStartRun(w http.ResponseWriter, r *http.Request) error {
	var body runBody
	if err := decodeJSON(w, r, &body); err != nil {
		return err
	}
	req, err := s.request(r, body)
	if err != nil {
		return err
	}
	run, err := s.runs.Start(r.Context(), principal(r), req)
	if err != nil {
		return err
	}
	s.feed.announce(run.WorkspaceID)
	w.Header().Set("Location", "/api/v1/runs/"+run.ID)
	return s.json(w, r, http.StatusAccepted, map[string]any{"id": run.ID, "status": run.Status})
}

// maxWait bounds ?wait=.
const maxWait = 60 * time.Second

func (s *Server) apiRun(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	text := r.URL.Query().Get("wait")
	if text == "" {
		snap, err := s.runs.Now(r.Context(), principal(r), id)
		if err != nil {
			return err
		}
		return s.json(w, r, http.StatusOK, snapshotJSON(snap))
	}
	wait, err := time.ParseDuration(text)
	if err != nil || wait < 0 {
		return badRequest{domain.FieldError("wait", "wait must be a time such as 500ms or 10s.")}
	}
	ctx, cancel := context.WithTimeout(r.Context(), min(wait, maxWait))
	defer cancel()
	snap, err := s.runs.Wait(ctx, principal(r), id)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, snapshotJSON(snap))
}

func (s *Server) apiRuns(w http.ResponseWriter, r *http.Request) error {
	limit, err := numberParam(r, "limit", 100, 1, 1000)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	runs, next, err := s.store.Runs(r.Context(), principal(r), db.RunFilter{
		Status: domain.RunStatus(q.Get("status")), SourceID: q.Get("source_id"), QueryID: q.Get("query_id"),
		Match: q.Get("match"), Limit: limit, Cursor: q.Get("cursor"),
	})
	if err != nil {
		return err
	}
	list := make([]runJSON, len(runs))
	for i, run := range runs {
		list[i] = newRunJSON(run)
	}
	return s.json(w, r, http.StatusOK, map[string]any{"runs": list, "next_cursor": next})
}

func (s *Server) apiCancelRun(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	if err := s.runs.Cancel(r.Context(), principal(r), id); err != nil {
		return err
	}
	snap, err := s.runs.Now(r.Context(), principal(r), id)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusAccepted, map[string]any{"id": id, "status": snap.Run.Status})
}

// databaseError shows a database's own failure as an unavailable service, with
// its words; other errors pass.
func databaseError(err error) error {
	sql, ok := asSQLError(err)
	if !ok {
		return err
	}
	return &domain.Error{Code: domain.Unavailable, Message: strings.TrimSpace(sql.Error()), Hint: sql.Hint, Err: err}
}

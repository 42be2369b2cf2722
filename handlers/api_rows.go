package handlers

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"dribble/domain"
	"dribble/export"
	"dribble/query"
	"dribble/result"
)

// window is what a request for rows asks for.
type window struct {
	statement     int
	offset, limit int64
	order         result.Order
}

func readWindow(r *http.Request, maxLimit int) (window, error) {
	statement, err := numberParam(r, "statement", 0, 0, 1<<20)
	if err != nil {
		return window{}, err
	}
	offset, err := numberParam(r, "offset", 0, 0, 1<<40)
	if err != nil {
		return window{}, err
	}
	limit, err := numberParam(r, "limit", firstWindow, 0, maxLimit)
	if err != nil {
		return window{}, err
	}
	q := r.URL.Query()
	return window{statement, int64(offset), int64(limit), result.Order{Sort: q.Get("sort"), Filter: q.Get("filter")}}, nil
}

// scan visits the rows of a window and says how many rows there are in all.
// begin is called once before the first row.
func scan(r *http.Request, reader *result.Reader, win window, begin func(total int64) error, visit result.Visit) error {
	if win.order == (result.Order{}) {
		if err := begin(reader.Rows()); err != nil {
			return err
		}
		return reader.Scan(r.Context(), win.offset, win.limit, visit)
	}
	view, err := reader.View(r.Context(), win.order)
	switch {
	case errors.Is(err, result.ErrLive):
		return &domain.Error{Code: domain.Conflict, Message: "Sort and filter unlock when the run ends.", Hint: "Ask again then.", Err: err}
	case errors.Is(err, result.ErrOrder):
		return badRequest{&domain.Error{Code: domain.Invalid, Message: "The result has no such column to sort or filter by.", Field: "sort", Err: err}}
	case err != nil:
		return err
	}
	defer view.Close()
	if err := begin(view.Rows()); err != nil {
		return err
	}
	return view.Scan(r.Context(), win.offset, win.limit, visit)
}

// apiRows answers a window of a stored result, streamed, also while it grows.
func (s *Server) apiRows(w http.ResponseWriter, r *http.Request) error {
	win, err := readWindow(r, 10_000)
	if err != nil {
		return err
	}
	reader, _, err := s.runs.Result(r.Context(), principal(r), chi.URLParam(r, "id"), win.statement)
	if errors.Is(err, query.ErrPending) {
		return s.json(w, r, http.StatusOK, noRows{Columns: []resultColumnJSON{}, Rows: []string{}})
	}
	if err != nil {
		return err
	}
	defer reader.Close()
	columns, err := json.Marshal(newColumnsJSON(reader.Columns()))
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 32<<10)
	var total, n int64
	var line []byte
	begun := false
	err = scan(r, reader, win, func(rows int64) error {
		total, begun = rows, true
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "private, no-cache")
		_, err := fmt.Fprintf(out, `{"columns":%s,"rows":[`, columns)
		return err
	}, func(_ int64, cells [][]byte) error {
		line = line[:0]
		if n > 0 {
			line = append(line, ',')
		}
		n++
		line = export.AppendJSONRow(line, cells)
		_, err := out.Write(line)
		return err
	})
	if err != nil {
		return broken(begun, err)
	}
	if _, err := fmt.Fprintf(out, `],"row_count":%d}`+"\n", total); err != nil {
		return broken(true, err)
	}
	return broken(true, out.Flush())
}

// noRows answers for a statement that has not come to its rows yet.
type noRows struct {
	Columns  []resultColumnJSON `json:"columns"`
	Rows     []string           `json:"rows"`
	RowCount int64              `json:"row_count"`
}

// broken ends an answer that has begun and cannot be finished: the connection is
// cut, so that no client takes half an answer for a whole one.
func broken(begun bool, err error) error {
	if err != nil && begun {
		panic(http.ErrAbortHandler)
	}
	return err
}

// apiExport streams a stored result as a file.
func (s *Server) apiExport(w http.ResponseWriter, r *http.Request) error {
	return s.exportRun(w, r, chi.URLParam(r, "id"))
}

func (s *Server) exportRun(w http.ResponseWriter, r *http.Request, id string) error {
	format, err := findFormat(r)
	if err != nil {
		return err
	}
	win, err := readWindow(r, 1<<40)
	if err != nil {
		return err
	}
	win.limit = -1
	reader, _, err := s.runs.Result(r.Context(), principal(r), id, win.statement)
	if err != nil {
		return err
	}
	defer reader.Close()
	snap, err := s.runs.Now(r.Context(), principal(r), id)
	if err != nil {
		return err
	}
	base := fileBase(snap.Run)
	if !snap.Done() { // a part must not look like the whole
		win.limit = reader.Rows()
		base += fmt.Sprintf(" first %d rows", win.limit)
	}
	f := newFile(w, format, base)
	f.guard = r.URL.Query().Get("guard") == "1"
	err = scan(r, reader, win, func(int64) error { return f.Columns(reader.Columns()) },
		func(_ int64, cells [][]byte) error { return f.Row(cells) })
	if err == nil {
		err = f.close()
	}
	return broken(f.begun, err)
}

func fileBase(run domain.Run) string {
	name := run.QueryName
	if name == "" {
		name = "result"
	}
	return name + " " + run.CreatedAt.Format("2006-01-02 1504")
}

func findFormat(r *http.Request) (export.Format, error) {
	name := r.URL.Query().Get("format")
	if name == "" {
		name = "csv"
	}
	format, ok := export.Find(name)
	if !ok {
		return format, badRequest{domain.FieldError("format", "There is no format %q.", name)}
	}
	return format, nil
}

// file is a download that begins with its first column, so that a failure before
// that is still an ordinary answer.
type file struct {
	w      http.ResponseWriter
	format export.Format
	base   string
	out    *bufio.Writer
	rows   export.Writer
	begun  bool
	guard  bool // keep a spreadsheet from running cells as formulas
}

func newFile(w http.ResponseWriter, format export.Format, base string) *file {
	return &file{w: w, format: format, base: base}
}

// Columns sends the headers and begins the file.
func (f *file) Columns(cols []result.Column) error {
	f.begun = true
	h := f.w.Header()
	h.Set("Content-Type", f.format.ContentType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": export.FileName(f.base, f.format)}))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	f.out = bufio.NewWriterSize(f.w, 64<<10)
	rows, err := export.New(f.format.Name, f.out)
	if err != nil {
		return err
	}
	if f.guard {
		rows = export.Guard(rows)
	}
	f.rows = rows
	if err := rows.Columns(cols); err != nil {
		return err
	}
	return f.Flush() // a slow query must not look dead
}

// Row adds one row.
func (f *file) Row(cells [][]byte) error { return f.rows.Row(cells) }

// Flush sends everything written so far to the client.
func (f *file) Flush() error {
	if err := f.rows.Flush(); err != nil {
		return err
	}
	if err := f.out.Flush(); err != nil {
		return err
	}
	return http.NewResponseController(f.w).Flush()
}

// Abort lets a write to a client that does not read fail at once.
func (f *file) Abort() { _ = http.NewResponseController(f.w).SetWriteDeadline(time.Now()) }

func (f *file) close() error {
	if f.rows == nil {
		return nil
	}
	if err := f.rows.Close(); err != nil {
		return err
	}
	return f.out.Flush()
}

// apiQueryStream runs one statement and streams its whole result straight from
// the database, in constant memory and without a row limit.
func (s *Server) apiQueryStream(w http.ResponseWriter, r *http.Request) error {
	format, err := findFormat(r)
	if err != nil {
		return err
	}
	var body runBody
	if err := decodeJSON(w, r, &body); err != nil {
		return err
	}
	if body.MaxRows != 0 {
		return domain.FieldError("max_rows", "A streamed query has no row limit. Use POST /api/v1/runs for one.")
	}
	req, err := s.request(r, body)
	if err != nil {
		return err
	}
	f := newFile(w, format, "result "+time.Now().UTC().Format("2006-01-02 1504"))
	run, err := s.runs.Stream(r.Context(), principal(r), req, f)
	if e, ok := asSQLError(err); ok && !f.begun {
		return statementFailed(e)
	}
	if err != nil {
		return broken(f.begun, err)
	}
	if !f.begun {
		return s.json(w, r, http.StatusOK, affectedJSON(run))
	}
	return broken(true, f.close())
}

// affectedJSON answers a statement that returned no rows.
func affectedJSON(run domain.Run) map[string]any {
	out := map[string]any{"id": run.ID, "status": run.Status, "affected": nil}
	if len(run.Statements) > 0 && run.Statements[0].Affected >= 0 {
		out["affected"] = run.Statements[0].Affected
	}
	return out
}

// statementFailed shows a statement's own error as an answer: the database's
// words, its code and position.
func statementFailed(e *domain.SQLError) error {
	out := &domain.Error{Code: domain.Invalid, Message: e.Error(), Hint: e.Hint, Field: "sql"}
	if e.Position != nil {
		out.Offset, out.HasOffset = *e.Position, true
	}
	switch {
	case e.Code == domain.CodeConnection || e.Code == domain.CodeWorkerLost || e.Code == domain.CodeCancelled:
		out.Code, out.Field = domain.Unavailable, ""
	case slices.Contains([]domain.Code{domain.RateLimited, domain.Unavailable, domain.Internal}, domain.Code(e.Code)):
		out.Code, out.Field = domain.Code(e.Code), "" // no database has seen the statement
	}
	return out
}

func asSQLError(err error) (*domain.SQLError, bool) {
	var e *domain.SQLError
	return e, errors.As(err, &e)
}

var _ query.RowWriter = (*file)(nil)

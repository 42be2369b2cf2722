package handlers

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"dribble/domain"
	"dribble/result"
	"dribble/views"
)

// maxCellPage bounds the bytes of a value that a dialog shows.
const maxCellPage = 2 << 20

// showCell answers one whole value.
func (s *Server) showCell(w http.ResponseWriter, r *http.Request) error {
	statement, err := numberParam(r, "statement", 0, 0, 1<<20)
	if err != nil {
		return err
	}
	row, err := numberParam(r, "row", 0, 0, 1<<40)
	if err != nil {
		return err
	}
	col, err := numberParam(r, "col", 0, 0, 1<<16)
	if err != nil {
		return err
	}
	reader, _, err := s.runs.Result(r.Context(), principal(r), chi.URLParam(r, "id"), statement)
	if err != nil {
		return err
	}
	defer reader.Close()
	if col >= len(reader.Columns()) {
		return domain.Errorf(domain.NotFound, "This result has no column %d.", col+1)
	}
	limit := maxCellPage
	if r.URL.Query().Get("raw") != "" {
		limit = math.MaxInt
	}
	value, err := cellValue(r, reader, row, col, limit)
	if err != nil {
		return err
	}
	if limit == math.MaxInt {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, err := w.Write(value)
		return err
	}
	column := reader.Columns()[col]
	text := strings.ToValidUTF8(string(value), string(utf8.RuneError))
	var spans []views.Span
	if column.Kind == result.KindJSON {
		text = indentJSON(text)
		spans = views.JSONSpans(text)
	}
	return s.render(w, r, http.StatusOK, views.CellValue(column.Name, column.Type, "Row "+views.Count(int64(row)+1), text, value == nil, spans))
}

// cellValue copies one value, at most limit bytes of it; nil is NULL.
func cellValue(r *http.Request, reader *result.Reader, row, col, limit int) (value []byte, err error) {
	found := false
	q := r.URL.Query()
	win := window{offset: int64(row), limit: 1, order: gridOrder(result.Order{Sort: q.Get("sort"), Filter: q.Get("filter")})}
	err = scan(r, reader, win, func(int64) error { return nil }, func(_ int64, cells [][]byte) error {
		found = true
		if cells[col] != nil {
			value = append([]byte{}, cells[col][:min(len(cells[col]), limit)]...)
		}
		return nil
	})
	if err == nil && !found {
		err = domain.Errorf(domain.NotFound, "This result has no row %d.", row+1)
	}
	return value, err
}

// indentJSON spreads a JSON value over lines; what is not JSON stays as it is.
func indentJSON(text string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(text), "", "  ") != nil {
		return text
	}
	return out.String()
}

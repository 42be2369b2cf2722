package handlers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestShapesOfResults sends results of awkward shapes through a run and its export,
// and through a streamed query, in every format.
func TestShapesOfResults(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	pg, _ := b.postgres(t)
	maria, _ := b.mariadb(t)
	lite := b.shop(t)
	wide := func(n int) string {
		cols := make([]string, n)
		for i := range cols {
			cols[i] = fmt.Sprintf("%d AS c%d", i, i)
		}
		return "SELECT " + strings.Join(cols, ", ")
	}
	for name, tt := range map[string]struct {
		source, text  string
		columns, rows int
	}{
		"duplicate names, PostgreSQL": {pg, "SELECT 1 AS a, 2 AS a, 3 AS \"A\", 4", 4, 1},
		"duplicate names, MariaDB":    {maria, "SELECT 1 AS a, 2 AS a, 3 AS A, 4", 4, 1},
		"duplicate names, SQLite":     {lite, "SELECT 1 AS a, 2 AS a, 3 AS A, 4", 4, 1},
		"empty name, SQLite":          {lite, `SELECT 1 AS "", 2 AS ""`, 2, 1},
		"zero rows, PostgreSQL":       {pg, "SELECT 1 AS a, 'x'::text AS b WHERE false", 2, 0},
		"zero rows, MariaDB":          {maria, "SELECT 1 AS a, 'x' AS b FROM DUAL WHERE 1 = 0", 2, 0},
		"zero rows, SQLite":           {lite, "SELECT id, city FROM orders WHERE 0", 2, 0},
		"zero columns, PostgreSQL":    {pg, "SELECT FROM generate_series(1, 3)", 0, 3},
		"zero of both, PostgreSQL":    {pg, "SELECT WHERE false", 0, 0},
		"1,600 columns, PostgreSQL":   {pg, wide(1600), 1600, 1},
		"1,600 columns, MariaDB":      {maria, wide(1600), 1600, 1},
		"1,600 columns, SQLite":       {lite, wide(1600), 1600, 1},
		"hostile names, PostgreSQL":   {pg, `SELECT 1 AS "<b>", 2 AS "a,""b""", 3 AS "=1+1", 4 AS "é💾"`, 4, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := b.succeeded(t, tt.source, tt.text)
			st := r.Statements[0]
			if len(st.Columns) != tt.columns || st.Columns == nil || st.RowCount != int64(tt.rows) {
				t.Fatalf("got %d columns (null: %v) and %d rows, want %d and %d", len(st.Columns), st.Columns == nil, st.RowCount, tt.columns, tt.rows)
			}
			w := b.rows(t, r.ID, "")
			if len(w.Columns) != tt.columns || len(w.Rows) != tt.rows || tt.rows > 0 && len(w.Rows[0]) != tt.columns {
				t.Errorf("rows: got %d columns and %d rows", len(w.Columns), len(w.Rows))
			}
			for _, format := range []string{"csv", "tsv", "json", "ndjson"} {
				stored := b.must(t, 200, "GET", "/api/v1/runs/"+r.ID+"/export?format="+format, nil)
				streamed := b.must(t, 200, "POST", "/api/v1/query?format="+format, object{"source_id": tt.source, "sql": tt.text})
				if !bytes.Equal(stored.body, streamed.body) {
					t.Errorf("%s: stored and streamed differ: %s and %s", format, short(stored.body), short(streamed.body))
				}
				if n := count(t, format, stored.body); n != tt.rows {
					t.Errorf("%s: got %d rows, want %d: %s", format, n, tt.rows, short(stored.body))
				}
			}
			if p := b.visit(t, "/runs/"+r.ID); p.status != 200 {
				t.Errorf("the page of the run: got %d", p.status)
			}
		})
	}
}

// count is how many rows a file holds.
func count(t *testing.T, format string, body []byte) int {
	t.Helper()
	switch format {
	case "json":
		var w window
		if err := json.Unmarshal(body, &w); err != nil {
			t.Errorf("json: %v: %s", err, short(body))
		}
		return len(w.Rows)
	case "ndjson":
		for line := range bytes.Lines(body) {
			if !json.Valid(line) {
				t.Errorf("ndjson: not JSON: %s", short(line))
			}
		}
	}
	return bytes.Count(body, []byte("\n")) - 1
}

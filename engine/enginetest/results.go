package enginetest

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"dribble/engine"
)

func resultCases() []kase {
	return []kase{
		{"rows come whole and in order", rowsInOrder},
		{"columns have names and types", columnTypes},
		{"duplicate and odd column names survive", duplicateNames},
		{"no rows still have columns", emptyResult},
		{"a statement without result has no columns", noResult},
		{"a row may have no columns", noColumns},
		{"the widest result", widestResult},
		{"a statement may be a comment or end with a semicolon", oddStatements},
		{"two statements in one are refused", twoStatements},
		{"writes count their rows", affectedRows},
		{"notices reach the sink", notices},
		{"arguments are bound, never pasted", arguments},
		{"arguments find their type", argumentTypes},
	}
}

func rowsInOrder(t *testing.T, f Fixture) {
	const n = 2500
	r := exec(t, session(t, f), f.SQL.Series(n))
	if len(r.rows) != n || r.columnCalls != 1 {
		t.Fatalf("got %d rows and %d calls of Columns, want %d and 1", len(r.rows), r.columnCalls, n)
	}
	for i, row := range r.rows {
		if got, want := cell(row[0]), strconv.Itoa(i+1); got != want {
			t.Fatalf("row %d: got %s, want %s", i, got, want)
		}
	}
}

func columnTypes(t *testing.T, f Fixture) {
	r := exec(t, session(t, f), f.SQL.Series(1))
	if len(r.columns) != 1 || r.columns[0].Name != "n" {
		t.Fatalf("got columns %+v, want one called n", r.columns)
	}
	if !r.columns[0].Kind.Numeric() || r.columns[0].Type == "" {
		t.Errorf("got column %+v, want a type and a numeric kind", r.columns[0])
	}
	if want := f.SQL.SeriesType; want != "" && r.columns[0].Type != want {
		t.Errorf("got type %q, want %q", r.columns[0].Type, want)
	}
}

func duplicateNames(t *testing.T, f Fixture) {
	quote := f.Engine.Spec().QuoteName
	names := []string{"a", "a", "A b", cmp.Or(f.SQL.OddName, "größe 💾"), "a"}
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("%d AS %s", i, quote(name))
	}
	r := exec(t, session(t, f), "SELECT "+strings.Join(parts, ", "))
	if len(r.columns) != len(names) || len(r.rows) != 1 {
		t.Fatalf("got %d columns and %d rows, want %d and 1", len(r.columns), len(r.rows), len(names))
	}
	for i, name := range names {
		if r.columns[i].Name != name || cell(r.rows[0][i]) != strconv.Itoa(i) {
			t.Errorf("column %d: got %q = %s, want %q = %d", i, r.columns[i].Name, cell(r.rows[0][i]), name, i)
		}
	}
}

func emptyResult(t *testing.T, f Fixture) {
	r := exec(t, session(t, f), "SELECT 1 AS a, 'x' AS b WHERE 1 = 0")
	if r.columnCalls != 1 || len(r.columns) != 2 || r.count != 0 {
		t.Errorf("got %d calls of Columns, %d columns, %d rows; want 1, 2, 0", r.columnCalls, len(r.columns), r.count)
	}
}

func noResult(t *testing.T, f Fixture) {
	s := session(t, f)
	r := exec(t, s, "CREATE TABLE no_result (id INTEGER)")
	if r.columnCalls != 0 || r.count != 0 {
		t.Errorf("got %d calls of Columns and %d rows, want none", r.columnCalls, r.count)
	}
	exec(t, s, "DROP TABLE no_result")
}

func noColumns(t *testing.T, f Fixture) {
	if f.SQL.NoColumns == "" {
		t.Skip("the database has no results without columns")
	}
	r := exec(t, session(t, f), f.SQL.NoColumns)
	if r.columnCalls != 1 || len(r.columns) != 0 || r.count != 1 {
		t.Errorf("got %d calls of Columns, %d columns, %d rows; want 1, 0, 1", r.columnCalls, len(r.columns), r.count)
	}
}

func widestResult(t *testing.T, f Fixture) {
	parts := make([]string, f.SQL.MaxColumns)
	for i := range parts {
		parts[i] = strconv.Itoa(i)
	}
	s := session(t, f)
	r := exec(t, s, "SELECT "+strings.Join(parts, ", "))
	if len(r.columns) != f.SQL.MaxColumns || len(r.rows) != 1 {
		t.Fatalf("got %d columns and %d rows, want %d and 1", len(r.columns), len(r.rows), f.SQL.MaxColumns)
	}
	if got, want := cell(r.rows[0][f.SQL.MaxColumns-1]), parts[f.SQL.MaxColumns-1]; got != want {
		t.Errorf("last cell: got %s, want %s", got, want)
	}
	// One more is the database's own error, and the session goes on.
	sqlError(t, s, "SELECT "+strings.Join(parts, ", ")+", 'one', 'two', 'too many' "+strings.Repeat(", 1", 100))
	mustWork(t, s)
}

func oddStatements(t *testing.T, f Fixture) {
	s := session(t, f)
	for _, text := range []string{"SELECT 7;", "  \r\n\tSELECT 7 ; ", "-- why\nSELECT 7", "/* why */ SELECT 7 -- so"} {
		if got := value(t, s, text); got != "7" {
			t.Errorf("%q: got %s, want 7", text, got)
		}
	}
}

func twoStatements(t *testing.T, f Fixture) {
	s := session(t, f)
	exec(t, s, "CREATE TABLE two_statements (id INTEGER)")
	sqlError(t, s, "SELECT 1; INSERT INTO two_statements VALUES (1)")
	if got := value(t, s, "SELECT count(*) FROM two_statements"); got != "0" {
		t.Errorf("the second statement ran: got %s rows, want 0", got)
	}
	exec(t, s, "DROP TABLE two_statements")
}

func affectedRows(t *testing.T, f Fixture) {
	s := session(t, f)
	exec(t, s, "CREATE TABLE affected (id INTEGER, v INTEGER)")
	for _, tt := range []struct {
		text string
		want int64
	}{
		{"INSERT INTO affected (id, v) VALUES (1, 1), (2, 2), (3, 3)", 3},
		{"UPDATE affected SET v = v + 10 WHERE id > 1", 2},
		{"UPDATE affected SET v = 0 WHERE id > 99", 0},
		{"DELETE FROM affected WHERE id = 1", 1},
		{"SELECT * FROM affected", -1},
		{"DROP TABLE affected", -1},
	} {
		out, err := s.Exec(bounded(t), engine.Statement{Text: tt.text}, &recorder{})
		if err != nil {
			t.Fatalf("%s: %v", tt.text, err)
		}
		// A database may call the rows of a DROP 0 instead of unknown.
		if out.Affected != tt.want && !(tt.want < 0 && out.Affected == 0 && strings.HasPrefix(tt.text, "DROP")) {
			t.Errorf("%s: got %d rows, want %d", tt.text, out.Affected, tt.want)
		}
		if strings.HasPrefix(tt.text, "INSERT") && f.SQL.Tag != "" && out.Tag != f.SQL.Tag {
			t.Errorf("%s: got tag %q, want %q", tt.text, out.Tag, f.SQL.Tag)
		}
	}
}

func notices(t *testing.T, f Fixture) {
	if len(f.SQL.Notice) == 0 {
		t.Skip("the database sends no messages")
	}
	s := session(t, f)
	var got []string
	for _, text := range f.SQL.Notice {
		got = append(got, exec(t, s, text).notices...)
	}
	if !strings.Contains(strings.Join(got, "\n"), f.SQL.NoticeText) {
		t.Errorf("got notices %q, want one with %q", got, f.SQL.NoticeText)
	}
	if r := exec(t, s, "SELECT 1"); len(r.notices) != 0 {
		t.Errorf("the next statement got old notices: %q", r.notices)
	}
}

func arguments(t *testing.T, f Fixture) {
	s := session(t, f)
	execAll(t, s, "CREATE TABLE arguments (id INTEGER, v VARCHAR(200))", "INSERT INTO arguments VALUES (1, 'x')")
	p := f.SQL.Param
	for _, v := range []string{
		"", "plain", "O'Brien", `back\slash`, `\' OR 1=1 -- `, "'; DROP TABLE arguments; --", "größe 💾", "100%_?$1:x",
		"line\nbreak\ttab", `"double" ` + "`back`", "%s %d", "NULL",
	} {
		exec(t, s, "UPDATE arguments SET v = "+p(1), &v)
		if got := value(t, s, "SELECT v FROM arguments WHERE v = "+p(1), &v); got != v {
			t.Errorf("got %q, want %q", got, v)
		}
	}
	exec(t, s, "UPDATE arguments SET v = "+p(1), nil)
	if got := value(t, s, "SELECT v FROM arguments"); got != "NULL" {
		t.Errorf("got %q, want NULL", got)
	}
	exec(t, s, "DROP TABLE arguments")
}

func argumentTypes(t *testing.T, f Fixture) {
	s := session(t, f)
	execAll(t, s, "CREATE TABLE argument_types (id INTEGER, price DECIMAL(10,2))",
		"INSERT INTO argument_types VALUES (9, 1.50), (10, 2.25)")
	nine, price := "9", "2.25"
	if got := value(t, s, "SELECT price FROM argument_types WHERE id = "+f.SQL.Param(1), &nine); !strings.HasPrefix(got, "1.5") {
		t.Errorf("by integer: got %q, want 1.50", got)
	}
	// As text '10' < '9'; as numbers it is not.
	if got := value(t, s, "SELECT count(*) FROM argument_types WHERE id < "+f.SQL.Param(1), &nine); got != "0" {
		t.Errorf("less than integer: got %s rows, want 0", got)
	}
	got := value(t, s, "SELECT id FROM argument_types WHERE price = "+f.SQL.Param(1)+" AND id > "+f.SQL.Param(2), &price, &nine)
	if got != "10" {
		t.Errorf("by decimal and integer: got %q, want 10", got)
	}
	exec(t, s, "DROP TABLE argument_types")
}

package sqlite

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"dribble/engine"
	"dribble/result"
)

func TestValuesAreSQLitesOwnText(t *testing.T) {
	t.Parallel()
	s := newSession(t, openFile(t, newFile(t), false))
	tests := []struct{ expr, want string }{
		{"1", "1"},
		{"9223372036854775807", "9223372036854775807"},
		{"-9223372036854775807 - 1", "-9223372036854775808"},
		{"9007199254740993", "9007199254740993"},
		{"1000000.0", "1000000.0"},
		{"1e15", "1000000000000000.0"},
		{"1e18", "1.0e+18"},
		{"1e-5", "1.0e-05"},
		{"0.1", "0.1"},
		{"-0.0", "0.0"},
		{"9e999", "Inf"},
		{"-9e999", "-Inf"},
		{"9e999 - 9e999", "NULL"},
		{"'plain'", "plain"},
		{"''", ""},
		{"NULL", "NULL"},
		{"'日本 ☕ é'", "日本 ☕ é"},
		{"char(65, 0, 66)", "A\x00B"},
		{"x''", "X''"},
		{"x'00FF'", "X'00ff'"},
		{"true", "1"},
		{"CAST(x'61ff62' AS TEXT)", "a\uFFFDb"},
	}
	for _, tt := range tests {
		if got := mustRun(t, s, "SELECT "+tt.expr).value(); got != tt.want {
			t.Errorf("SELECT %s = %q, want %q", tt.expr, got, tt.want)
		}
	}
}

func TestDeclaredTypesDoNotChangeValues(t *testing.T) {
	t.Parallel()
	s := newSession(t, openFile(t, newFile(t), false))
	tests := []struct{ declared, value, want string }{
		{"DATE", "'2024-02-30'", "2024-02-30"},
		{"DATETIME", "'2024-01-01 10:00:00'", "2024-01-01 10:00:00"},
		{"TIMESTAMP", "1700000000", "1700000000"},
		{"TIMESTAMP", "'2024-01-01T10:00:00.123456789Z'", "2024-01-01T10:00:00.123456789Z"},
		{"TIME", "'10:00'", "10:00"},
		{"BOOLEAN", "1", "1"},
		{"BOOLEAN", "'true'", "true"},
		{"DECIMAL(10,2)", "'12.50'", "12.5"},
		{"INTEGER", "'abc'", "abc"},
		{"VARCHAR(3)", "'longer'", "longer"},
		{"BIGINT", "9007199254740993", "9007199254740993"},
		{"UUID", "'00000000-0000-0000-0000-000000000001'", "00000000-0000-0000-0000-000000000001"},
	}
	for i, tt := range tests {
		mustRun(t, s, fmt.Sprintf("CREATE TABLE v%d (c %s)", i, tt.declared))
		mustRun(t, s, fmt.Sprintf("INSERT INTO v%d VALUES (%s)", i, tt.value))
		got := mustRun(t, s, fmt.Sprintf("SELECT c FROM v%d", i))
		if got.value() != tt.want {
			t.Errorf("%s %s = %q, want %q", tt.declared, tt.value, got.value(), tt.want)
		}
		if got.columns[0].Type != tt.declared {
			t.Errorf("type = %q, want %q", got.columns[0].Type, tt.declared)
		}
	}
}

// TestDoublesAgainstCast stores doubles bit by bit and compares their cells
// with the text SQLite's CAST gives in the same row.
func TestDoublesAgainstCast(t *testing.T) {
	t.Parallel()
	s := newSession(t, openFile(t, newFile(t, "CREATE TABLE d (x REAL)"), false))
	values := []float64{
		0, math.Copysign(0, -1), 1, -1, 1e15, 1e16, 1e-5, 1e-4, 1e5, 1e6, 123456789012345678, 0.1, 1.0 / 3,
		math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 2.2250738585072014e-308,
		2.225073858507201e-308, math.Inf(1), math.Inf(-1), 999999999999999.9, 99999999999999.99, math.Pi, 1e21, 1e22, 1e23,
	}
	r := rand.New(rand.NewPCG(1, 2))
	for len(values) < 12_000 {
		switch x := math.Float64frombits(r.Uint64()); {
		case math.IsNaN(x):
		case len(values)%3 == 0:
			values = append(values, x)
		case len(values)%3 == 1:
			values = append(values, math.Round(r.NormFloat64()*1e6)/100)
		default:
			values = append(values, r.NormFloat64()*math.Pow(10, float64(r.IntN(40)-20)))
		}
	}
	mustRun(t, s, "BEGIN")
	for at := 0; at < len(values); at += 400 {
		var text strings.Builder
		text.WriteString("INSERT INTO d VALUES ")
		for i, x := range values[at:min(at+400, len(values))] {
			if i > 0 {
				text.WriteByte(',')
			}
			text.WriteString("(" + literal(x) + ")")
		}
		mustRun(t, s, text.String())
	}
	got := mustRun(t, s, "SELECT x, CAST(x AS TEXT), typeof(x), x FROM d ORDER BY rowid")
	mustRun(t, s, "COMMIT")
	same, exact := 0, 0
	for i, row := range got.rows {
		if shown(row[0]) == shown(row[1]) && shown(row[2]) == "real" {
			same++
		} else {
			t.Errorf("%v: cell %q, CAST %q (%s)", values[i], shown(row[0]), shown(row[1]), shown(row[2]))
		}
		if back, err := strconv.ParseFloat(shown(row[0]), 64); err == nil && back == values[i] {
			exact++
		}
	}
	if len(got.rows) != len(values) {
		t.Fatalf("rows = %d, want %d", len(got.rows), len(values))
	}
	t.Logf("doubles equal to CAST: %d of %d (%d also read back to the same double)", same, len(values), exact)
}

// literal writes x so that SQLite reads the same double.
func literal(x float64) string {
	switch {
	case math.IsInf(x, 1):
		return "9e999"
	case math.IsInf(x, -1):
		return "-9e999"
	}
	return strconv.FormatFloat(x, 'e', 17, 64)
}

func TestColumnsHaveTypesKindsAndKeys(t *testing.T) {
	t.Parallel()
	s := newSession(t, openFile(t, newFile(t,
		"CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20), price DECIMAL(8,2), made DATE, raw)",
		"INSERT INTO t VALUES (1, 'a', 2.5, '2024-01-01', x'01')"), false))
	got := mustRun(t, s, `SELECT id, name, price, made, raw, id AS other, id + 1, price * 2, name || '!', x'00', NULL, name, name FROM t`)
	want := []result.Column{
		{Name: "id", Type: "INTEGER", Kind: result.KindInteger, Key: true},
		{Name: "name", Type: "VARCHAR(20)", Kind: result.KindText},
		{Name: "price", Type: "DECIMAL(8,2)", Kind: result.KindDecimal},
		{Name: "made", Type: "DATE", Kind: result.KindDate},
		{Name: "raw", Type: "blob", Kind: result.KindBinary},
		{Name: "other", Type: "INTEGER", Kind: result.KindInteger, Key: true},
		{Name: "id + 1", Type: "integer", Kind: result.KindInteger},
		{Name: "price * 2", Type: "real", Kind: result.KindDecimal},
		{Name: "name || '!'", Type: "text", Kind: result.KindText},
		{Name: "x'00'", Type: "blob", Kind: result.KindBinary},
		{Name: "NULL", Type: "any", Kind: result.KindOther},
		{Name: "name", Type: "VARCHAR(20)", Kind: result.KindText},
		{Name: "name", Type: "VARCHAR(20)", Kind: result.KindText},
	}
	if len(got.columns) != len(want) {
		t.Fatalf("columns = %v", got.columns)
	}
	for i := range want {
		if got.columns[i] != want[i] {
			t.Errorf("column %d = %+v, want %+v", i, got.columns[i], want[i])
		}
	}
	empty := mustRun(t, s, "SELECT id, id + 1 FROM t WHERE false")
	if len(empty.columns) != 2 || empty.columns[1].Type != "any" || len(empty.rows) != 0 {
		t.Errorf("no rows: columns = %v, rows = %v", empty.columns, empty.rows)
	}
}

func TestGarbledTextIsNoticed(t *testing.T) {
	t.Parallel()
	s := newSession(t, openFile(t, newFile(t), true))
	got := mustRun(t, s, "SELECT CAST(x'ff' AS TEXT) UNION ALL SELECT CAST(x'fe' AS TEXT)")
	if len(got.notices) != 1 || !strings.Contains(got.notices[0], "UTF-8") {
		t.Errorf("notices = %q, want one about UTF-8", got.notices)
	}
}

func TestCellBound(t *testing.T) {
	t.Parallel()
	s := newSession(t, openFile(t, newFile(t), true))
	tests := []struct {
		expr string
		max  int
		code string
	}{
		{"'12345'", 5, ""},
		{"'123456'", 5, codeCellTooLong},
		{"x'00'", 5, ""},
		{"x'0000'", 5, codeCellTooLong},
		{"zeroblob(60000000)", 1 << 20, codeCellTooLong},
		{"zeroblob(1000000000)", 1 << 20, "SQLITE_TOOBIG"},
		{"printf('%.*c', 1000000000, 'x')", 1 << 20, "SQLITE_TOOBIG"},
	}
	for _, tt := range tests {
		_, err := s.Exec(context.Background(), engine.Statement{Text: "SELECT " + tt.expr, MaxCell: tt.max}, &table{})
		if got := codeOf(err); got != tt.code {
			t.Errorf("SELECT %s with MaxCell %d: code %q, want %q (%v)", tt.expr, tt.max, got, tt.code, err)
		}
	}
}

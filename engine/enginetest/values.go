package enginetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dribble/domain"
	"dribble/engine"
)

func valueCases() []kase {
	return []kase{
		{"every type to the byte", everyType},
		{"bad values", badValues},
		{"NULL is not the empty string", nullAndEmpty},
		{"a cell of 1 MiB", longCell},
		{"unicode", unicode},
		{"a cell over the bound fails its statement alone", maxCell},
	}
}

func everyType(t *testing.T, f Fixture) {
	s := session(t, f)
	good := compareAll(t, s, f.Types)
	fmt.Printf("%s: types compared: %d of %d\n", f.Engine.Spec().Name, good, len(f.Types))
}

func badValues(t *testing.T, f Fixture) {
	s := session(t, f)
	good := compareAll(t, s, f.BadValues)
	mustWork(t, s)
	fmt.Printf("%s: bad inputs handled: %d of %d (result values)\n", f.Engine.Spec().Name, good, len(f.BadValues))
}

func compareAll(t *testing.T, s engine.Session, cases []TypeCase) (good int) {
	t.Helper()
	for _, c := range cases {
		if compareType(t, s, c) {
			good++
		}
	}
	return good
}

func compareType(t *testing.T, s engine.Session, c TypeCase) bool {
	t.Helper()
	execAll(t, s, c.Setup...)
	text := "SELECT " + c.Expr
	if strings.HasPrefix(c.Expr, "SELECT") {
		text = c.Expr
	}
	r := &recorder{}
	if _, err := s.Exec(bounded(t), engine.Statement{Text: text}, r); err != nil {
		t.Errorf("%s: %v", c.Name, err)
		return false
	}
	if len(r.rows) != 1 || len(r.rows[0]) != 1 {
		t.Errorf("%s: got %d rows of %d columns, want one cell", c.Name, len(r.rows), len(r.columns))
		return false
	}
	got, col := r.rows[0][0], r.columns[0]
	switch {
	case c.Null && got != nil:
		t.Errorf("%s: got %q, want NULL", c.Name, clip(got))
	case !c.Null && (got == nil || string(got) != c.Want):
		t.Errorf("%s: got %q, want %q", c.Name, clip(got), clip([]byte(c.Want)))
	case c.Type != "" && col.Type != c.Type:
		t.Errorf("%s: got type %q, want %q", c.Name, col.Type, c.Type)
	case c.Kind != "" && col.Kind != c.Kind:
		t.Errorf("%s: got kind %q, want %q", c.Name, col.Kind, c.Kind)
	default:
		return true
	}
	return false
}

func clip(b []byte) string {
	if b == nil {
		return "NULL"
	}
	if len(b) > 120 {
		return string(b[:120]) + "…"
	}
	return string(b)
}

func nullAndEmpty(t *testing.T, f Fixture) {
	r := exec(t, session(t, f), "SELECT NULL AS a, '' AS b, 'NULL' AS c")
	row := r.rows[0]
	if row[0] != nil || row[1] == nil || len(row[1]) != 0 || string(row[2]) != "NULL" {
		t.Errorf("got %q, want NULL, an empty text and the text NULL", row)
	}
}

func longCell(t *testing.T, f Fixture) {
	const n = 1 << 20
	got := value(t, session(t, f), "SELECT "+f.SQL.Repeat("é", n/2))
	if len(got) != n || strings.Trim(got, "é") != "" {
		t.Errorf("got %d bytes, want %d of é", len(got), n)
	}
}

func unicode(t *testing.T, f Fixture) {
	s := session(t, f)
	for _, text := range []string{"größe", "日本語", "💾👩‍👩‍👧", "א‎ב‏ג", "e\u0301", "\u202eabc", "\ufeffbom", "Ω≈ç√"} {
		if got := value(t, s, "SELECT '"+text+"'"); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
}

func maxCell(t *testing.T, f Fixture) {
	s := session(t, f)
	text := "SELECT 'short' AS fine, " + f.SQL.Repeat("x", 1001) + " AS long_one"
	_, err := s.Exec(bounded(t), engine.Statement{Text: text, MaxCell: 1001}, &recorder{})
	if err != nil {
		t.Fatalf("a cell of exactly the bound: %v", err)
	}
	r := &recorder{}
	_, err = s.Exec(bounded(t), engine.Statement{Text: text, MaxCell: 1000}, r)
	var e *domain.SQLError
	if !errors.As(err, &e) || e.Message == "" {
		t.Fatalf("got error %v, want a *domain.SQLError with a message", err)
	}
	if r.count != 0 {
		t.Errorf("the sink got %d rows with a cell over the bound", r.count)
	}
	mustWork(t, s)
}

package mysql

import (
	"strings"
	"testing"
)

func TestPosition(t *testing.T) {
	t.Parallel()
	s := sessionOf(t, openDB(t, nil))
	execAll(t, s, "CREATE TABLE p (a INT)")
	long := strings.Repeat("a AND ", 40)
	cases := []struct {
		name string
		text string // ^ marks the place; none means that it is not known
	}{
		{"first word", "^SELEC 1"},
		{"second line", "SELECT a\nFROM p\nWHERE ^FROM b"},
		{"with letters beyond ASCII", "SELECT 'éß😀' FROM ^WHERE a"},
		{"end of text", "SELECT a FROM p WHERE^"},
		{"long rest", "SELECT a FROM p WHERE ^) " + long + "1"},
		{"rest that comes twice", "SELECT 1 WHERE AND " + long + "1"},
		{"unknown column", "SELECT a, ^bcd FROM p"},
		{"unknown column with its table", "SELECT p.^bcd FROM p"},
		{"unknown column, twice there", "SELECT bcd FROM p WHERE bcd = 1"},
		{"unknown table", "SELECT * FROM ^missing WHERE 1"},
		{"unknown function", "SELECT ^nothing(1)"},
		{"name inside a longer word", "SELECT ^bcd, 'bcde', abcd_ FROM (SELECT 1 AS abcd_) AS x"},
		{"divided by nothing", "SELECT CAST('x' AS INT) FROM p GROUP BY MAX(a)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := strings.Index(c.text, "^")
			text := strings.Replace(c.text, "^", "", 1)
			e := sqlError(t, s, text)
			switch {
			case want < 0 && e.Position != nil:
				t.Errorf("got position %d, want none (%v)", *e.Position, e)
			case want >= 0 && e.Position == nil:
				t.Errorf("got no position, want %d (%v)", want, e)
			case want >= 0 && *e.Position != want:
				t.Errorf("got position %d, want %d (%v)", *e.Position, want, e)
			}
		})
	}
}

package sqltext

import (
	"errors"
	"slices"
	"testing"

	"dribble/domain"
)

func TestParams(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		dialect Dialect
		text    string
		want    []string // the parameters as written
	}{
		{"none", Postgres, "SELECT 1", nil},
		{"two", Postgres, "SELECT {{a}}, {{ b_2\t}}", []string{"{{a}}", "{{ b_2\t}}"}},
		{"repeated", Postgres, "SELECT {{a}}{{a}}", []string{"{{a}}", "{{a}}"}},
		{"not in a string", Postgres, "SELECT '{{a}}', E'\\'{{a}}', $$ {{a}} $$", nil},
		{"not in a comment", Postgres, "SELECT 1 -- {{a}}\n/* {{a}} */", nil},
		{"not in a quoted name", MySQL, "SELECT `{{a}}`", nil},
		{"not in MySQL's double quotes", MySQL, `SELECT "{{a}}", {{b}}`, []string{"{{b}}"}},
		{"in an executable comment", MySQL, "SELECT /*! {{a}} */ 1", []string{"{{a}}"}},
		{"names only", Postgres, "SELECT {{}}, {{1}}, {{a b}}, {{a-b}}, {{é}}, {{ a\n}}", nil},
		{"braces too many", Postgres, "SELECT {{{a}}}", []string{"{{a}}"}},
		{"never closed", Postgres, "SELECT {{a}, {{a", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range Params(tt.dialect, tt.text) {
				got = append(got, tt.text[p.Start:p.End])
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestBind(t *testing.T) {
	t.Parallel()
	values := map[string]string{"a": "1", "b": "it's", "c": ""}
	tests := []struct {
		name    string
		dialect Dialect
		text    string
		want    string
		args    []string
	}{
		{"none", Postgres, "SELECT $1", "SELECT $1", nil},
		{"one number a name", Postgres, "SELECT {{a}}, {{b}}, {{ a }}", "SELECT $1, $2, $1", []string{"1", "it's"}},
		{"behind existing numbers", Postgres, "SELECT $3, {{a}}", "SELECT $3, $4", []string{"NULL", "NULL", "NULL", "1"}},
		{"numbers in strings do not count", Postgres, "SELECT '$3', {{a}}", "SELECT '$3', $1", []string{"1"}},
		{"kept apart from neighbours", Postgres, "SELECT x{{a}}1{{b}}{{c}}", "SELECT x $1 1 $2 $3", []string{"1", "it's", ""}},
		{"mysql repeats", MySQL, "SELECT {{a}}, {{a}}", "SELECT ?, ?", []string{"1", "1"}},
		{"sqlite", SQLite, "SELECT {{b}} || {{a}}1", "SELECT ? || ? 1", []string{"it's", "1"}},
		{"postgres JSON operator", Postgres, "SELECT j ? {{a}}", "SELECT j ? $1", []string{"1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, err := Bind(tt.dialect, tt.text, values)
			if err != nil {
				t.Fatal(err)
			}
			var args []string
			for _, a := range b.Args {
				if a == nil {
					args = append(args, "NULL")
					continue
				}
				args = append(args, *a)
			}
			if b.Text != tt.want || !slices.Equal(args, tt.args) {
				t.Errorf("got %q %q, want %q %q", b.Text, args, tt.want, tt.args)
			}
		})
	}
}

func TestBindRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		dialect Dialect
		text    string
		field   string
		offset  int
	}{
		{"missing value", Postgres, "SELECT {{a}}, {{lost}}", "lost", 14},
		{"question mark beside", MySQL, "SELECT ?, {{a}}", "", 7},
		{"named parameter beside", SQLite, "SELECT {{a}}, :b", "", 14},
		{"number too high", Postgres, "SELECT {{a}}, $65536", "", 14},
		{"number far too high", Postgres, "SELECT {{a}}, $99999999999999999999", "", 14},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Bind(tt.dialect, tt.text, map[string]string{"a": "1"})
			var e *domain.Error
			if !errors.As(err, &e) || e.Code != domain.Invalid || e.Field != tt.field || e.Offset != tt.offset || !e.HasOffset {
				t.Errorf("got %#v, want invalid with field %q at %d", err, tt.field, tt.offset)
			}
		})
	}
}

func TestBoundOriginal(t *testing.T) {
	t.Parallel()
	text := "SELECT {{first}}, x{{second}}y FROM wrong"
	b, err := Bind(Postgres, text, map[string]string{"first": "1", "second": "2"})
	if err != nil {
		t.Fatal(err)
	}
	// "SELECT $1, x $2 y FROM wrong"
	tests := []struct{ bound, want int }{
		{0, 0}, {7, 7}, {8, 7}, {9, 16}, {11, 18}, {12, 19}, {14, 19}, {16, 29}, {23, 36}, {28, 41},
	}
	for _, tt := range tests {
		if got := b.Original(tt.bound); got != tt.want {
			t.Errorf("offset %d of %q: got %d, want %d of %q", tt.bound, b.Text, got, tt.want, text)
		}
	}
}

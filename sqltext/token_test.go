package sqltext

import (
	"slices"
	"testing"
)

func TestScan(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		dialect Dialect
		text    string
		want    []string // kind:text, without space
	}{
		{"postgres", Postgres, `SELECT t."Id", t.order, 1.5e-3::int4 FROM t WHERE a<>$1 AND b = {{x}};`,
			[]string{"keyword:SELECT", "ident:t", "punct:.", `quoted:"Id"`, "punct:,", "ident:t", "punct:.", "ident:order", "punct:,",
				"number:1.5e-3", "operator:::", "ident:int4", "keyword:FROM", "ident:t", "keyword:WHERE", "ident:a", "operator:<>",
				"placeholder:$1", "keyword:AND", "ident:b", "operator:=", "param:{{x}}", "terminator:;"}},
		{"postgres strings", Postgres, "E'a' b'1' N'x' U&'y' $$z$$ 0x1F .5 1..2 -- c",
			[]string{"string:E'a'", "string:b'1'", "string:N'x'", "string:U&'y'", "string:$$z$$", "number:0x1F", "number:.5",
				"number:1", "punct:.", "number:.2", "comment:-- c"}},
		{"mysql", MySQL, "SELECT @a, @@global.x, 1a, `b`, 0x1f, 1e5, 1e-5 /*!50000 + ? */ # c",
			[]string{"keyword:SELECT", "ident:@a", "punct:,", "ident:@@global", "punct:.", "ident:x", "punct:,", "ident:1a", "punct:,",
				"quoted:`b`", "punct:,", "number:0x1f", "punct:,", "number:1e5", "punct:,", "number:1e-5", "comment:/*!50000",
				"operator:+", "placeholder:?", "comment:*/", "comment:# c"}},
		{"mysql delimiter", MySQL, "DELIMITER //\nSELECT 1;//",
			[]string{"command:DELIMITER //", "keyword:SELECT", "number:1", "punct:;", "terminator://"}},
		{"sqlite", SQLite, "SELECT [a b], :x, @y, $z, ?1, a->>'b'",
			[]string{"keyword:SELECT", "quoted:[a b]", "punct:,", "placeholder::x", "punct:,", "placeholder:@y", "punct:,",
				"placeholder:$z", "punct:,", "placeholder:?1", "punct:,", "ident:a", "operator:->>", "string:'b'"}},
		{"never closed", Postgres, "SELECT 'a", []string{"keyword:SELECT", "string:'a"}},
		{"psql", Postgres, "\\d t\nSELECT", []string{`command:\d t`, "keyword:SELECT"}},
		{"unknown dialect reads as postgres", "oracle", "$$a$$", []string{"string:$$a$$"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for tok := range Scan(tt.dialect, tt.text) {
				if tok.Kind != TokenSpace {
					got = append(got, tok.Kind.String()+":"+tt.text[tok.Start:tok.End])
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestScanStops(t *testing.T) {
	t.Parallel()
	n := 0
	for range Scan(Postgres, "a b c d") {
		n++
		if n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("got %d tokens, want the scan to stop at 2", n)
	}
}

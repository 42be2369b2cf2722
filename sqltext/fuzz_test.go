package sqltext

import (
	"strings"
	"testing"
	"unicode/utf8"

	"dribble/domain"
)

func dialectOf(n byte) Dialect {
	return []Dialect{Postgres, MySQL, SQLite}[n%3]
}

func addSeeds(f *testing.F) {
	f.Helper()
	seeds := []string{
		"", "SELECT 1; SELECT 2", "-- a\nSELECT 'x;' -- b\n;", bom + "SELECT E'\\'' \n'\\''", "SELECT $a$;$a$, $1, {{ a }}",
		"/* /* */ */ DELETE FROM \"a\"\".b\"", "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END; x", "CREATE RULE r AS DO (a; b); c",
		"DELIMITER //\nSELECT `a`//\ndelimiter ;\nSELECT \"\\\"\" # x\n;", "SELECT /*!50000 ';' */ 1 /*M!100100 INTO @a */\\G",
		"CREATE DEFINER=a@b TRIGGER x BEGIN IF 1 THEN SELECT 1; END IF; END; y", "CREATE TEMP TRIGGER x BEGIN SELECT 1; END; y",
		"SELECT [a], :b, ?1, @c, $d->>'e'", "EXPLAIN (ANALYZE) WITH a AS (DELETE FROM t) SELECT {{a}}{{b}}1", "\\d t", ".tables",
		"SELECT '\xff", "SELECT 1\x00", "SELECT '😀é'; \r\n\r SELECT x{{a}}", "/*!99999 ' */; -- ' */", "/*!", "/*!50000", "{{", "$", "@", "0x", "1e+",
	}
	for i, s := range seeds {
		for d := range byte(3) {
			f.Add(d, s, i)
		}
	}
}

// FuzzSplit holds every script to the splitter's promises: statements lie in
// order inside the script, what lies between them holds no code, and scanning
// covers each byte once.
func FuzzSplit(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, n byte, script string, caret int) {
		d := dialectOf(n)
		end := 0
		for tok := range Scan(d, script) {
			if tok.Start != end || tok.End <= tok.Start || tok.Kind.String() == "unknown" {
				t.Fatalf("token %+v does not follow offset %d", tok, end)
			}
			end = tok.End
		}
		if end != len(script) {
			t.Fatalf("tokens end at %d of %d", end, len(script))
		}
		stmts, err := Split(d, script)
		if err != nil {
			checkError(t, script, err)
		}
		end = 0
		for _, s := range stmts {
			if s.Start < end || s.End <= s.Start || s.End > len(script) || script[s.Start:s.End] != s.Text {
				t.Fatalf("statement %+v does not follow offset %d", s, end)
			}
			if d.isSpace(s.Text[0]) || d.isSpace(s.Text[len(s.Text)-1]) || s.Class == "" {
				t.Fatalf("statement %+v is not trimmed", s)
			}
			end = s.End
		}
		if !utf8.ValidString(script) {
			return
		}
		checkGaps(t, d, script, stmts, err)
		if got, ok := At(stmts, script, caret); ok != (len(stmts) > 0) || ok && got.Text != script[got.Start:got.End] {
			t.Fatalf("At(%d) gave %+v, %v", caret, got, ok)
		}
	})
}

func checkError(t *testing.T, script string, err error) {
	t.Helper()
	e, ok := err.(*domain.Error)
	if !ok || e.Code != domain.Invalid || !strings.HasSuffix(e.Message, ".") || !e.HasOffset || e.Offset < 0 || e.Offset > len(script) {
		t.Fatalf("bad error %#v", err)
	}
	if utf8.ValidString(script) && !utf8.ValidString(e.Message) {
		t.Fatalf("message cuts a character: %q", e.Message)
	}
}

// checkGaps proves that every token of code lies in a statement.
func checkGaps(t *testing.T, d Dialect, script string, stmts []Statement, err error) {
	t.Helper()
	if err != nil {
		return
	}
	next := 0
	sc := newScanner(d, script)
	for sc.next() {
		tok := sc.tok
		for next < len(stmts) && tok.Start >= stmts[next].End {
			next++
		}
		switch tok.Kind {
		case TokenSpace, TokenComment, TokenTerminator, TokenCommand:
			continue
		}
		if next == len(stmts) || tok.Start < stmts[next].Start || tok.End > stmts[next].End {
			t.Fatalf("token %q at %d lies in no statement", script[tok.Start:tok.End], tok.Start)
		}
	}
}

// FuzzBind proves that binding changes nothing but the parameters: their count
// and values are right, no {{name}} is left, and offsets map back.
func FuzzBind(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, n byte, text string, offset int) {
		d := dialectOf(n)
		values := map[string]string{}
		params := Params(d, text)
		for _, p := range params {
			if text[p.Start:p.Start+2] != "{{" || !strings.Contains(text[p.Start:p.End], p.Name) {
				t.Fatalf("parameter %+v is not where it says", p)
			}
			values[p.Name] = "<" + p.Name + ">"
		}
		b, err := Bind(d, text, values)
		if err != nil {
			checkError(t, text, err)
			return
		}
		if len(params) == 0 && (b.Text != text || b.Args != nil) {
			t.Fatalf("changed a text without parameters: %+v", b)
		}
		if len(params) == 0 {
			return
		}
		placeholders := 0
		for tok := range Scan(d, b.Text) {
			switch tok.Kind {
			case TokenParam:
				t.Fatalf("left a parameter in %q", b.Text)
			case TokenPlaceholder:
				placeholders++
			}
		}
		if placeholders < len(params) || d != Postgres && placeholders != len(b.Args) {
			t.Fatalf("%q has %d placeholders and %d arguments for %d parameters", b.Text, placeholders, len(b.Args), len(params))
		}
		if got := b.Original(len(b.Text)); got != len(text) {
			t.Fatalf("the end maps to %d of %d", got, len(text))
		}
		offset = floor(b.Text, offset)
		if a, z := b.Original(offset), b.Original(min(offset+1, len(b.Text))); a < 0 || a > len(text) || z < a {
			t.Fatalf("offset %d maps to %d, the next to %d", offset, a, z)
		}
	})
}

// FuzzOffsets proves that conversions there and back agree at every character.
func FuzzOffsets(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, _ byte, s string, offset int) {
		at := floor(s, offset)
		if at < 0 || at > len(s) {
			t.Fatalf("floor(%d) is %d", offset, at)
		}
		if got := ByteOffset(s, UTF16(s, offset)); got != at {
			t.Fatalf("%q: UTF-16 there and back from %d: got %d, want %d", s, offset, got, at)
		}
		if got := ByteFromRune(s, RuneOffset(s, offset)); got != at {
			t.Fatalf("%q: characters there and back from %d: got %d, want %d", s, offset, got, at)
		}
		if line, col := LineCol(s, offset); line < 1 || col < 1 || line > strings.Count(s, "\n")+strings.Count(s, "\r")+1 {
			t.Fatalf("%q: offset %d is on line %d, column %d", s, offset, line, col)
		}
		_, _ = ByteOffset(s, offset), ByteFromRune(s, offset)
	})
}

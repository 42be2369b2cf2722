package views_test

import (
	"strings"
	"testing"
	"time"

	"dribble/result"
	"dribble/views"
)

func TestNumbersAndTimes(t *testing.T) {
	t.Parallel()
	ms := time.Millisecond
	zone := time.FixedZone("CET", 3600)
	at := time.Date(2026, 11, 20, 14, 40, 0, 0, zone)
	tests := []struct{ name, got, want string }{
		{"count", views.Count(1_804_660), "1,804,660"},
		{"count below a thousand", views.Count(999), "999"},
		{"count negative", views.Count(-1234), "-1,234"},
		{"short small", views.ShortCount(2400), "2,400"},
		{"short thousands", views.ShortCount(52_014), "52 k"},
		{"short just below a million", views.ShortCount(999_600), "1.0 M"},
		{"short millions", views.ShortCount(1_804_660), "1.8 M"},
		{"short many millions", views.ShortCount(88_000_000), "88 M"},
		{"one row", views.Plural(1, "row"), "1 row"},
		{"no rows", views.Plural(0, "row"), "0 rows"},
		{"elapsed two decimals", views.Elapsed(1240 * ms), "1.24 s"},
		{"elapsed never shows 10.00", views.Elapsed(9996 * ms), "10.0 s"},
		{"elapsed one decimal", views.Elapsed(12_640 * ms), "12.6 s"},
		{"elapsed never shows 60.0", views.Elapsed(59_980 * ms), "1 min 00 s"},
		{"elapsed minutes", views.Elapsed(125 * time.Second), "2 min 05 s"},
		{"elapsed hours", views.Elapsed(65 * time.Minute), "1 h 05 min"},
		{"elapsed too short to show", views.Elapsed(3 * ms), "<0.01 s"},
		{"elapsed of a clock set back", views.Elapsed(-ms), "0.00 s"},
		{"step milliseconds", views.StepTime(12 * ms), "12 ms"},
		{"step seconds", views.StepTime(1800 * ms), "1.8 s"},
		{"bytes", views.Bytes(812), "812 B"},
		{"kilobytes", views.Bytes(6200), "6.2 kB"},
		{"megabytes", views.Bytes(300_000), "0.3 MB"},
		{"gigabytes", views.Bytes(2_500_000_000), "2.5 GB"},
		{"just now", views.Ago(at, at.Add(-10*time.Second)), "just now"},
		{"minutes ago", views.Ago(at, at.Add(-38*time.Minute)), "38 min ago"},
		{"hours ago", views.Ago(at, at.Add(-5*time.Hour)), "5 h ago"},
		{"days ago", views.Ago(at, at.Add(-50*time.Hour)), "18 Nov 2026"},
		{"never", views.Ago(at, time.Time{}), "never"},
		{"clock in the reader's zone", views.Clock(at, time.Date(2026, 11, 20, 13, 32, 0, 0, time.UTC)), "14:32"},
		{"clock of another day", views.Clock(at, at.Add(-24*time.Hour)), "19 Nov"},
		{"started another year", views.Started(at, at.AddDate(-1, 0, 0)), "20 Nov 2025"},
		{"initials", views.Initials("Mina van Osei"), "MO"},
		{"initials of one name", views.Initials("tomás"), "T"},
		{"initials of nobody", views.Initials(""), ""},
		{"sentence", views.Sentence("column o.x does not exist."), "Column o.x does not exist"},
		{"sentence of another script", views.Sentence("ошибка"), "ошибка"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func TestShowCell(t *testing.T) {
	t.Parallel()
	col := func(kind result.Kind, name string, key bool) result.Column {
		return result.Column{Name: name, Kind: kind, Key: key}
	}
	long := strings.Repeat("é", 1200)
	tests := []struct {
		name string
		col  result.Column
		in   []byte
		want views.Cell
	}{
		{"null", col(result.KindText, "a", false), nil, views.Cell{Text: "NULL", Null: true}},
		{"empty text is not null", col(result.KindText, "a", false), []byte{}, views.Cell{}},
		{"the word NULL is a text", col(result.KindText, "a", false), []byte("NULL"), views.Cell{Text: "NULL"}},
		{"integer grouped, raw kept", col(result.KindInteger, "orders", false), []byte("4182"), views.Cell{Text: "4,182", Raw: "4182"}},
		{"decimal grouped before the point", col(result.KindDecimal, "revenue", false), []byte("-212940.50"), views.Cell{Text: "-212,940.50", Raw: "-212940.50"}},
		{"small number as it is", col(result.KindInteger, "n", false), []byte("999"), views.Cell{Text: "999"}},
		{"exponent as it is", col(result.KindDecimal, "n", false), []byte("1e+308"), views.Cell{Text: "1e+308"}},
		{"not a number as it is", col(result.KindDecimal, "n", false), []byte("Infinity"), views.Cell{Text: "Infinity"}},
		{"key ungrouped", col(result.KindInteger, "n", true), []byte("1840377"), views.Cell{Text: "1840377"}},
		{"foreign key ungrouped", col(result.KindInteger, "customer_id", false), []byte("52011"), views.Cell{Text: "52011"}},
		{"year ungrouped", col(result.KindInteger, "year", false), []byte("2026"), views.Cell{Text: "2026"}},
		{"paid is no identifier", col(result.KindInteger, "paid", false), []byte("2026"), views.Cell{Text: "2,026", Raw: "2026"}},
		{"bool as a word", col(result.KindBool, "b", false), []byte("t"), views.Cell{Text: "true", Raw: "t"}},
		{"long text cut at characters", col(result.KindText, "a", false), []byte(long), views.Cell{Text: long[:2000] + "…", Cut: true}},
		{"1,000 characters are whole", col(result.KindText, "a", false), []byte(long[:2000]), views.Cell{Text: long[:2000]}},
		{"long number cut, not grouped", col(result.KindDecimal, "n", false), []byte(strings.Repeat("9", 1100)), views.Cell{Text: strings.Repeat("9", 1000) + "…", Cut: true}},
		{"broken UTF-8 stays valid HTML", col(result.KindText, "a", false), []byte("a\xffb"), views.Cell{Text: "a\uFFFDb", Raw: ""}},
	}
	for _, tt := range tests {
		if got := views.ShowCell(tt.col, tt.in); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestJSONSpans(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"object", `{"a":1}`, `op{ kw"a" op: num1 op}`},
		{"string with an escaped quote", `["a\"b"]`, `op[ str"a\"b" op]`},
		{"words", `[true,null]`, `op[ numtrue op, numnull op]`},
		{"cut in the middle of a string", `{"a":"long…`, `op{ kw"a" op: str"long…`},
		{"space before the colon", `{"a" : -2.5e3}`, `op{ kw"a" | op: | num-2.5e3 op}`},
		{"not JSON at all", `hello world`, `|hello world`},
		{"a backslash at the end", `"a\`, `str"a\`},
	}
	for _, tt := range tests {
		var parts []string
		text := ""
		for _, s := range views.JSONSpans(tt.in) {
			text += s.Text
			if s.Class == "" {
				parts = append(parts, "|"+strings.TrimSpace(s.Text))
			} else {
				parts = append(parts, s.Class+s.Text)
			}
		}
		if text != tt.in {
			t.Errorf("%s: the text became %q", tt.name, text)
		}
		if got := strings.Join(parts, " "); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func FuzzJSONSpans(f *testing.F) {
	f.Add(`{"a":[1,true,"x\"y"],"b":null}`)
	f.Add("\"\\")
	f.Add("é\xff{")
	f.Fuzz(func(t *testing.T, in string) {
		out := ""
		for _, s := range views.JSONSpans(in) {
			out += s.Text
		}
		if out != in {
			t.Errorf("got %q, want %q", out, in)
		}
	})
}

package handlers

import (
	"strings"
	"testing"

	"dribble/sqltext"
)

func TestHighlightColoursAndLosesNothing(t *testing.T) {
	t.Parallel()
	text := "SELECT count (*), 'it''s' AS \"a b\", 1.5 -- end\nFROM orders WHERE x >= $1;"
	spans := highlight(sqltext.Postgres, text)
	if got := textOf(spans); got != text {
		t.Errorf("text: got %q", got)
	}
	classes := map[string]string{}
	for i, s := range spans {
		if i > 0 && spans[i-1].Class == s.Class {
			t.Errorf("%q and %q could be one span", spans[i-1].Text, s.Text)
		}
		classes[strings.TrimSpace(s.Text)] = s.Class
	}
	for word, class := range map[string]string{"SELECT": "kw", "count": "fn", "'it''s'": "str", "1.5": "num", "-- end": "com", "orders": ""} {
		if got, ok := classes[word]; !ok || got != class {
			t.Errorf("%s: got class %q (%v), want %q; all: %q", word, got, ok, class, classes)
		}
	}
	if spans := highlight(sqltext.Postgres, ""); len(spans) != 0 {
		t.Errorf("no text: got %+v", spans)
	}
	long := strings.Repeat("SELECT 1;", maxHighlight/9+1)
	if spans := highlight(sqltext.Postgres, long); len(spans) != 1 || spans[0].Class != "" || spans[0].Text != long {
		t.Errorf("long text: got %d spans, want it plain", len(spans))
	}
}

package handlers

import (
	"strings"
	"testing"

	"dribble/domain"
	"dribble/query"
	"dribble/sqltext"
	"dribble/views"
)

func textOf(spans []views.Span) string {
	var text strings.Builder
	for _, s := range spans {
		text.WriteString(s.Text)
	}
	return text.String()
}

func TestProblemIsPlacedInTheEditor(t *testing.T) {
	t.Parallel()
	at := func(n int) *int { return &n }
	tests := []struct {
		name, editor, ran string
		base              int
		position          *int
		line, col         int // 0 = not placed
		before, fault     string
		after             string
	}{
		{"whole text", "SELECT 1,\n  nope FROM t", "SELECT 1,\n  nope FROM t", 0, at(12), 2, 3, "  ", "nope", " FROM t"},
		{"a selection", "SELECT 1;\nSELECT x.y;", "SELECT x.y", 10, at(7), 2, 8, "SELECT ", "x.y", ";"},
		{"the second of two alike", "SELECT no;\nSELECT no;", "SELECT no", 11, at(7), 2, 8, "SELECT ", "no", ";"},
		{"moved since", "-- new\nSELECT no", "SELECT no", 0, at(7), 2, 8, "SELECT ", "no", ""},
		{"rewritten since", "SELECT yes", "SELECT no", 0, at(7), 0, 0, "", "", ""},
		{"no position", "SELECT no", "SELECT no", 0, nil, 0, 0, "", "", ""},
		{"position past the text", "SELECT no", "SELECT no", 0, at(99), 0, 0, "", "", ""},
		{"at the end", "SELECT", "SELECT", 0, at(6), 1, 7, "SELECT", "", ""},
		{"letters of many bytes", "SELECT 'ñ', ü", "SELECT 'ñ', ü", 0, at(13), 1, 13, "SELECT 'ñ', ", "ü", ""},
		{"a string over lines", "SELECT 'a\nb' x", "SELECT 'a\nb' x", 0, at(7), 1, 8, "SELECT ", "'a", ""},
		{"line ends of Windows", "SELECT 1,\r\nno\r\nFROM t", "SELECT 1,\r\nno\r\nFROM t", 0, at(11), 2, 1, "", "no", ""},
		{"base beyond the text", "SELECT no", "SELECT no", 500, at(7), 1, 8, "SELECT ", "no", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			snap := query.Snapshot{Base: tt.base, Run: domain.Run{SQL: tt.ran, Engine: "postgres", Error: &domain.SQLError{Message: "bad", Position: tt.position}}}
			p := problem(snap, tt.editor)
			if p == nil || p.Error.Message != "bad" {
				t.Fatalf("got %+v", p)
			}
			if p.Placed != (tt.line > 0) {
				t.Fatalf("placed: got %v", p.Placed)
			}
			if p.Line != tt.line || p.Col != tt.col || textOf(p.Before) != tt.before || p.Fault != tt.fault || textOf(p.After) != tt.after {
				t.Errorf("got %d:%d %q %q %q, want %d:%d %q %q %q", p.Line, p.Col, textOf(p.Before), p.Fault, textOf(p.After),
					tt.line, tt.col, tt.before, tt.fault, tt.after)
			}
			if p.Placed && (p.From > p.To || p.To > len(tt.editor)) {
				t.Errorf("marks %d to %d", p.From, p.To)
			}
		})
	}
	if problem(query.Snapshot{}, "SELECT 1") != nil {
		t.Error("a run without error has a problem")
	}
}

func TestRefusalKeepsItsPlace(t *testing.T) {
	t.Parallel()
	e := &domain.Error{Code: domain.Forbidden, Message: "read-only", HasOffset: true, Offset: 10}
	v := refusalView("q", e, sqltext.Postgres, "SELECT 1;\nDELETE FROM t")
	if v.Problem == nil || v.Problem.Line != 2 || v.Problem.Fault != "DELETE" || v.Refusal != e {
		t.Errorf("got %+v", v.Problem)
	}
	for _, e := range []*domain.Error{{Message: "no place"}, {Message: "outside", HasOffset: true, Offset: 999}} {
		if v := refusalView("q", e, sqltext.Postgres, "SELECT 1"); v.Problem != nil || v.Refusal != e {
			t.Errorf("%s: got %+v", e.Message, v.Problem)
		}
	}
}

func FuzzProblem(f *testing.F) {
	f.Add("SELECT nope FROM t", 7)
	f.Add("'\n\xff", 2)
	f.Fuzz(func(t *testing.T, text string, position int) {
		if position < 0 {
			return
		}
		p := problem(query.Snapshot{Run: domain.Run{SQL: text, Engine: "mysql", Error: &domain.SQLError{Position: &position}}}, text)
		if line := textOf(p.Before) + p.Fault + textOf(p.After); p.Placed && !strings.Contains(text, line) && !strings.Contains(text, "\r") {
			t.Errorf("%q is no line of %q", line, text)
		}
	})
}

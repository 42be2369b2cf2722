package handlers

import (
	"strings"

	"dribble/domain"
	"dribble/query"
	"dribble/sqltext"
	"dribble/views"
)

// problem places a run's error in the editor's text. The run's SQL is looked for where
// it began when it was started, then anywhere. A text that no longer holds it gives an
// error without a place.
func problem(snap query.Snapshot, editor string) *views.Problem {
	e := snap.Run.Error
	if e == nil {
		return nil
	}
	p := &views.Problem{Error: *e}
	base := locate(editor, snap.Run.SQL, snap.Base)
	if e.Position == nil || base < 0 || *e.Position > len(snap.Run.SQL) {
		return p
	}
	place(p, sqltext.Dialect(snap.Run.Engine), editor, base+*e.Position)
	return p
}

func locate(editor, part string, base int) int {
	if base >= 0 && base <= len(editor) && strings.HasPrefix(editor[base:], part) {
		return base
	}
	return strings.Index(editor, part)
}

// place fills in where offset is in text: line, column, and the line's code with
// the faulty word apart.
func place(p *views.Problem, d sqltext.Dialect, text string, offset int) {
	end := wordEnd(d, text, offset)
	p.Placed = true
	p.From, p.To = sqltext.UTF16(text, offset), sqltext.UTF16(text, end)
	p.Line, p.Col = sqltext.LineCol(text, offset)
	lineStart := strings.LastIndexByte(text[:offset], '\n') + 1
	lineEnd := len(text)
	if i := strings.IndexByte(text[offset:], '\n'); i >= 0 {
		lineEnd = offset + i
	}
	end = min(end, lineEnd)
	p.Before = highlight(d, strings.TrimLeft(text[lineStart:offset], "\r"))
	p.Fault = text[offset:end]
	p.After = highlight(d, strings.TrimRight(text[end:lineEnd], "\r"))
}

// wordEnd is the end of the token at offset, or of the dotted name that begins
// there.
func wordEnd(d sqltext.Dialect, text string, offset int) int {
	rest := text[offset:]
	if len(rest) > 4096 {
		rest = rest[:4096]
	}
	end, wantName := 0, true
	for tok := range sqltext.Scan(d, rest) {
		piece := rest[tok.Start:tok.End]
		name := tok.Kind == sqltext.TokenIdent || tok.Kind == sqltext.TokenQuotedIdent || tok.Kind == sqltext.TokenKeyword
		switch {
		case tok.Start == 0 && !name:
			return offset + tok.End
		case name && wantName:
			end, wantName = tok.End, false
		case piece == "." && !wantName:
			wantName = true
		default:
			return offset + max(end, min(1, len(rest)))
		}
	}
	return offset + end
}

// refusalView shows why a run was not started, with its place in the editor if it
// has one.
func refusalView(queryID string, e *domain.Error, d sqltext.Dialect, editor string) views.ResultView {
	v := views.ResultView{QueryID: queryID, Refusal: e}
	if e.HasOffset && e.Offset <= len(editor) {
		v.Problem = &views.Problem{Error: domain.SQLError{Message: e.Message, Hint: e.Hint}}
		place(v.Problem, d, editor, e.Offset)
	}
	return v
}

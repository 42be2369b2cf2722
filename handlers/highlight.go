package handlers

import (
	"strings"

	"dribble/sqltext"
	"dribble/views"
)

// maxHighlight bounds the text that is coloured; longer text is shown plain.
const maxHighlight = 64 << 10

// highlight colours SQL for code blocks.
func highlight(d sqltext.Dialect, text string) []views.Span {
	if len(text) > maxHighlight {
		return []views.Span{{Text: text}}
	}
	var spans []views.Span
	for tok := range sqltext.Scan(d, text) {
		piece := text[tok.Start:tok.End]
		class := spanClass(tok.Kind)
		if tok.Kind == sqltext.TokenIdent && strings.HasPrefix(strings.TrimLeft(text[tok.End:], " "), "(") {
			class = "fn"
		}
		if n := len(spans); n > 0 && spans[n-1].Class == class {
			spans[n-1].Text += piece
			continue
		}
		spans = append(spans, views.Span{Class: class, Text: piece})
	}
	return spans
}

func spanClass(kind sqltext.TokenKind) string {
	switch kind {
	case sqltext.TokenKeyword:
		return "kw"
	case sqltext.TokenString:
		return "str"
	case sqltext.TokenNumber:
		return "num"
	case sqltext.TokenComment, sqltext.TokenCommand:
		return "com"
	case sqltext.TokenOperator, sqltext.TokenPunct, sqltext.TokenTerminator:
		return "op"
	}
	return ""
}

package postgres

import (
	"strings"

	"dribble/sqltext"
)

// words are the significant tokens of a statement, one by one: unquoted words in
// upper case, everything else as written.
type words struct {
	text   string
	tokens []sqltext.Token
}

// wordsOf reads at most limit significant tokens of text; 0 means all.
func wordsOf(text string, limit int) *words {
	w := &words{text: text}
	for tok := range sqltext.Scan(sqltext.Postgres, text) {
		switch tok.Kind {
		case sqltext.TokenSpace, sqltext.TokenComment:
			continue
		}
		w.tokens = append(w.tokens, tok)
		if limit > 0 && len(w.tokens) >= limit {
			break
		}
	}
	return w
}

// next returns the next word, "" after the last.
func (w *words) next() string {
	if len(w.tokens) == 0 {
		return ""
	}
	tok := w.tokens[0]
	w.tokens = w.tokens[1:]
	word := w.text[tok.Start:tok.End]
	if tok.Kind == sqltext.TokenIdent || tok.Kind == sqltext.TokenKeyword {
		return strings.ToUpper(word)
	}
	return word
}

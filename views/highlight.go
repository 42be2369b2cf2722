package views

import "strings"

// Span is a piece of coloured code. Class is one of kw, fn, str, num, com, op,
// type, or "" for plain text.
type Span struct {
	Class string
	Text  string
}

// JSONSpans colours JSON text that fits on one line. It never changes the text and
// takes what is not JSON as plain.
func JSONSpans(text string) []Span {
	var spans []Span
	for text != "" {
		n, class := jsonToken(text)
		if class == "str" && strings.HasPrefix(strings.TrimLeft(text[n:], " \t\r\n"), ":") {
			class = "kw"
		}
		if last := len(spans) - 1; last >= 0 && spans[last].Class == class {
			spans[last].Text += text[:n]
		} else {
			spans = append(spans, Span{class, text[:n]})
		}
		text = text[n:]
	}
	return spans
}

// jsonToken measures the token at the start of text.
func jsonToken(text string) (int, string) {
	switch c := text[0]; {
	case c == '"':
		for i := 1; i < len(text); i++ {
			switch text[i] {
			case '\\':
				i++
			case '"':
				return i + 1, "str"
			}
		}
		return len(text), "str"
	case strings.IndexByte("{}[]:,", c) >= 0:
		return 1, "op"
	case strings.IndexByte(" \t\r\n", c) >= 0:
		return len(text) - len(strings.TrimLeft(text, " \t\r\n")), ""
	}
	n := strings.IndexAny(text, "{}[]:,\" \t\r\n")
	if n < 0 {
		n = len(text)
	}
	if word := text[:n]; word == "true" || word == "false" || word == "null" || strings.IndexByte("-0123456789", text[0]) >= 0 {
		return n, "num"
	}
	return n, ""
}

package views

import (
	"strings"
	"unicode/utf8"

	"dribble/result"
)

// maxShown is how many characters of a cell a grid shows.
const maxShown = 1000

// Cell is a value as the grid shows it.
type Cell struct {
	Text string
	Raw  string // the value itself, if Text differs from it; else ""
	Null bool
	Cut  bool // Text is only the beginning; the whole comes from the cell's own address
}

// ShowCell prepares a value (nil is NULL) for the grid: numbers that are no
// identifiers get thousands separators, booleans are words, long values are cut.
func ShowCell(col result.Column, value []byte) Cell {
	if value == nil {
		return Cell{Text: "NULL", Null: true}
	}
	text := strings.ToValidUTF8(string(value), "\uFFFD")
	if len(text) > maxShown {
		if short, cut := cutText(text, maxShown); cut {
			return Cell{Text: short, Cut: true}
		}
	}
	shown := text
	switch {
	case col.Kind.Numeric() && !identifier(col) && plainNumber(text):
		shown = group(text)
	case col.Kind == result.KindBool:
		shown = boolWord(text)
	}
	if shown != text {
		return Cell{Text: shown, Raw: text}
	}
	return Cell{Text: text}
}

func cutText(text string, limit int) (short string, cut bool) {
	n := 0
	for i := range text {
		if n == limit {
			return text[:i] + "…", true
		}
		n++
	}
	return text, false
}

// identifier reports whether a number names something rather than counts it: a
// key, or a column called so.
func identifier(col result.Column) bool {
	if col.Key {
		return true
	}
	name := strings.ToLower(col.Name)
	for _, word := range []string{"id", "year", "zip", "code", "number", "no"} {
		if name == word || strings.HasSuffix(name, "_"+word) {
			return true
		}
	}
	return strings.HasSuffix(col.Name, "Id") || strings.HasSuffix(col.Name, "ID")
}

// plainNumber reports whether text is digits with at most one sign and point.
func plainNumber(text string) bool {
	text = strings.TrimPrefix(text, "-")
	whole, fraction, has := strings.Cut(text, ".")
	return digits(whole) && (!has || digits(fraction))
}

func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

func boolWord(text string) string {
	switch text {
	case "t", "1":
		return "true"
	case "f", "0":
		return "false"
	}
	return text
}

// runeLen counts characters.
func runeLen(s string) int { return utf8.RuneCountInString(s) }

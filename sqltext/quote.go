package sqltext

import "strings"

// QuoteIdent quotes one name for d, whatever it is.
func QuoteIdent(d Dialect, name string) string {
	quote := `"`
	if d == MySQL {
		quote = "`"
	}
	return quote + strings.ReplaceAll(name, quote, quote+quote) + quote
}

// QuoteIfNeeded leaves plain lower-case names that are not reserved in d as
// they are and quotes all others.
func QuoteIfNeeded(d Dialect, name string) string {
	if !isPlain(name) || isReserved(d, upper(name)) {
		return QuoteIdent(d, name)
	}
	return name
}

func isPlain(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c != '_' && (c < 'a' || c > 'z') && (i == 0 || !isDigit(c)) {
			return false
		}
	}
	return name != ""
}

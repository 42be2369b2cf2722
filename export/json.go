package export

import (
	"unicode/utf8"

	"dribble/result"
)

// jsonWriter writes {"columns":[{"name","type"}],"rows":[[…]]}: rows are arrays,
// because names may repeat. A cell is a string in the database's text form, or
// null; numbers stay strings so that none loses digits. Bytes that are not
// UTF-8 become U+FFFD.
type jsonWriter struct {
	buffer
	rows bool // a row has been written
}

// Columns writes the columns and opens the rows.
func (j *jsonWriter) Columns(cols []result.Column) error {
	j.columns, j.begun = len(cols), true
	j.b = append(j.b, `{"columns":[`...)
	for i, col := range cols {
		if i > 0 {
			j.b = append(j.b, ',')
		}
		j.b = append(j.b, `{"name":`...)
		j.b = appendJSON(j.b, []byte(col.Name))
		j.b = append(j.b, `,"type":`...)
		j.b = appendJSON(j.b, []byte(col.Type))
		j.b = append(j.b, '}')
	}
	j.b = append(j.b, `],"rows":[`...)
	return j.flush()
}

// Row writes one array.
func (j *jsonWriter) Row(cells [][]byte) error {
	if !j.fits(cells) {
		return j.err
	}
	if j.rows {
		j.b = append(j.b, ',')
	}
	j.rows = true
	j.b = append(j.b, '\n')
	j.b = AppendJSONRow(j.b, cells)
	return j.written()
}

// Close ends the document.
func (j *jsonWriter) Close() error {
	if !j.begun && j.err == nil {
		if err := j.Columns(nil); err != nil {
			return err
		}
	}
	j.b = append(j.b, "\n]}\n"...)
	return j.flush()
}

// AppendJSONRow appends cells to dst as a JSON array of strings, null for NULL.
func AppendJSONRow(dst []byte, cells [][]byte) []byte {
	dst = append(dst, '[')
	for i, cell := range cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		if cell == nil {
			dst = append(dst, "null"...)
			continue
		}
		dst = appendJSON(dst, cell)
	}
	return append(dst, ']')
}

// appendJSON appends text as a JSON string.
func appendJSON(dst, text []byte) []byte {
	dst = append(dst, '"')
	start := 0
	for at := 0; at < len(text); {
		c := text[at]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			at++
			continue
		}
		if c >= utf8.RuneSelf {
			if r, width := utf8.DecodeRune(text[at:]); r != utf8.RuneError || width > 1 {
				at += width
				continue
			}
		}
		dst = append(dst, text[start:at]...)
		dst = appendEscape(dst, c)
		at++
		start = at
	}
	dst = append(dst, text[start:]...)
	return append(dst, '"')
}

// appendEscape appends what stands for a byte that cannot stand for itself.
func appendEscape(dst []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	switch {
	case c >= utf8.RuneSelf:
		return append(dst, "\uFFFD"...)
	case c == '"' || c == '\\':
		return append(dst, '\\', c)
	case c == '\n':
		return append(dst, '\\', 'n')
	case c == '\r':
		return append(dst, '\\', 'r')
	case c == '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}

package export

import "dribble/result"

// ndjsonWriter writes one JSON array a line. The first line is the array of
// column names; each later one is a row, its cells as in JSON.
type ndjsonWriter struct{ buffer }

// Columns writes the line of names.
func (n *ndjsonWriter) Columns(cols []result.Column) error {
	n.columns, n.begun = len(cols), true
	n.b = append(n.b, '[')
	for i, col := range cols {
		if i > 0 {
			n.b = append(n.b, ',')
		}
		n.b = appendJSON(n.b, []byte(col.Name))
	}
	n.b = append(n.b, ']', '\n')
	return n.flush()
}

// Row writes one line.
func (n *ndjsonWriter) Row(cells [][]byte) error {
	if !n.fits(cells) {
		return n.err
	}
	n.b = append(AppendJSONRow(n.b, cells), '\n')
	return n.written()
}

// Close hands on the last lines.
func (n *ndjsonWriter) Close() error { return n.flush() }

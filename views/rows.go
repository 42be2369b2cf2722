package views

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dribble/result"
)

// RowWindow writes rows as one <tbody>. It is written by hand because a window has
// a thousand cells and more, and the grid asks for one at every turn of the wheel.
func RowWindow(rows Rows) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		b.WriteString("<tbody>")
		for i, cells := range rows.Rows {
			writeRow(&b, rows.Columns, rows.Offset+int64(i), cells)
		}
		b.WriteString("</tbody>")
		if _, err := io.WriteString(w, b.String()); err != nil {
			return fmt.Errorf("write rows: %w", err)
		}
		return nil
	})
}

func writeRow(b *strings.Builder, columns []result.Column, number int64, cells [][]byte) {
	b.WriteString(`<tr role="row" aria-rowindex="`)
	b.WriteString(strconv.FormatInt(number+2, 10))
	b.WriteString(`" data-row="`)
	b.WriteString(strconv.FormatInt(number, 10))
	b.WriteString(`"><th role="rowheader" scope="row" aria-colindex="1">`)
	b.WriteString(Count(number + 1))
	b.WriteString("</th>")
	for i, value := range cells {
		if i < len(columns) {
			writeCell(b, columns[i], i+2, value)
		}
	}
	b.WriteString("</tr>")
}

func writeCell(b *strings.Builder, col result.Column, index int, value []byte) {
	cell := ShowCell(col, value)
	b.WriteString(`<td role="gridcell" class="k-`)
	b.WriteString(string(col.Kind))
	if cell.Null {
		b.WriteString(" is-null")
	}
	b.WriteString(`" aria-colindex="`)
	b.WriteString(strconv.Itoa(index))
	b.WriteByte('"')
	if cell.Raw != "" {
		b.WriteString(` data-v="`)
		b.WriteString(templ.EscapeString(cell.Raw))
		b.WriteByte('"')
	}
	if cell.Cut {
		b.WriteString(" data-cut")
	}
	b.WriteByte('>')
	if col.Kind == result.KindJSON && !cell.Null {
		writeSpans(b, JSONSpans(cell.Text))
	} else {
		b.WriteString(templ.EscapeString(cell.Text))
	}
	b.WriteString("</td>")
}

func writeSpans(b *strings.Builder, spans []Span) {
	for _, s := range spans {
		if s.Class == "" {
			b.WriteString(templ.EscapeString(s.Text))
			continue
		}
		b.WriteString(`<span class="syn-`)
		b.WriteString(templ.EscapeString(s.Class))
		b.WriteString(`">`)
		b.WriteString(templ.EscapeString(s.Text))
		b.WriteString("</span>")
	}
}

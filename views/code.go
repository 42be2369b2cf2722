package views

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// codeBlock writes coloured code as <pre>, without any space of its own. Its label
// names it for screen readers; id may be "".
func codeBlock(class, id, label string, spans []Span) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		b.WriteString(`<pre class="` + templ.EscapeString(class) + `" tabindex="0" role="region" aria-label="` + templ.EscapeString(label) + `"`)
		if id != "" {
			b.WriteString(` id="` + templ.EscapeString(id) + `"`)
		}
		b.WriteString(">\n") // HTML drops the first line end of <pre>, so that one in the code stays
		writeSpans(&b, spans)
		b.WriteString("</pre>")
		if _, err := io.WriteString(w, b.String()); err != nil {
			return fmt.Errorf("write code: %w", err)
		}
		return nil
	})
}

// problemLine writes the line of a problem with the fault marked and a caret below.
func problemLine(p *Problem) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		b.WriteString(`<pre class="failure-line"><span class="failure-number">` + strconv.Itoa(p.Line) + `</span>`)
		writeSpans(&b, p.Before)
		b.WriteString(`<span class="failure-word">` + templ.EscapeString(p.Fault) + `</span>`)
		writeSpans(&b, p.After)
		b.WriteString("\n" + `<span class="failure-number"></span>` + pad(p))
		b.WriteString(`<span class="failure-caret">^ column ` + strconv.Itoa(p.Col) + `</span></pre>`)
		if _, err := io.WriteString(w, b.String()); err != nil {
			return fmt.Errorf("write problem: %w", err)
		}
		return nil
	})
}

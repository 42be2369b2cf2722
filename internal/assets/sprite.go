package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// sprite joins the named icons into one file of symbols: icons.svg#play. Size,
// stroke and colour come from the page's style sheet.
func (b *build) sprite() ([]byte, error) {
	inner := regexp.MustCompile(`(?s)<svg[^>]*>(.*)</svg>`)
	space := regexp.MustCompile(`\s*\n\s*`)
	var out bytes.Buffer
	out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg">`)
	for _, name := range icons() {
		content, err := os.ReadFile(filepath.Join(b.root, "node_modules", "lucide-static", "icons", name+".svg"))
		if err != nil {
			return nil, fmt.Errorf("read icon: %w", err)
		}
		m := inner.FindSubmatch(content)
		if m == nil {
			return nil, fmt.Errorf("icon %s has no svg element", name)
		}
		fmt.Fprintf(&out, `<symbol id="%s" viewBox="0 0 24 24">%s</symbol>`, name, space.ReplaceAll(m[1], nil))
	}
	out.WriteString("</svg>\n")
	return out.Bytes(), nil
}

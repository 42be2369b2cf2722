package views

import (
	"strings"

	"github.com/a-h/templ"

	"dribble/engine"
)

func orDefault(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}

func orText(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func deleteSentence(v QueryView) string {
	if v.Query.VersionCount == 0 {
		return "Its text goes. Past runs stay in the history."
	}
	return "Its " + Plural(int64(v.Query.VersionCount), "version") + " go. Past runs stay in the history."
}

// pad is blank as wide as the code before a problem.
func pad(p *Problem) string {
	var b strings.Builder
	for _, s := range p.Before {
		for _, r := range s.Text {
			if r == '\t' {
				b.WriteByte('\t')
			} else {
				b.WriteByte(' ')
			}
		}
	}
	return b.String()
}

// engineNames lists engines in words: "PostgreSQL, MySQL or SQLite".
func engineNames(engines Engines) string {
	var b strings.Builder
	for i, e := range engines {
		switch {
		case i > 0 && i == len(engines)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(e.Title)
	}
	return b.String()
}

func lineCount(text string) int { return strings.Count(strings.TrimRight(text, "\n"), "\n") + 1 }

// described links a field to its help or its error.
func described(f engine.Field, msg string) templ.Attributes {
	switch {
	case msg != "":
		return templ.Attributes{"aria-invalid": "true", "aria-describedby": fieldID(f.Name) + "-error"}
	case f.Help != "":
		return templ.Attributes{"aria-describedby": fieldID(f.Name) + "-help"}
	}
	return nil
}

// exactly is an HTML pattern that matches one text alone.
func exactly(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune(`\^$.|?*+()[]{}/`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

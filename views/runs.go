package views

import (
	"net/url"
	"strings"

	"dribble/domain"
)

// choice is an option of a filter.
type choice struct{ Value, Label string }

func statusChoices() []choice {
	statuses := []domain.RunStatus{
		domain.RunSuccess, domain.RunError, domain.RunRunning, domain.RunQueued, domain.RunCancelled, domain.RunInterrupted,
	}
	choices := make([]choice, len(statuses))
	for i, s := range statuses {
		choices[i] = choice{string(s), runWord(s)}
	}
	return choices
}

func sourceChoices(sources []domain.Source) []choice {
	choices := make([]choice, len(sources))
	for i, s := range sources {
		choices[i] = choice{s.ID, s.Name}
	}
	return choices
}

// href is the list's address with these filters, from a cursor on.
func (f RunFilter) href(cursor string) string {
	q := url.Values{}
	for name, value := range map[string]string{"match": f.Match, "status": f.Status, "source_id": f.SourceID, "cursor": cursor} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return "/runs"
	}
	return "/runs?" + q.Encode()
}

func firstLine(sql string) string {
	for line := range strings.Lines(sql) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "--") {
			return line
		}
	}
	return strings.TrimSpace(sql)
}

// runBy says who started a run and by what means.
func runBy(run domain.Run) string {
	name := orText(run.Author, "Somebody")
	switch run.Trigger {
	case domain.TriggerAPI:
		return name + " · API"
	case domain.TriggerAI:
		return "Assistant for " + name
	case domain.TriggerShare:
		return "Share"
	case domain.TriggerEmbed:
		return "Embed"
	}
	return name
}

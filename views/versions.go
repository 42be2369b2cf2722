package views

import (
	"strconv"
	"strings"

	"dribble/domain"
)

func versionHref(queryID string, number int) string {
	return "/queries/" + queryID + "/versions/" + strconv.Itoa(number)
}

// versionMessage is what was written on a version, else how it came to be.
func versionMessage(v domain.Version) string {
	if v.Message != "" {
		return v.Message
	}
	switch v.Trigger {
	case domain.TriggerRun:
		return "Kept by a run"
	case domain.TriggerAI:
		return "Changed by the assistant"
	case domain.TriggerRestore:
		return "Restored"
	}
	return "Saved"
}

func joined(names []string) string { return strings.Join(names, ", ") }

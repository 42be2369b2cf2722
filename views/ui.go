package views

import (
	"dribble/domain"
	"dribble/result"
	"dribble/static"
)

func iconURL(name string) string { return static.URL("icons.svg") + "#" + name }

// Kinds of toasts.
const (
	ToastOK    = "ok"
	ToastInfo  = "info"
	ToastWarn  = "warn"
	ToastError = "error"
)

// Note is what a toast says.
type Note struct {
	Kind       string // ToastOK, …
	Text       string
	Detail     string // second line, may be ""
	Action     string // label of the one link, may be ""
	ActionHref string
}

func toastIcon(kind string) string {
	switch kind {
	case ToastOK:
		return "circle-check"
	case ToastError:
		return "circle-alert"
	case ToastWarn:
		return "triangle-alert"
	}
	return "info"
}

// kindIcon is the icon of a column's kind.
func kindIcon(kind result.Kind) string {
	switch kind {
	case result.KindText:
		return "type"
	case result.KindInteger:
		return "hash"
	case result.KindDecimal:
		return "decimals-arrow-right"
	case result.KindBool:
		return "toggle-left"
	case result.KindDate:
		return "calendar"
	case result.KindTime:
		return "clock"
	case result.KindTimestamp:
		return "calendar-clock"
	case result.KindInterval:
		return "timer"
	case result.KindJSON:
		return "braces"
	case result.KindBinary:
		return "binary"
	case result.KindUUID:
		return "fingerprint"
	case result.KindArray:
		return "brackets"
	}
	return "shapes"
}

// mark is the shape of a worker's state: ready, busy, asleep, starting, down.
func mark(state domain.WorkerState) string {
	switch state {
	case domain.WorkerReady:
		return "ready"
	case domain.WorkerBusy:
		return "busy"
	case domain.WorkerStarting, domain.WorkerConfiguring:
		return "starting"
	case domain.WorkerUnhealthy, domain.WorkerFailed:
		return "down"
	}
	return "asleep"
}

// runWord is a status for people.
func runWord(status domain.RunStatus) string {
	switch status {
	case domain.RunQueued:
		return "Waiting"
	case domain.RunRunning:
		return "Running"
	case domain.RunSuccess:
		return "Succeeded"
	case domain.RunError:
		return "Failed"
	case domain.RunCancelled:
		return "Cancelled"
	case domain.RunInterrupted:
		return "Interrupted"
	}
	return string(status)
}

// tone is the colour family of a run's status.
func tone(run domain.Run) string {
	switch {
	case run.CachedFrom != "":
		return "neutral"
	case run.Status == domain.RunSuccess:
		return "ok"
	case run.Status == domain.RunError:
		return "err"
	case !run.Status.Done():
		return "run"
	case run.Status == domain.RunInterrupted:
		return "warn"
	}
	return "neutral"
}

func badgeWord(run domain.Run) string {
	if run.CachedFrom != "" && run.Status == domain.RunSuccess {
		return "From cache"
	}
	return runWord(run.Status)
}

func runIcon(run domain.Run) string {
	switch {
	case run.CachedFrom != "" && run.Status == domain.RunSuccess:
		return "zap"
	case run.Status == domain.RunSuccess:
		return "check"
	case run.Status == domain.RunError:
		return "circle-alert"
	case run.Status == domain.RunCancelled:
		return "ban"
	case run.Status == domain.RunInterrupted:
		return "triangle-alert"
	}
	return "spinner"
}

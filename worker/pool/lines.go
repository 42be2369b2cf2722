package pool

import (
	"bytes"
	"log/slog"
	"sync"
)

// maxLine bounds a logged line of a worker's output, in bytes; the rest of
// a longer one follows as further lines.
const maxLine = 8 << 10

// lines passes what a worker prints to the log, line by line.
type lines struct {
	log *slog.Logger
	mu  sync.Mutex
	buf []byte
}

func newLines(log *slog.Logger) *lines { return &lines{log: log} }

// Write never fails: a worker must not stop because its log cannot be kept.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for rest := p; len(rest) > 0; {
		line, after, found := bytes.Cut(rest, []byte("\n"))
		if room := maxLine - len(l.buf); len(line) > room {
			line, after, found = rest[:room], rest[room:], true
		}
		l.buf = append(l.buf, line...)
		rest = after
		if found {
			l.emit()
		}
	}
	return len(p), nil
}

// flush logs a last line without an end.
func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.emit()
}

func (l *lines) emit() {
	if text := bytes.TrimSpace(l.buf); len(text) > 0 {
		l.log.Info("worker says", "line", string(text))
	}
	l.buf = l.buf[:0]
}

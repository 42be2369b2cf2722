package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// heartbeat keeps proxies from closing a quiet stream.
const heartbeat = 15 * time.Second

// writeWait bounds one write to a viewer; a browser that does not read for this
// long is dropped and comes back with Last-Event-ID.
const writeWait = 20 * time.Second

// eventStream is a text/event-stream answer. Not safe for concurrent use.
type eventStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	buf     bytes.Buffer
	head    bool // only the headers are wanted
}

// errHead ends the stream of a request for headers alone.
var errHead = errors.New("HEAD has no body")

func newStream(w http.ResponseWriter, r *http.Request) *eventStream {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies must not hold events back
	s := &eventStream{w: w, control: http.NewResponseController(w), head: r.Method == http.MethodHead}
	w.WriteHeader(http.StatusOK)
	_ = s.flush()
	return s
}

func (s *eventStream) flush() error {
	if s.head {
		return errHead
	}
	if err := s.control.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return fmt.Errorf("set deadline: %w", err)
	}
	if s.buf.Len() > 0 {
		if _, err := s.w.Write(s.buf.Bytes()); err != nil {
			return fmt.Errorf("write event: %w", err)
		}
		s.buf.Reset()
	}
	if err := s.control.Flush(); err != nil {
		return fmt.Errorf("flush event: %w", err)
	}
	return nil
}

// send writes one event; name and id may be empty.
func (s *eventStream) send(name, id, data string) error {
	if id != "" {
		s.buf.WriteString("id: " + id + "\n")
	}
	if name != "" {
		s.buf.WriteString("event: " + name + "\n")
	}
	for line := range strings.SplitSeq(data, "\n") {
		s.buf.WriteString("data: " + strings.ReplaceAll(line, "\r", "") + "\n")
	}
	s.buf.WriteString("\n")
	return s.flush()
}

// render sends components as one message.
func (s *eventStream) render(ctx context.Context, id string, parts ...templ.Component) error {
	var html bytes.Buffer
	for _, c := range parts {
		if err := c.Render(ctx, &html); err != nil {
			return fmt.Errorf("render event: %w", err)
		}
	}
	return s.send("", id, html.String())
}

// beat sends a comment that viewers ignore.
func (s *eventStream) beat() error {
	s.buf.WriteString(": beat\n\n")
	return s.flush()
}

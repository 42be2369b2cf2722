package serve

import (
	"fmt"
	"net/http"
	"time"

	"dribble/worker"
)

// send is the sender's goroutine.
func (s *sender) send() {
	defer close(s.ended)
	alarm := time.NewTimer(time.Hour)
	defer alarm.Stop()
	var items []item
	for {
		select {
		case <-s.kick:
		case <-alarm.C:
		}
		var wait time.Duration
		var last bool
		items, wait, last = s.take(items[:0])
		if err := s.write(items); err != nil {
			s.fail(err)
			return
		}
		s.recycle(items)
		if last {
			return
		}
		if wait > 0 {
			alarm.Reset(wait)
		}
	}
}

// take empties the queue, with the batch being filled if its time has come. It
// says how long that batch may still wait, and whether nothing more will come.
func (s *sender) take(spare []item) (items []item, wait time.Duration, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows > 0 {
		wait = time.Until(s.due)
		if wait <= 0 || s.closed {
			s.seal()
		}
	}
	items, s.queue = s.queue, spare
	return items, wait, s.closed
}

func (s *sender) write(items []item) error {
	for _, it := range items {
		var err error
		if it.kind == worker.FrameBatch {
			err = s.frames.Batch(it.rows, it.data)
		} else {
			err = s.frames.Raw(it.kind, it.data)
		}
		if err != nil {
			return err
		}
	}
	if err := s.frames.Flush(); err != nil {
		return err
	}
	return s.conn.flush()
}

// recycle takes the room of written items back and lets a waiting engine go on.
func (s *sender) recycle(items []item) {
	s.mu.Lock()
	for i, it := range items {
		s.queued -= len(it.data)
		if it.rows > 0 && cap(it.data) <= keepBytes && len(s.free) < 4 {
			s.free = append(s.free, it.data[:0])
		}
		items[i] = item{}
	}
	s.mu.Unlock()
	poke(s.space)
}

func (s *sender) fail(err error) {
	s.mu.Lock()
	s.err = err
	s.queue, s.free = nil, nil
	s.mu.Unlock()
	s.broken(err)
}

// conn writes an answer in pieces, each of which must be taken within stall.
type conn struct {
	w     http.ResponseWriter
	ctl   *http.ResponseController
	stall time.Duration
}

func newConn(w http.ResponseWriter, stall time.Duration) *conn {
	return &conn{w: w, ctl: http.NewResponseController(w), stall: stall}
}

// Write sends p, at most batchBytes at a time.
func (c *conn) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		piece := p[:min(len(p), batchBytes)]
		if err := c.extend(); err != nil {
			return written, err
		}
		n, err := c.w.Write(piece)
		written += n
		if err != nil {
			return written, fmt.Errorf("write answer: %w", err)
		}
		p = p[n:]
	}
	return written, nil
}

func (c *conn) flush() error {
	if err := c.extend(); err != nil {
		return err
	}
	if err := c.ctl.Flush(); err != nil {
		return fmt.Errorf("flush answer: %w", err)
	}
	return nil
}

func (c *conn) extend() error {
	if err := c.ctl.SetWriteDeadline(time.Now().Add(c.stall)); err != nil {
		return fmt.Errorf("set write deadline: %w", err)
	}
	return nil
}

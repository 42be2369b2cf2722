package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"dribble/result"
	"dribble/worker"
)

// When a batch of rows leaves. The first one leaves early, so that people see
// rows at once; later ones are large, but never old.
const (
	firstRows  = 100
	firstDelay = 20 * time.Millisecond
	batchBytes = 64 << 10
	batchRows  = 8192 // rows without columns have no bytes
	batchDelay = 100 * time.Millisecond
	queueBytes = 2 * batchBytes // more than this waiting makes the engine wait
	keepBytes  = 1 << 20        // a buffer grown larger is not used again
)

// item is one frame on its way: a batch if rows > 0, else payload as it is.
type item struct {
	kind worker.FrameType
	rows int
	data []byte
}

// sender carries a run's frames to the connection on a goroutine of its own. So
// rows leave in time though the engine waits for the database, and the engine can
// be cancelled though the connection does not move. Its methods but close belong
// to the engine's goroutine.
type sender struct {
	conn   *conn
	frames *worker.FrameWriter
	broken func(error) // called once if the connection fails
	kick   chan struct{}
	space  chan struct{}
	ended  chan struct{} // closed when the sending goroutine has ended

	mu      sync.Mutex
	queue   []item
	queued  int    // bytes in queue
	rows    int    // of the batch being filled
	data    []byte // of the batch being filled
	due     time.Time
	isFirst bool // the statement has sent no batch yet
	free    [][]byte
	err     error
	closed  bool
}

func newSender(w http.ResponseWriter, stall time.Duration, broken func(error)) *sender {
	c := newConn(w, stall)
	s := &sender{
		conn: c, frames: worker.NewFrameWriter(c), broken: broken,
		kick: make(chan struct{}, 1), space: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	poke(s.kick) // sends the answer's head
	go s.send()
	return s
}

// json queues a control frame behind the rows so far. Its error says that the
// connection has failed, and with it the run.
func (s *sender) json(t worker.FrameType, v any) error {
	payload, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode frame %q: %w", byte(t), err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.seal()
	s.isFirst = s.isFirst || t == worker.FrameBegin
	s.queue = append(s.queue, item{kind: t, data: payload})
	s.queued += len(payload)
	poke(s.kick)
	return nil
}

// row adds a row to the batch. It waits while too much is queued, until ctx ends
// or the connection fails.
func (s *sender) row(ctx context.Context, cells [][]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.queued >= queueBytes && s.err == nil {
		s.mu.Unlock()
		select {
		case <-s.space:
		case <-s.ended:
		case <-ctx.Done():
			s.mu.Lock()
			return context.Cause(ctx)
		}
		s.mu.Lock()
	}
	if s.err != nil {
		return s.err
	}
	if s.rows == 0 {
		s.open()
	}
	for _, cell := range cells {
		s.data = result.AppendCell(s.data, cell)
	}
	s.rows++
	if len(s.data) >= batchBytes || s.rows >= batchRows || s.isFirst && s.rows >= firstRows {
		s.seal()
		poke(s.kick)
	}
	return nil
}

// open begins a batch and sets the alarm for its departure.
func (s *sender) open() {
	if n := len(s.free); s.data == nil && n > 0 {
		s.data, s.free = s.free[n-1], s.free[:n-1]
	}
	if s.data == nil {
		s.data = make([]byte, 0, batchBytes+batchBytes/8)
	}
	delay := batchDelay
	if s.isFirst {
		delay = firstDelay
	}
	s.due = time.Now().Add(delay)
	poke(s.kick)
}

// seal moves the batch being filled, if any, to the queue.
func (s *sender) seal() {
	if s.rows == 0 {
		return
	}
	s.queue = append(s.queue, item{kind: worker.FrameBatch, rows: s.rows, data: s.data})
	s.queued += len(s.data)
	s.rows, s.data, s.isFirst = 0, nil, false
}

// close sends what is left and waits until it has left, or the connection has
// failed or stalled.
func (s *sender) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	poke(s.kick)
	<-s.ended
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

package mysql

import (
	"context"
	"sync"
	"time"

	"dribble/engine"
)

// pingWithin bounds the proof that an idle connection still lives.
const pingWithin = 2 * time.Second

// database is one server and the connections to it.
type database struct {
	settings
	slots chan struct{} // one for each session at a time

	mu       sync.Mutex
	idle     []*wire // clean; the last one used last
	own      map[string]bool
	isClosed bool
}

var _ engine.DB = (*database)(nil)

func newDatabase(s settings, sessions int) *database {
	return &database{settings: s, slots: make(chan struct{}, sessions), own: map[string]bool{}}
}

// Ping proves that the database answers, over an idle connection if there is
// one. It never waits for a session.
func (d *database) Ping(ctx context.Context) error {
	w, err := d.open(ctx)
	if err != nil {
		return d.connectionError(ctx, err)
	}
	d.keep(w)
	return nil
}

// Session waits for a free session and connects if no connection is idle.
func (d *database) Session(ctx context.Context) (engine.Session, error) {
	s, err := d.session(ctx)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (d *database) session(ctx context.Context) (*session, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	w, err := d.open(ctx)
	if err != nil {
		<-d.slots
		return nil, d.connectionError(ctx, err)
	}
	return &session{db: d, wire: w}, nil
}

// open takes an idle connection that still answers, or connects.
func (d *database) open(ctx context.Context) (*wire, error) {
	for {
		w := d.take()
		if w == nil {
			break
		}
		if w.ping(pingWithin) == nil {
			return w, nil
		}
		d.drop(w)
	}
	w, err := d.connect(ctx)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.own[w.clean.id] = true
	d.mu.Unlock()
	return w, nil
}

// take returns an idle connection, or nil.
func (d *database) take() *wire {
	d.mu.Lock()
	defer d.mu.Unlock()
	last := len(d.idle) - 1
	if last < 0 {
		return nil
	}
	w := d.idle[last]
	d.idle = d.idle[:last]
	return w
}

// keep lays a clean connection by for the next session, if there is room.
func (d *database) keep(w *wire) {
	d.mu.Lock()
	if !d.isClosed && len(d.idle) < cap(d.slots) {
		d.idle = append(d.idle, w)
		d.mu.Unlock()
		return
	}
	d.mu.Unlock()
	d.drop(w)
}

func (d *database) drop(w *wire) {
	w.close()
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.own, w.clean.id)
}

// Close closes the idle connections now and each session's at its own end.
func (d *database) Close() error {
	d.mu.Lock()
	d.isClosed = true
	idle := d.idle
	d.idle = nil
	d.mu.Unlock()
	for _, w := range idle {
		d.drop(w)
	}
	return nil
}

package mysql

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"dribble/domain"
	"dribble/engine"
)

// pingWithin bounds the proof that an idle connection still lives.
const pingWithin = 2 * time.Second

// database is one server and the connections to it.
type database struct {
	settings
	slots chan struct{} // one for each session at a time

	mu       sync.Mutex
	idle     []*wire              // clean; the last one used last
	own      map[string]bool      // ids of the connections that are open
	running  map[*killer]struct{} // of the statements that run
	isClosed bool
}

var _ engine.DB = (*database)(nil)

func newDatabase(s settings, sessions int) *database {
	return &database{settings: s, slots: make(chan struct{}, sessions), own: map[string]bool{},
		running: map[*killer]struct{}{}}
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
	if d.closed() {
		return nil, d.closedError()
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

// closeWithin bounds the wait for statements that Close ends.
const closeWithin = 2 * time.Second

// Close ends the statements that run, as a cancel does, and closes the idle
// connections. A session's connection is closed with the session.
func (d *database) Close() error {
	d.mu.Lock()
	d.isClosed = true
	idle, running := d.idle, slices.Collect(maps.Keys(d.running))
	d.idle = nil
	d.mu.Unlock()
	for _, w := range idle {
		d.drop(w)
	}
	for _, k := range running {
		k.abort()
	}
	timer := time.NewTimer(closeWithin)
	defer timer.Stop()
	for _, k := range running {
		select {
		case <-k.ctx.Done():
		case <-timer.C:
			return errors.New("close the database: a statement is still being cancelled")
		}
	}
	return nil
}

func (d *database) closed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.isClosed
}

// closedError is what happens to statements and sessions of a closed database.
func (d *database) closedError() error {
	return &domain.SQLError{Code: domain.CodeConnection,
		Message: "The connections to " + d.addr + " are being closed. Run the statement again."}
}

// enter makes a statement known to Close.
func (d *database) enter(k *killer) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.isClosed {
		return d.closedError()
	}
	d.running[k] = struct{}{}
	return nil
}

func (d *database) leave(k *killer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.running, k)
}

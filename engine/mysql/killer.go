package mysql

import (
	"context"
	"errors"
	"sync"
	"time"
)

// How a statement is ended.
const (
	killEvery   = 100 * time.Millisecond
	killHard    = 2 * time.Second      // then the connection is killed
	killGiveUp  = 4 * time.Second      // then it is closed from this side
	drainFirst  = 5 * time.Millisecond // a result's rest may be shorter than a kill
	killTimeout = time.Second          // of one attempt
)

// killer ends one statement: KILL QUERY from another connection, again and
// again, because a single one can come too early or be overlooked.
type killer struct {
	db     *database
	target *wire
	ctx    context.Context // ends when the statement has ended
	stop   context.CancelFunc
	ended  chan struct{} // closed when loop has returned

	mu        sync.Mutex
	isStarted bool
	isOver    bool
	isAborted bool // by the end of the whole database
}

func newKiller(db *database, target *wire) *killer {
	ctx, stop := context.WithCancel(context.Background())
	return &killer{db: db, target: target, ctx: ctx, stop: stop, ended: make(chan struct{})}
}

// start begins to kill; once is enough.
func (k *killer) start() { k.begin(0) }

// startSoon begins to kill unless the statement ends within a moment.
func (k *killer) startSoon() { k.begin(drainFirst) }

// abort begins to kill because the whole database is being closed.
func (k *killer) abort() {
	k.mu.Lock()
	k.isAborted = !k.isOver
	k.mu.Unlock()
	k.start()
}

func (k *killer) begin(after time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.isStarted || k.isOver {
		return
	}
	k.isStarted = true
	go k.loop(after)
}

// finish tells the killer that the statement has ended, waits until no kill is
// under way and reports whether one may have been sent.
func (k *killer) finish() bool {
	k.mu.Lock()
	k.isOver = true
	k.mu.Unlock()
	k.stop()
	if !k.isStarted {
		return false
	}
	<-k.ended
	return true
}

func (k *killer) loop(after time.Duration) {
	defer close(k.ended)
	if !k.wait(after) {
		return
	}
	var gun *wire
	defer func() {
		if gun != nil {
			gun.close()
		}
	}()
	for began := time.Now(); ; {
		passed := time.Since(began)
		if passed > killGiveUp {
			_ = k.target.conn.Close()
			return
		}
		gun = k.shoot(gun, passed > killHard)
		if !k.wait(killEvery) {
			return
		}
	}
}

// shoot sends one kill over gun, a new connection if it is nil, and returns the
// connection for the next one, nil if it failed.
func (k *killer) shoot(gun *wire, isHard bool) *wire {
	if gun == nil {
		ctx, cancel := context.WithTimeout(k.ctx, killTimeout)
		defer cancel()
		fresh, err := k.db.connect(ctx)
		if err != nil {
			return nil
		}
		gun = fresh
	}
	verb := "KILL QUERY "
	if isHard {
		verb = "KILL CONNECTION "
	}
	_ = gun.conn.SetDeadline(time.Now().Add(killTimeout))
	// "No such thread" and "not the owner" are errors too, and no use to retry
	// at once; the loop goes on anyway until the statement has ended.
	_, _ = gun.records(verb + k.target.clean.id)
	if gun.isBroken {
		gun.close()
		return nil
	}
	return gun
}

// wait sleeps; false means that the statement has ended.
func (k *killer) wait(d time.Duration) bool {
	if d == 0 {
		return k.ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-k.ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// settle lets a kill that came after the end of its statement hit an empty one,
// not the next statement of a person.
func (w *wire) settle() {
	const attempts = 5
	if w.isBroken {
		return
	}
	if err := w.conn.SetDeadline(time.Now().Add(pingWithin)); err != nil {
		_ = w.fail(err)
		return
	}
	for range attempts {
		_, err := w.records("DO 0")
		if err == nil {
			if err := w.conn.SetDeadline(time.Time{}); err != nil {
				_ = w.fail(err)
			}
			return
		}
		var said *serverError
		if !errors.As(err, &said) || said.number != numInterrupted {
			break
		}
	}
	_ = w.fail(errMalformed)
}

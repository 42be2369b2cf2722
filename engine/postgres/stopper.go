package postgres

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// The active cancel loop. A single cancel request can be lost, for example while
// the server compiles the query, so it is repeated; a backend that ignores them
// all is terminated; a connection that does not end even then is cut.
const (
	cancelEvery      = 100 * time.Millisecond
	cancelTries      = 20
	cancelOneTimeout = time.Second
	terminateTimeout = 2 * time.Second
	cutAfter         = 2 * time.Second
)

// stopper ends one running statement when its context ends, the database is
// closed, or stop is called. The statement itself runs on a context that never
// ends, because a driver that sees one end closes the connection behind it.
type stopper struct {
	conn   *conn
	side   *sideConns
	ended  chan struct{} // closed when the statement has ended
	asked  chan struct{} // closed by stop
	joined sync.WaitGroup
	ask    sync.Once
	began  bool // whether cancelling began; read after end
}

func watch(ctx, life context.Context, c *conn, side *sideConns) *stopper {
	s := &stopper{conn: c, side: side, ended: make(chan struct{}), asked: make(chan struct{})}
	s.joined.Go(func() {
		select {
		case <-s.ended:
			return
		case <-ctx.Done():
		case <-life.Done():
		case <-s.asked:
		}
		s.began = true
		s.cancel()
	})
	return s
}

// stop begins to cancel the statement and does not wait.
func (s *stopper) stop() { s.ask.Do(func() { close(s.asked) }) }

// end tells that the statement has ended, waits until no cancel request is on its
// way any more, and reports whether one may have been sent.
func (s *stopper) end() bool {
	close(s.ended)
	s.joined.Wait()
	return s.began
}

func (s *stopper) cancel() {
	tick := time.NewTicker(cancelEvery)
	defer tick.Stop()
	deadline := time.Now().Add(cancelTries * cancelEvery)
	for time.Now().Before(deadline) {
		ctx, done := context.WithTimeout(context.Background(), cancelOneTimeout)
		// An error is no reason to stop: the next try or terminate may reach it.
		_ = s.conn.pg.CancelRequest(ctx)
		done()
		select {
		case <-s.ended:
			return
		case <-tick.C:
		}
	}
	ctx, done := context.WithTimeout(context.Background(), terminateTimeout)
	err := s.side.terminate(ctx, s.conn.pg)
	done()
	if err == nil {
		select {
		case <-s.ended:
			return
		case <-time.After(cutAfter):
		}
	}
	_ = s.conn.pg.Conn().Close()
}

func pidText(c *pgconn.PgConn) string { return strconv.FormatUint(uint64(c.PID()), 10) }

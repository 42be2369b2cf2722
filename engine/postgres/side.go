package postgres

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// sideConns are connections for Dribble's own questions (catalogue, type names,
// ending a backend), apart from the users' sessions so that a question never
// disturbs a user's transaction. One idle connection is kept.
type sideConns struct {
	set settings

	mu     sync.Mutex
	idle   *conn
	closed bool
}

// do runs work on a connection of its own. A sign-in failure is a
// *domain.SQLError; work's error is returned as it is.
func (s *sideConns) do(ctx context.Context, work func(*conn) error) error {
	c := s.takeIdle()
	if c != nil && !c.alive() {
		c.close()
		c = nil
	}
	if c == nil {
		var err error
		if c, err = connect(ctx, s.set); err != nil {
			if cause := context.Cause(ctx); cause != nil {
				return cause
			}
			return s.set.connectError(err)
		}
	}
	err := work(c)
	s.giveBack(c)
	return err
}

func (s *sideConns) takeIdle() *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.idle
	s.idle = nil
	return c
}

func (s *sideConns) giveBack(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.idle != nil || c.broken() || c.inTransaction() {
		c.close()
		return
	}
	s.idle = c
}

func (s *sideConns) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.idle != nil {
		s.idle.close()
		s.idle = nil
	}
}

// terminate ends the backend of c. The application's name and the account must
// match too, because behind a pooler the process id belongs to somebody else.
func (s *sideConns) terminate(ctx context.Context, c *pgconn.PgConn) error {
	return s.do(ctx, func(side *conn) error {
		return side.query(ctx, func([][]byte) error { return nil },
			`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE pid = $1::int AND application_name = current_setting('application_name') AND usename = current_user AND backend_type = 'client backend'`,
			pidText(c))
	})
}

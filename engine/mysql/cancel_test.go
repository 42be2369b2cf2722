package mysql

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"dribble/domain"
	"dribble/engine"
	"dribble/internal/testenv"
)

var errWanted = errors.New("somebody pressed cancel")

const crossJoin = "SELECT a.seq, REPEAT('x', 100) FROM seq_1_to_100000 a, seq_1_to_100000 b"

// running counts the statements that the server runs now for the database.
func running(t testing.TB, watch engine.Session, d *database) int {
	t.Helper()
	r := exec(t, watch, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE ?", d.tagStart()+"%")
	n := 0
	if _, err := fmt.Sscan(r.rows[0][0], &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// gone fails the test unless the server runs nothing for d within a second.
func gone(t testing.TB, watch engine.Session, d *database) {
	t.Helper()
	for end := time.Now().Add(time.Second); ; {
		n := running(t, watch, d)
		if n == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d statements still run after 1 s", n)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	server := testenv.MariaDB(t).NewDatabase(t)
	watch := sessionOf(t, openAt(t, server, func(c *engine.Config) { c.AppName = "watch" }))
	execAll(t, watch, "CREATE TABLE locked (a INT)", "CREATE PROCEDURE sleeper() BEGIN DO SLEEP(60); END")
	statements := map[string]string{
		"sleep":      "SELECT SLEEP(60)",
		"benchmark":  "SELECT BENCHMARK(5000000000, MD5('x'))",
		"stream":     crossJoin,
		"sort":       "SELECT a.seq FROM seq_1_to_30000 a, seq_1_to_30000 b ORDER BY RAND() LIMIT 1",
		"write":      "INSERT INTO locked SELECT a.seq FROM seq_1_to_100000 a, seq_1_to_100000 b",
		"procedure":  "CALL sleeper()",
		"sleep rows": "SELECT seq, SLEEP(0.05) FROM seq_1_to_1000",
	}
	for name, text := range statements {
		for _, after := range []time.Duration{time.Millisecond, 5 * time.Millisecond, 50 * time.Millisecond, 300 * time.Millisecond} {
			t.Run(fmt.Sprintf("%s after %v", name, after), func(t *testing.T) {
				t.Parallel()
				d := openAt(t, server, func(c *engine.Config) { c.AppName = fmt.Sprintf("dt-%s-%d", name, after) })
				own := sessionOf(t, openAt(t, server, func(c *engine.Config) { c.AppName = "watch" }))
				s := sessionOf(t, d)
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				time.AfterFunc(after, func() { cancel(errWanted) })
				began := time.Now()
				_, err := s.Exec(ctx, engine.Statement{Text: text}, &recorder{isBlind: true})
				if !errors.Is(err, errWanted) {
					t.Errorf("got %v, want the cause of the cancel", err)
				}
				if took := time.Since(began) - after; took > 1500*time.Millisecond {
					t.Errorf("returned %v after the cancel", took)
				}
				gone(t, own, d)
				if got := exec(t, s, "SELECT 'still here'"); got.rows[0][0] != "still here" {
					t.Errorf("the session gave %v after a cancel", got.rows)
				}
			})
		}
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	d := openDB(t, nil)
	s := sessionOf(t, d)
	cause := errors.New("time limit")
	ctx, cancel := context.WithTimeoutCause(context.Background(), 200*time.Millisecond, cause)
	defer cancel()
	_, err := s.Exec(ctx, engine.Statement{Text: "SELECT BENCHMARK(5000000000, MD5('x'))"}, &recorder{})
	if !errors.Is(err, cause) {
		t.Errorf("got %v, want the deadline's cause", err)
	}
	exec(t, s, "SELECT 1")
}

func TestStopEarly(t *testing.T) {
	t.Parallel()
	d := openDB(t, nil)
	watch := sessionOf(t, openDB(t, nil))
	s := sessionOf(t, d)
	for range 3 {
		r := &recorder{isBlind: true, most: 10_000}
		began := time.Now()
		if _, err := s.Exec(context.Background(), engine.Statement{Text: crossJoin}, r); err != nil {
			t.Fatalf("got %v, want no error for a sink that has enough", err)
		}
		if took := time.Since(began); took > 1500*time.Millisecond {
			t.Errorf("10,000 rows of a huge result took %v", took)
		}
		if r.count != 10_000 {
			t.Errorf("got %d rows, want 10000", r.count)
		}
		gone(t, watch, d)
		id := s.wire.clean.id
		if got := exec(t, s, "SELECT CONNECTION_ID()"); got.rows[0][0] != id {
			t.Errorf("the session changed its connection")
		}
	}
	wanted := errors.New("disk full")
	_, err := s.Exec(context.Background(), engine.Statement{Text: crossJoin}, &failingSink{err: wanted})
	if !errors.Is(err, wanted) {
		t.Errorf("got %v, want the sink's own error", err)
	}
	exec(t, s, "SELECT 1")
}

// failingSink fails at the first row.
type failingSink struct {
	recorder
	err error
}

func (f *failingSink) Row([][]byte) error { return f.err }

func TestCancelWaitsForLock(t *testing.T) {
	t.Parallel()
	d := openDB(t, nil)
	holder, waiter := sessionOf(t, d), sessionOf(t, d)
	execAll(t, holder, "CREATE TABLE l (a INT PRIMARY KEY) ENGINE=InnoDB", "INSERT INTO l VALUES (1)",
		"START TRANSACTION", "UPDATE l SET a = 2")
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err := waiter.Exec(ctx, engine.Statement{Text: "DELETE FROM l"}, &recorder{})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
	execAll(t, waiter, "SELECT 1")
}

// TestKilled checks that a connection the server ends is an error of the
// connection, and that the next session works.
func TestKilled(t *testing.T) {
	t.Parallel()
	d := openDB(t, nil)
	watch := sessionOf(t, openDB(t, nil))
	s := sessionOf(t, d)
	id := s.wire.clean.id
	killed := make(chan error, 1)
	time.AfterFunc(100*time.Millisecond, func() {
		_, err := watch.Exec(context.Background(), engine.Statement{Text: "KILL CONNECTION " + id}, &recorder{})
		killed <- err
	})
	_, err := s.Exec(context.Background(), engine.Statement{Text: "SELECT SLEEP(30)"}, &recorder{})
	var e *domain.SQLError
	if !errors.As(err, &e) || e.Code != domain.CodeConnection {
		t.Errorf("got %v, want code %s", err, domain.CodeConnection)
	}
	if err := <-killed; err != nil {
		t.Fatal(err)
	}
	_, err = s.Exec(context.Background(), engine.Statement{Text: "SELECT 1"}, &recorder{})
	if !errors.As(err, &e) || e.Code != domain.CodeConnection {
		t.Errorf("a dead session gave %v, want code %s", err, domain.CodeConnection)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	exec(t, sessionOf(t, d), "SELECT 1")
}

func TestKillOrphans(t *testing.T) {
	t.Parallel()
	server := testenv.MariaDB(t).NewDatabase(t)
	watch := sessionOf(t, openAt(t, server, func(c *engine.Config) { c.AppName = "watch" }))
	other := openAt(t, server, func(c *engine.Config) { c.AppName = "dt-orphan-2" })
	lost := openAt(t, server, func(c *engine.Config) { c.AppName = "dt-orphan" })
	ended := make(chan error, 3)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, d := range []*database{lost, lost, other} {
		s := sessionOf(t, d)
		go func() {
			_, err := s.Exec(ctx, engine.Statement{Text: "SELECT SLEEP(30)"}, &recorder{})
			ended <- err
		}()
	}
	for end := time.Now().Add(5 * time.Second); running(t, watch, lost)+running(t, watch, other) < 3; {
		if time.Now().After(end) {
			t.Fatal("the statements did not start")
		}
		time.Sleep(10 * time.Millisecond)
	}
	next := openAt(t, server, func(c *engine.Config) { c.AppName = "dt-orphan" })
	if err := next.KillOrphans(context.Background()); err != nil {
		t.Fatalf("kill orphans: %v", err)
	}
	gone(t, watch, lost)
	if n := running(t, watch, other); n != 1 {
		t.Errorf("%d statements of another app run, want 1", n)
	}
	for range 2 {
		var e *domain.SQLError
		if err := <-ended; !errors.As(err, &e) || e.Code != domain.CodeConnection {
			t.Errorf("an orphan ended with %v, want code %s", err, domain.CodeConnection)
		}
	}
	cancel()
	<-ended
}

// TestKillOrphansOfProcedures needs the performance schema: inside a procedure
// the process list shows a statement without its tag.
func TestKillOrphansOfProcedures(t *testing.T) {
	t.Parallel()
	server := testenv.MariaDB(t).NewDatabase(t)
	watch := sessionOf(t, openAt(t, server, func(c *engine.Config) { c.AppName = "watch" }))
	if exec(t, watch, "SELECT @@performance_schema").rows[0][0] != "1" {
		t.Skip("SKIPPED: the server runs without its performance schema")
	}
	execAll(t, watch, "CREATE PROCEDURE sleeper() BEGIN DO SLEEP(30); END")
	change := func(c *engine.Config) { c.AppName = "dt-procedure-orphan" }
	s := sessionOf(t, openAt(t, server, change))
	ended := make(chan error, 1)
	go func() {
		_, err := s.Exec(context.Background(), engine.Statement{Text: "CALL sleeper()"}, &recorder{})
		ended <- err
	}()
	time.Sleep(300 * time.Millisecond)
	if err := openAt(t, server, change).KillOrphans(context.Background()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(2 * time.Second):
		t.Error("the procedure goes on")
		_ = s.wire.conn.Close()
		<-ended
	}
}

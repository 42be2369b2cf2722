package handlers_test

import (
	"testing"
	"time"
)

// maxCancel is how long a cancelled statement may be seen in its database: the
// promise is one second, the rest is for a machine that is busy with other tests.
const maxCancel = 1500 * time.Millisecond

// TestCancelReachesTheDatabase cancels at awkward moments: before the worker has
// the statement, while PostgreSQL compiles it, while it runs. Until the run has
// ended and the database shows nothing of it, no more than a second may pass. It
// measures time, so it does not run beside this package's other tests.
func TestCancelReachesTheDatabase(t *testing.T) {
	b := newBed(t, options{})
	pg, server := b.postgres(t)
	pgEye := pgWatch(t, server)
	var jit bool
	if err := pgEye.conn.QueryRow(t.Context(), "SELECT pg_jit_available()").Scan(&jit); err != nil {
		t.Fatal(err)
	}
	maria, mariaServer := b.mariadb(t)
	mariaEye := mariaWatch(t, mariaServer)
	lite := b.shop(t)
	for name, tt := range map[string]struct {
		source, text string
		active       func(t *testing.T) int
	}{
		"PostgreSQL compiling": {pg, "SELECT sum(sqrt(a.g::float8) * ln(b.g + 1) + cos(a.g)), count(DISTINCT a.g) FROM generate_series(1, 100000) a(g), generate_series(1, 100000) b(g) WHERE a.g % 7 <> b.g % 11", pgEye.active},
		"PostgreSQL sleeping":  {pg, "SELECT pg_sleep(60)", pgEye.active},
		"MariaDB sleeping":     {maria, "SELECT SLEEP(60)", mariaEye.active},
		"MariaDB computing":    {maria, "SELECT BENCHMARK(10000000000, MD5('a'))", mariaEye.active},
		"SQLite computing":     {lite, neverRow, func(*testing.T) int { return 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			b.succeeded(t, tt.source, "SELECT 1")
			if name == "PostgreSQL compiling" {
				t.Logf("this PostgreSQL compiles queries (JIT): %v", jit)
			}
			for _, delay := range []time.Duration{1, 5, 20, 50, 300} {
				delay *= time.Millisecond
				id := b.start(t, tt.source, tt.text)
				time.Sleep(delay)
				if delay == 300*time.Millisecond && name[:6] != "SQLite" && tt.active(t) == 0 {
					t.Error("the statement is not to be seen in the database while it runs")
				}
				start := time.Now()
				b.must(t, 202, "POST", "/api/v1/runs/"+id+"/cancel", nil)
				r := b.end(t, id)
				ended := time.Since(start)
				eventually(t, 20*time.Second, "the database is at rest", func() bool { return tt.active(t) == 0 })
				gone := time.Since(start)
				t.Logf("cancelled %v after the start: run ended after %v, gone from the database after %v", delay, ended.Round(time.Millisecond), gone.Round(time.Millisecond))
				if r.Status != "cancelled" || gone > maxCancel {
					t.Errorf("after %v: status %s, gone after %v", delay, r.Status, gone)
				}
			}
			b.succeeded(t, tt.source, "SELECT 1") // the connection is whole
		})
	}
}

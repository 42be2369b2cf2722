package db

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dribble/domain"
	"dribble/internal/testenv"
)

// manyQueries, with manyRuns, are the rows of a workspace used for years.
const manyQueries = 10_000

// TestListsUseIndexes plants many rows and asks each planner how it reads the
// lists: never by scanning or sorting query_runs or queries.
func TestListsUseIndexes(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{KindSQLite, KindPostgres} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := openFor(t, kind)
			p, err := s.EnsureLocal(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			plant(t, s, p)
			cursor := runCursor(domain.Run{CreatedAt: time.Date(2026, 1, 1, 20, 0, 0, 0, time.UTC), ID: "r"})
			for name, f := range map[string]RunFilter{
				"all":            {},
				"second page":    {Cursor: cursor},
				"source":         {SourceID: "s1"},
				"source, page":   {SourceID: "s1", Cursor: cursor},
				"query":          {QueryID: "q77"},
				"status":         {Status: domain.RunError},
				"rare status":    {Status: domain.RunCancelled},
				"unknown status": {Status: domain.RunInterrupted},
			} {
				text, args, err := runsPage(p, f, 101)
				if err != nil {
					t.Fatal(err)
				}
				checkPlan(t, s, "runs: "+name, text, args)
				took := timed(t, func(ctx context.Context) error { _, _, err := s.Runs(ctx, p, f); return err })
				t.Logf("runs: %s: %v", name, took)
			}
			text := queryFrom + ` WHERE q.workspace_id = $1 AND q.deleted_at IS NULL AND NOT q.is_ephemeral ORDER BY q.name_key, q.id LIMIT $2`
			checkPlan(t, s, "queries", text, []any{p.WorkspaceID, 100})
			for name, f := range map[string]func(ctx context.Context) error{
				"queries, first 100": func(ctx context.Context) error { _, err := s.Queries(ctx, p, QueryFilter{Limit: 100}); return err },
				"queries, match": func(ctx context.Context) error {
					_, err := s.Queries(ctx, p, QueryFilter{Match: "77", Limit: 100})
					return err
				},
				"runs, match":          func(ctx context.Context) error { _, _, err := s.Runs(ctx, p, RunFilter{Match: "table_77"}); return err },
				"runs, match nothing":  func(ctx context.Context) error { _, _, err := s.Runs(ctx, p, RunFilter{Match: "absent"}); return err },
				"one run":              func(ctx context.Context) error { _, err := s.Run(ctx, p, "r77"); return err },
				"interrupt, none open": func(ctx context.Context) error { _, err := s.InterruptRuns(ctx); return err },
				"expire a result":      func(ctx context.Context) error { return s.ExpireResults(ctx, []string{"k"}) },
				"queries, all of them": func(ctx context.Context) error { _, err := s.Queries(ctx, p, QueryFilter{}); return err },
			} {
				t.Logf("%s: %v", name, timed(t, f))
			}
		})
	}
}

// timed gives the best of three, the caches being warm then.
func timed(t *testing.T, f func(ctx context.Context) error) time.Duration {
	t.Helper()
	best := time.Hour
	for range 3 {
		start := time.Now()
		if err := f(t.Context()); err != nil {
			t.Fatal(err)
		}
		best = min(best, time.Since(start))
	}
	return best
}

// checkPlan fails if the plan reads a whole table or sorts.
func checkPlan(t *testing.T, s *Store, name, text string, args []any) {
	t.Helper()
	explain := "EXPLAIN "
	if s.kind == KindSQLite {
		explain = "EXPLAIN QUERY PLAN "
	}
	rows, err := s.read.QueryContext(t.Context(), explain+text, args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	lines, err := collect(rows, nil, func(row scanner) (string, error) {
		var line string
		if s.kind == KindPostgres {
			return line, row.Scan(&line)
		}
		var a, b, c any
		return line, row.Scan(&a, &b, &c, &line)
	})
	if err != nil {
		t.Fatal(err)
	}
	plan := strings.Join(lines, "\n")
	bad := []string{"Seq Scan on query_runs", "Seq Scan on queries", "Sort Key: r.", "Sort Key: q.", "SCAN r", "SCAN q", "TEMP B-TREE"}
	for _, sign := range bad {
		if strings.Contains(plan, sign) {
			t.Errorf("%s: the plan has %q:\n%s", name, sign, plan)
			return
		}
	}
	if !strings.Contains(plan, "query_runs_") && !strings.Contains(plan, "queries_name") {
		t.Errorf("%s: the plan names none of the lists' indexes:\n%s", name, plan)
	}
}

func openFor(t *testing.T, kind string) *Store {
	t.Helper()
	o := Options{Path: filepath.Join(t.TempDir(), "m.db"), Keys: testKeyring(t)}
	if kind == KindPostgres {
		server := testenv.Postgres(t).NewDatabase(t)
		u := url.URL{
			Scheme: "postgres", User: url.UserPassword(server.User, server.Password), Host: server.Addr(),
			Path: "/" + server.Database, RawQuery: "sslmode=disable",
		}
		o.URL = u.String()
	}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// plant fills the tables: 5 sources, and 20 runs a query, a second apart.
func plant(t *testing.T, s *Store, p domain.Principal) {
	t.Helper()
	later := `CAST('2026-01-01 00:00:00' AS TIMESTAMP) + i * INTERVAL '1 second'`
	if s.kind == KindSQLite {
		later = `strftime('%Y-%m-%d %H:%M:%S+00:00', '2026-01-01', i || ' seconds')`
	}
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := s.write.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	for i := range 5 {
		id := fmt.Sprintf("s%d", i)
		sealed, err := s.sealDetails(id, details{})
		if err != nil {
			t.Fatal(err)
		}
		exec(`INSERT INTO sources (id, workspace_id, name, name_key, engine, connection_details, is_active, read_only, production,
				row_limit, timeout_ms, cache_ttl_s, color, revision, created_at, updated_at)
			VALUES ($1, $2, $1, $1, 'sqlite', $3, TRUE, FALSE, FALSE, 0, 0, 0, '', 1, $4, $4)`, id, p.WorkspaceID, sealed, now())
	}
	exec(`INSERT INTO queries (id, workspace_id, name, name_key, source_id, is_ephemeral, preview_key, draft_sql, version_count,
			created_by, created_at, updated_at)
		WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		SELECT 'q' || i, $2, 'name ' || i, 'name ' || i, 's1', FALSE, '', 'SELECT draft', 0, $3, `+later+`, `+later+` FROM n`,
		manyQueries-1, p.WorkspaceID, p.UserID)
	exec(`INSERT INTO query_runs (id, workspace_id, query_id, source_id, sql_text, params, trigger, status, max_rows, server,
			created_by, created_at)
		WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		SELECT 'r' || i, $2, 'q' || (i % 10000), 's' || (i % 5), 'SELECT a, b, c FROM table_' || (i % 10000) || ' WHERE x > 1', '{}', 'editor',
			CASE WHEN i % 5000 = 0 THEN 'cancelled' WHEN i % 4 = 0 THEN 'error' ELSE 'success' END, 100, '1', $3, `+later+` FROM n`,
		manyRuns-1, p.WorkspaceID, p.UserID)
	exec("ANALYZE")
}

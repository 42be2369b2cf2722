package db_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"dribble/db"
	"dribble/domain"
	"dribble/result"
)

func (e env) run(t *testing.T, n domain.NewRun) domain.Run {
	t.Helper()
	return must[domain.Run](t, "CreateRun")(e.CreateRun(t.Context(), e.p, n))
}

func TestRunLife(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		src, q := e.source(t, "s"), e.query(t, "q", "SELECT 1")
		run := e.run(t, domain.NewRun{
			QueryID: q.ID, SourceID: src.ID, SQL: "SELECT 2", SaveSQL: "SELECT 1; SELECT 2", Trigger: domain.TriggerEditor, MaxRows: 10_000,
			Params: map[string]string{"a": "ü"},
		})
		if run.Status != domain.RunQueued || run.Version != 2 || run.QueryName != "q" || run.SourceName != "s" || run.Engine != "postgres" ||
			run.Author != e.p.UserName || run.SQL != "SELECT 2" || run.Params["a"] != "ü" || run.MaxRows != 10_000 || !run.StartedAt.IsZero() {
			t.Errorf("queued run = %+v", run)
		}
		if err := e.StartRun(t.Context(), run.ID, "w1"); err != nil {
			t.Fatal(err)
		}
		first := must[domain.Run](t, "Run")(e.Run(t.Context(), e.p, run.ID))
		if err := e.StartRun(t.Context(), run.ID, "w2"); err != nil {
			t.Fatal(err)
		}
		got := must[domain.Run](t, "Run")(e.Run(t.Context(), e.p, run.ID))
		if got.Status != domain.RunRunning || got.Worker != "w2" || got.StartedAt.IsZero() || !got.StartedAt.Equal(first.StartedAt) {
			t.Errorf("run sent twice = %+v", got)
		}
		end := got
		at := 7
		end.Status, end.Elapsed, end.RowCount, end.Bytes = domain.RunError, 1234567*time.Microsecond, 1<<40, 1<<41
		end.FinishedAt = time.Now().UTC().Truncate(time.Microsecond)
		end.Error = &domain.SQLError{Code: "42703", Message: "column x", Detail: "d", Hint: "h", Severity: "ERROR", Position: &at}
		end.Statements = []domain.RunStatement{
			{Seq: 0, SQL: "SELECT 1", Status: domain.RunSuccess, HasRows: true, RowCount: 3, Affected: -1, Truncated: domain.TruncatedRows,
				Bytes: 12, Elapsed: 250 * time.Microsecond, Notices: []string{"n1", "n2"}, ResultKey: "k0"},
			{Seq: 1, SQL: "SELECT 2", Start: 10, Status: domain.RunError, Affected: 2, Error: end.Error},
		}
		if err := e.FinishRun(t.Context(), end); err != nil {
			t.Fatal(err)
		}
		got = must[domain.Run](t, "Run")(e.Run(t.Context(), e.p, run.ID))
		if !reflect.DeepEqual(got, end) {
			t.Errorf("finished run\n got %+v\nwant %+v", got, end)
		}
		wantCode(t, "finish twice", e.FinishRun(t.Context(), end), domain.Conflict)
		wantCode(t, "start after the end", e.StartRun(t.Context(), run.ID, "w"), domain.Conflict)
		wantCode(t, "finish unknown", e.FinishRun(t.Context(), domain.Run{ID: "none", Status: domain.RunSuccess}), domain.NotFound)
		wantCode(t, "finish as running", e.FinishRun(t.Context(), domain.Run{ID: run.ID, Status: domain.RunRunning}), domain.Invalid)
	})
}

// TestFinishRunKeepsAnyText: what a foreign database said must never make the end
// of a run fail.
func TestFinishRunKeepsAnyText(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		run := e.run(t, domain.NewRun{SourceID: e.source(t, "s").ID, SQL: "x", Trigger: domain.TriggerAPI})
		run.Status = domain.RunError
		run.Error = &domain.SQLError{Message: "bad \xff\x00 bytes"}
		run.Statements = []domain.RunStatement{{Status: domain.RunError, Error: run.Error, Notices: []string{"\xff\x00"}}}
		if err := e.FinishRun(t.Context(), run); err != nil {
			t.Fatal(err)
		}
		got := must[domain.Run](t, "Run")(e.Run(t.Context(), e.p, run.ID))
		if got.Error == nil || got.Error.Message != "bad \uFFFD\uFFFD bytes" || got.Statements[0].Error == nil {
			t.Errorf("stored error = %+v", got.Error)
		}
	})
}

func TestRunVersions(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		src, q := e.source(t, "s"), e.query(t, "q", "SELECT 1")
		scratch := must[domain.Query](t, "CreateQuery")(e.CreateQuery(t.Context(), e.p, domain.Query{Name: "scratch", IsEphemeral: true}, ""))
		for _, c := range []struct {
			name    string
			run     domain.NewRun
			version int
		}{
			{"ad hoc", domain.NewRun{SQL: "SELECT 1"}, 0},
			{"text of the newest version", domain.NewRun{QueryID: q.ID, SQL: " SELECT 1"}, 1},
			{"other text, not saved", domain.NewRun{QueryID: q.ID, SQL: "SELECT 9"}, 0},
			{"unchanged text", domain.NewRun{QueryID: q.ID, SQL: "SELECT 1", SaveSQL: "SELECT 1"}, 1},
			{"changed text", domain.NewRun{QueryID: q.ID, SQL: "SELECT 2", SaveSQL: "SELECT 2"}, 2},
			{"first text of a scratch", domain.NewRun{QueryID: scratch.ID, SQL: "SELECT 3", SaveSQL: "SELECT 3"}, 1},
		} {
			c.run.SourceID, c.run.Trigger = src.ID, domain.TriggerEditor
			if run := e.run(t, c.run); run.Version != c.version || (run.VersionID != "") != (c.version > 0) {
				t.Errorf("%s: version %d %q, want %d", c.name, run.Version, run.VersionID, c.version)
			}
		}
		got := must[domain.Query](t, "Query")(e.Query(t.Context(), e.p, scratch.ID))
		if !got.IsEphemeral || got.DraftSQL != "SELECT 3" {
			t.Errorf("running changed the scratch: %+v", got)
		}
		if v := must[domain.Version](t, "Version")(e.Version(t.Context(), e.p, q.ID, 2)); v.Trigger != domain.TriggerRun {
			t.Errorf("trigger = %q, want run", v.Trigger)
		}
		_, err := e.CreateRun(t.Context(), e.p, domain.NewRun{QueryID: "none", SourceID: src.ID, SQL: "x"})
		wantCode(t, "unknown query", err, domain.NotFound)
		_, err = e.CreateRun(t.Context(), e.p, domain.NewRun{QueryID: q.ID, SourceID: "none", SQL: "y", SaveSQL: "y"})
		wantCode(t, "unknown source", err, domain.Invalid)
		if got := must[domain.Query](t, "Query")(e.Query(t.Context(), e.p, q.ID)); got.VersionCount != 2 {
			t.Error("a refused run left a version behind")
		}
	})
}

func TestRunsPages(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		a, b, q := e.source(t, "a"), e.source(t, "b"), e.query(t, "Späte Lieferungen", "SELECT 1")
		var all []string // newest first
		for i := range 23 {
			n := domain.NewRun{SourceID: a.ID, SQL: "SELECT 1", Trigger: domain.TriggerAPI}
			if i%2 == 1 {
				n.SourceID, n.QueryID, n.SQL = b.ID, q.ID, "select ORDERS"
			}
			run := e.run(t, n)
			all = slices.Insert(all, 0, run.ID)
			if i%5 == 0 {
				run.Status = domain.RunSuccess
				if err := e.FinishRun(t.Context(), run); err != nil {
					t.Fatal(err)
				}
			}
		}
		// Runs made in one microsecond must neither be skipped nor shown twice.
		e.exec(t, "UPDATE query_runs SET created_at = (SELECT MIN(created_at) FROM query_runs) WHERE id <> $1", all[0])
		slices.SortFunc(all[1:], func(x, y string) int { return -compare(x, y) })
		var paged []string
		filter := db.RunFilter{Limit: 5}
		for pages := 0; ; pages++ {
			runs, next, err := e.Runs(t.Context(), e.p, filter)
			if err != nil || pages > 5 {
				t.Fatalf("page %d: %v", pages, err)
			}
			for _, r := range runs {
				paged = append(paged, r.ID)
			}
			if filter.Cursor = next; next == "" {
				break
			}
		}
		if !slices.Equal(paged, all) {
			t.Errorf("pages gave\n%q, want\n%q", paged, all)
		}
		for name, c := range map[string]struct {
			filter db.RunFilter
			want   int
		}{
			"source":        {db.RunFilter{SourceID: b.ID}, 11},
			"query":         {db.RunFilter{QueryID: q.ID}, 11},
			"status":        {db.RunFilter{Status: domain.RunSuccess}, 5},
			"both":          {db.RunFilter{Status: domain.RunSuccess, SourceID: a.ID}, 3},
			"text":          {db.RunFilter{Match: "orders"}, 11},
			"name":          {db.RunFilter{Match: "SPÄTE"}, 11},
			"nothing":       {db.RunFilter{Match: "%"}, 0},
			"unknown query": {db.RunFilter{QueryID: "none"}, 0},
		} {
			runs, next, err := e.Runs(t.Context(), e.p, c.filter)
			if err != nil || len(runs) != c.want || next != "" {
				t.Errorf("%s: %d runs, next %q, %v; want %d", name, len(runs), next, err, c.want)
			}
		}
		for _, cursor := range []string{"x", "!!", "MQ", "OTk5OTk5OTk5OTk5OTk5OTk5OSB4", "MSAA"} {
			_, _, err := e.Runs(t.Context(), e.p, db.RunFilter{Cursor: cursor})
			wantCode(t, "cursor "+cursor, err, domain.Invalid)
		}
	})
}

func compare(x, y string) int {
	if x < y {
		return -1
	}
	return 1
}

func TestInterruptRuns(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		src := e.source(t, "s")
		n := domain.NewRun{SourceID: src.ID, SQL: "x", Trigger: domain.TriggerAPI}
		queued, running, ended := e.run(t, n), e.run(t, n), e.run(t, n)
		if err := e.StartRun(t.Context(), running.ID, "w"); err != nil {
			t.Fatal(err)
		}
		ended.Status = domain.RunSuccess
		if err := e.FinishRun(t.Context(), ended); err != nil {
			t.Fatal(err)
		}
		later := e.Store
		if e.Kind() == db.KindPostgres {
			// Another server starts while this one lives: its runs stay.
			later = open(t, e.options)
			if got, err := later.InterruptRuns(t.Context()); err != nil || got != 0 {
				t.Errorf("beside a living server: %d runs interrupted, %v", got, err)
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := later.InterruptRuns(t.Context()); err != nil || got != 2 {
			t.Errorf("got %d, %v; want 2", got, err)
		}
		for id, want := range map[string]domain.RunStatus{
			queued.ID: domain.RunInterrupted, running.ID: domain.RunInterrupted, ended.ID: domain.RunSuccess,
		} {
			if got := must[domain.Run](t, "Run")(later.Run(t.Context(), e.p, id)); got.Status != want || got.FinishedAt.IsZero() {
				t.Errorf("run is %s, finished %v; want %s", got.Status, got.FinishedAt, want)
			}
		}
		running.Status = domain.RunSuccess
		if err := later.FinishRun(t.Context(), running); err != nil {
			t.Errorf("a run wrongly taken for interrupted cannot end: %v", err)
		}
	})
}

// TestCrashedServer ends a server's sessions as its death would, without Close.
func TestCrashedServer(t *testing.T) {
	t.Parallel()
	e := newEnv(t, db.KindPostgres)
	run := e.run(t, domain.NewRun{SourceID: e.source(t, "s").ID, SQL: "x", Trigger: domain.TriggerAPI})
	e.exec(t, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'dribble'`)
	next := open(t, e.options)
	if n, err := next.InterruptRuns(t.Context()); err != nil || n != 1 {
		t.Errorf("got %d, %v; want 1", n, err)
	}
	// A server that only lost its connections goes on, and its run ends truly.
	run.Status = domain.RunSuccess
	if err := e.FinishRun(t.Context(), run); err != nil {
		t.Errorf("FinishRun after lost connections: %v", err)
	}
}

func TestResultsAndPurge(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		src := e.source(t, "s")
		run := e.run(t, domain.NewRun{SourceID: src.ID, SQL: "x", Trigger: domain.TriggerAPI})
		columns := []result.Column{{Name: "id", Type: "int8", Kind: result.KindInteger, Key: true}}
		wantCode(t, "columns before the end", e.SaveColumns(t.Context(), run.ID, 0, columns), domain.NotFound)
		run.Status, run.Statements = domain.RunSuccess, []domain.RunStatement{
			{Seq: 0, Status: domain.RunSuccess, HasRows: true, ResultKey: "keep"}, {Seq: 1, Status: domain.RunSuccess, HasRows: true, ResultKey: "drop"},
		}
		if err := e.FinishRun(t.Context(), run); err != nil {
			t.Fatal(err)
		}
		if err := e.SaveColumns(t.Context(), run.ID, 0, columns); err != nil {
			t.Fatal(err)
		}
		if got := must[[]result.Column](t, "Columns")(e.Columns(t.Context(), e.p, run.ID, 0)); !slices.Equal(got, columns) {
			t.Errorf("columns = %v", got)
		}
		if err := e.ExpireResults(t.Context(), []string{"drop", "unknown"}); err != nil {
			t.Fatal(err)
		}
		got := must[domain.Run](t, "Run")(e.Run(t.Context(), e.p, run.ID)).Statements
		if got[0].ResultKey != "keep" || got[1].ResultKey != "" {
			t.Errorf("result keys = %q, %q", got[0].ResultKey, got[1].ResultKey)
		}
		open := e.run(t, domain.NewRun{SourceID: src.ID, SQL: "x", Trigger: domain.TriggerAPI})
		for _, c := range []struct {
			before time.Time
			want   int
		}{{run.CreatedAt, 0}, {time.Now().Add(time.Minute), 1}} {
			if n, err := e.PurgeRuns(t.Context(), c.before); err != nil || n != c.want {
				t.Errorf("PurgeRuns: %d, %v; want %d", n, err, c.want)
			}
		}
		_, err := e.Run(t.Context(), e.p, run.ID)
		wantCode(t, "purged run", err, domain.NotFound)
		if _, err := e.Run(t.Context(), e.p, open.ID); err != nil {
			t.Errorf("an open run was purged: %v", err)
		}
		var left int
		if err := e.raw.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM run_statements").Scan(&left); err != nil || left != 0 {
			t.Errorf("%d statements left, %v", left, err)
		}
	})
}

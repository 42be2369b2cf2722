package db_test

import (
	"fmt"
	"sync"
	"testing"

	"dribble/domain"
)

func TestVersions(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		q := e.query(t, "q", "SELECT 1")
		for name, c := range map[string]struct {
			text    string
			created bool
			number  int
		}{
			"same text":                   {"SELECT 1", false, 1},
			"same but for space round it": {"\nSELECT 1\n", false, 1},
		} {
			v, created, err := e.SaveVersion(t.Context(), e.p, q.ID, c.text, domain.TriggerManual, "")
			if err != nil || created != c.created || v.Number != c.number {
				t.Errorf("%s: version %d, created %v, %v", name, v.Number, created, err)
			}
		}
		v, created, err := e.SaveVersion(t.Context(), e.p, q.ID, "SELECT 2", domain.TriggerAI, "faster")
		if err != nil || !created || v.Number != 2 || v.Author != e.p.UserName {
			t.Fatalf("second version = %+v, %v, %v", v, created, err)
		}
		// Going back to an old text is a version of its own.
		if _, created, err = e.SaveVersion(t.Context(), e.p, q.ID, "SELECT 1", domain.TriggerRestore, ""); err != nil || !created {
			t.Fatalf("restore: created %v, %v", created, err)
		}
		list := must[[]domain.Version](t, "Versions")(e.Versions(t.Context(), e.p, q.ID))
		if len(list) != 3 || list[0].Number != 3 || list[1] != v || list[2].Trigger != domain.TriggerManual {
			t.Errorf("versions = %+v", list)
		}
		if got := must[domain.Version](t, "Version")(e.Version(t.Context(), e.p, q.ID, 2)); got != v {
			t.Errorf("version 2 = %+v, want %+v", got, v)
		}
		_, err = e.Version(t.Context(), e.p, q.ID, 4)
		wantCode(t, "version 4", err, domain.NotFound)
		if got := must[domain.Query](t, "Query")(e.Query(t.Context(), e.p, q.ID)); got.SQL != "SELECT 1" || got.VersionCount != 3 || got.DraftSQL != "SELECT 1" {
			t.Errorf("query = %+v", got)
		}
	})
}

// TestConcurrentVersionsAndRuns saves versions and creates runs of one query from
// 50 goroutines: every number is handed out once, and nobody meets a locked file.
func TestConcurrentVersionsAndRuns(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		const each = 50
		src, q := e.source(t, "s"), e.query(t, "q", "SELECT 0")
		var wg sync.WaitGroup
		errs := make(chan error, 2*each)
		for i := range each {
			wg.Go(func() {
				_, created, err := e.SaveVersion(t.Context(), e.p, q.ID, fmt.Sprintf("SELECT %d", i+1), domain.TriggerManual, "")
				if err == nil && !created {
					err = fmt.Errorf("version of text %d was not created", i)
				}
				errs <- err
			})
			wg.Go(func() {
				text := fmt.Sprintf("SELECT 'run %d'", i)
				run, err := e.CreateRun(t.Context(), e.p, domain.NewRun{QueryID: q.ID, SourceID: src.ID, SQL: text, SaveSQL: text, Trigger: domain.TriggerEditor})
				if err == nil && run.Version == 0 {
					err = fmt.Errorf("run %d has no version", i)
				}
				if err == nil {
					err = e.StartRun(t.Context(), run.ID, "w")
				}
				if err == nil {
					run.Status = domain.RunSuccess
					err = e.FinishRun(t.Context(), run)
				}
				errs <- err
			})
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		list := must[[]domain.Version](t, "Versions")(e.Versions(t.Context(), e.p, q.ID))
		if len(list) != 2*each+1 {
			t.Fatalf("got %d versions, want %d", len(list), 2*each+1)
		}
		texts := map[string]bool{}
		for i, v := range list {
			texts[v.SQL] = true
			if v.Number != len(list)-i {
				t.Fatalf("numbers have a gap or a double at %d: %d", i, v.Number)
			}
		}
		if len(texts) != len(list) {
			t.Errorf("%d different texts in %d versions", len(texts), len(list))
		}
	})
}

// TestSameTextSavedTogether: a double press of Save makes one version.
func TestSameTextSavedTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		src, q := e.source(t, "s"), e.query(t, "q", "SELECT 0")
		var wg sync.WaitGroup
		for range 25 {
			wg.Go(func() {
				if _, _, err := e.SaveVersion(t.Context(), e.p, q.ID, "SELECT 1", domain.TriggerManual, ""); err != nil {
					t.Errorf("SaveVersion: %v", err)
				}
			})
			wg.Go(func() {
				n := domain.NewRun{QueryID: q.ID, SourceID: src.ID, SQL: "SELECT 1", SaveSQL: "SELECT 1", Trigger: domain.TriggerEditor}
				if run, err := e.CreateRun(t.Context(), e.p, n); err != nil || run.Version != 2 {
					t.Errorf("CreateRun: version %d, %v", run.Version, err)
				}
			})
		}
		wg.Wait()
		if list := must[[]domain.Version](t, "Versions")(e.Versions(t.Context(), e.p, q.ID)); len(list) != 2 {
			t.Errorf("got %d versions, want 2", len(list))
		}
	})
}

package db_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"dribble/db"
	"dribble/domain"
)

func TestLocalUserAndInstance(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		other := e.Store
		if e.Kind() == db.KindPostgres {
			other = open(t, e.options) // two servers on one database
		}
		id := must[string](t, "Instance")(e.Instance(t.Context()))
		if len(id) != 36 {
			t.Errorf("instance = %q", id)
		}
		var wg sync.WaitGroup
		for range 8 {
			for _, s := range []*db.Store{e.Store, other} {
				wg.Go(func() {
					if p, err := s.EnsureLocal(t.Context()); err != nil || p != e.p || p.Role != domain.RoleAdmin {
						t.Errorf("EnsureLocal = %+v, %v", p, err)
					}
					if got, err := s.Instance(t.Context()); err != nil || got != id {
						t.Errorf("Instance = %q, %v; want %q", got, err, id)
					}
				})
			}
		}
		wg.Wait()
		if w := must[domain.Workspace](t, "Workspace")(e.Workspace(t.Context(), e.p)); w.ID != e.p.WorkspaceID || w.Name == "" {
			t.Errorf("workspace = %+v", w)
		}
	})
}

func TestSettings(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		for _, want := range []string{"", "5000000", "100", ""} {
			if want != "" {
				if err := e.SaveSetting(t.Context(), "max_rows", want); err != nil {
					t.Fatal(err)
				}
			} else if err := e.SaveSetting(t.Context(), "other", "x"); err != nil {
				t.Fatal(err)
			}
			if got := must[string](t, "Setting")(e.Setting(t.Context(), "max_rows")); want != "" && got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		if got := must[string](t, "Setting")(e.Setting(t.Context(), "never")); got != "" {
			t.Errorf("unsaved setting = %q", got)
		}
	})
}

func TestState(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		if got := must[db.State](t, "State")(e.State(t.Context(), e.p)); !reflect.DeepEqual(got, db.State{}) {
			t.Errorf("first state = %+v", got)
		}
		want := db.State{
			Tabs: []db.Tab{{ID: "q1", Kind: db.TabQuery}, {ID: "runs", Kind: db.TabRuns}}, ActiveTab: "runs",
			Layout: json.RawMessage(`{"left":280}`), Theme: "dark", Tree: json.RawMessage(`["a","ü"]`),
		}
		for range 2 {
			if err := e.SaveState(t.Context(), e.p, want); err != nil {
				t.Fatal(err)
			}
			if got := must[db.State](t, "State")(e.State(t.Context(), e.p)); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
			want.Tabs, want.Layout = want.Tabs[:1], json.RawMessage(`{}`)
		}
		if got := must[db.State](t, "State")(e.State(t.Context(), e.stranger(t))); got.Tabs != nil {
			t.Errorf("another user sees %+v", got)
		}
		wantCode(t, "no JSON", e.SaveState(t.Context(), e.p, db.State{Layout: json.RawMessage("{")}), domain.Invalid)
		big := json.RawMessage(`"` + strings.Repeat("x", 300<<10) + `"`)
		wantCode(t, "too large", e.SaveState(t.Context(), e.p, db.State{Tree: big}), domain.TooLarge)
	})
}

func TestWorkers(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		src := e.source(t, "s")
		w := db.Worker{ID: "w1", SourceID: src.ID, Backend: "process", Address: "/run/x.sock", State: domain.WorkerStarting, SpecHash: "h"}
		for range 2 {
			if err := e.SaveWorker(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			if list := must[[]db.Worker](t, "Workers")(e.Workers(t.Context())); len(list) != 1 || list[0] != w {
				t.Errorf("workers = %+v, want %+v", list, w)
			}
			w.State, w.Restarts, w.StartedAt = domain.WorkerReady, 3, time.Now().UTC().Truncate(time.Microsecond)
			w.LastSeen = w.StartedAt.Add(time.Second)
		}
		w.ID = "w2"
		if err := e.SaveWorker(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		if err := e.DeleteWorker(t.Context(), "w1"); err != nil {
			t.Fatal(err)
		}
		if err := e.DeleteSource(t.Context(), e.p, src.ID); err != nil {
			t.Fatal(err)
		}
		if list := must[[]db.Worker](t, "Workers")(e.Workers(t.Context())); len(list) != 0 {
			t.Errorf("workers of a deleted source: %+v", list)
		}
	})
}

func TestAuditOnlyGrows(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		if err := e.Audit(t.Context(), e.p, "source.create", "s1", map[string]any{"name": "ü"}); err != nil {
			t.Fatal(err)
		}
		if err := e.Audit(t.Context(), e.p, "login", "", nil); err != nil {
			t.Fatal(err)
		}
		attacks := []string{"UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log", "DELETE FROM audit_log WHERE action = 'login'"}
		if e.Kind() == db.KindPostgres {
			attacks = append(attacks, "TRUNCATE audit_log")
		}
		for _, attack := range attacks {
			if _, err := e.raw.ExecContext(t.Context(), attack); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: got %v, want a refusal", attack, err)
			}
		}
		var detail, user string
		err := e.raw.QueryRowContext(t.Context(), "SELECT detail, user_name FROM audit_log WHERE action = 'source.create' AND object = 's1'").Scan(&detail, &user)
		if err != nil || detail != `{"name":"ü"}` || user != e.p.UserName {
			t.Errorf("entry = %q by %q, %v", detail, user, err)
		}
	})
}

package db_test

import (
	"strings"
	"testing"
	"time"

	"dribble/domain"
)

func TestSourceRoundTrip(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		made, err := e.CreateSource(t.Context(), e.p, domain.Source{
			Name: "  Orders ", Engine: "mysql", IsActive: true, ReadOnly: true, Production: true, RowLimit: 500,
			Timeout: 1500 * time.Millisecond, CacheTTL: time.Hour, Color: "#aabbcc",
			Settings: map[string]string{"host": "h", "port": "3306"},
		}, map[string]string{"password": "p", "empty": ""})
		if err != nil {
			t.Fatal(err)
		}
		got := must[domain.Source](t, "Source")(e.Source(t.Context(), e.p, made.ID))
		if got.Name != "Orders" || got.Engine != "mysql" || !got.ReadOnly || !got.Production || got.RowLimit != 500 || got.Revision != 1 ||
			got.Timeout != 1500*time.Millisecond || got.CacheTTL != time.Hour || got.Color != "#aabbcc" || got.WorkspaceID != e.p.WorkspaceID {
			t.Errorf("stored source = %+v", got)
		}
		if !got.CreatedAt.Equal(made.CreatedAt) || got.CreatedAt.Location() != time.UTC {
			t.Errorf("CreatedAt = %v, want %v in UTC", got.CreatedAt, made.CreatedAt)
		}
		if len(got.Settings) != 2 || got.Settings["port"] != "3306" {
			t.Errorf("Settings = %v", got.Settings)
		}
		fields := must[domain.Credentials](t, "Credentials")(e.Credentials(t.Context(), made.ID)).Reveal()
		if len(fields) != 3 || fields["password"] != "p" || fields["host"] != "h" {
			t.Errorf("credentials = %v", fields)
		}
	})
}

func TestSourceNames(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		first := e.source(t, "Ärzte")
		for name, c := range map[string]struct {
			name string
			want domain.Code
		}{
			"same name in another case": {"ÄRZTE", domain.Conflict},
			"same with spaces":          {" ärzte ", domain.Conflict},
			"empty":                     {"  ", domain.Invalid},
			"256 runes":                 {strings.Repeat("ü", 256), domain.Invalid},
			"line break":                {"a\nb", domain.Invalid},
			"not UTF-8":                 {"a\xff", domain.Invalid},
		} {
			_, err := e.CreateSource(t.Context(), e.p, domain.Source{Name: c.name, Engine: "sqlite"}, nil)
			wantCode(t, name, err, c.want)
			wantField(t, name, err, "name")
		}
		e.source(t, strings.Repeat("ü", 255))
		second := e.source(t, "Other")
		second.Name = "ärzte"
		_, err := e.UpdateSource(t.Context(), e.p, second, nil)
		wantCode(t, "rename onto another", err, domain.Conflict)
		if err := e.DeleteSource(t.Context(), e.p, first.ID); err != nil {
			t.Fatal(err)
		}
		e.source(t, "ärzte") // free again
		list := must[[]domain.Source](t, "Sources")(e.Sources(t.Context(), e.p))
		if len(list) != 3 {
			t.Errorf("got %d sources, want 3", len(list))
		}
	})
}

func TestUpdateSource(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		src := e.source(t, "A")
		step := func(name string, change func(*domain.Source), secrets map[string]string, revision int, password string) {
			t.Helper()
			change(&src)
			var err error
			if src, err = e.UpdateSource(t.Context(), e.p, src, secrets); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			stored := must[domain.Source](t, name)(e.Source(t.Context(), e.p, src.ID))
			if stored.Revision != revision || src.Revision != revision {
				t.Errorf("%s: revision %d and %d, want %d", name, stored.Revision, src.Revision, revision)
			}
			if got := must[domain.Credentials](t, name)(e.Credentials(t.Context(), src.ID)).Reveal()["password"]; got != password {
				t.Errorf("%s: password %q, want %q", name, got, password)
			}
		}
		step("name alone", func(s *domain.Source) { s.Name = "B"; s.Color = "red"; s.RowLimit = 5 }, nil, 1, "hunter2hunter2")
		step("host", func(s *domain.Source) { s.Settings = map[string]string{"host": "new"} }, nil, 2, "hunter2hunter2")
		step("settings left out", func(s *domain.Source) { s.Settings = nil }, nil, 2, "hunter2hunter2")
		step("same password", func(*domain.Source) {}, map[string]string{"password": "hunter2hunter2"}, 2, "hunter2hunter2")
		step("other secret", func(*domain.Source) {}, map[string]string{"key": "k"}, 3, "hunter2hunter2")
		step("new password", func(*domain.Source) {}, map[string]string{"password": "x"}, 4, "x")
		step("read only", func(s *domain.Source) { s.ReadOnly = true }, nil, 5, "x")
		step("password removed", func(*domain.Source) {}, map[string]string{"password": ""}, 6, "")
		if src.Settings["host"] != "new" || src.Engine != "postgres" {
			t.Errorf("source after all = %+v", src)
		}
		_, err := e.UpdateSource(t.Context(), e.p, domain.Source{ID: "none", Name: "n"}, nil)
		wantCode(t, "unknown source", err, domain.NotFound)
	})
}

func TestDeleteSource(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		src := e.source(t, "Gone")
		q := must[domain.Query](t, "CreateQuery")(e.CreateQuery(t.Context(), e.p, domain.Query{Name: "q", SQL: "SELECT 1", SourceID: src.ID}, domain.TriggerManual))
		run := must[domain.Run](t, "CreateRun")(e.CreateRun(t.Context(), e.p, domain.NewRun{SourceID: src.ID, SQL: "SELECT 1", Trigger: domain.TriggerAPI}))
		if err := e.DeleteSource(t.Context(), e.p, src.ID); err != nil {
			t.Fatal(err)
		}
		_, err := e.Source(t.Context(), e.p, src.ID)
		wantCode(t, "Source", err, domain.NotFound)
		_, err = e.Credentials(t.Context(), src.ID)
		wantCode(t, "Credentials", err, domain.NotFound)
		wantCode(t, "delete again", e.DeleteSource(t.Context(), e.p, src.ID), domain.NotFound)
		_, err = e.CreateRun(t.Context(), e.p, domain.NewRun{SourceID: src.ID, SQL: "SELECT 1"})
		wantCode(t, "run on it", err, domain.Invalid)
		if got := must[domain.Query](t, "Query")(e.Query(t.Context(), e.p, q.ID)); got.SourceID != "" {
			t.Errorf("query still names source %q", got.SourceID)
		}
		if got := must[domain.Run](t, "Run")(e.Run(t.Context(), e.p, run.ID)); got.SourceName != "Gone" || got.Engine != "postgres" {
			t.Errorf("history lost the source: %q %q", got.SourceName, got.Engine)
		}
	})
}

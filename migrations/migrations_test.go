package migrations_test

import (
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dribble/db"
	"dribble/internal/testenv"
	"dribble/migrations"
)

// TestFiles checks that the files are numbered without gaps and can be taken back.
func TestFiles(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(migrations.Files(), "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	form := regexp.MustCompile(`^\d{5}_[a-z_]+\.sql$`)
	for i, name := range names {
		if !form.MatchString(name) || !strings.HasPrefix(name, fmt.Sprintf("%05d_", i+1)) {
			t.Errorf("file %d is named %s", i+1, name)
		}
		text, err := fs.ReadFile(migrations.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"-- +goose Up\n", "-- +goose Down\n"} {
			if strings.Count(string(text), part) != 1 {
				t.Errorf("%s has not one %q", name, part)
			}
		}
	}
}

// TestForwardAndBack goes up, one by one down to nothing, and up again.
func TestForwardAndBack(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{db.KindSQLite, db.KindPostgres} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			o := db.Options{Path: filepath.Join(t.TempDir(), "m.db")}
			if kind == db.KindPostgres {
				server := testenv.Postgres(t).NewDatabase(t)
				u := url.URL{
					Scheme: "postgres", User: url.UserPassword(server.User, server.Password), Host: server.Addr(),
					Path: "/" + server.Database, RawQuery: "sslmode=disable",
				}
				o = db.Options{URL: u.String()}
			}
			total := step(t, o, db.MigrateStatus, 0)
			for range 2 {
				step(t, o, db.MigrateUp, total)
				step(t, o, db.MigrateUp, total) // nothing to do
				for left := total - 1; left >= 0; left-- {
					step(t, o, db.MigrateDown, left)
				}
				step(t, o, db.MigrateDown, 0) // nothing to take back
			}
			step(t, o, db.MigrateUp, total)
			step(t, o, db.MigrateStatus, total)
		})
	}
}

// step migrates, checks that exactly the first want steps are applied and returns
// the number of all.
func step(t *testing.T, o db.Options, d db.Direction, want int) int {
	t.Helper()
	steps, err := db.Migrate(t.Context(), o, d)
	if err != nil {
		t.Fatalf("%s to %d: %v", d, want, err)
	}
	for i, m := range steps {
		if int(m.Version) != i+1 || m.AppliedAt.IsZero() != (i >= want) {
			t.Fatalf("after %s to %d: step %d is %+v", d, want, i, m)
		}
	}
	return len(steps)
}

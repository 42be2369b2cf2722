package db_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dribble/db"
	"dribble/domain"
)

func TestOpenRefused(t *testing.T) {
	t.Parallel()
	good, _ := newOptions(t, db.KindSQLite)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("this is no database, and long enough to be looked at as one"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		options db.Options
		want    domain.Code
	}{
		"nothing named":    {db.Options{Keys: good.Keys}, domain.Invalid},
		"other scheme":     {db.Options{URL: "mysql://h/d", Keys: good.Keys}, domain.Invalid},
		"bad address":      {db.Options{URL: "postgres://u:s3cret@h:port/d", Keys: good.Keys}, domain.Invalid},
		"nobody there":     {db.Options{URL: "postgres://u:s3cret@127.0.0.1:1/d?sslmode=disable", Keys: good.Keys}, domain.Unavailable},
		"no keys":          {db.Options{Path: good.Path}, domain.Internal},
		"folder is a file": {db.Options{Path: filepath.Join(file, "x.db"), Keys: good.Keys}, domain.Unavailable},
		"no database":      {db.Options{Path: file, Keys: good.Keys}, domain.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := db.Open(t.Context(), c.options)
			if err == nil {
				_ = s.Close()
			}
			wantCode(t, "Open", err, c.want)
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestSQLiteIsForOneServer(t *testing.T) {
	t.Parallel()
	o, _ := newOptions(t, db.KindSQLite)
	first := open(t, o)
	_, err := db.Open(t.Context(), o)
	wantCode(t, "second server", err, domain.Conflict)
	_, err = db.Migrate(t.Context(), o, db.MigrateDown)
	wantCode(t, "migrate under a server", err, domain.Conflict)

	p := must[domain.Principal](t, "EnsureLocal")(first.EnsureLocal(t.Context()))
	tool := o
	tool.Shared = true
	beside := open(t, tool)
	plain := must[string](t, "CreateToken")(beside.CreateToken(t.Context(), p, "cli", time.Time{}))
	if _, err := first.PrincipalByToken(t.Context(), plain); err != nil {
		t.Errorf("a token made beside the server does not work: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, o) // the lock went with the server

	for _, f := range []string{"", "-wal", ".lock"} {
		if info, err := os.Stat(o.Path + f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode of the file%s: %v, %v; want 0600", f, info.Mode(), err)
		}
	}
}

func TestOddPath(t *testing.T) {
	t.Parallel()
	o, _ := newOptions(t, db.KindSQLite)
	o.URL = filepath.Join(t.TempDir(), "a b?c#d%41ü", "m.db")
	s := open(t, o)
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(o.URL); err != nil {
		t.Errorf("the file is elsewhere: %v", err)
	}
}

func TestServersMigrateTogether(t *testing.T) {
	t.Parallel()
	o, _ := newOptions(t, db.KindPostgres)
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			s, err := db.Open(t.Context(), o)
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		e.exec(t, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)")
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := db.Open(t.Context(), e.options)
		wantCode(t, "Open", err, domain.Conflict)
		if e, ok := asError(err); !ok || !strings.Contains(e.Message, "version 99999") || e.Hint == "" {
			t.Errorf("message = %v", err)
		}
		_, err = db.Migrate(t.Context(), e.options, db.MigrateDown)
		wantCode(t, "Migrate down", err, domain.Conflict)
	})
}

func TestContextEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := e.Audit(ctx, e.p, "a", "o", nil); err == nil {
			t.Error("a write with an ended context went through")
		}
		if err := e.Audit(t.Context(), e.p, "a", "o", nil); err != nil {
			t.Errorf("the store does not work afterwards: %v", err)
		}
	})
}

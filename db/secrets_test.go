package db_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dribble/db"
	"dribble/domain"
)

// TestPasswordIsNowhereAtRest greps the raw files, or a dump of the table.
func TestPasswordIsNowhereAtRest(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		const password = "planted-Passw0rd-7781"
		src, err := e.CreateSource(t.Context(), e.p, domain.Source{Name: "s", Engine: "postgres", Settings: map[string]string{"host": "h"}},
			map[string]string{"password": password})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.UpdateSource(t.Context(), e.p, src, map[string]string{"password": password + "2"}); err != nil {
			t.Fatal(err)
		}
		dump := dumpSources(t, e)
		if !strings.Contains(dump, "v1.") {
			t.Fatal("the dump holds no envelope: the test looks at the wrong place")
		}
		if n := strings.Count(dump, password); n != 0 {
			t.Errorf("the password stands %d times in the stored bytes", n)
		}
		if list := fmt.Sprintf("%+v", must[[]domain.Source](t, "Sources")(e.Sources(t.Context(), e.p))); strings.Contains(list, password) {
			t.Error("Sources gives the password")
		}
	})
}

func dumpSources(t *testing.T, e env) string {
	t.Helper()
	if e.Kind() == db.KindSQLite {
		var all bytes.Buffer
		for _, suffix := range []string{"", "-wal"} {
			b, err := os.ReadFile(e.options.Path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(b)
		}
		return all.String()
	}
	rows, err := e.raw.QueryContext(t.Context(), "SELECT CAST(sources AS TEXT) FROM sources")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var all strings.Builder
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		all.WriteString(row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestSwappedRowsDoNotOpen(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		a, b := e.source(t, "a"), e.source(t, "b")
		e.exec(t, "UPDATE sources SET connection_details = (SELECT connection_details FROM sources WHERE id = $1) WHERE id = $2", a.ID, b.ID)
		if _, err := e.Credentials(t.Context(), b.ID); !errors.Is(err, db.ErrSealBroken) {
			t.Errorf("got %v, want ErrSealBroken", err)
		}
	})
}

func TestOpenWithWrongKeys(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		e.source(t, "a")
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		other := e.options
		other.Keys = must[*db.Keyring](t, "LoadKeyring")(db.LoadKeyring(filepath.Join(t.TempDir(), "keys")))
		_, err := db.Open(t.Context(), other)
		wantCode(t, "Open", err, domain.Invalid)
		e.Store = open(t, e.options) // for the clean-up, and to see that the right keys still do
	})
}

func TestReseal(t *testing.T) {
	onBoth(t, func(t *testing.T, e env) {
		src := e.source(t, "a")
		gone := e.source(t, "b")
		if err := e.DeleteSource(t.Context(), e.p, gone.ID); err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		newPath := filepath.Join(dir, "new")
		newKeys := must[*db.Keyring](t, "LoadKeyring")(db.LoadKeyring(newPath))
		oldLine := keyLine(t, e.keyFile)
		both := filepath.Join(dir, "both")
		if err := os.WriteFile(both, []byte(keyLine(t, newPath)+oldLine), 0o600); err != nil {
			t.Fatal(err)
		}
		o := e.options
		o.Keys = must[*db.Keyring](t, "LoadKeyring")(db.LoadKeyring(both))
		s := open(t, o)
		for i, want := range []int{2, 0} {
			if n, err := s.Reseal(t.Context()); err != nil || n != want {
				t.Errorf("Reseal %d: %d, %v; want %d", i, n, err, want)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		o.Keys = newKeys
		s = open(t, o)
		if got := must[domain.Credentials](t, "Credentials")(s.Credentials(t.Context(), src.ID)).Reveal()["password"]; got != "hunter2hunter2" {
			t.Errorf("password after reseal = %q", got)
		}
	})
}

func keyLine(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

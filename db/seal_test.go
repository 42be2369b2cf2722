package db

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"dribble/domain"
)

func testKeyring(t testing.TB) *Keyring {
	t.Helper()
	k, err := LoadKeyring(filepath.Join(t.TempDir(), "sub", "keys"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealOpensOnlyInItsPlace(t *testing.T) {
	t.Parallel()
	k, at := testKeyring(t), Place{"sources", "1", "f"}
	secret := []byte("pässword")
	sealed := k.Seal(secret, at)
	if sealed == k.Seal(secret, at) {
		t.Error("the same value sealed twice looks the same")
	}
	if got, err := k.Open(sealed, at); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("Open = %q, %v", got, err)
	}
	for _, other := range []Place{{"sources", "2", "f"}, {"models", "1", "f"}, {"sources", "1", "g"}, {"sources1", "", "f"}, {}} {
		if _, err := k.Open(sealed, other); !errors.Is(err, ErrSealBroken) {
			t.Errorf("at %v: %v, want ErrSealBroken", other, err)
		}
	}
	if _, err := testKeyring(t).Open(sealed, at); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("another keyring: %v, want ErrUnknownKey", err)
	}
}

// TestEveryBitFlipIsSeen flips each bit of an envelope, the key id's too.
func TestEveryBitFlipIsSeen(t *testing.T) {
	t.Parallel()
	k, at := testKeyring(t), Place{"sources", "1", "f"}
	sealed := k.Seal([]byte("secret of some length"), at)
	flips := 0
	for i := range len(sealed) {
		for bit := range 8 {
			changed := []byte(sealed)
			changed[i] ^= 1 << bit
			flips++
			if got, err := k.Open(string(changed), at); err == nil {
				t.Errorf("byte %d bit %d: opened as %q", i, bit, got)
			}
		}
	}
	t.Logf("%d of %d flips seen", flips, flips)
	for _, cut := range []string{"", "v1", "v1.", sealed[:len(sealed)-1], sealed + "A", sealed + "\n", "v2" + sealed[2:]} {
		if _, err := k.Open(cut, at); err == nil {
			t.Errorf("%q opened", cut)
		}
	}
}

func FuzzEnvelope(f *testing.F) {
	k, at := testKeyring(f), Place{"t", "r", "f"}
	valid := k.Seal([]byte("x"), at)
	for _, seed := range []string{"", "v1..", "v1.a.", "v1.a.AA", valid, valid + "=", strings.ToUpper(valid), "v1." + strings.Repeat("a", 40) + ".AA"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		kid, sealed, err := parseEnvelope(text)
		if err != nil {
			if !errors.Is(err, ErrEnvelope) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		// What is accepted has exactly one form.
		if again := envelopeVersion + "." + kid + "." + encoding().EncodeToString(sealed); again != text {
			t.Errorf("%q reads as %q", text, again)
		}
		if _, err := k.Open(text, at); err == nil && text != valid {
			t.Errorf("%q opened", text)
		}
	})
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	random := base64.StdEncoding.EncodeToString([]byte("\x93\x01\xfe\x10kT\xd9\x81\xaa\x5c\x07\x39\xee\xb2\x64\x1f\x8d\xc3\x55\x22\x90\xf7\x0b\x48\xda\x6e\x31\xbc\x04\x77\xe9\x1a"))
	of := func(key string) string { return "a " + base64.StdEncoding.EncodeToString([]byte(key)) }
	var counted strings.Builder
	for i := range 32 {
		counted.WriteByte(byte(7 * i))
	}
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		ok   bool
	}{
		"good":              {"# note\n\na " + random + "\n", 0o600, true},
		"two keys":          {"a " + random + "\nb-2  " + random + "\n", 0o600, true},
		"read-only":         {"a " + random, 0o400, true},
		"others may read":   {"a " + random, 0o640, false},
		"world may read":    {"a " + random, 0o604, false},
		"empty":             {"", 0o600, false},
		"comment alone":     {"# x", 0o600, false},
		"short":             {of(counted.String()[:31]), 0o600, false},
		"long":              {of(counted.String() + "x"), 0o600, false},
		"zeros":             {of(strings.Repeat("\x00", 32)), 0o600, false},
		"repeated":          {of(strings.Repeat("\x93\x01\xfe\x10", 8)), 0o600, false},
		"counted":           {of(counted.String()), 0o600, false},
		"typed text":        {of("change-me-please-0123456789abcde"), 0o600, false},
		"not base64":        {"a " + random[1:] + "!", 0o600, false},
		"no key id":         {random, 0o600, false},
		"bad key id":        {"A.b " + random, 0o600, false},
		"same key id twice": {"a " + random + "\na " + random, 0o600, false},
	} {
		path := filepath.Join(t.TempDir(), "keys")
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		_, err := LoadKeyring(path)
		if c.ok != (err == nil) {
			t.Errorf("%s: %v, want ok %v", name, err, c.ok)
		}
		if err != nil && domain.CodeOf(err) != domain.Invalid {
			t.Errorf("%s: code %q", name, domain.CodeOf(err))
		}
		if err != nil && strings.Contains(err.Error(), random[:8]) {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
}

func TestKeyFileIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "keys")
	var wg sync.WaitGroup
	rings := make([]*Keyring, 10)
	for i := range rings {
		wg.Go(func() {
			var err error
			if rings[i], err = LoadKeyring(path); err != nil {
				t.Errorf("LoadKeyring: %v", err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	sealed := rings[0].Seal([]byte("x"), Place{})
	for _, k := range rings {
		if _, err := k.Open(sealed, Place{}); err != nil {
			t.Errorf("processes that start together have different keys: %v", err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".keys-*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestKeyringIsNotPrinted(t *testing.T) {
	t.Parallel()
	k := testKeyring(t)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "keys", k)
	for _, text := range []string{fmt.Sprint(k), fmt.Sprintf("%+v %#v %s", k, k, k), log.String()} {
		if strings.Contains(text, k.current) {
			t.Errorf("printed as %s", text)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"Ärzte", "ÄRZTE"}, {"straße", "STRAẞE"}, {"ΣΊΣΥΦΟΣ", "σίσυφος"}, {"K", "\u212a"}, {"a\x00", "A\uFFFD"}} {
		if fold(c[0]) != fold(c[1]) {
			t.Errorf("%q and %q differ: %q, %q", c[0], c[1], fold(c[0]), fold(c[1]))
		}
	}
	if fold("ab") == fold("a b") {
		t.Error("different names fold to one")
	}
}

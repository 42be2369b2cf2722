package db_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"dribble/db"
	"dribble/internal/testenv"
)

func openCache(t *testing.T, url string) (cache db.Cache, log *bytes.Buffer) {
	t.Helper()
	log = &bytes.Buffer{}
	cache, err := db.OpenCache(url, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cache.Close() })
	return cache, log
}

// TestCache holds both caches to the same behaviour.
func TestCache(t *testing.T) {
	t.Parallel()
	test := func(t *testing.T, url string) {
		c, log := openCache(t, url)
		ctx, prefix := t.Context(), fmt.Sprintf("%s %d ", t.Name(), time.Now().UnixNano())
		want := func(key, value string) {
			t.Helper()
			if got, ok := c.Get(ctx, prefix+key); !ok || string(got) != value {
				t.Errorf("%s: got %q, %v; want %q", key, got, ok, value)
			}
		}
		gone := func(key string) {
			t.Helper()
			if got, ok := c.Get(ctx, prefix+key); ok {
				t.Errorf("%s: got %q, want a miss", key, got)
			}
		}
		gone("a")
		c.Set(ctx, prefix+"a", []byte("one"), time.Minute)
		c.Set(ctx, prefix+"b", []byte{}, time.Minute)
		c.Set(ctx, prefix+"short", []byte("x"), 30*time.Millisecond)
		want("a", "one")
		want("b", "")
		c.Set(ctx, prefix+"a", []byte("two"), time.Minute)
		want("a", "two")
		c.Delete(ctx, prefix+"a")
		c.Delete(ctx, prefix+"never there")
		gone("a")
		time.Sleep(50 * time.Millisecond)
		gone("short")
		want("b", "")
		if err := c.Ping(ctx); err != nil {
			t.Errorf("ping: %v", err)
		}
		if log.Len() > 0 {
			t.Errorf("log: %s", log)
		}
	}
	t.Run("in the process", func(t *testing.T) { t.Parallel(); test(t, "") })
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		s := testenv.Redis(t)
		test(t, fmt.Sprintf("redis://:%s@%s/0", s.Password, s.Addr()))
	})
}

// The bound holds for a few large values and for very many small ones, which cost
// more than their bytes.
func TestCacheInProcessIsBounded(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1 << 20, 8} {
		c, _ := openCache(t, "")
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for i := range 64 << 20 / (size + 200) {
			c.Set(t.Context(), fmt.Sprintf("run:%060d", i), make([]byte, size), time.Duration(i+1)*time.Hour)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 40<<20 {
			t.Errorf("values of %d bytes: the cache holds %d MB", size, grown>>20)
		}
		if _, ok := c.Get(t.Context(), fmt.Sprintf("run:%060d", 0)); ok {
			t.Errorf("values of %d bytes: what expires first was not dropped first", size)
		}
	}
	c, _ := openCache(t, "")
	c.Set(t.Context(), "kept", []byte("x"), time.Hour)
	c.Set(t.Context(), "huge", make([]byte, 17<<20), time.Hour)
	if _, ok := c.Get(t.Context(), "huge"); ok {
		t.Error("a value larger than the bound was kept")
	}
	if _, ok := c.Get(t.Context(), "kept"); !ok {
		t.Error("a value larger than the bound drove another out")
	}
}

func TestCacheWithoutItsRedisMisses(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close() // nobody answers there now
	c, log := openCache(t, "redis://:hunter2@"+listener.Addr().String())
	start := time.Now()
	for range 20 {
		c.Set(t.Context(), "a", []byte("x"), time.Minute)
		c.Delete(t.Context(), "b")
		if _, ok := c.Get(t.Context(), "a"); ok {
			t.Error("a hit without Redis")
		}
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("60 calls took %s", took)
	}
	if err := c.Ping(t.Context()); err == nil {
		t.Error("ping: got nil, want an error for readyz")
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 || strings.Contains(log.String(), "hunter2") {
		t.Errorf("%d warnings, want one without the password:\n%s", n, log)
	}
	left, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok := c.Get(left, "a"); ok {
		t.Error("a hit for a caller who has left")
	}
}

func TestCacheAddressIsNotQuoted(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"redis://:hunter2@host:port", "redis://:hun/ter2@host:6379", "http://:hunter2@host", "redis://:hunter2@host/zero"} {
		_, err := db.OpenCache(url, slog.New(slog.DiscardHandler))
		if err == nil {
			t.Errorf("%s: got no error", url)
		} else if text := err.Error(); strings.Contains(text, "hun") || !strings.Contains(text, "redis://") {
			t.Errorf("got %q, want a sentence without the password", text)
		}
	}
}

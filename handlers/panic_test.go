package handlers

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A fault in a handler is answered, told in the log with its place, and never shown.
func TestPanicIsAnsweredOrCut(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := &Server{log: slog.New(slog.NewTextHandler(&log, nil))}
	serve := func(h http.HandlerFunc) (w *httptest.ResponseRecorder, cut any) {
		defer func() { cut = recover() }()
		w = httptest.NewRecorder()
		s.identify(h).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/x", nil))
		return w, nil
	}
	w, cut := serve(func(http.ResponseWriter, *http.Request) { panic("secret detail") })
	var body struct{ Error errorJSON }
	if cut != nil || w.Code != http.StatusInternalServerError || json.Unmarshal(w.Body.Bytes(), &body) != nil || body.Error.Code != "internal" {
		t.Errorf("before the answer: got %d %s, cut %v", w.Code, w.Body, cut)
	}
	if strings.Contains(w.Body.String(), "secret") || !strings.Contains(log.String(), "secret detail") || !strings.Contains(log.String(), "panic_test.go") {
		t.Errorf("answer %s, log %s", w.Body, &log)
	}
	w, cut = serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("half")); panic("x") })
	if cut != http.ErrAbortHandler { //nolint:errorlint // the sentinel itself is panicked with
		t.Errorf("inside the answer: got %v and %q, want it cut", cut, w.Body)
	}
}

func TestFavicon(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	(&Server{}).favicon(w, httptest.NewRequestWithContext(t.Context(), "GET", "/favicon.ico", nil))
	if to := w.Header().Get("Location"); w.Code != http.StatusFound || !strings.HasPrefix(to, "/static/") || !strings.HasSuffix(to, ".svg") {
		t.Errorf("got %d to %s", w.Code, to)
	}
}

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"dribble/domain"
	"dribble/worker/pool"
)

func TestMetricsCountWhatHappened(t *testing.T) {
	t.Parallel()
	m := newMetrics(pool.New(pool.Options{}))
	m.observe(domain.Run{Status: domain.RunSuccess, SourceID: "s1", RowCount: 10, Bytes: 100})
	m.observe(domain.Run{Status: domain.RunSuccess, SourceID: "s1", RowCount: 10, Bytes: 100, CachedFrom: "r1"})
	r := chi.NewRouter()
	r.Use(m.middleware)
	r.Get("/runs/{id}", func(http.ResponseWriter, *http.Request) {})
	r.Get("/events", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/event-stream") })
	for i := range 50 {
		for _, call := range [][2]string{{"GET", fmt.Sprint("/runs/", i)}, {"GET", fmt.Sprint("/nothing/", i)}, {fmt.Sprint("BREW", i), "/runs/1"}, {"GET", "/events"}} {
			r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), call[0], call[1], nil))
		}
	}
	w := httptest.NewRecorder()
	promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	text := w.Body.String()
	for _, want := range []string{
		`dribble_runs_total{source="s1",status="success"} 2`, "dribble_rows_total 10", "dribble_row_bytes_total 100",
		`dribble_http_seconds_count{route="GET /runs/{id}",status="200"} 50`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no line %s", want)
		}
	}
	if n := strings.Count(text, "dribble_http_seconds_count{"); n > 4 || strings.Contains(text, "BREW") || strings.Contains(text, "GET /events") {
		t.Errorf("%d routes are counted, want few:\n%s", n, text)
	}
}

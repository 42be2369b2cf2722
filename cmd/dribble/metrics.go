package main

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"dribble/domain"
	"dribble/query"
	"dribble/worker/pool"
)

// metrics counts what operators watch, in a registry of its own.
type metrics struct {
	registry *prometheus.Registry
	runs     *prometheus.CounterVec
	rows     prometheus.Counter
	bytes    prometheus.Counter
	took     prometheus.Histogram
	latency  *prometheus.HistogramVec
}

func newMetrics(workers *pool.Pool) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		runs:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dribble_runs_total", Help: "Finished runs."}, []string{"status", "source"}),
		rows:     prometheus.NewCounter(prometheus.CounterOpts{Name: "dribble_rows_total", Help: "Rows received from workers."}),
		bytes:    prometheus.NewCounter(prometheus.CounterOpts{Name: "dribble_row_bytes_total", Help: "Bytes of rows received from workers."}),
		took:     prometheus.NewHistogram(prometheus.HistogramOpts{Name: "dribble_run_seconds", Help: "Time of runs.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 10)}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "dribble_http_seconds", Help: "Time to answer requests, event streams left out.", Buckets: prometheus.ExponentialBuckets(0.0005, 4, 9),
		}, []string{"route", "status"}),
	}
	m.registry.MustRegister(m.runs, m.rows, m.bytes, m.took, m.latency,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), workerCollector{workers})
	return m
}

func (m *metrics) observe(run domain.Run) {
	m.runs.WithLabelValues(string(run.Status), run.SourceID).Inc()
	if run.CachedFrom != "" {
		return // no worker has sent anything, and its times are the earlier run's
	}
	m.rows.Add(float64(run.RowCount))
	m.bytes.Add(float64(run.Bytes))
	m.took.Observe(run.Elapsed.Seconds())
}

// handler answers /metrics, with the runs under way read at that moment.
func (m *metrics) handler(runs *query.Service) http.Handler {
	for _, g := range []struct {
		name, help string
		value      func() float64
	}{
		{"dribble_runs_queued", "Runs waiting for a place in a worker.", func() float64 { n, _ := runs.Active(); return float64(n) }},
		{"dribble_runs_running", "Runs in a worker.", func() float64 { _, n := runs.Active(); return float64(n) }},
	} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.name, Help: g.help}, g.value))
	}
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// middleware times requests by route, and so must stand inside the router. Event
// streams last as long as they are watched and are left out.
func (m *metrics) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		start := time.Now()
		next.ServeHTTP(ww, r)
		if ww.Header().Get("Content-Type") != "text/event-stream" {
			status := cmp.Or(ww.Status(), http.StatusOK) // a handler that writes nothing answers 200
			m.latency.WithLabelValues(routeOf(r), strconv.Itoa(status)).Observe(time.Since(start).Seconds())
		}
	})
}

// routeOf names a request's route. Methods that no route has share one name, or
// anybody could make labels without end.
func routeOf(r *http.Request) string {
	method := r.Method
	if !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodDelete}, method) {
		method = "OTHER"
	}
	return method + " " + cmp.Or(chi.RouteContext(r.Context()).RoutePattern(), "none")
}

// workerCollector reads the pool's state when it is asked.
type workerCollector struct{ pool *pool.Pool }

func (c workerCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

func (c workerCollector) Collect(ch chan<- prometheus.Metric) {
	states := map[domain.WorkerState]int{
		domain.WorkerStarting: 0, domain.WorkerReady: 0, domain.WorkerBusy: 0, domain.WorkerUnhealthy: 0, domain.WorkerStopped: 0, domain.WorkerFailed: 0,
	}
	var restarts int
	for _, s := range c.pool.Status() {
		states[s.State]++
		restarts += s.Restarts
	}
	state := prometheus.NewDesc("dribble_workers", "Workers by state.", []string{"state"}, nil)
	for name, n := range states {
		ch <- prometheus.MustNewConstMetric(state, prometheus.GaugeValue, float64(n), string(name))
	}
	starts := prometheus.NewDesc("dribble_worker_restarts_total", "Workers started again after a loss.", nil, nil)
	ch <- prometheus.MustNewConstMetric(starts, prometheus.CounterValue, float64(restarts))
}

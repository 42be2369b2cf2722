// Package handlers is Dribble over HTTP: pages, fragments, event streams and the
// JSON API. Handlers decode, ask the services, and render; every one has the form
// func(w, r) error, and respond.go alone turns an error into an answer.
package handlers

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"dribble/db"
	"dribble/domain"
	"dribble/engine"
	"dribble/query"
	"dribble/worker/pool"
)

// Options are what a Server is made of. All are needed unless said otherwise.
type Options struct {
	Store   *db.Store
	Runs    *query.Service
	Workers *pool.Pool
	Cache   db.Cache
	Engines []engine.Spec
	// Local is who acts when login is off.
	Local domain.Principal
	// Hosts are the host names, without port, by which browsers may address
	// the server beside loopback names.
	Hosts []string
	// DataDir is Dribble's own folder: files in it are no sources, but for
	// SampleFile.
	DataDir, SampleFile string
	Samples             []Sample // example queries of the first-run page
	Version             string
	Log                 *slog.Logger
	Metrics             http.Handler // answers /metrics; may be nil
	// Measure wraps every route, for metrics. May be nil.
	Measure func(http.Handler) http.Handler
}

// Sample is an example query over the sample source.
type Sample struct {
	Name, Note, SQL string
	Expected        string // "5 rows, about 0.1 s"; may be ""
	SourceID        string
}

// Server answers HTTP.
type Server struct {
	store   *db.Store
	runs    *query.Service
	workers *pool.Pool
	cache   db.Cache
	engines []engine.Spec
	local   domain.Principal
	hosts   map[string]bool
	samples []Sample
	private string // DataDir, resolved
	sample  string // SampleFile, resolved
	version string
	log     *slog.Logger
	metrics http.Handler
	measure func(http.Handler) http.Handler
	started time.Time
	feed    *feed
	reading singleflight.Group // catalogues, by schemaKey

	stateLock sync.Mutex // held while a person's workspace state changes
}

// New makes a Server; Handler gives its routes.
func New(o Options) *Server {
	s := &Server{
		store: o.Store, runs: o.Runs, workers: o.Workers, cache: o.Cache, engines: o.Engines, local: o.Local,
		samples: o.Samples, version: o.Version, log: o.Log, metrics: o.Metrics, measure: o.Measure, started: time.Now(),
		hosts:   map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true},
		feed:    newFeed(),
		private: resolved(o.DataDir), sample: resolved(o.SampleFile),
	}
	for _, h := range o.Hosts {
		s.hosts[strings.ToLower(h)] = true
	}
	return s
}

// RunEnded tells open pages that a run has been added to the history or has
// ended. It is safe for concurrent use and never blocks.
func (s *Server) RunEnded(run domain.Run) { s.feed.announce(run.WorkspaceID) }

package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"dribble/domain"
)

// healthz says that the process answers.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("ok"))
}

// readyz says whether runs can be taken, and which part fails if not.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	for _, part := range []struct {
		name string
		ping func(context.Context) error
	}{
		{"metadata store", s.store.Ping},
		{"cache", s.cache.Ping},
	} {
		if err := part.ping(ctx); err != nil {
			s.log.WarnContext(ctx, "not ready", slog.String("part", part.name), slog.Any("error", err))
			http.Error(w, part.name+" does not answer", http.StatusServiceUnavailable)
			return
		}
	}
	_, _ = w.Write([]byte("ok"))
}

func (s *Server) showMetrics(w http.ResponseWriter, r *http.Request) error {
	if s.metrics == nil {
		return domain.Errorf(domain.NotFound, "Metrics are switched off.")
	}
	s.metrics.ServeHTTP(w, r)
	return nil
}

func methodError(r *http.Request) error {
	return badMethod{domain.Errorf(domain.Invalid, "%s cannot be used on this address.", r.Method)}
}

// allowed lists the methods that the request's address knows.
func allowed(r *http.Request) []string {
	var list []string
	tree := chi.RouteContext(r.Context()).Routes
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodDelete} {
		asked := m
		if m == http.MethodHead {
			asked = http.MethodGet
		}
		if tree.Match(chi.NewRouteContext(), asked, r.URL.Path) {
			list = append(list, m)
		}
	}
	return list
}

// badMethod marks a method that a route does not know: 405 instead of 422.
type badMethod struct{ cause *domain.Error }

func (b badMethod) Error() string { return b.cause.Error() }
func (b badMethod) Unwrap() error { return b.cause }

package handlers

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"dribble/auth"
	"dribble/domain"
	"dribble/static"
)

// Handler returns every URL that the server answers.
func (s *Server) Handler() http.Handler {
	r := chi.NewRouter()
	if s.measure != nil {
		r.Use(s.measure)
	}
	r.Use(s.identify, s.checkHost, middleware.GetHead)
	r.Get("/healthz", s.healthz)
	r.Get("/readyz", s.readyz)
	r.Handle("/static/*", static.Handler())
	r.Get("/favicon.ico", s.favicon)

	r.Group(func(r chi.Router) {
		r.Use(s.headers, s.refuseForeign, s.authenticate)
		s.misses(r)
		s.pages(r)
		r.Route("/api/v1", s.api)
	})
	return r
}

func (s *Server) pages(r chi.Router) {
	view, edit, manage := s.at(auth.View), s.at(auth.Edit), s.at(auth.Manage)

	r.Get("/", view(s.showHome))
	r.Get("/welcome", view(s.showWelcome))
	r.Get("/events", view(s.streamWorkspace))
	r.Get("/metrics", manage(s.showMetrics))
	r.Post("/tabs", view(s.saveTabs))
	r.Post("/layout", view(s.saveLayout))
	r.Post("/theme", view(s.saveTheme))
	r.Get("/tree", view(s.searchTree))

	r.Get("/queries", view(s.showQueries))
	r.Post("/queries", edit(s.createQuery))
	r.Get("/queries/{id}", view(s.showQuery))
	r.Post("/queries/{id}/runs", edit(s.startRun))
	r.Post("/queries/{id}/draft", edit(s.saveDraft))
	r.Post("/queries/{id}/rename", edit(s.renameQuery))
	r.Post("/queries/{id}/duplicate", edit(s.duplicateQuery))
	r.Post("/queries/{id}/delete", edit(s.deleteQuery))
	r.Get("/queries/{id}/versions", view(s.showVersions))
	r.Post("/queries/{id}/versions", edit(s.saveVersion))
	r.Get("/queries/{id}/versions/{number}", view(s.showVersion))
	r.Post("/queries/{id}/versions/{number}/restore", edit(s.restoreVersion))
	r.Post("/tables/preview", edit(s.previewTable))

	r.Get("/runs", view(s.showRuns))
	r.Get("/runs/{id}", view(s.showRun))
	r.Get("/runs/{id}/events", view(s.streamRun))
	r.Get("/runs/{id}/rows", view(s.showRows))
	r.Get("/runs/{id}/cell", view(s.showCell))
	r.Get("/runs/{id}/export", view(s.exportPage))
	r.Post("/runs/{id}/cancel", edit(s.cancelRun))

	r.Get("/sources/new", manage(s.newSource))
	r.Post("/sources", manage(s.createSource))
	r.Post("/sources/test", manage(s.testSource))
	r.Get("/sources/{id}", view(s.browseSource))
	r.Get("/sources/{id}/tree", view(s.showTree))
	r.Get("/sources/{id}/completion", view(s.showCompletion))
	r.Post("/sources/{id}/refresh", view(s.refreshSource))
	r.Get("/sources/{id}/edit", manage(s.editSource))
	r.Post("/sources/{id}", manage(s.updateSource))
	r.Get("/sources/{id}/delete", manage(s.confirmDeleteSource))
	r.Post("/sources/{id}/delete", manage(s.deleteSource))
}

// misses answers addresses and methods that there are not. A router inside another
// needs it for itself.
func (s *Server) misses(r chi.Router) {
	r.NotFound(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, domain.Errorf(domain.NotFound, "There is nothing at this address."))
	})
	r.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", strings.Join(allowed(r), ", "))
		s.fail(w, r, methodError(r))
	})
}

func (s *Server) api(r chi.Router) {
	s.misses(r)
	view, edit, manage := s.at(auth.View), s.at(auth.Edit), s.at(auth.Manage)

	r.Get("/openapi.json", view(s.apiDocument))
	r.Get("/engines", view(s.apiEngines))
	r.Get("/sources", view(s.apiSources))
	r.Post("/sources", manage(s.apiCreateSource))
	r.Post("/sources/test", manage(s.apiTestSource))
	r.Get("/sources/{id}", view(s.apiSource))
	r.Patch("/sources/{id}", manage(s.apiUpdateSource))
	r.Delete("/sources/{id}", manage(s.apiDeleteSource))
	r.Get("/sources/{id}/schema", view(s.apiSchema))
	r.Get("/queries", view(s.apiQueries))
	r.Post("/queries", edit(s.apiCreateQuery))
	r.Get("/queries/{id}", view(s.apiQuery))
	r.Patch("/queries/{id}", edit(s.apiUpdateQuery))
	r.Delete("/queries/{id}", edit(s.apiDeleteQuery))
	r.Get("/queries/{id}/versions", view(s.apiVersions))
	r.Get("/runs", view(s.apiRuns))
	r.Post("/runs", edit(s.apiStartRun))
	r.Get("/runs/{id}", view(s.apiRun))
	r.Get("/runs/{id}/events", view(s.apiEvents))
	r.Get("/runs/{id}/rows", view(s.apiRows))
	r.Get("/runs/{id}/export", view(s.apiExport))
	r.Post("/runs/{id}/cancel", edit(s.apiCancelRun))
	r.Post("/query", edit(s.apiQueryStream))
}

// at binds an action, so that a route cannot be written without one.
func (s *Server) at(action auth.Action) func(handler) http.HandlerFunc {
	return func(h handler) http.HandlerFunc { return s.allow(action, h) }
}

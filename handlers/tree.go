package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"dribble/domain"
	"dribble/engine"
	"dribble/views"
)

// showTree answers the rows below a source, a schema or a table.
func (s *Server) showTree(w http.ResponseWriter, r *http.Request) error {
	src, err := s.store.Source(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	level, err := numberParam(r, "level", 2, 2, 4)
	if err != nil {
		return err
	}
	schema, err := s.catalogue(r.Context(), src, false)
	if err != nil {
		return s.render(w, r, http.StatusOK, views.TreeRows(views.ErrorRows(src.ID, treeProblem(err), r.URL.RequestURI(), level)))
	}
	rows, err := s.rowsBelow(r, src, schema, level)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.TreeRows(rows))
}

func treeProblem(err error) string {
	if e, ok := asSQLError(err); ok {
		return e.Error()
	}
	var public *domain.Error
	if errors.As(err, &public) {
		return public.Message
	}
	return "The schema could not be read."
}

func (s *Server) rowsBelow(r *http.Request, src domain.Source, schema engine.Schema, level int) ([]views.TreeRow, error) {
	if level == 2 {
		return s.treeRows(src, schema), nil
	}
	q := r.URL.Query()
	ns, ok := findNamespace(schema, q.Get("schema"))
	if !ok {
		return nil, domain.Errorf(domain.NotFound, "There is no schema %q in %s. Refresh the tree.", q.Get("schema"), src.Name)
	}
	if level == 3 {
		offset, err := numberParam(r, "offset", 0, 0, 1<<30)
		if err != nil {
			return nil, err
		}
		return views.TableRows(src.ID, ns, offset), nil
	}
	t, ok := findTable(ns, q.Get("table"))
	if !ok {
		return nil, domain.Errorf(domain.NotFound, "There is no table %q in %s. Refresh the tree.", q.Get("table"), ns.Name)
	}
	return views.ColumnRows(src.ID, ns.Name, t), nil
}

func findNamespace(schema engine.Schema, name string) (engine.Namespace, bool) {
	i := slices.IndexFunc(schema.Schemas, func(n engine.Namespace) bool { return n.Name == name })
	if i < 0 {
		return engine.Namespace{}, false
	}
	return schema.Schemas[i], true
}

func findTable(ns engine.Namespace, name string) (engine.Table, bool) {
	i := slices.IndexFunc(ns.Tables, func(t engine.Table) bool { return t.Name == name })
	if i < 0 {
		return engine.Table{}, false
	}
	return ns.Tables[i], true
}

// searchTree answers the sidebar's sources with only what matches, all of it open.
func (s *Server) searchTree(w http.ResponseWriter, r *http.Request) error {
	sources, err := s.store.Sources(r.Context(), principal(r))
	if err != nil {
		return err
	}
	match := strings.TrimSpace(r.URL.Query().Get("match"))
	items := make([]views.SourceItem, 0, len(sources))
	for _, src := range sources {
		item := views.SourceItem{Source: src, State: s.workers.State(src.ID)}
		if match != "" {
			found, ok := s.searchSource(r, src, match)
			if !ok {
				continue
			}
			item.Open, item.Children = true, views.MatchRows(src.ID, found)
		}
		items = append(items, item)
	}
	page := s.pageOf(r, "Search")
	if isFragment(r) {
		return s.render(w, r, http.StatusOK, views.SourceItems(items, page.Engines))
	}
	return s.showSearchPage(w, r, match, items)
}

// searchSource looks in a catalogue that is at hand; one that must first be read
// is left out, so that a search never waits for a sleeping source.
func (s *Server) searchSource(r *http.Request, src domain.Source, match string) (engine.Schema, bool) {
	if !s.isKnown(r, src) {
		return engine.Schema{}, strings.Contains(strings.ToLower(src.Name), strings.ToLower(match))
	}
	schema, err := s.catalogue(r.Context(), src, false)
	if err != nil {
		return schema, false
	}
	found := matching(schema, match)
	return found, len(found.Schemas) > 0 || strings.Contains(strings.ToLower(src.Name), strings.ToLower(match))
}

func (s *Server) isKnown(r *http.Request, src domain.Source) bool {
	_, ok := s.cache.Get(r.Context(), schemaKey(src))
	return ok
}

// refreshSource reads a catalogue anew and shows the tree.
func (s *Server) refreshSource(w http.ResponseWriter, r *http.Request) error {
	src, err := s.store.Source(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	if _, err := s.catalogue(r.Context(), src, true); err != nil && !isFragment(r) {
		return databaseError(err)
	}
	if isFragment(r) {
		return s.showTree(w, r)
	}
	return redirect(w, r, "/sources/"+src.ID)
}

package handlers

import (
	"errors"
	"math"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"dribble/domain"
	"dribble/engine"
)

type sourceJSON struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Engine     string            `json:"engine"`
	State      string            `json:"state"`
	Fields     map[string]string `json:"fields"` // without secrets
	ReadOnly   bool              `json:"read_only"`
	Production bool              `json:"production"`
	RowLimit   int               `json:"row_limit"`
	TimeoutMS  int64             `json:"timeout_ms"`
	CacheTTLS  int64             `json:"cache_ttl_s"`
	CreatedAt  time.Time         `json:"created_at"`
	UpdatedAt  time.Time         `json:"updated_at"`
}

func (s *Server) sourceJSON(src domain.Source) sourceJSON {
	return sourceJSON{
		ID: src.ID, Name: src.Name, Engine: src.Engine, State: string(s.workers.State(src.ID)), Fields: src.Settings,
		ReadOnly: src.ReadOnly, Production: src.Production, RowLimit: src.RowLimit, TimeoutMS: src.Timeout.Milliseconds(),
		CacheTTLS: int64(src.CacheTTL.Seconds()), CreatedAt: src.CreatedAt, UpdatedAt: src.UpdatedAt,
	}
}

func (s *Server) apiEngines(w http.ResponseWriter, r *http.Request) error {
	type engineJSON struct {
		Name   string         `json:"name"`
		Title  string         `json:"title"`
		Fields []engine.Field `json:"fields"`
	}
	list := make([]engineJSON, len(s.engines))
	for i, e := range s.engines {
		list[i] = engineJSON{e.Name, e.Title, e.Fields}
	}
	return s.json(w, r, http.StatusOK, map[string]any{"engines": list})
}

func (s *Server) apiSources(w http.ResponseWriter, r *http.Request) error {
	sources, err := s.store.Sources(r.Context(), principal(r))
	if err != nil {
		return err
	}
	list := make([]sourceJSON, len(sources))
	for i, src := range sources {
		list[i] = s.sourceJSON(src)
	}
	return s.json(w, r, http.StatusOK, map[string]any{"sources": list})
}

func (s *Server) apiSource(w http.ResponseWriter, r *http.Request) error {
	src, err := s.store.Source(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, s.sourceJSON(src))
}

// sourceBody is what POST and PATCH of a source accept. Absent fields stay.
type sourceBody struct {
	Name       *string `json:"name"`
	Engine     string  `json:"engine"`
	Fields     scalars `json:"fields"`
	ReadOnly   *bool   `json:"read_only"`
	Production *bool   `json:"production"`
	RowLimit   *int    `json:"row_limit"`
	TimeoutMS  *int64  `json:"timeout_ms"`
	CacheTTLS  *int64  `json:"cache_ttl_s"`
}

func (b sourceBody) apply(src *domain.Source) {
	if b.Name != nil {
		src.Name = *b.Name
	}
	if b.ReadOnly != nil {
		src.ReadOnly = *b.ReadOnly
	}
	if b.Production != nil {
		src.Production = *b.Production
	}
	if b.RowLimit != nil {
		src.RowLimit = *b.RowLimit
	}
	if b.TimeoutMS != nil {
		src.Timeout = durationOf(*b.TimeoutMS, time.Millisecond)
	}
	if b.CacheTTLS != nil {
		src.CacheTTL = durationOf(*b.CacheTTLS, time.Second)
	}
}

// durationOf is n units, or the longest duration there is if n is beyond it: what
// is too long must be refused, not wrap round to a short time.
func durationOf(n int64, unit time.Duration) time.Duration {
	if n > int64(math.MaxInt64/unit) {
		return math.MaxInt64
	}
	return max(time.Duration(n), math.MinInt64/unit) * unit
}

func (s *Server) apiCreateSource(w http.ResponseWriter, r *http.Request) error {
	var body sourceBody
	if err := decodeJSON(w, r, &body); err != nil {
		return err
	}
	src, err := s.addSource(r, body)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/sources/"+src.ID)
	return s.json(w, r, http.StatusCreated, s.sourceJSON(src))
}

// addSource checks and stores a new source; page and API share it.
func (s *Server) addSource(r *http.Request, body sourceBody) (domain.Source, error) {
	spec, err := s.spec(body.Engine)
	if err != nil {
		return domain.Source{}, err
	}
	fields, err := spec.Clean(body.Fields)
	if err != nil {
		return domain.Source{}, err
	}
	if err := s.checkPaths(spec, fields); err != nil {
		return domain.Source{}, err
	}
	src := domain.Source{Engine: spec.Name, IsActive: true}
	body.apply(&src)
	if err := s.checkSource(src); err != nil {
		return domain.Source{}, err
	}
	settings, secrets := divide(spec, fields)
	src.Settings = settings
	src, err = s.store.CreateSource(r.Context(), principal(r), src, secrets)
	if err != nil {
		return domain.Source{}, err
	}
	return src, s.store.Audit(r.Context(), principal(r), "source.create", src.ID, map[string]any{"name": src.Name, "engine": src.Engine})
}

// checkSource bounds what the store does not: limits that runs obey.
func (s *Server) checkSource(src domain.Source) error {
	limits := s.runs.Limits()
	switch {
	case strings.TrimSpace(src.Name) == "":
		return domain.FieldError("name", "Name is needed.")
	case src.RowLimit < 0 || src.RowLimit > limits.MaxRows:
		return domain.FieldError("row_limit", "The row limit must be a number from 1 to %d.", limits.MaxRows)
	case src.Timeout < 0 || src.Timeout > limits.MaxTimeout:
		return domain.FieldError("timeout_ms", "The time limit must be at most %s.", limits.MaxTimeout)
	case src.CacheTTL < 0 || src.CacheTTL > 30*24*time.Hour:
		return domain.FieldError("cache_ttl_s", "The cache time must be at most 30 days.")
	}
	return nil
}

func (s *Server) spec(name string) (engine.Spec, error) {
	if spec, ok := engine.Find(s.engines, name); ok {
		return spec, nil
	}
	names := make([]string, len(s.engines))
	for i, e := range s.engines {
		names[i] = e.Name
	}
	return engine.Spec{}, domain.FieldError("engine", "There is no engine %q. Use %s.", name, strings.Join(names, ", "))
}

// divide separates secrets from settings.
func divide(spec engine.Spec, fields map[string]string) (settings, secrets map[string]string) {
	settings, secrets = map[string]string{}, map[string]string{}
	for _, f := range spec.Fields {
		v, ok := fields[f.Name]
		switch {
		case !ok:
		case f.Secret:
			secrets[f.Name] = v
		default:
			settings[f.Name] = v
		}
	}
	return settings, secrets
}

func (s *Server) apiUpdateSource(w http.ResponseWriter, r *http.Request) error {
	src, err := s.store.Source(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	var body sourceBody
	if err := decodeJSON(w, r, &body); err != nil {
		return err
	}
	if body.Engine != "" && body.Engine != src.Engine {
		return domain.FieldError("engine", "The engine of a source cannot change. Add a new source.")
	}
	if src, err = s.changeSource(r, src, body); err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, s.sourceJSON(src))
}

// changeSource applies body to src. Connection fields that body leaves out stay
// as they are, secrets too.
func (s *Server) changeSource(r *http.Request, src domain.Source, body sourceBody) (domain.Source, error) {
	body.apply(&src)
	if err := s.checkSource(src); err != nil {
		return src, err
	}
	var secrets map[string]string
	if body.Fields != nil {
		all, err := s.merged(r, src, body.Fields)
		if err != nil {
			return src, err
		}
		spec, err := s.spec(src.Engine)
		if err != nil {
			return src, err
		}
		src.Settings, secrets = divide(spec, all)
		for _, f := range spec.Fields {
			if v, sent := body.Fields[f.Name]; f.Secret && sent && v == "" {
				secrets[f.Name] = "" // sent empty on purpose: removed
			}
		}
	}
	src, err := s.store.UpdateSource(r.Context(), principal(r), src, secrets)
	if err != nil {
		return src, err
	}
	return src, s.store.Audit(r.Context(), principal(r), "source.update", src.ID, map[string]any{"name": src.Name})
}

// merged lays changed fields over a source's stored ones and checks the whole.
func (s *Server) merged(r *http.Request, src domain.Source, changed map[string]string) (map[string]string, error) {
	spec, err := s.spec(src.Engine)
	if err != nil {
		return nil, err
	}
	stored, err := s.store.Credentials(r.Context(), src.ID)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for k, v := range stored.Reveal() {
		all[k] = v
	}
	for k, v := range changed {
		all[k] = v
	}
	clean, err := spec.Clean(all)
	if err != nil {
		return nil, err
	}
	return clean, s.checkPaths(spec, clean)
}

// checkPaths keeps Dribble's own files from becoming a source: its metadata and its
// keys lie in the data folder.
func (s *Server) checkPaths(spec engine.Spec, fields map[string]string) error {
	for _, f := range spec.Fields {
		if f.Kind != engine.FieldPath || s.private == "" {
			continue
		}
		path := resolved(fields[f.Name])
		inside, err := filepath.Rel(s.private, path)
		if err == nil && filepath.IsLocal(inside) && path != s.sample {
			return domain.FieldError(f.Name, "This file lies in Dribble's own data folder. Choose a file elsewhere.")
		}
	}
	return nil
}

// resolved is a path without links and dots, as far as it exists.
func resolved(path string) string {
	if path == "" {
		return ""
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	for dir, rest := abs, ""; ; dir, rest = filepath.Dir(dir), filepath.Join(filepath.Base(dir), rest) {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(real, rest)
		}
		if dir == filepath.Dir(dir) {
			return abs
		}
	}
}

func (s *Server) apiDeleteSource(w http.ResponseWriter, r *http.Request) error {
	if err := s.removeSource(r, chi.URLParam(r, "id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) removeSource(r *http.Request, id string) error {
	src, err := s.store.Source(r.Context(), principal(r), id)
	if err != nil {
		return err
	}
	if err := s.store.DeleteSource(r.Context(), principal(r), id); err != nil {
		return err
	}
	s.cache.Delete(r.Context(), schemaKey(src))
	if err := s.workers.Forget(r.Context(), id); err != nil {
		return err
	}
	return s.store.Audit(r.Context(), principal(r), "source.delete", id, map[string]any{"name": src.Name})
}

func (s *Server) apiTestSource(w http.ResponseWriter, r *http.Request) error {
	var body sourceBody
	if err := decodeJSON(w, r, &body); err != nil {
		return err
	}
	spec, err := s.spec(body.Engine)
	if err != nil {
		return err
	}
	fields, err := spec.Clean(body.Fields)
	if err != nil {
		return err
	}
	if err := s.checkPaths(spec, fields); err != nil {
		return err
	}
	readOnly := body.ReadOnly != nil && *body.ReadOnly
	start := time.Now()
	info, err := s.workers.Test(r.Context(), spec.Name, fields, readOnly, func(engine.CheckStep) {})
	var failed *engine.CheckError
	if errors.As(err, &failed) {
		hint := strings.TrimSpace(failed.Known + " " + strings.Join(failed.Remedies, " "))
		message := failed.Title + "."
		if failed.Raw != "" {
			message += " " + failed.Raw
		}
		return &domain.Error{Code: domain.Invalid, Op: "test source", Message: message, Hint: hint, Field: failed.Field}
	}
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, map[string]any{"ok": true, "server_version": info.ServerVersion, "ms": time.Since(start).Milliseconds()})
}

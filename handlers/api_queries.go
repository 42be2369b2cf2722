package handlers

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"dribble/db"
	"dribble/domain"
)

type queryJSON struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	SQLContent   string    `json:"sql_content"`
	SourceID     string    `json:"source_id"`
	Folder       string    `json:"folder"`
	VersionCount int       `json:"version_count"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
}

func newQueryJSON(q domain.Query) queryJSON {
	return queryJSON{q.ID, q.Name, q.SQL, q.SourceID, q.Folder, q.VersionCount, q.CreatedAt, q.UpdatedAt}
}

type queryBody struct {
	Name       *string `json:"name"`
	SQLContent *string `json:"sql_content"`
	SourceID   *string `json:"source_id"`
	Folder     *string `json:"folder"`
}

func (s *Server) apiCreateQuery(w http.ResponseWriter, r *http.Request) error {
	var body queryBody
	if err := decodeJSON(w, r, &body); err != nil {
		return err
	}
	switch {
	case body.Name == nil:
		return domain.FieldError("name", "name is needed.")
	case body.SQLContent == nil:
		return domain.FieldError("sql_content", "sql_content is needed.")
	case body.SourceID == nil:
		return domain.FieldError("source_id", "source_id is needed.")
	}
	if _, err := s.store.Source(r.Context(), principal(r), *body.SourceID); err != nil {
		return unknownSource(err)
	}
	q := domain.Query{Name: *body.Name, SQL: *body.SQLContent, DraftSQL: *body.SQLContent, SourceID: *body.SourceID}
	if body.Folder != nil {
		q.Folder = *body.Folder
	}
	if err := checkText(q.SQL); err != nil {
		return err
	}
	q, err := s.store.CreateQuery(r.Context(), principal(r), q, domain.TriggerManual)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/queries/"+q.ID)
	return s.json(w, r, http.StatusCreated, newQueryJSON(q))
}

// unknownSource words a missing source named in a body as an error of that field.
func unknownSource(err error) error {
	if domain.CodeOf(err) == domain.NotFound {
		return domain.FieldError("source_id", "There is no source with this id.")
	}
	return err
}

func (s *Server) apiQueries(w http.ResponseWriter, r *http.Request) error {
	limit, err := numberParam(r, "limit", 1000, 1, 10_000)
	if err != nil {
		return err
	}
	queries, err := s.store.Queries(r.Context(), principal(r), db.QueryFilter{Match: r.URL.Query().Get("match"), Limit: limit})
	if err != nil {
		return err
	}
	list := make([]queryJSON, len(queries))
	for i, q := range queries {
		list[i] = newQueryJSON(q)
	}
	return s.json(w, r, http.StatusOK, map[string]any{"queries": list})
}

func (s *Server) apiQuery(w http.ResponseWriter, r *http.Request) error {
	q, err := s.store.Query(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, newQueryJSON(q))
}

func (s *Server) apiUpdateQuery(w http.ResponseWriter, r *http.Request) error {
	p, id := principal(r), chi.URLParam(r, "id")
	q, err := s.store.Query(r.Context(), p, id)
	if err != nil {
		return err
	}
	var body queryBody
	if err := decodeJSON(w, r, &body); err != nil {
		return err
	}
	if body.SQLContent != nil {
		if err := checkText(*body.SQLContent); err != nil {
			return err
		}
	}
	if body.SourceID != nil {
		if _, err := s.store.Source(r.Context(), p, *body.SourceID); err != nil {
			return unknownSource(err)
		}
		q.SourceID = *body.SourceID
	}
	if body.Name != nil {
		q.Name = *body.Name
	}
	if body.Folder != nil {
		q.Folder = *body.Folder
	}
	if _, err := s.store.UpdateQuery(r.Context(), p, q); err != nil {
		return err
	}
	if body.SQLContent != nil {
		if _, _, err := s.store.SaveVersion(r.Context(), p, id, *body.SQLContent, domain.TriggerManual, ""); err != nil {
			return err
		}
	}
	if q, err = s.store.Query(r.Context(), p, id); err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, newQueryJSON(q))
}

func (s *Server) apiDeleteQuery(w http.ResponseWriter, r *http.Request) error {
	if err := s.store.DeleteQuery(r.Context(), principal(r), chi.URLParam(r, "id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) apiVersions(w http.ResponseWriter, r *http.Request) error {
	versions, err := s.store.Versions(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	type versionJSON struct {
		Number    int       `json:"version_number"`
		SQL       string    `json:"sql_content"`
		CreatedBy string    `json:"created_by"`
		CreatedAt time.Time `json:"created_at"`
		Trigger   string    `json:"trigger"`
		Message   string    `json:"message"`
	}
	list := make([]versionJSON, len(versions))
	for i, v := range versions {
		list[i] = versionJSON{v.Number, v.SQL, v.Author, v.CreatedAt, v.Trigger, v.Message}
	}
	return s.json(w, r, http.StatusOK, map[string]any{"versions": list})
}

// numberParam reads a bounded number from the query string.
func numberParam(r *http.Request, name string, missing, low, high int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return missing, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, badRequest{domain.FieldError(name, "%s must be a number from %d to %d.", name, low, high)}
	}
	return n, nil
}

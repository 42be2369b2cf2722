package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"dribble/domain"
	"dribble/engine"
)

// maxCompletion bounds the columns that an editor loads; beyond it tables come
// without their columns.
const maxCompletion = 60_000

type completionJSON struct {
	Dialect       string                `json:"dialect"`
	DefaultSchema string                `json:"default_schema"`
	Schemas       []completionNamespace `json:"schemas"`
	Truncated     bool                  `json:"truncated"`
}

type completionNamespace struct {
	Name   string            `json:"name"`
	Tables []completionTable `json:"tables"`
}

type completionTable struct {
	Name    string             `json:"name"`
	Kind    string             `json:"kind"`
	Columns []completionColumn `json:"columns"`
}

type completionColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// showCompletion answers the names that the editor completes from.
func (s *Server) showCompletion(w http.ResponseWriter, r *http.Request) error {
	src, err := s.store.Source(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	schema, err := s.catalogue(r.Context(), src, false)
	if err != nil {
		return databaseError(err)
	}
	body, err := json.Marshal(s.completion(src, schema))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Set("ETag", tag)
	if strings.Contains(r.Header.Get("If-None-Match"), tag) { // also in a list, or made weak by a proxy
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	_, err = w.Write(body)
	return err
}

func (s *Server) completion(src domain.Source, schema engine.Schema) completionJSON {
	out := completionJSON{Dialect: src.Engine, DefaultSchema: s.defaultSchema(src, schema), Schemas: []completionNamespace{}}
	columns := 0
	for _, ns := range schema.Schemas {
		n := completionNamespace{Name: ns.Name, Tables: make([]completionTable, len(ns.Tables))}
		for i, t := range ns.Tables {
			n.Tables[i] = completionTable{Name: t.Name, Kind: t.Kind, Columns: []completionColumn{}}
			if columns += len(t.Columns); columns > maxCompletion {
				out.Truncated = true
				continue
			}
			for _, c := range t.Columns {
				n.Tables[i].Columns = append(n.Tables[i].Columns, completionColumn{c.Name, c.Type})
			}
		}
		out.Schemas = append(out.Schemas, n)
	}
	return out
}

// defaultSchema is where unqualified names of a source are looked for.
func (s *Server) defaultSchema(src domain.Source, schema engine.Schema) string {
	if spec, ok := engine.Find(s.engines, src.Engine); ok && spec.DefaultSchema != "" {
		return spec.DefaultSchema
	}
	return schema.Database
}

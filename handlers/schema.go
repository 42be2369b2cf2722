package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"dribble/domain"
	"dribble/engine"
)

// schemaTTL is how long a source's catalogue is kept; Refresh reads it anew.
const schemaTTL = 10 * time.Minute

// schemaTimeout bounds reading a catalogue, the start of a worker included.
const schemaTimeout = 60 * time.Second

// schemaKey names a source's catalogue in its present configuration.
func schemaKey(src domain.Source) string {
	return "schema:" + src.ID + ":" + strconv.Itoa(src.Revision)
}

// catalogue returns a source's whole catalogue with columns, from the cache
// unless refresh is set. All who ask for one that is being read wait for the same
// answer. When ctx ends the reading goes on, and the next page finds it in the cache.
func (s *Server) catalogue(ctx context.Context, src domain.Source, refresh bool) (engine.Schema, error) {
	key := schemaKey(src)
	if refresh {
		s.reading.Forget(key) // what began before may be older than what refresh is for
	} else if text, ok := s.cache.Get(ctx, key); ok {
		var schema engine.Schema
		if json.Unmarshal(text, &schema) == nil {
			return schema, nil
		}
	}
	answer := s.reading.DoChan(key, func() (any, error) { return s.readCatalogue(context.WithoutCancel(ctx), src) })
	select {
	case a := <-answer:
		schema, _ := a.Val.(engine.Schema)
		return schema, a.Err
	case <-ctx.Done():
		return engine.Schema{}, ctx.Err()
	}
}

func (s *Server) readCatalogue(ctx context.Context, src domain.Source) (engine.Schema, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, schemaTimeout,
		domain.Errorf(domain.Unavailable, "%s did not tell its schema within %s. Try again.", src.Name, schemaTimeout))
	defer cancel()
	schema, err := s.workers.Schema(ctx, src, engine.SchemaRequest{Columns: true})
	if err != nil {
		return schema, err
	}
	if text, err := json.Marshal(schema); err == nil {
		s.cache.Set(ctx, schemaKey(src), text, schemaTTL)
	}
	return schema, nil
}

func (s *Server) apiSchema(w http.ResponseWriter, r *http.Request) error {
	src, err := s.store.Source(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	schema, err := s.catalogue(r.Context(), src, r.URL.Query().Get("refresh") == "1")
	if err != nil {
		return databaseError(err)
	}
	if match := r.URL.Query().Get("match"); match != "" {
		schema = matching(schema, match)
	}
	return s.json(w, r, http.StatusOK, schemaJSON(schema))
}

// matching keeps the tables whose name, or one of whose columns' names, contains
// match without regard to case.
func matching(schema engine.Schema, match string) engine.Schema {
	match = strings.ToLower(match)
	out := engine.Schema{Database: schema.Database, Schemas: []engine.Namespace{}}
	for _, ns := range schema.Schemas {
		kept := engine.Namespace{Name: ns.Name, Tables: []engine.Table{}}
		for _, t := range ns.Tables {
			if strings.Contains(strings.ToLower(t.Name), match) || strings.Contains(strings.ToLower(ns.Name+"."+t.Name), match) || hasColumn(t, match) {
				kept.Tables = append(kept.Tables, t)
			}
		}
		if len(kept.Tables) > 0 {
			out.Schemas = append(out.Schemas, kept)
		}
	}
	return out
}

func hasColumn(t engine.Table, match string) bool {
	for _, c := range t.Columns {
		if strings.Contains(strings.ToLower(c.Name), match) {
			return true
		}
	}
	return false
}

type schemasJSON struct {
	Schemas []namespaceJSON `json:"schemas"`
}

type namespaceJSON struct {
	Name   string      `json:"name"`
	Tables []tableJSON `json:"tables"`
}

type tableJSON struct {
	Name         string       `json:"name"`
	Kind         string       `json:"kind"`
	RowsEstimate int64        `json:"rows_estimate"`
	Comment      string       `json:"comment"`
	Columns      []columnJSON `json:"columns"`
}

type columnJSON struct {
	Name       string  `json:"name"`
	Type       string  `json:"type"`
	Nullable   bool    `json:"nullable"`
	Default    *string `json:"default"`
	PrimaryKey bool    `json:"primary_key"`
	References string  `json:"references"`
	Comment    string  `json:"comment"`
}

// schemaJSON is the API's form of a catalogue; every list is there, if empty.
func schemaJSON(schema engine.Schema) schemasJSON {
	out := schemasJSON{Schemas: make([]namespaceJSON, len(schema.Schemas))}
	for i, ns := range schema.Schemas {
		tables := make([]tableJSON, len(ns.Tables))
		for j, t := range ns.Tables {
			columns := make([]columnJSON, len(t.Columns))
			for k, c := range t.Columns {
				columns[k] = columnJSON{c.Name, c.Type, c.Nullable, c.Default, c.PrimaryKey, c.References, c.Comment}
			}
			tables[j] = tableJSON{t.Name, t.Kind, t.RowsEstimate, t.Comment, columns}
		}
		out.Schemas[i] = namespaceJSON{ns.Name, tables}
	}
	return out
}

package handlers_test

import (
	"strings"
	"testing"
)

type savedQuery struct {
	ID, Name     string
	SQL          string `json:"sql_content"`
	SourceID     string `json:"source_id"`
	Folder       string
	VersionCount int `json:"version_count"`
}

type versionList struct {
	Versions []struct {
		Number    int    `json:"version_number"`
		SQL       string `json:"sql_content"`
		CreatedBy string `json:"created_by"`
		Trigger   string
	}
}

func TestQueriesKeepVersions(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bed) {
		src := b.shop(t)
		var q savedQuery
		a := b.must(t, 201, "POST", "/api/v1/queries", object{"name": "Orders", "sql_content": "SELECT 1", "source_id": src, "folder": "Reports"})
		a.decode(t, &q)
		if a.header.Get("Location") != "/api/v1/queries/"+q.ID || q.VersionCount != 1 || q.Folder != "Reports" {
			t.Errorf("made: got %+v at %q", q, a.header.Get("Location"))
		}
		b.must(t, 200, "PATCH", "/api/v1/queries/"+q.ID, object{"sql_content": "SELECT id FROM orders"}).decode(t, &q)
		if q.VersionCount != 2 || q.SQL != "SELECT id FROM orders" || q.Name != "Orders" {
			t.Errorf("after a new text: got %+v", q)
		}
		b.must(t, 200, "PATCH", "/api/v1/queries/"+q.ID, object{"sql_content": "SELECT id FROM orders"}).decode(t, &q)
		if q.VersionCount != 2 {
			t.Errorf("the same text made version %d", q.VersionCount)
		}
		b.must(t, 200, "PATCH", "/api/v1/queries/"+q.ID, object{"name": "All orders", "folder": ""}).decode(t, &q)
		if q.VersionCount != 2 || q.Name != "All orders" || q.Folder != "" {
			t.Errorf("after a new name: got %+v", q)
		}
		var v versionList
		b.get(t, "/api/v1/queries/"+q.ID+"/versions", &v)
		if len(v.Versions) != 2 || v.Versions[0].Number != 2 || v.Versions[1].SQL != "SELECT 1" || v.Versions[0].CreatedBy == "" || v.Versions[0].Trigger != "manual" {
			t.Errorf("versions: got %+v", v)
		}
		var list struct{ Queries []savedQuery }
		b.get(t, "/api/v1/queries", &list)
		if len(list.Queries) != 1 || list.Queries[0].ID != q.ID {
			t.Errorf("list: got %+v", list)
		}
		b.get(t, "/api/v1/queries?match=nothing+like+it", &list)
		if len(list.Queries) != 0 {
			t.Errorf("match: got %+v", list)
		}
		r := b.end(t, b.startQuery(t, q.ID))
		if r.QueryID != q.ID || r.Version != 2 || r.RowCount != 4 || r.SourceID != src {
			t.Errorf("run of the query: got %+v", r)
		}
		b.must(t, 204, "DELETE", "/api/v1/queries/"+q.ID, nil)
		for _, path := range []string{"", "/versions"} {
			b.call(t, "GET", "/api/v1/queries/"+q.ID+path, nil).refused(t, 404, "not_found")
		}
		b.get(t, "/api/v1/runs/"+r.ID, &r) // its runs stay
	})
}

func (b *bed) startQuery(t *testing.T, id string) string {
	t.Helper()
	var made struct{ ID string }
	b.must(t, 202, "POST", "/api/v1/runs", object{"query_id": id}).decode(t, &made)
	return made.ID
}

func TestQueriesThatCannotBe(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	whole := func(key string, value any) object {
		o := object{"name": "n", "sql_content": "SELECT 1", "source_id": src}
		o[key] = value
		if value == nil {
			delete(o, key)
		}
		return o
	}
	var made savedQuery
	b.must(t, 201, "POST", "/api/v1/queries", whole("name", "exists")).decode(t, &made)
	for name, tt := range map[string]struct {
		body        object
		status      int
		code, field string
	}{
		"no name":        {whole("name", nil), 422, "invalid", "name"},
		"blank name":     {whole("name", " "), 422, "invalid", "name"},
		"name with NUL":  {whole("name", "a\x00b"), 422, "invalid", "name"},
		"no text":        {whole("sql_content", nil), 422, "invalid", "sql_content"},
		"no source":      {whole("source_id", nil), 422, "invalid", "source_id"},
		"unknown source": {whole("source_id", "nope"), 422, "invalid", "source_id"},
		"text too large": {whole("sql_content", strings.Repeat("x", 1<<20+1)), 413, "too_large", "sql"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if e := b.call(t, "POST", "/api/v1/queries", tt.body).refused(t, tt.status, tt.code); e.Field != tt.field {
				t.Errorf("POST: field %q, want %q (%s)", e.Field, tt.field, e.Message)
			}
			key := tt.field
			if key == "sql" {
				key = "sql_content"
			}
			if value, ok := tt.body[key]; ok {
				b.call(t, "PATCH", "/api/v1/queries/"+made.ID, object{key: value}).refused(t, tt.status, tt.code)
			}
		})
	}
}

package handlers_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dribble/internal/testenv"
)

// onBoth runs a test with the metadata in SQLite and in PostgreSQL.
func onBoth(t *testing.T, f func(t *testing.T, b *bed)) {
	t.Helper()
	for name, o := range map[string]options{"SQLite": {}, "PostgreSQL": {postgresMeta: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, newBed(t, o))
		})
	}
}

func TestEnginesAreListed(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	var list struct {
		Engines []struct {
			Name, Title string
			Fields      []struct {
				Name, Label, Kind, Default string
				Required, Secret           bool
			}
		}
	}
	b.get(t, "/api/v1/engines", &list)
	got := map[string]string{}
	for _, e := range list.Engines {
		for _, f := range e.Fields {
			got[e.Name] += f.Name + " "
			if f.Secret != (f.Name == "password" || f.Name == "sslkey") {
				t.Errorf("%s.%s: secret is %v", e.Name, f.Name, f.Secret)
			}
		}
	}
	const server = "host port database user password sslmode "
	if len(list.Engines) != 3 || !strings.HasPrefix(got["postgres"], server) || !strings.HasPrefix(got["mysql"], server) || got["sqlite"] != "path " {
		t.Errorf("got %v", got)
	}
}

// source is an answered source.
type source struct {
	ID, Name, Engine, State string
	Fields                  map[string]string
	ReadOnly                bool `json:"read_only"`
	Production              bool
	RowLimit                int   `json:"row_limit"`
	TimeoutMS               int64 `json:"timeout_ms"`
	CacheTTLS               int64 `json:"cache_ttl_s"`
}

func TestSourcesAreMadeChangedAndDeleted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bed) {
		path := shopFile(t)
		a := b.must(t, 201, "POST", "/api/v1/sources", object{
			"name": "Shop", "engine": "sqlite", "fields": object{"path": path}, "read_only": true, "production": true,
		})
		var made, seen source
		a.decode(t, &made)
		if got := a.header.Get("Location"); got != "/api/v1/sources/"+made.ID {
			t.Errorf("Location: got %q", got)
		}
		b.get(t, "/api/v1/sources/"+made.ID, &seen)
		if seen.Name != "Shop" || seen.Fields["path"] != path || !seen.ReadOnly || !seen.Production || seen.State == "" {
			t.Errorf("got %+v", seen)
		}
		var list struct{ Sources []source }
		b.get(t, "/api/v1/sources", &list)
		if len(list.Sources) != 1 || list.Sources[0].ID != made.ID {
			t.Errorf("list: got %+v", list)
		}
		b.must(t, 200, "PATCH", "/api/v1/sources/"+made.ID, object{"name": "Shop 2", "read_only": false, "row_limit": 7, "timeout_ms": 9000, "cache_ttl_s": 60}).decode(t, &seen)
		if seen.Name != "Shop 2" || seen.ReadOnly || !seen.Production || seen.RowLimit != 7 || seen.TimeoutMS != 9000 || seen.CacheTTLS != 60 || seen.Fields["path"] != path {
			t.Errorf("after PATCH: got %+v", seen)
		}
		if r := b.succeeded(t, made.ID, "SELECT id FROM orders"); r.RowCount != 4 {
			t.Errorf("rows of the changed source: got %d", r.RowCount)
		}
		b.get(t, "/api/v1/sources/"+made.ID, &seen)
		if seen.State != "ready" {
			t.Errorf("state after a run: got %q, want ready", seen.State)
		}
		if got := b.must(t, 204, "DELETE", "/api/v1/sources/"+made.ID, nil); len(got.body) != 0 {
			t.Errorf("DELETE answered %q", got.body)
		}
		for _, method := range []string{"GET", "DELETE"} {
			b.call(t, method, "/api/v1/sources/"+made.ID, nil).refused(t, 404, "not_found")
		}
		b.call(t, "POST", "/api/v1/runs", object{"source_id": made.ID, "sql": "SELECT 1"}).refused(t, 404, "not_found")
	})
}

func TestSourcesThatCannotBe(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	b.shop(t, object{"name": "Taken"})
	fields := object{"path": filepath.Join(t.TempDir(), "x.db")}
	for name, tt := range map[string]struct {
		body        object
		status      int
		code, field string
	}{
		"no name":              {object{"engine": "sqlite", "fields": fields}, 422, "invalid", "name"},
		"blank name":           {object{"name": "  ", "engine": "sqlite", "fields": fields}, 422, "invalid", "name"},
		"long name":            {object{"name": strings.Repeat("é", 256), "engine": "sqlite", "fields": fields}, 422, "invalid", "name"},
		"taken name":           {object{"name": "taken", "engine": "sqlite", "fields": fields}, 409, "conflict", "name"},
		"no engine":            {object{"name": "n", "fields": fields}, 422, "invalid", "engine"},
		"unknown engine":       {object{"name": "n", "engine": "oracle", "fields": fields}, 422, "invalid", "engine"},
		"no fields":            {object{"name": "n", "engine": "sqlite"}, 422, "invalid", "path"},
		"field of nobody":      {object{"name": "n", "engine": "sqlite", "fields": object{"path": "/x", "dsn": "a"}}, 422, "invalid", "dsn"},
		"hostile option name":  {object{"name": "n", "engine": "mysql", "fields": object{"host": "h", "user": "u", "allowAllFiles": "true"}}, 422, "invalid", "allowAllFiles"},
		"port too high":        {object{"name": "n", "engine": "postgres", "fields": object{"host": "h", "port": "70000", "database": "d", "user": "u"}}, 422, "invalid", "port"},
		"port is a word":       {object{"name": "n", "engine": "postgres", "fields": object{"host": "h", "port": "five", "database": "d", "user": "u"}}, 422, "invalid", "port"},
		"host of two lines":    {object{"name": "n", "engine": "postgres", "fields": object{"host": "h\nx", "database": "d", "user": "u"}}, 422, "invalid", "host"},
		"unknown sslmode":      {object{"name": "n", "engine": "postgres", "fields": object{"host": "h", "database": "d", "user": "u", "sslmode": "maybe"}}, 422, "invalid", "sslmode"},
		"row limit below 0":    {object{"name": "n", "engine": "sqlite", "fields": fields, "row_limit": -1}, 422, "invalid", "row_limit"},
		"row limit too high":   {object{"name": "n", "engine": "sqlite", "fields": fields, "row_limit": 5_000_001}, 422, "invalid", "row_limit"},
		"time limit too long":  {object{"name": "n", "engine": "sqlite", "fields": fields, "timeout_ms": 1 << 40}, 422, "invalid", "timeout_ms"},
		"cache time too long":  {object{"name": "n", "engine": "sqlite", "fields": fields, "cache_ttl_s": 1 << 30}, 422, "invalid", "cache_ttl_s"},
		"cache time below 0":   {object{"name": "n", "engine": "sqlite", "fields": fields, "cache_ttl_s": -5}, 422, "invalid", "cache_ttl_s"},
		"huge overflowing TTL": {object{"name": "n", "engine": "sqlite", "fields": fields, "cache_ttl_s": int64(1) << 62}, 422, "invalid", "cache_ttl_s"},
		"overflowing timeout":  {object{"name": "n", "engine": "sqlite", "fields": fields, "timeout_ms": int64(1) << 62}, 422, "invalid", "timeout_ms"},
		"name is a number":     {object{"name": 5, "engine": "sqlite", "fields": fields}, 400, "invalid", "name"},
		"field is a list":      {object{"name": "n", "engine": "postgres", "fields": object{"port": []int{5432}}}, 400, "invalid", "port"},
		"field is null":        {object{"name": "n", "engine": "postgres", "fields": object{"host": nil}}, 400, "invalid", "host"},
		"fields are a list":    {object{"name": "n", "engine": "postgres", "fields": []string{"host"}}, 400, "invalid", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := b.call(t, "POST", "/api/v1/sources", tt.body).refused(t, tt.status, tt.code)
			if e.Field != tt.field {
				t.Errorf("field: got %q, want %q (%s)", e.Field, tt.field, e.Message)
			}
		})
	}
	id := b.shop(t)
	if e := b.call(t, "PATCH", "/api/v1/sources/"+id, object{"engine": "mysql"}).refused(t, 422, "invalid"); e.Field != "engine" {
		t.Errorf("PATCH of the engine: %+v", e)
	}
	if e := b.call(t, "PATCH", "/api/v1/sources/"+id, object{"name": "TAKEN"}).refused(t, 409, "conflict"); e.Field != "name" {
		t.Errorf("PATCH to a taken name: %+v", e)
	}
}

// TestFieldsMayBeNumbers sends a port as programs are wont to.
func TestFieldsMayBeNumbers(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	var made source
	b.must(t, 201, "POST", "/api/v1/sources", object{"name": "n", "engine": "postgres", "fields": object{"host": "h", "port": 6543, "database": "d", "user": "u"}}).decode(t, &made)
	if made.Fields["port"] != "6543" {
		t.Errorf("port: got %q", made.Fields["port"])
	}
	r := b.succeeded(t, b.shop(t), "SELECT {{n}} || '', {{x}} || '', {{yes}} || ''", object{"params": object{"n": 12.50, "x": "12.50", "yes": true}})
	if got := b.rows(t, r.ID, "").String(); got != "12.5|12.50|true" {
		t.Errorf("params: got %q", got)
	}
}

// TestOwnFilesAreNoSources keeps the metadata and the keys out of reach of SQL.
func TestOwnFilesAreNoSources(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{private: true})
	meta, shop := filepath.Join(b.dir, "meta.db"), b.shop(t)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(meta, link); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "folder")
	if err := os.Symlink(b.dir, folder); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{meta, link, filepath.Join(folder, "meta.db"), filepath.Join(b.dir, "results", "..", "meta.db"), b.dir + "//./meta.db", filepath.Join(b.dir, "new.db"), filepath.Join(folder, "new.db")} {
		fields := object{"path": path}
		for call, a := range map[string]answer{
			"POST":  b.call(t, "POST", "/api/v1/sources", object{"name": path, "engine": "sqlite", "fields": fields}),
			"PATCH": b.call(t, "PATCH", "/api/v1/sources/"+shop, object{"fields": fields}),
			"test":  b.call(t, "POST", "/api/v1/sources/test", object{"engine": "sqlite", "fields": fields}),
		} {
			if e := a.refused(t, 422, "invalid"); e.Field != "path" {
				t.Errorf("%s of %s: got %+v", call, path, e)
			}
		}
		form := url.Values{"engine": {"sqlite"}, "name": {"x"}, "field.path": {path}}
		if p := b.submit(t, "/sources", form); p.status != 422 {
			t.Errorf("the form with %s: got %d", path, p.status)
		}
	}
}

// TestSecretsNeverComeBack looks for a password in every answer, page and log
// line after it has been given to the server in all ways there are.
func TestSecretsNeverComeBack(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	s := testenv.Postgres(t).NewDatabase(t)
	const secret = "Zk4-wrong-secret-9q"
	fields := s.Fields("disable")
	fields["password"] = secret
	id := b.addSource(t, "postgres", fields, object{"name": "Wrong password"})
	answers := map[string]answer{
		"GET source":  b.call(t, "GET", "/api/v1/sources/"+id, nil),
		"GET sources": b.call(t, "GET", "/api/v1/sources", nil),
		"PATCH":       b.call(t, "PATCH", "/api/v1/sources/"+id, object{"fields": object{"password": secret}}),
		"test":        b.call(t, "POST", "/api/v1/sources/test", object{"engine": "postgres", "fields": fields}),
		"schema":      b.call(t, "GET", "/api/v1/sources/"+id+"/schema", nil),
		"bad fields":  b.call(t, "POST", "/api/v1/sources", object{"name": "x", "engine": "postgres", "fields": object{"password": secret}}),
		"bad JSON":    b.call(t, "POST", "/api/v1/sources", `{"fields":{"password":"`+secret+`"},"x":1}`),
		"edit page":   b.call(t, "GET", "/sources/"+id+"/edit", nil),
		"browse page": b.call(t, "GET", "/sources/"+id, nil),
	}
	r := b.ended(t, id, "SELECT 1")
	if r.Status != "error" {
		t.Errorf("a run with a wrong password: got %s", r.Status)
	}
	answers["run"] = b.call(t, "GET", "/api/v1/runs/"+r.ID, nil)
	for name, a := range answers {
		if strings.Contains(string(a.body), secret) {
			t.Errorf("%s gives the password back", name)
		}
	}
	var seen source
	answers["GET source"].decode(t, &seen)
	if _, ok := seen.Fields["password"]; ok || seen.Fields["user"] != s.User {
		t.Errorf("fields: got %v", seen.Fields)
	}
	if strings.Contains(b.log.String(), secret) {
		t.Error("the password is in the log")
	}
	b.must(t, 200, "PATCH", "/api/v1/sources/"+id, object{"fields": object{"password": s.Password}})
	b.succeeded(t, id, "SELECT 1") // the changed password reaches the worker
	b.must(t, 200, "PATCH", "/api/v1/sources/"+id, object{"name": "Right password"})
	b.succeeded(t, id, "SELECT 1") // and a change of the name keeps it
}

func TestConnectionsAreTested(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	pg, maria := testenv.Postgres(t), testenv.MariaDB(t)
	with := func(fields map[string]string, key, value string) map[string]string {
		fields[key] = value
		return fields
	}
	for name, tt := range map[string]struct {
		engine, want, field string
		fields              map[string]string
	}{
		"PostgreSQL":     {engine: "postgres", fields: pg.Fields("require"), want: "PostgreSQL"},
		"MariaDB":        {engine: "mysql", fields: maria.Fields("require"), want: "MariaDB"},
		"SQLite":         {engine: "sqlite", fields: map[string]string{"path": shopFile(t)}, want: "SQLite"},
		"wrong password": {engine: "postgres", fields: with(pg.Fields("disable"), "password", "no"), field: "password"},
		"wrong database": {engine: "postgres", fields: with(pg.Fields("disable"), "database", "nowhere"), field: "database"},
		"closed port":    {engine: "mysql", fields: with(maria.Fields("disable"), "port", "1"), field: "port"},
		"no such file":   {engine: "sqlite", fields: map[string]string{"path": "/nowhere/x.db"}, field: "path"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := b.call(t, http.MethodPost, "/api/v1/sources/test", object{"engine": tt.engine, "fields": tt.fields})
			if tt.want == "" {
				e := a.refused(t, 422, "invalid")
				if e.Hint == "" || (e.Field != tt.field && e.Field != "") {
					t.Errorf("got %+v, want a hint and the field %s", e, tt.field)
				}
				return
			}
			var ok struct {
				OK      bool
				Version string `json:"server_version"`
				MS      int
			}
			a.decode(t, &ok)
			if a.status != 200 || !ok.OK || !strings.Contains(ok.Version, tt.want) {
				t.Errorf("got %d %s, want %s", a.status, a.body, tt.want)
			}
		})
	}
}

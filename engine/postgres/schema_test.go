package postgres_test

import (
	"testing"
	"time"

	"dribble/engine"
	"dribble/internal/testenv"
)

func TestSchemaKinds(t *testing.T) {
	t.Parallel()
	db := openDB(t, testenv.Postgres(t).NewDatabase(t).Fields("disable"), nil)
	s := newSession(t, db)
	for _, text := range []string{
		"CREATE SCHEMA sales",
		"CREATE TABLE sales.plain (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, price numeric(10,2), " +
			"twice numeric GENERATED ALWAYS AS (price * 2) STORED, tags text[], \"Odd Name\" int DEFAULT 1 + 1)",
		"CREATE VIEW sales.seen AS SELECT * FROM sales.plain",
		"CREATE MATERIALIZED VIEW sales.kept AS SELECT 1 AS a",
		"CREATE TABLE sales.parted (k int, v int, PRIMARY KEY (k, v)) PARTITION BY RANGE (k)",
		"CREATE TABLE sales.parted_1 PARTITION OF sales.parted FOR VALUES FROM (0) TO (100)",
		"INSERT INTO sales.parted SELECT n % 100, n FROM generate_series(1, 1000) n",
		"CREATE TABLE sales.child (k int, v int, FOREIGN KEY (k, v) REFERENCES sales.parted (k, v))",
		"CREATE EXTENSION IF NOT EXISTS file_fdw",
		"CREATE SERVER files FOREIGN DATA WRAPPER file_fdw",
		"CREATE FOREIGN TABLE sales.outside (a text) SERVER files OPTIONS (filename '/etc/hostname')",
		"CREATE INDEX plain_odd ON sales.plain USING btree (lower(tags[1]), price DESC)",
		"CREATE PROCEDURE sales.proc(a int) LANGUAGE sql AS 'SELECT 1'",
		"CREATE AGGREGATE sales.total(int) (sfunc = int4pl, stype = int, initcond = '0')",
		"ANALYZE",
	} {
		run(t, s, text)
	}
	got, err := db.Schema(t.Context(), engine.SchemaRequest{Columns: true, Routines: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Schemas) != 2 || got.Schemas[0].Name != "public" || got.Schemas[1].Name != "sales" {
		t.Fatalf("got schemas %+v, want public (empty, but there) and sales", got.Schemas)
	}
	sales := got.Schemas[1]
	kinds := map[string]engine.Table{}
	for _, table := range sales.Tables {
		kinds[table.Name] = table
	}
	for name, want := range map[string]string{
		"plain": engine.TableBase, "seen": engine.TableView, "kept": engine.TableMatView, "parted": engine.TablePartBase,
		"outside": engine.TableForeign, "child": engine.TableBase,
	} {
		if kinds[name].Kind != want {
			t.Errorf("%s: got kind %q, want %q", name, kinds[name].Kind, want)
		}
	}
	if _, listed := kinds["parted_1"]; listed {
		t.Error("the tree lists a partition beside its table")
	}
	if rows := kinds["parted"].RowsEstimate; rows != 1000 {
		t.Errorf("partitioned table: got %d rows, want 1000", rows)
	}
	plain := kinds["plain"].Columns
	if len(plain) != 5 || *plain[0].Default != "generated always as identity" || plain[1].Type != "numeric(10,2)" ||
		*plain[2].Default != "generated always as ((price * (2)::numeric))" || plain[3].Type != "text[]" || plain[4].Name != "Odd Name" {
		t.Errorf("got columns %+v", plain)
	}
	if child := kinds["child"].Columns; len(child) != 2 || child[1].References != "sales.parted.v" {
		t.Errorf("got columns %+v, want a reference to sales.parted.v", child)
	}
	routines := map[string]string{}
	for _, r := range sales.Routines {
		routines[r.Name] = r.Kind
	}
	if routines["proc"] != "procedure" || routines["total"] != "aggregate" {
		t.Errorf("got routines %+v", routines)
	}
	one, err := db.Schema(t.Context(), engine.SchemaRequest{Schema: "sales", Table: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	indexes := one.Schemas[0].Tables[0].Indexes
	if len(indexes) != 2 || !indexes[0].Primary || len(indexes[1].Columns) != 2 || indexes[1].Columns[0] != "lower(tags[1])" ||
		indexes[1].Method != "btree" {
		t.Errorf("got indexes %+v", indexes)
	}
	if part, err := db.Schema(t.Context(), engine.SchemaRequest{Schema: "sales", Table: "parted_1"}); err != nil ||
		len(part.Schemas[0].Tables) != 1 {
		t.Errorf("a partition by name: got %+v, %v", part, err)
	}
}

// TestSchemaOfManyTables keeps the tree of a large database quick.
func TestSchemaOfManyTables(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: makes 10,000 tables")
	}
	db := openDB(t, testenv.Postgres(t).NewDatabase(t).Fields("disable"), nil)
	s := newSession(t, db)
	for range 10 { // in portions: each table holds a lock until its transaction ends
		run(t, s, `DO $$ DECLARE first int := (SELECT count(*) FROM pg_tables WHERE schemaname = 'public'); BEGIN
			FOR i IN first + 1 .. first + 1000 LOOP
				EXECUTE format('CREATE TABLE t%s (id int, name varchar(20), at timestamptz)', i);
			END LOOP; END $$`)
	}
	for _, tt := range []struct {
		name  string
		req   engine.SchemaRequest
		bound time.Duration
	}{
		{"tree", engine.SchemaRequest{}, time.Second},
		{"with columns", engine.SchemaRequest{Columns: true}, 3 * time.Second},
		{"one table", engine.SchemaRequest{Schema: "public", Table: "t77"}, 500 * time.Millisecond},
	} {
		var best time.Duration
		for i := range 3 {
			began := time.Now()
			got, err := db.Schema(t.Context(), tt.req)
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); i == 0 || took < best {
				best = took
			}
			if n := len(got.Schemas[0].Tables); tt.req.Table == "" && n != 10000 {
				t.Errorf("%s: got %d tables, want 10000", tt.name, n)
			}
		}
		t.Logf("%s: %v", tt.name, best.Round(time.Millisecond))
		if best > tt.bound {
			t.Errorf("%s took %v, want at most %v", tt.name, best, tt.bound)
		}
	}
}

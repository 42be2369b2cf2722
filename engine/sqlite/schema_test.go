package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dribble/engine"
	"dribble/result"
)

func TestSchema(t *testing.T) {
	t.Parallel()
	path := newFile(t,
		`CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, country TEXT DEFAULT 'NL')`,
		`CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers, total REAL, note TEXT,
			doubled REAL GENERATED ALWAYS AS (total * 2))`,
		`CREATE TABLE lines (order_id INTEGER REFERENCES orders (id), line INTEGER, PRIMARY KEY (order_id, line)) WITHOUT ROWID`,
		`CREATE INDEX orders_note ON orders (lower(note), total, substr(note, 1, 2) DESC) WHERE total > 0`,
		`CREATE VIEW big AS SELECT id, total FROM orders WHERE total > 100`,
		`CREATE VIEW gone AS SELECT 1 AS one`,
		`CREATE VIRTUAL TABLE notes USING fts5(body)`,
		`INSERT INTO customers (email) VALUES ('a'), ('b')`,
		`ANALYZE`,
		`DROP VIEW gone`,
	)
	db := openFile(t, path, true)
	ctx := context.Background()

	list, err := db.Schema(ctx, engine.SchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Schemas) != 1 || list.Schemas[0].Name != "main" || list.Database != "test.db" {
		t.Fatalf("schema = %+v", list)
	}
	want := map[string]string{"customers": "table", "orders": "table", "lines": "table", "big": "view", "notes": "table"}
	for _, table := range list.Schemas[0].Tables {
		if want[table.Name] != table.Kind || len(table.Columns) != 0 {
			t.Errorf("table %+v, want kind %q and no columns", table, want[table.Name])
		}
		if rows := map[string]int64{"customers": 2}[table.Name]; rows != 0 && table.RowsEstimate != rows {
			t.Errorf("%s: %d rows, want %d", table.Name, table.RowsEstimate, rows)
		}
		delete(want, table.Name)
	}
	if len(want) != 0 {
		t.Errorf("missing: %v", want)
	}

	orders := oneTable(t, db, "orders")
	columns := map[string]engine.Column{}
	for _, c := range orders.Columns {
		columns[c.Name] = c
	}
	if c := columns["id"]; !c.PrimaryKey || c.Nullable || c.Kind != result.KindInteger {
		t.Errorf("id = %+v", c)
	}
	if c := columns["customer_id"]; c.References != "main.customers.id" || c.Nullable || c.PrimaryKey {
		t.Errorf("customer_id = %+v", c)
	}
	if c, ok := columns["doubled"]; !ok || c.Type != "REAL" || !c.Nullable {
		t.Errorf("generated column = %+v", c)
	}
	if len(orders.Indexes) != 1 || fmt.Sprint(orders.Indexes[0].Columns) != "[lower(note) total substr(note, 1, 2) DESC]" || orders.Indexes[0].Unique {
		t.Errorf("indexes of orders = %+v", orders.Indexes)
	}
	customers := oneTable(t, db, "CUSTOMERS")
	if d := customers.Columns[2].Default; d == nil || *d != "'NL'" {
		t.Errorf("default of country = %v", d)
	}
	if len(customers.Indexes) != 1 || !customers.Indexes[0].Unique || customers.Indexes[0].Primary {
		t.Errorf("indexes of customers = %+v", customers.Indexes)
	}
	lines := oneTable(t, db, "lines")
	if len(lines.Indexes) != 1 || !lines.Indexes[0].Primary || lines.Columns[1].Nullable || lines.Columns[0].References != "main.orders.id" {
		t.Errorf("lines = %+v", lines)
	}
	if view := oneTable(t, db, "big"); len(view.Columns) != 2 || view.Kind != engine.TableView || view.RowsEstimate != -1 {
		t.Errorf("view = %+v", view)
	}
	if other, err := db.Schema(ctx, engine.SchemaRequest{Schema: "elsewhere"}); err != nil || len(other.Schemas) != 0 {
		t.Errorf("another schema = %+v, %v", other, err)
	}
}

func oneTable(t *testing.T, db engine.DB, name string) engine.Table {
	t.Helper()
	got, err := db.Schema(context.Background(), engine.SchemaRequest{Schema: "main", Table: name, Columns: true})
	if err != nil || len(got.Schemas) != 1 || len(got.Schemas[0].Tables) != 1 {
		t.Fatalf("%s: %+v, %v", name, got, err)
	}
	return got.Schemas[0].Tables[0]
}

func TestSchemaSurvivesBrokenViews(t *testing.T) {
	t.Parallel()
	path := newFile(t, "CREATE TABLE t (x)", "PRAGMA legacy_alter_table = 1", "CREATE VIEW v AS SELECT x FROM t", "DROP TABLE t", "CREATE TABLE u (y)")
	got, err := openFile(t, path, true).Schema(context.Background(), engine.SchemaRequest{Columns: true})
	if err != nil {
		t.Fatal(err)
	}
	if tables := got.Schemas[0].Tables; len(tables) != 2 || len(tables[0].Columns) != 1 || tables[1].Name != "v" || len(tables[1].Columns) != 0 {
		t.Errorf("tables = %+v", tables)
	}
}

func TestSchemaOfManyTables(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wide.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	db := openFile(t, path, false)
	s := newSession(t, db)
	mustRun(t, s, "PRAGMA synchronous = OFF")
	mustRun(t, s, "BEGIN")
	for i := range 2_000 {
		mustRun(t, s, fmt.Sprintf("CREATE TABLE t%05d (id INTEGER PRIMARY KEY, name TEXT, made DATE)", i))
	}
	mustRun(t, s, "COMMIT")
	for _, columns := range []bool{false, true} {
		began := time.Now()
		got, err := db.Schema(context.Background(), engine.SchemaRequest{Columns: columns})
		if err != nil || len(got.Schemas[0].Tables) != 2_000 {
			t.Fatalf("error %v", err)
		}
		t.Logf("2,000 tables, columns %v: %s", columns, time.Since(began).Round(time.Millisecond))
	}
}

func TestIndexExpression(t *testing.T) {
	t.Parallel()
	tests := []struct {
		create string
		i      int
		want   string
	}{
		{"CREATE INDEX i ON t (lower(a))", 0, "lower(a)"},
		{"CREATE INDEX i ON t (a, lower(b, ','), c)", 1, "lower(b, ',')"},
		{`CREATE INDEX "odd ( name" ON [t (x] (a, "b,""c", d||')')`, 2, "d||')'"},
		{"CREATE INDEX i ON t (a)", 3, "(expression)"},
		{"CREATE INDEX i ON t (a", 0, "(expression)"},
		{"", 0, "(expression)"},
		{")", 0, "(expression)"},
	}
	for _, tt := range tests {
		if got := indexExpression(tt.create, tt.i); got != tt.want {
			t.Errorf("%s, key %d = %q, want %q", tt.create, tt.i, got, tt.want)
		}
	}
}

package sqlite

import (
	"context"
	_ "embed" // the catalogue queries
	"path/filepath"
	"strconv"
	"strings"

	"dribble/engine"
)

//go:embed introspect/tables.sql
var tablesSQL string

//go:embed introspect/columns.sql
var columnsSQL string

//go:embed introspect/foreign_keys.sql
var foreignKeysSQL string

//go:embed introspect/indexes.sql
var indexesSQL string

//go:embed introspect/estimates.sql
var estimatesSQL string

// Schema reads the catalogue. Row counts are those of the last ANALYZE, -1
// where there was none.
func (d *database) Schema(ctx context.Context, req engine.SchemaRequest) (engine.Schema, error) {
	out := engine.Schema{Database: filepath.Base(d.path), Schemas: []engine.Namespace{}}
	if req.Schema != "" && !strings.EqualFold(req.Schema, mainSchema) {
		return out, nil
	}
	err := d.once(ctx, func(c *conn) error {
		tables, err := c.tables(req)
		out.Schemas = append(out.Schemas, engine.Namespace{Name: mainSchema, Tables: tables})
		return err
	})
	switch {
	case err == nil:
		return out, nil
	case ctx.Err() != nil:
		return engine.Schema{}, err
	}
	return engine.Schema{}, connectionError(d.path, err)
}

func (c *conn) tables(req engine.SchemaRequest) ([]engine.Table, error) {
	rowsOf, err := c.estimates()
	if err != nil {
		return nil, err
	}
	tables := []engine.Table{}
	err = c.query(tablesSQL, []*string{&req.Table}, func(cells [][]byte) {
		t := engine.Table{Name: text(cells[0]), Kind: engine.TableBase, RowsEstimate: -1}
		if string(cells[1]) == "view" {
			t.Kind = engine.TableView
		}
		if n, ok := rowsOf[t.Name]; ok {
			t.RowsEstimate = n
		}
		tables = append(tables, t)
	})
	if err != nil {
		return nil, err
	}
	for i := range tables {
		if !req.Columns && req.Table == "" {
			break
		}
		t := &tables[i]
		if err := c.describe(t); err != nil {
			return nil, err
		}
		if req.Table == "" || t.Kind == engine.TableView {
			continue
		}
		if t.Indexes, err = c.indexes(t.Name); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// describe fills in a relation's columns. A view whose query no longer works
// has none.
func (c *conn) describe(t *engine.Table) error {
	keys := 0
	err := c.query(columnsSQL, []*string{&t.Name}, func(cells [][]byte) {
		col := engine.Column{
			Name:       text(cells[0]),
			Type:       text(cells[1]),
			Kind:       kindOf(string(cells[1])),
			Nullable:   string(cells[2]) == "0",
			PrimaryKey: string(cells[4]) != "0",
		}
		if cells[3] != nil {
			value := text(cells[3])
			col.Default = &value
		}
		if col.PrimaryKey {
			keys++
		}
		t.Columns = append(t.Columns, col)
	})
	if t.Kind == engine.TableView {
		return c.ignoreBroken(err)
	}
	if err != nil {
		return err
	}
	for i := range t.Columns {
		// An INTEGER PRIMARY KEY is the row's number and never NULL, though
		// SQLite does not mark it so.
		if col := &t.Columns[i]; keys == 1 && col.PrimaryKey && strings.EqualFold(col.Type, "integer") {
			col.Nullable = false
		}
	}
	return c.references(t)
}

// ignoreBroken drops the error of a view that refers to something missing, but
// not that of a cancelled look or a damaged file.
func (c *conn) ignoreBroken(err error) error {
	if e, ok := sqlError(err); ok && isCode(e.Code, "SQLITE_ERROR") {
		return nil
	}
	return err
}

func (c *conn) references(t *engine.Table) error {
	return c.query(foreignKeysSQL, []*string{&t.Name}, func(cells [][]byte) {
		for i := range t.Columns {
			if col := &t.Columns[i]; strings.EqualFold(col.Name, string(cells[0])) && col.References == "" {
				col.References = mainSchema + "." + text(cells[1]) + "." + text(cells[2])
			}
		}
	})
}

func (c *conn) indexes(table string) ([]engine.Index, error) {
	var list []engine.Index
	err := c.query(indexesSQL, []*string{&table}, func(cells [][]byte) {
		name := text(cells[0])
		if len(list) == 0 || list[len(list)-1].Name != name {
			list = append(list, engine.Index{Name: name, Unique: string(cells[1]) == "1", Primary: string(cells[2]) == "1", Method: "btree"})
		}
		index := &list[len(list)-1]
		column := text(cells[3])
		if cells[3] == nil {
			column = indexExpression(string(cells[4]), len(index.Columns))
		}
		index.Columns = append(index.Columns, column)
	})
	return list, err
}

// estimates gives rows by table name. The statistics table is made by ANALYZE.
func (c *conn) estimates() (map[string]int64, error) {
	found := false
	err := c.query("SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_stat1'", nil, func([][]byte) { found = true })
	if err != nil || !found {
		return nil, err
	}
	rowsOf := map[string]int64{}
	err = c.query(estimatesSQL, nil, func(cells [][]byte) {
		if n, err := strconv.ParseInt(string(cells[1]), 10, 64); err == nil {
			rowsOf[text(cells[0])] = n
		}
	})
	return rowsOf, err
}

// text copies a cell.
func text(cell []byte) string { return string(cell) }

package mysql

import (
	"context"
	"time"

	"dribble/engine"
)

// schemaWithin bounds one reading of the catalogue.
const schemaWithin = time.Minute

// Schema reads the catalogue. The connected database comes first.
func (d *database) Schema(ctx context.Context, req engine.SchemaRequest) (engine.Schema, error) {
	s, err := d.session(ctx)
	if err != nil {
		return engine.Schema{}, err
	}
	defer func() { _ = s.Close() }()
	w := s.wire
	if err := w.conn.SetDeadline(time.Now().Add(schemaWithin)); err != nil {
		return engine.Schema{}, w.fail(err)
	}
	// The catalogue's own queries are short; ending the wait for them is enough.
	unwatch := context.AfterFunc(ctx, func() { _ = w.conn.SetDeadline(time.Now()) })
	r := reader{wire: w, req: req}
	r.read()
	if !unwatch() {
		_ = w.fail(context.Canceled)
		return engine.Schema{}, context.Cause(ctx)
	}
	if r.err != nil {
		return engine.Schema{}, d.statementError(r.err, "", "")
	}
	if err := w.conn.SetDeadline(time.Time{}); err != nil {
		return engine.Schema{}, w.fail(err)
	}
	return engine.Schema{Database: d.database, Schemas: r.schemas}, nil
}

// reader collects a catalogue. After the first error its methods do nothing.
type reader struct {
	wire    *wire
	req     engine.SchemaRequest
	err     error
	schemas []engine.Namespace
	bySpace map[string]int      // index in schemas
	byTable map[place]tablePath // tables read so far
}

// place names a table or routine.
type place struct{ schema, name string }

// tablePath is where a table stands in reader.schemas.
type tablePath struct{ space, table int }

func (r *reader) read() {
	r.readSchemas()
	r.readTables()
	if r.req.Columns || r.req.Table != "" {
		r.readColumns()
		r.readReferences()
	}
	if r.req.Table != "" {
		r.readIndexes()
	}
	if r.req.Routines {
		r.readRoutines()
	}
}

// rows asks a query of the catalogue, limited to what the request wants.
// schemaColumn and nameColumn are compared with the request's names; nameColumn
// may be "".
func (r *reader) rows(query, schemaColumn, nameColumn string) keeper {
	if r.err != nil {
		return keeper{}
	}
	query = embedded(query)
	var args []string
	if r.req.Schema == "" {
		query += schemaColumn + " NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')"
	} else {
		query += schemaColumn + " = ?"
		args = append(args, r.req.Schema)
	}
	if r.req.Table != "" && nameColumn != "" {
		query += " AND " + nameColumn + " = ?"
		args = append(args, r.req.Table)
	}
	var k keeper
	k, r.err = r.wire.askNamed(query, args...)
	return k
}

func (r *reader) readSchemas() {
	rows, err := r.wire.ask(embedded("schemas.sql"), r.req.Schema, r.req.Schema)
	r.err = err
	r.bySpace = make(map[string]int, len(rows))
	for _, row := range rows {
		r.bySpace[row[0].text] = len(r.schemas)
		r.schemas = append(r.schemas, engine.Namespace{Name: row[0].text, Tables: []engine.Table{}})
	}
}

func (r *reader) readTables() {
	k := r.rows("tables.sql", "TABLE_SCHEMA", "TABLE_NAME")
	r.byTable = make(map[place]tablePath, len(k.rows))
	for _, row := range k.rows {
		space, ok := r.bySpace[row[0].text]
		if !ok {
			continue
		}
		tables := &r.schemas[space].Tables
		r.byTable[place{row[0].text, row[1].text}] = tablePath{space, len(*tables)}
		t := engine.Table{Name: row[1].text, Kind: tableKind(row[2].text, row[5].text != "0"), RowsEstimate: count(row[3])}
		if t.Kind != engine.TableView {
			// A view's comment is the word VIEW, or what is wrong with it.
			t.Comment = row[4].text
		}
		*tables = append(*tables, t)
	}
}

func tableKind(kind string, isPartitioned bool) string {
	switch {
	case kind == "VIEW":
		return engine.TableView
	case kind == "SYSTEM VIEW":
		return engine.TableSystem
	case isPartitioned:
		return engine.TablePartBase
	}
	return engine.TableBase
}

// table finds a table read before; nil if it is not wanted.
func (r *reader) table(schema, name field) *engine.Table {
	path, ok := r.byTable[place{schema.text, name.text}]
	if !ok {
		return nil
	}
	return &r.schemas[path.space].Tables[path.table]
}

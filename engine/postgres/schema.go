package postgres

import (
	"context"
	_ "embed"
	"errors"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"dribble/engine"
)

//go:embed introspect/schemas.sql
var schemasSQL string

//go:embed introspect/relations.sql
var relationsSQL string

//go:embed introspect/columns.sql
var columnsSQL string

//go:embed introspect/indexes.sql
var indexesSQL string

//go:embed introspect/routines.sql
var routinesSQL string

// Schema reads the catalogue with a fixed number of questions, however many
// tables there are.
func (db *database) Schema(ctx context.Context, req engine.SchemaRequest) (engine.Schema, error) {
	r := &catalogue{req: req, spaces: map[string]int{}, tables: map[string]place{}}
	r.out.Database = db.set.database
	err := db.side.do(ctx, func(c *conn) error { return r.read(ctx, c) })
	if err == nil {
		return r.out, nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return engine.Schema{}, cause
	}
	var e *pgconn.PgError
	if errors.As(err, &e) {
		err = db.set.statementError(err, "")
	}
	return engine.Schema{}, err
}

// place is where a relation stands in the answer.
type place struct{ space, table int }

// catalogue is an answer in the making.
type catalogue struct {
	req    engine.SchemaRequest
	out    engine.Schema
	spaces map[string]int   // by schema name
	tables map[string]place // by OID
}

func (r *catalogue) read(ctx context.Context, c *conn) error {
	r.out.Schemas = []engine.Namespace{}
	if err := c.query(ctx, r.addSchema, schemasSQL, r.req.Schema); err != nil {
		return err
	}
	if err := c.query(ctx, r.addTable, relationsSQL, r.req.Schema, r.req.Table); err != nil {
		return err
	}
	if r.req.Columns || r.req.Table != "" {
		if err := c.query(ctx, r.addColumn, columnsSQL, r.req.Schema, r.req.Table); err != nil {
			return err
		}
	}
	if r.req.Table != "" {
		if err := c.query(ctx, r.addIndexColumn, indexesSQL, r.req.Schema, r.req.Table); err != nil {
			return err
		}
	}
	if r.req.Routines && r.req.Table == "" {
		return c.query(ctx, r.addRoutine, routinesSQL, r.req.Schema)
	}
	return nil
}

func (r *catalogue) addSchema(cells [][]byte) error {
	name := string(cells[0])
	r.spaces[name] = len(r.out.Schemas)
	r.out.Schemas = append(r.out.Schemas, engine.Namespace{Name: name, Tables: []engine.Table{}})
	return nil
}

func (r *catalogue) addTable(cells [][]byte) error {
	at, ok := r.spaces[string(cells[0])]
	if !ok {
		return nil // made since the schemas were listed
	}
	rows, err := strconv.ParseInt(string(cells[4]), 10, 64)
	if err != nil {
		return err
	}
	space := &r.out.Schemas[at]
	r.tables[string(cells[1])] = place{at, len(space.Tables)}
	space.Tables = append(space.Tables, engine.Table{
		Name: string(cells[2]), Kind: tableKind(cells[3]), RowsEstimate: rows, Comment: string(cells[5]),
	})
	return nil
}

// table finds a relation by OID; nil if it is not in the answer.
func (r *catalogue) table(oid []byte) *engine.Table {
	at, ok := r.tables[string(oid)]
	if !ok {
		return nil
	}
	return &r.out.Schemas[at.space].Tables[at.table]
}

func (r *catalogue) addColumn(cells [][]byte) error {
	t := r.table(cells[0])
	if t == nil {
		return nil
	}
	col := engine.Column{
		Name: string(cells[1]), Type: string(cells[2]), Kind: kindOf(string(cells[3]), string(cells[4])),
		Nullable: isTrue(cells[5]), PrimaryKey: isTrue(cells[7]), References: string(cells[8]), Comment: string(cells[9]),
	}
	if cells[6] != nil {
		def := string(cells[6])
		col.Default = &def
	}
	t.Columns = append(t.Columns, col)
	return nil
}

// addIndexColumn gets one row for each column of each index, in order.
func (r *catalogue) addIndexColumn(cells [][]byte) error {
	t := r.table(cells[0])
	if t == nil {
		return nil
	}
	name := string(cells[1])
	if n := len(t.Indexes); n == 0 || t.Indexes[n-1].Name != name {
		t.Indexes = append(t.Indexes, engine.Index{
			Name: name, Unique: isTrue(cells[3]), Primary: isTrue(cells[4]), Method: string(cells[5]),
		})
	}
	index := &t.Indexes[len(t.Indexes)-1]
	index.Columns = append(index.Columns, string(cells[2]))
	return nil
}

func (r *catalogue) addRoutine(cells [][]byte) error {
	at, ok := r.spaces[string(cells[0])]
	if !ok {
		return nil
	}
	space := &r.out.Schemas[at]
	space.Routines = append(space.Routines, engine.Routine{
		Name: string(cells[1]), Kind: string(cells[2]), Arguments: string(cells[3]), Returns: string(cells[4]),
		Comment: string(cells[5]),
	})
	return nil
}

func isTrue(cell []byte) bool { return string(cell) == "t" }

// tableKind translates pg_class.relkind.
func tableKind(relkind []byte) string {
	switch string(relkind) {
	case "v":
		return engine.TableView
	case "m":
		return engine.TableMatView
	case "f":
		return engine.TableForeign
	case "p":
		return engine.TablePartBase
	default:
		return engine.TableBase
	}
}

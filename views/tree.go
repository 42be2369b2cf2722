package views

import (
	"net/url"
	"strconv"

	"dribble/domain"
	"dribble/engine"
)

// treePage is how many tables a schema shows at a time.
const treePage = 500

// SourceItem is a source in the tree.
type SourceItem struct {
	Source   domain.Source
	State    domain.WorkerState
	Open     bool
	Children []TreeRow // what is known of its schema; nil if it is read when opened
}

// Kinds of tree rows. The last four are notes that take the place of rows.
const (
	RowSchema  = "schema"
	RowTable   = "table"
	RowView    = "view"
	RowColumn  = "column"
	RowLoading = "loading"
	RowEmpty   = "empty"
	RowError   = "error"
	RowMore    = "more"
)

// TreeRow is a row of the schema tree with the rows below it.
type TreeRow struct {
	Kind     string
	Level    int // 1 is a source
	SourceID string
	Schema   string
	Table    string
	Name     string
	Meta     string // type or row count
	Title    string // tooltip
	Icon     string
	Open     bool
	Leaf     bool
	Src      string // where the rows below come from, if Children is nil
	Children []TreeRow
}

// SchemaRows are the rows below a source. The schema that people most likely want
// is open: the only one, or the engine's default one.
func SchemaRows(sourceID string, schema engine.Schema, defaultSchema string) []TreeRow {
	if len(schema.Schemas) == 0 {
		return []TreeRow{{Kind: RowEmpty, Level: 2, Name: "No tables you can read"}}
	}
	rows := make([]TreeRow, len(schema.Schemas))
	for i, ns := range schema.Schemas {
		row := TreeRow{
			Kind: RowSchema, Level: 2, SourceID: sourceID, Schema: ns.Name, Name: ns.Name, Icon: "layers",
			Src: treeURL(sourceID, ns.Name, "", 3, 0),
		}
		if len(schema.Schemas) == 1 || ns.Name == defaultSchema || (defaultSchema == "" && ns.Name == schema.Database) {
			row.Open = true
			row.Children = TableRows(sourceID, ns, 0)
		}
		rows[i] = row
	}
	return rows
}

// TableRows are the rows below a schema from offset on, at most 500 and a row that
// shows more.
func TableRows(sourceID string, ns engine.Namespace, offset int) []TreeRow {
	if len(ns.Tables) == 0 {
		return []TreeRow{{Kind: RowEmpty, Level: 3, Name: "No tables you can read"}}
	}
	offset = min(max(offset, 0), len(ns.Tables))
	end := min(offset+treePage, len(ns.Tables))
	rows := make([]TreeRow, 0, end-offset+1)
	for _, t := range ns.Tables[offset:end] {
		row := TreeRow{
			Kind: RowTable, Level: 3, SourceID: sourceID, Schema: ns.Name, Table: t.Name, Name: t.Name, Title: t.Comment,
			Icon: "table-2", Src: treeURL(sourceID, ns.Name, t.Name, 4, 0),
		}
		if t.Kind == engine.TableView || t.Kind == engine.TableMatView {
			row.Kind, row.Icon, row.Meta = RowView, "eye", "view"
		} else if t.RowsEstimate >= 0 {
			row.Meta = ShortCount(t.RowsEstimate)
		}
		rows = append(rows, row)
	}
	if rest := len(ns.Tables) - end; rest > 0 {
		rows = append(rows, TreeRow{
			Kind: RowMore, Level: 3, SourceID: sourceID, Schema: ns.Name, Name: "Show " + Count(int64(min(rest, treePage))) + " more",
			Src: treeURL(sourceID, ns.Name, "", 3, end),
		})
	}
	return rows
}

// ColumnRows are the rows below a table.
func ColumnRows(sourceID, schema string, t engine.Table) []TreeRow {
	if len(t.Columns) == 0 {
		return []TreeRow{{Kind: RowEmpty, Level: 4, Name: "No columns you can read"}}
	}
	rows := make([]TreeRow, len(t.Columns))
	for i, c := range t.Columns {
		rows[i] = TreeRow{
			Kind: RowColumn, Level: 4, SourceID: sourceID, Schema: schema, Table: t.Name, Name: c.Name,
			Meta: shortType(c.Type), Title: columnTitle(c), Icon: columnIcon(c), Leaf: true,
		}
	}
	return rows
}

// MatchRows are the rows below a source when the sidebar is searched: schema holds
// only what matched, and all of it is open down to the tables.
func MatchRows(sourceID string, schema engine.Schema) []TreeRow {
	rows := make([]TreeRow, len(schema.Schemas))
	for i, ns := range schema.Schemas {
		rows[i] = TreeRow{
			Kind: RowSchema, Level: 2, SourceID: sourceID, Schema: ns.Name, Name: ns.Name, Icon: "layers", Open: true,
			Children: TableRows(sourceID, ns, 0),
		}
	}
	return rows
}

// ErrorRows stand for rows that could not be read; Retry asks src again.
func ErrorRows(sourceID, message, src string, level int) []TreeRow {
	return []TreeRow{{Kind: RowError, Level: level, SourceID: sourceID, Name: message, Src: src}}
}

func treeURL(sourceID, schema, table string, level, offset int) string {
	q := url.Values{"level": {strconv.Itoa(level)}}
	if schema != "" || level > 2 {
		q.Set("schema", schema)
	}
	if table != "" {
		q.Set("table", table)
	}
	if offset > 0 {
		q.Set("offset", strconv.Itoa(offset))
	}
	return "/sources/" + sourceID + "/tree?" + q.Encode()
}

func browseURL(sourceID, schema, table string) string {
	q := url.Values{}
	if schema != "" {
		q.Set("schema", schema)
	}
	if table != "" {
		q.Set("table", table)
	}
	if len(q) == 0 {
		return "/sources/" + sourceID
	}
	return "/sources/" + sourceID + "?" + q.Encode()
}

func (r TreeRow) note() bool {
	switch r.Kind {
	case RowLoading, RowEmpty, RowError, RowMore:
		return true
	}
	return false
}

func (r TreeRow) href() string { return browseURL(r.SourceID, r.Schema, r.Table) }

func (r TreeRow) dataID() string { return r.SourceID + "/" + r.Schema + "/" + r.Table + "/" + r.Name }

func columnIcon(c engine.Column) string {
	switch {
	case c.PrimaryKey:
		return "key-round"
	case c.References != "":
		return "link-2"
	}
	return kindIcon(c.Kind)
}

func columnTitle(c engine.Column) string {
	text := c.Name + " " + c.Type
	if !c.Nullable {
		text += ", not null"
	}
	if c.PrimaryKey {
		text += ", primary key"
	}
	if c.References != "" {
		text += ", refers to " + c.References
	}
	if c.Comment != "" {
		text += ". " + c.Comment
	}
	return text
}

// shortType shortens the standard's long type names.
func shortType(name string) string {
	switch name {
	case "timestamp with time zone":
		return "timestamptz"
	case "timestamp without time zone":
		return "timestamp"
	case "bigint":
		return "int8"
	case "integer":
		return "int4"
	case "smallint":
		return "int2"
	case "boolean":
		return "bool"
	case "double precision":
		return "float8"
	}
	const long = "character varying"
	if len(name) >= len(long) && name[:len(long)] == long {
		return "varchar" + name[len(long):]
	}
	return name
}

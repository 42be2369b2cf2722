package engine

import "dribble/result"

// SchemaRequest says how much of the catalogue to read.
type SchemaRequest struct {
	// Schema limits the answer to one schema; "" means all that the account
	// may see, the database's own system schemas left out.
	Schema string `json:"schema,omitempty"`
	// Table limits the answer to one table or view of Schema, with its
	// columns, indexes and constraints in full.
	Table string `json:"table,omitempty"`
	// Columns asks for the columns of every relation too.
	Columns bool `json:"columns,omitempty"`
	// Routines asks for functions and procedures too.
	Routines bool `json:"routines,omitempty"`
}

// Schema is a database's catalogue as the account sees it.
type Schema struct {
	Database string      `json:"database,omitempty"` // name of the connected database
	Schemas  []Namespace `json:"schemas"`
}

// Namespace is one schema (PostgreSQL), database (MySQL) or attached file (SQLite).
type Namespace struct {
	Name     string    `json:"name"`
	Tables   []Table   `json:"tables"`
	Routines []Routine `json:"routines,omitempty"`
}

// Kinds of relations.
const (
	TableBase     = "table"
	TableView     = "view"
	TableMatView  = "materialized_view"
	TableForeign  = "foreign_table"
	TablePartBase = "partitioned_table"
	TableSystem   = "system_table"
)

// Table is a table, view or other relation.
type Table struct {
	Name         string   `json:"name"`
	Kind         string   `json:"kind"`
	RowsEstimate int64    `json:"rows_estimate"` // -1 if unknown
	Comment      string   `json:"comment,omitempty"`
	Columns      []Column `json:"columns,omitempty"`
	Indexes      []Index  `json:"indexes,omitempty"`
}

// Column is a column of a relation.
type Column struct {
	Name       string      `json:"name"`
	Type       string      `json:"type"` // as the database spells it in full: "character varying(20)"
	Kind       result.Kind `json:"kind"`
	Nullable   bool        `json:"nullable"`
	Default    *string     `json:"default"` // expression text; nil if none
	PrimaryKey bool        `json:"primary_key"`
	References string      `json:"references,omitempty"` // "schema.table.column" of a foreign key
	Comment    string      `json:"comment,omitempty"`
}

// Index is an index of a table.
type Index struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"` // column names or expressions
	Unique  bool     `json:"unique"`
	Primary bool     `json:"primary"`
	Method  string   `json:"method,omitempty"`
}

// Routine is a function or procedure.
type Routine struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"` // function, procedure, aggregate, window
	Arguments string `json:"arguments,omitempty"`
	Returns   string `json:"returns,omitempty"`
	Comment   string `json:"comment,omitempty"`
}

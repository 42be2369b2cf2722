package enginetest

import (
	"slices"
	"strings"
	"testing"

	"dribble/engine"
)

func schemaCases() []kase {
	return []kase{
		{"the tree lists relations cheaply", schemaTree},
		{"columns of all relations", schemaColumns},
		{"one table in full", schemaTable},
		{"comments", schemaComments},
		{"routines", schemaRoutines},
		{"an unknown schema or table is empty", schemaUnknown},
		{"a key column is marked", keyColumn},
	}
}

// catalogue makes the fixture's tables once and returns the database.
func catalogue(t *testing.T, f Fixture) engine.DB {
	t.Helper()
	db, _ := open(t, f, nil)
	inSession(t, db, func(s engine.Session) {
		if _, err := s.Exec(bounded(t), statement("SELECT id FROM book"), &recorder{}); err != nil {
			execAll(t, s, f.Schema.Setup...)
		}
	})
	return db
}

func read(t *testing.T, db engine.DB, req engine.SchemaRequest) engine.Schema {
	t.Helper()
	got, err := db.Schema(t.Context(), req)
	if err != nil {
		t.Fatalf("schema %+v: %v", req, err)
	}
	return got
}

// table finds a relation of the answer; the test ends if it is not there.
func table(t *testing.T, f Fixture, got engine.Schema, name string) engine.Table {
	t.Helper()
	for _, space := range got.Schemas {
		if space.Name != f.Schema.Schema {
			continue
		}
		for _, tab := range space.Tables {
			if tab.Name == name {
				return tab
			}
		}
	}
	t.Fatalf("no relation %s.%s in the answer", f.Schema.Schema, name)
	return engine.Table{}
}

func column(t *testing.T, tab engine.Table, name string) engine.Column {
	t.Helper()
	for _, c := range tab.Columns {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("%s has no column %s in the answer", tab.Name, name)
	return engine.Column{}
}

func schemaTree(t *testing.T, f Fixture) {
	got := read(t, catalogue(t, f), engine.SchemaRequest{})
	book, shelf := table(t, f, got, "book"), table(t, f, got, "shelf")
	if book.Kind != engine.TableBase || shelf.Kind != engine.TableView {
		t.Errorf("got kinds %q and %q, want %q and %q", book.Kind, shelf.Kind, engine.TableBase, engine.TableView)
	}
	if len(book.Columns) != 0 || len(book.Indexes) != 0 {
		t.Errorf("the tree carries %d columns and %d indexes nobody asked for", len(book.Columns), len(book.Indexes))
	}
	if shelf.RowsEstimate != -1 {
		t.Errorf("got %d rows for a view, want -1", shelf.RowsEstimate)
	}
	for _, space := range got.Schemas {
		if slices.Contains([]string{"pg_catalog", "information_schema", "mysql", "performance_schema", "sys"}, space.Name) {
			t.Errorf("the tree lists the system's schema %s", space.Name)
		}
	}
}

func schemaColumns(t *testing.T, f Fixture) {
	got := read(t, catalogue(t, f), engine.SchemaRequest{Schema: f.Schema.Schema, Columns: true})
	if len(got.Schemas) != 1 {
		t.Fatalf("got %d schemas, want the one asked for", len(got.Schemas))
	}
	book, author := table(t, f, got, "book"), table(t, f, got, "author")
	names := make([]string, len(book.Columns))
	for i, c := range book.Columns {
		names[i] = c.Name
	}
	if want := []string{"id", "author_id", "title", "isbn"}; !slices.Equal(names, want) {
		t.Errorf("got columns %q, want %q", names, want)
	}
	id := column(t, book, "id")
	if !id.PrimaryKey || id.Type != f.Schema.IDType || !id.Kind.Numeric() {
		t.Errorf("got book.id %+v, want a primary key of type %q", id, f.Schema.IDType)
	}
	if c := column(t, book, "author_id"); !strings.HasSuffix(c.References, "author.id") || c.PrimaryKey {
		t.Errorf("got book.author_id %+v, want a reference to author.id", c)
	}
	if c := column(t, book, "title"); c.Default == nil || !strings.Contains(*c.Default, "Untitled") {
		t.Errorf("got book.title %+v, want a default with Untitled", c)
	}
	if c := column(t, author, "name"); c.Nullable || c.Default != nil {
		t.Errorf("got author.name %+v, want NOT NULL and no default", c)
	}
	if c := column(t, book, "isbn"); !c.Nullable {
		t.Errorf("got book.isbn %+v, want it nullable", c)
	}
	if shelf := table(t, f, got, "shelf"); len(shelf.Columns) == 0 {
		t.Error("the view has no columns")
	}
}

func schemaTable(t *testing.T, f Fixture) {
	got := read(t, catalogue(t, f), engine.SchemaRequest{Schema: f.Schema.Schema, Table: "book"})
	if len(got.Schemas) != 1 || len(got.Schemas[0].Tables) != 1 {
		t.Fatalf("got %+v, want one table", got)
	}
	book := table(t, f, got, "book")
	if len(book.Columns) != 4 {
		t.Errorf("got %d columns, want 4", len(book.Columns))
	}
	var isbn, primary bool
	for _, index := range book.Indexes {
		if index.Name == "book_isbn" && index.Unique && !index.Primary && slices.Equal(index.Columns, []string{"isbn"}) {
			isbn = true
		}
		if index.Primary && slices.Equal(index.Columns, []string{"id"}) {
			primary = true
		}
	}
	if !isbn {
		t.Errorf("got indexes %+v, want the unique index book_isbn", book.Indexes)
	}
	if !primary && !column(t, book, "id").PrimaryKey {
		t.Errorf("got indexes %+v, want the primary key on id", book.Indexes)
	}
}

func schemaComments(t *testing.T, f Fixture) {
	if !f.Schema.Comments {
		t.Skip("the database keeps no comments")
	}
	author := table(t, f, read(t, catalogue(t, f), engine.SchemaRequest{Columns: true}), "author")
	if author.Comment != "People who write" {
		t.Errorf("table: got comment %q", author.Comment)
	}
	if got := column(t, author, "name").Comment; got != "As on the cover" {
		t.Errorf("column: got comment %q", got)
	}
}

func schemaRoutines(t *testing.T, f Fixture) {
	if f.Schema.Routine == "" {
		t.Skip("the database keeps no routines")
	}
	db := catalogue(t, f)
	find := func(req engine.SchemaRequest) (found bool) {
		for _, space := range read(t, db, req).Schemas {
			for _, r := range space.Routines {
				found = found || r.Name == f.Schema.Routine && r.Kind == "function" && r.Returns != ""
			}
		}
		return found
	}
	if !find(engine.SchemaRequest{Routines: true}) {
		t.Errorf("function %s is not listed", f.Schema.Routine)
	}
	if find(engine.SchemaRequest{}) {
		t.Error("routines are listed that nobody asked for")
	}
}

func schemaUnknown(t *testing.T, f Fixture) {
	db := catalogue(t, f)
	for _, req := range []engine.SchemaRequest{
		{Schema: "no'such\"schema", Columns: true, Routines: true},
		{Schema: f.Schema.Schema, Table: "no'such\"table`"},
	} {
		for _, space := range read(t, db, req).Schemas {
			if len(space.Tables) > 0 {
				t.Errorf("%+v: got tables %+v, want none", req, space.Tables)
			}
		}
	}
}

func keyColumn(t *testing.T, f Fixture) {
	db := catalogue(t, f)
	s := sessionOf(t, db)
	r := exec(t, s, "SELECT id, author_id, id + 1 AS more FROM book")
	if r.columns[1].Key || r.columns[2].Key {
		t.Errorf("got columns %+v, want no key but id", r.columns)
	}
	if f.Schema.MarksKeys && !r.columns[0].Key {
		t.Errorf("got columns %+v, want id marked as key", r.columns)
	}
}

package mysql

import (
	"slices"
	"strings"

	"dribble/engine"
	"dribble/result"
)

func (r *reader) readColumns() {
	isMariaDB := r.wire.hello.isMariaDB()
	for _, row := range r.rows("columns.sql", "TABLE_SCHEMA", "TABLE_NAME").rows {
		t := r.table(row[0], row[1])
		if t == nil {
			continue
		}
		c := engine.Column{
			Name: row[2].text, Type: row[3].text, Kind: kindOf(row[3].text), Nullable: row[4].text == "YES",
			PrimaryKey: row[6].text == "PRI", Comment: row[8].text,
		}
		c.Default = defaultText(row[5], row[7].text, c, isMariaDB)
		t.Columns = append(t.Columns, c)
	}
}

// defaultText makes a column's default an expression. MariaDB tells it as one;
// MySQL tells a constant bare and marks what is an expression.
func defaultText(value field, extra string, c engine.Column, isMariaDB bool) *string {
	expression := value.text
	switch {
	case value.isNull || isMariaDB && expression == "NULL":
		return nil
	case isMariaDB || strings.Contains(extra, "DEFAULT_GENERATED") || c.Kind.Numeric():
	case c.Kind == result.KindBinary && strings.HasPrefix(expression, "b'"):
	default:
		expression = "'" + strings.ReplaceAll(expression, "'", "''") + "'"
	}
	return &expression
}

func (r *reader) readReferences() {
	for _, row := range r.rows("references.sql", "TABLE_SCHEMA", "TABLE_NAME").rows {
		t := r.table(row[0], row[1])
		if t == nil {
			continue
		}
		i := slices.IndexFunc(t.Columns, func(c engine.Column) bool { return c.Name == row[2].text })
		if i >= 0 {
			t.Columns[i].References = row[3].text + "." + row[4].text + "." + row[5].text
		}
	}
}

// readIndexes reads whatever columns the server's STATISTICS has: MySQL tells
// the expression of an index on one in a column that MariaDB does not have.
func (r *reader) readIndexes() {
	k := r.rows("indexes.sql", "TABLE_SCHEMA", "TABLE_NAME")
	cell := func(row []field, name string) field {
		i := slices.IndexFunc(k.names, func(n string) bool { return strings.EqualFold(n, name) })
		if i < 0 {
			return field{isNull: true}
		}
		return row[i]
	}
	slices.SortFunc(k.rows, func(a, b []field) int {
		if n := strings.Compare(cell(a, "INDEX_NAME").text, cell(b, "INDEX_NAME").text); n != 0 {
			return n
		}
		return int(count(cell(a, "SEQ_IN_INDEX")) - count(cell(b, "SEQ_IN_INDEX")))
	})
	for _, row := range k.rows {
		t := r.table(cell(row, "TABLE_SCHEMA"), cell(row, "TABLE_NAME"))
		if t == nil {
			continue
		}
		name := cell(row, "INDEX_NAME").text
		if n := len(t.Indexes); n == 0 || t.Indexes[n-1].Name != name {
			t.Indexes = append(t.Indexes, engine.Index{
				Name: name, Unique: cell(row, "NON_UNIQUE").text == "0", Primary: name == "PRIMARY",
				Method: strings.ToLower(cell(row, "INDEX_TYPE").text),
			})
		}
		last := &t.Indexes[len(t.Indexes)-1]
		column := cell(row, "COLUMN_NAME")
		if column.isNull {
			column = cell(row, "EXPRESSION")
		}
		last.Columns = append(last.Columns, column.text)
	}
}

package mysql

import "embed"

//go:embed sql/*.sql
var statements embed.FS

// embedded is the text of a query kept in a file of its own.
func embedded(name string) string {
	text, err := statements.ReadFile("sql/" + name)
	if err != nil {
		return ""
	}
	return string(text)
}

// field is one cell of a query that Dribble itself asks.
type field struct {
	text   string
	isNull bool
}

// records runs a statement of Dribble's own and keeps its rows. Not for
// statements of people: nothing can cancel it but a deadline on the connection.
func (w *wire) records(statement string) ([][]field, error) {
	var k keeper
	_, err := w.run(statement, 0, &k)
	return k.rows, err
}

// ask runs a query of Dribble's own with arguments.
func (w *wire) ask(query string, args ...string) ([][]field, error) {
	k, err := w.askNamed(query, args...)
	return k.rows, err
}

// askNamed is ask that keeps the columns' names too.
func (w *wire) askNamed(query string, args ...string) (keeper, error) {
	var k keeper
	list := make([]*string, len(args))
	for i := range args {
		list[i] = &args[i]
	}
	sent, err := bind(query, list, w.status)
	if err != nil {
		return k, err
	}
	_, err = w.run(sent, 0, &k)
	return k, err
}

// keeper keeps rows in memory.
type keeper struct {
	names []string
	rows  [][]field
}

func (k *keeper) columns(defs []definition) error {
	for _, d := range defs {
		k.names = append(k.names, d.name)
	}
	return nil
}

func (k *keeper) row(cells [][]byte) error {
	row := make([]field, len(cells))
	for i, c := range cells {
		row[i] = field{text: string(c), isNull: c == nil}
	}
	k.rows = append(k.rows, row)
	return nil
}

func (*keeper) halt() {}

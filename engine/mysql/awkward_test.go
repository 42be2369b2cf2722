package mysql

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"dribble/domain"
	"dribble/engine"
)

// TestAwkwardResults runs the results that grids tend to choke on.
func TestAwkwardResults(t *testing.T) {
	t.Parallel()
	d := openDB(t, nil)
	s := sessionOf(t, d)
	execAll(t, s, "CREATE TABLE wide_name (`a``b` INT, ` b` INT, `éß` INT)",
		"CREATE PROCEDURE two() BEGIN SELECT 1 AS a; SELECT 2 AS b, 3 AS c; SELECT 'x'; END",
		"CREATE PROCEDURE none() BEGIN DO 0; END",
		"CREATE PROCEDURE fails() BEGIN SELECT 1 AS a; SELECT * FROM missing_table; END")
	many := func(n int) string { return strings.TrimSuffix(strings.Repeat("1,", n), ",") }
	cases := []struct {
		name string
		text string
		want string // columns, then rows
	}{
		{"empty string is not NULL", "SELECT '', NULL", "[, NULL] [, NULL]"},
		{"duplicate names", "SELECT 1 AS a, 2 AS a", "[a, a] [1, 2]"},
		{"empty names", "SELECT 1 AS ``, 2 AS ``", "[, ] [1, 2]"},
		{"zero rows keep columns", "SELECT 1 AS a, 2 AS b FROM dual WHERE 1 = 0", "[a, b]"},
		{"NUL in text", "SELECT 'a\\0b' AS a", "[a] [a\x00b]"},
		{"BOM in text", "SELECT '\ufeffx' AS a", "[a] [\ufeffx]"},
		{"names with quotes", "SELECT * FROM wide_name", "[a`b,  b, éß]"},
		{"division by zero is NULL", "SELECT 1/0 AS a", "[a] [NULL]"},
		{"out of range double", "SELECT 1e308 * -1e0 AS a", "[a] [-1e308]"},
		{"zero date", "SELECT CAST('0000-00-00' AS DATE) AS a", "[a] [0000-00-00]"},
		{"last date", "SELECT DATE '9999-12-31' AS a", "[a] [9999-12-31]"},
		{"first date", "SELECT DATE '0001-01-01' AS a", "[a] [0001-01-01]"},
		{"time beyond a day", "SELECT TIME '838:59:59' AS a", "[a] [838:59:59]"},
		{"negative time", "SELECT TIME '-00:00:01' AS a", "[a] [-00:00:01]"},
		{"biggest unsigned", "SELECT ~0 AS a", "[a] [18446744073709551615]"},
		{"nested json", `SELECT JSON_EXTRACT('{"a": [1, {"b": null}]}', '$') AS a`, `[a] [{"a": [1, {"b": null}]}]`},
		{"bytes that are no UTF-8", "SELECT x'FFFE' AS a", "[a] [0xFFFE]"},
		{"empty bytes", "SELECT x'' AS a", "[a] [0x]"},
		{"comment before", "/* a */ -- b\nSELECT 1 AS a", "[a] [1]"},
		{"executable comment", "SELECT /*!50000 1 + */ 1 AS a", "[a] [2]"},
		{"two results", "CALL two()", "[a] [1]"},
		{"procedure without result", "CALL none()", "[]"},
		{"no result", "SET @a = 1", "[]"},
		{"4096 columns", "SELECT " + many(4096), fmt.Sprintf("[%s] [%s]", strings.TrimSuffix(strings.Repeat("1, ", 4096), ", "), strings.TrimSuffix(strings.Repeat("1, ", 4096), ", "))},
		{"show", "SHOW VARIABLES LIKE 'version_malloc_library_none'", "[Variable_name, Value]"},
	}
	good := 0
	for _, c := range cases {
		if t.Run(c.name, func(t *testing.T) {
			if got := shown(exec(t, s, c.text)); got != c.want {
				t.Errorf("got %.200q, want %.200q", got, c.want)
			}
		}) {
			good++
		}
	}
	fmt.Printf("mysql: bad inputs handled: %d of %d\n", good, len(cases))

	t.Run("long cells", func(t *testing.T) {
		for _, n := range []int{1 << 20, 1<<24 - 10, 1<<24 - 5, 1<<24 - 4, 1 << 24, 1<<24 + 9, 1<<25 - 5, 40 << 20} {
			r := exec(t, s, fmt.Sprintf("SELECT REPEAT('x', %d), 7", n))
			if len(r.rows) != 1 || len(r.rows[0][0]) != n || r.rows[0][1] != "7" {
				t.Errorf("a cell of %d bytes did not survive", n)
			}
		}
	})
	t.Run("procedure that fails midway", func(t *testing.T) {
		if e := sqlError(t, s, "CALL fails()"); e.Code != "1146" {
			t.Errorf("got code %s, want 1146", e.Code)
		}
		exec(t, s, "SELECT 1")
	})
	t.Run("cell bound", func(t *testing.T) {
		for _, n := range []int{101, 5000, 1 << 20, 1 << 25} {
			st := engine.Statement{Text: fmt.Sprintf("SELECT 1, REPEAT('x', %d)", n), MaxCell: 100}
			_, err := s.Exec(context.Background(), st, &recorder{})
			var e *domain.SQLError
			if !errors.As(err, &e) || !strings.Contains(e.Message, "long") {
				t.Errorf("a cell of %d bytes gave %v, want a sentence about its length", n, err)
			}
		}
		exec(t, s, "SELECT 1")
	})
}

func shown(r *recorder) string {
	names := make([]string, 0, len(r.cols))
	for _, c := range r.cols {
		names = append(names, c.Name)
	}
	parts := []string{"[" + strings.Join(names, ", ") + "]"}
	for _, row := range r.rows {
		parts = append(parts, "["+strings.Join(row, ", ")+"]")
	}
	return strings.Join(parts, " ")
}

package mysql

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"dribble/result"
)

// typeCase is a column type with values that are easy to get wrong.
type typeCase struct {
	decl    string // as in CREATE TABLE
	name    string // wanted Column.Type
	kind    result.Kind
	values  []string // SQL literals
	isBytes bool     // shown as 0x…
}

// firsts are the texts of each case's first value, in order; an independent
// check beside the server's own text. "" means the cell is too long to write here.
func firsts() []string {
	return []string{
		"-128", "1", "255", "-32768", "65535", "-8388608", "16777215", "-2147483648", "4294967295", "00000042",
		"-9223372036854775808", "18446744073709551615", "-0.000000000000000000000000000001", "00000001.50",
		"16777200", "1.50", "1000000", "1.500", "0x01", "0x0000000000000005", "0000-00-00", "-838:59:59",
		"-00:00:00.000001", "0000-00-00 00:00:00", "9999-12-31 23:59:59.999999", "1970-01-01 00:00:01",
		"2038-01-19 03:14:07.999", "0000", "(empty)", "(empty)", "ÿé", "Ω", "t", "t", "", "", "0x61000000", "0x", "0x0A",
		"0x00", "", "0xDEADBEEF", "b,c", "x,z", `{"a":  1, "b": "é"}`, "123e4567-e89b-12d3-a456-426655440000",
		"255.0.0.1", "::ffff:10.0.0.1", "0x000000000101000000000000000000F03F00000000000000C0", "", "", "", "", "", "", "",
	}
}

func typeCases() []typeCase {
	long := "REPEAT('é', 100000)"
	return []typeCase{
		{"TINYINT", "tinyint", result.KindInteger, []string{"-128", "127", "0"}, false},
		{"BOOLEAN", "tinyint", result.KindInteger, []string{"TRUE", "FALSE"}, false},
		{"TINYINT UNSIGNED", "tinyint unsigned", result.KindInteger, []string{"255"}, false},
		{"SMALLINT", "smallint", result.KindInteger, []string{"-32768", "32767"}, false},
		{"SMALLINT UNSIGNED", "smallint unsigned", result.KindInteger, []string{"65535"}, false},
		{"MEDIUMINT", "mediumint", result.KindInteger, []string{"-8388608", "8388607"}, false},
		{"MEDIUMINT UNSIGNED", "mediumint unsigned", result.KindInteger, []string{"16777215"}, false},
		{"INT", "int", result.KindInteger, []string{"-2147483648", "2147483647"}, false},
		{"INT UNSIGNED", "int unsigned", result.KindInteger, []string{"4294967295"}, false},
		{"INT(8) ZEROFILL", "int unsigned", result.KindInteger, []string{"42", "0"}, false},
		{"BIGINT", "bigint", result.KindInteger, []string{"-9223372036854775808", "9223372036854775807"}, false},
		{"BIGINT UNSIGNED", "bigint unsigned", result.KindInteger, []string{"18446744073709551615"}, false},
		{"DECIMAL(65,30)", "decimal", result.KindDecimal, []string{"-0.000000000000000000000000000001", "12345678901234567890123456789012345.1"}, false},
		{"DECIMAL(10,2) ZEROFILL", "decimal", result.KindDecimal, []string{"1.5"}, false},
		{"FLOAT", "float", result.KindDecimal, []string{"16777216", "1e-38", "3.4e38", "-0.0"}, false},
		{"FLOAT(7,2)", "float", result.KindDecimal, []string{"1.5", "99999.99"}, false},
		{"DOUBLE", "double", result.KindDecimal, []string{"1000000", "1e15", "1e16", "1e308", "-0.0", "5e-324", "0.1"}, false},
		{"DOUBLE(12,3)", "double", result.KindDecimal, []string{"1.5"}, false},
		{"BIT(1)", "bit", result.KindBinary, []string{"b'1'"}, true},
		{"BIT(64)", "bit", result.KindBinary, []string{"b'101'", "0xFFFFFFFFFFFFFFFF"}, true},
		{"DATE", "date", result.KindDate, []string{"'0000-00-00'", "'9999-12-31'", "'2024-02-29'", "'2024-00-00'"}, false},
		{"TIME", "time", result.KindTime, []string{"'-838:59:59'", "'838:59:59'", "'25:00:00'", "'00:00:00'"}, false},
		{"TIME(6)", "time", result.KindTime, []string{"'-00:00:00.000001'"}, false},
		{"DATETIME", "datetime", result.KindTimestamp, []string{"'0000-00-00 00:00:00'", "'1000-01-01 00:00:00'"}, false},
		{"DATETIME(6)", "datetime", result.KindTimestamp, []string{"'9999-12-31 23:59:59.999999'"}, false},
		{"TIMESTAMP NULL", "timestamp", result.KindTimestamp, []string{"'1970-01-01 00:00:01'", "'0000-00-00 00:00:00'"}, false},
		{"TIMESTAMP(3) NULL", "timestamp", result.KindTimestamp, []string{"'2038-01-19 03:14:07.999'"}, false},
		{"YEAR", "year", result.KindInteger, []string{"0", "1901", "2155"}, false},
		{"CHAR(10)", "char", result.KindText, []string{"''", "'é😀'", "'a  '"}, false},
		{"VARCHAR(300)", "varchar", result.KindText, []string{"''", "'a\\0b\\r\\n\\t'", "'\\'\"\\\\'"}, false},
		{"VARCHAR(10) CHARACTER SET latin1", "varchar", result.KindText, []string{"'ÿé'"}, false},
		{"CHAR(5) CHARACTER SET ucs2", "char", result.KindText, []string{"'Ω'"}, false},
		{"TINYTEXT", "tinytext", result.KindText, []string{"'t'"}, false},
		{"TEXT", "text", result.KindText, []string{"'t'", "REPEAT('x', 65535)"}, false},
		{"MEDIUMTEXT", "mediumtext", result.KindText, []string{long}, false},
		{"LONGTEXT", "longtext", result.KindText, []string{long, "REPEAT('y', 17000000)"}, false},
		{"BINARY(4)", "binary", result.KindBinary, []string{"'a'", "0xFF00"}, true},
		{"VARBINARY(9)", "varbinary", result.KindBinary, []string{"''", "0x00FF"}, true},
		{"TINYBLOB", "tinyblob", result.KindBinary, []string{"0x0A"}, true},
		{"BLOB", "blob", result.KindBinary, []string{"0x00", "''"}, true},
		{"MEDIUMBLOB", "mediumblob", result.KindBinary, []string{"REPEAT(0xFE, 70000)"}, true},
		{"LONGBLOB", "longblob", result.KindBinary, []string{"0xDEADBEEF"}, true},
		{"ENUM('a','b,c','é')", "enum", result.KindText, []string{"'b,c'", "'é'"}, false},
		{"SET('x','y','z')", "set", result.KindText, []string{"'x,z'", "''"}, false},
		{"JSON", "json", result.KindJSON, []string{`'{"a":  1, "b": "é"}'`}, false},
		{"UUID", "uuid", result.KindUUID, []string{"'123e4567-e89b-12d3-a456-426655440000'"}, false},
		{"INET4", "inet4", result.KindText, []string{"'255.0.0.1'"}, false},
		{"INET6", "inet6", result.KindText, []string{"'::ffff:10.0.0.1'"}, false},
		{"POINT", "point", result.KindBinary, []string{"POINT(1,-2)"}, true},
		{"LINESTRING", "linestring", result.KindBinary, []string{"ST_GeomFromText('LINESTRING(0 0,1 1)')"}, true},
		{"POLYGON", "polygon", result.KindBinary, []string{"ST_GeomFromText('POLYGON((0 0,1 1,1 0,0 0))')"}, true},
		{"MULTIPOINT", "multipoint", result.KindBinary, []string{"ST_GeomFromText('MULTIPOINT(0 0)')"}, true},
		{"MULTILINESTRING", "multilinestring", result.KindBinary, []string{"ST_GeomFromText('MULTILINESTRING((0 0,1 1))')"}, true},
		{"MULTIPOLYGON", "multipolygon", result.KindBinary, []string{"ST_GeomFromText('MULTIPOLYGON(((0 0,1 1,1 0,0 0)))')"}, true},
		{"GEOMETRYCOLLECTION", "geometrycollection", result.KindBinary, []string{"ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))')"}, true},
		{"GEOMETRY", "geometry", result.KindBinary, []string{"ST_GeomFromText('POINT(3 4)', 4326)"}, true},
	}
}

// TestTypesSurvive compares each value with the server's own text of it, made by
// the server in the same query.
func TestTypesSurvive(t *testing.T) {
	t.Parallel()
	d := openDB(t, nil)
	s := sessionOf(t, d)
	execAll(t, s, "SET sql_mode = ''")
	cases, good := typeCases(), 0
	for i, c := range cases {
		ok := t.Run(c.decl, func(t *testing.T) {
			table := fmt.Sprintf("v%d", i)
			execAll(t, s, fmt.Sprintf("CREATE TABLE %s (n INT PRIMARY KEY, v %s)", table, c.decl))
			for n, v := range append(c.values, "NULL") {
				execAll(t, s, fmt.Sprintf("INSERT INTO %s VALUES (%d, %s)", table, n, v))
			}
			text := "CAST(v AS CHAR)"
			if c.isBytes {
				text = "CONCAT('0x', HEX(v))"
			}
			if strings.HasPrefix(c.decl, "BIT") {
				bits, _ := strconv.Atoi(strings.Trim(c.decl, "BIT()"))
				text = fmt.Sprintf("CONCAT('0x', LPAD(HEX(v), %d, '0'))", (bits+7)/8*2)
			}
			got := exec(t, s, "SELECT v, "+text+" FROM "+table+" ORDER BY n")
			if got.cols[0].Type != c.name || got.cols[0].Kind != c.kind {
				t.Errorf("column is %s of kind %s, want %s of kind %s", got.cols[0].Type, got.cols[0].Kind, c.name, c.kind)
			}
			if len(got.rows) != len(c.values)+1 {
				t.Fatalf("got %d rows, want %d", len(got.rows), len(c.values)+1)
			}
			for n, row := range got.rows {
				if row[0] != row[1] {
					t.Errorf("row %d: got %.60q, server's text is %.60q", n, row[0], row[1])
				}
			}
		})
		if ok {
			good++
		}
	}
	fmt.Printf("mysql: types compared: %d of %d\n", good, len(cases))
}

// TestFloatsSurvive compares random and awkward numbers with the server's text.
func TestFloatsSurvive(t *testing.T) {
	t.Parallel()
	const perType = 12000
	d := openDB(t, nil)
	s := sessionOf(t, d)
	execAll(t, s, "CREATE TABLE f (n INT PRIMARY KEY, d DOUBLE, f FLOAT)")
	rnd := rand.New(rand.NewPCG(1, 2))
	for from := 0; from < perType; from += 1000 {
		var b strings.Builder
		for n := from; n < from+1000; n++ {
			fmt.Fprintf(&b, ",(%d,%s,%s)", n, doubleAt(rnd, n), floatAt(rnd, n))
		}
		execAll(t, s, "INSERT INTO f VALUES "+b.String()[1:])
	}
	got := exec(t, s, "SELECT d, CONCAT(d), f, CONCAT(f), CAST(d AS CHAR), CAST(f AS CHAR) FROM f")
	same := 0
	for _, r := range got.rows {
		if r[0] != r[1] || r[0] != r[4] {
			t.Errorf("DOUBLE: got %q, server's text is %q and %q", r[0], r[1], r[4])
		}
		if r[2] != r[3] || r[2] != r[5] {
			t.Errorf("FLOAT: got %q, server's text is %q and %q", r[2], r[3], r[5])
		}
		same += 2
	}
	if same != 2*perType {
		t.Errorf("compared %d values, want %d", same, 2*perType)
	}
	fmt.Printf("mysql: floats compared with the server's text: %d\n", same)
}

func doubleAt(rnd *rand.Rand, n int) string {
	edges := []string{"0", "-0.0", "5e-324", "2.2250738585072014e-308", "1.7976931348623157e308", "-1.7976931348623157e308", "1e15", "1e16", "1e-5", "123456789012345680"}
	switch {
	case n < len(edges):
		return edges[n]
	case n < 629:
		return fmt.Sprintf("1e%d", n-320)
	case n < 1500:
		return strconv.Itoa(n * n * n)
	}
	for {
		if f := math.Float64frombits(rnd.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return strconv.FormatFloat(f, 'e', -1, 64)
		}
	}
}

func floatAt(rnd *rand.Rand, n int) string {
	edges := []string{"0", "-0.0", "1.4e-45", "1.17549435e-38", "3.40282346e38", "-3.40282346e38", "16777216", "1e15", "1e-5"}
	switch {
	case n < len(edges):
		return edges[n]
	case n < 90:
		return fmt.Sprintf("1e%d", n-52)
	case n < 1500:
		return strconv.Itoa(n * n)
	}
	for {
		if f := math.Float32frombits(rnd.Uint32()); f == f && !math.IsInf(float64(f), 0) {
			return strconv.FormatFloat(float64(f), 'e', -1, 32)
		}
	}
}

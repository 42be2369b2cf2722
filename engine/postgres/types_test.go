package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dribble/engine/enginetest"
	"dribble/internal/testenv"
	"dribble/result"
)

// samples are one literal for each built-in base type that can have a value in a
// query. Arrays, ranges and multiranges of them are made by types.
func samples() map[string]string {
	return map[string]string{
		"bool": "true", "bytea": `\xdeadbeef00`, "char": "x", "name": "a_name", "int8": "-9223372036854775808",
		"int2": "-32768", "int2vector": "1 2 3", "int4": "2147483647", "text": "größe 💾 \"quoted\"", "oid": "4294967295",
		"tid": "(42,7)", "xid": "77", "cid": "8", "oidvector": "1 2", "json": `{"a": [1, null]}`, "xml": "<a>b</a>",
		"xid8": "18446744073709551615", "point": "(1.5,-2)", "lseg": "[(0,0),(1,1)]", "path": "((0,0),(1,1),(2,0))",
		"box": "(1,1),(0,0)", "polygon": "((0,0),(1,1),(2,0))", "line": "{1,-1,0}", "float4": "1.1754944e-38",
		"float8": "0.1", "circle": "<(1,2),3>", "money": "$12,345.67", "macaddr": "08:00:2b:01:02:03",
		"inet": "192.168.0.1/24", "cidr": "10.0.0.0/8", "macaddr8": "08:00:2b:01:02:03:04:05", "bpchar": "padded  ",
		"varchar": "varying", "date": "2026-11-02", "time": "23:59:59.999999", "timestamp": "2026-11-02 00:05:11.123456",
		"timestamptz": "2026-11-02 00:05:11+00", "interval": "1 year 2 mons 3 days 04:05:06.7", "timetz": "12:34:56+02",
		"bit": "101", "varbit": "10101", "numeric": "123456789012345678901234567890.123456789", "refcursor": "a cursor",
		"uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "pg_lsn": "16/B374D848", "tsvector": "'cat':3 'fat':2A",
		"tsquery": "'fat' & ( 'rat' | 'cat' )", "jsonb": `{"b": 1.50, "a": "ü"}`, "jsonpath": "$.a[*]?(@ > 1)",
		"txid_snapshot": "10:20:10,14,15", "pg_snapshot": "10:20:10,14,15", "aclitem": "dribble_test=r/dribble_test",
		"regclass": "pg_class", "regtype": "integer", "regproc": "now", "regprocedure": "sum(int4)", "regoper": "||/",
		"regoperator": "+(integer,integer)", "regrole": "dribble_test", "regnamespace": "public", "regconfig": "english",
		"regdictionary": "simple", "regcollation": `"C"`,
		"int4range": "[1,5)", "numrange": "(0.5,1.5]", "tsrange": "[2026-01-01,2026-02-01)",
		"tstzrange": "[2026-01-01 00:00+00,)", "daterange": "[2026-01-01,2026-02-01)", "int8range": "(,9223372036854775807)",
		"int4multirange": "{[1,3),[5,7)}", "nummultirange": "{[1.5,2]}", "tsmultirange": "{[2026-01-01,2026-01-02)}",
		"tstzmultirange": "{}", "datemultirange": "{[2026-01-01,2026-01-03)}", "int8multirange": "{[1,2),[4,)}",
		"_text": `{a,"b,c",NULL,""}`, "_int4": "{{1,2},{3,NULL}}", "_numeric": "{1.50,NaN}", "_bool": "{t,f,NULL}",
		"_timestamptz": `{"2026-11-02 00:05:11+00"}`, "_uuid": "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
		"_jsonb": `{"{\"a\": 1}",NULL}`, "_bytea": `{"\\xdead"}`, "_interval": `{"1 day"}`, "_inet": "{10.0.0.1}",
		"_point": `{"(1,2)"}`, "_date": "{infinity,0001-01-01}", "_float8": "{NaN,-0,1e+300}", "_varchar": "{x}",
		"_box": "{(1,1),(0,0);(2,2),(1,1)}", "_int4range": `{"[1,3)",empty}`, "_money": `{"$1.00"}`,
	}
}

// noValues are base types that no query can give a value of.
const noValues = "'cstring', 'gtsvector', 'pg_node_tree', 'pg_ndistinct', 'pg_dependencies', 'pg_mcv_list', 'pg_ddl_command', " +
	"'pg_brin_bloom_summary', 'pg_brin_minmax_multi_summary'"

// types asks the server which built-in types it has and pairs each with the
// server's own text of its sample, got by a cast in a query of its own. It also
// makes one type of each user-defined sort.
func types(t *testing.T, server testenv.Server) []enginetest.TypeCase {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server.ConnString())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, `SELECT t.typname, e.typname FROM pg_type t LEFT JOIN pg_type e ON e.typarray = t.oid
		WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r', 'm')
		AND t.typname NOT IN (`+noValues+`) AND (e.oid IS NULL OR e.typtype IN ('b', 'r', 'm') AND e.typname NOT IN (`+noValues+`))
		ORDER BY t.oid`)
	if err != nil {
		t.Fatal(err)
	}
	type builtin struct{ name, element *string }
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Name, Element *string }])
	if err != nil {
		t.Fatal(err)
	}
	known := samples()
	var cases []enginetest.TypeCase
	for _, f := range found {
		b := builtin{f.Name, f.Element}
		sample, ok := known[*b.name]
		shown := *b.name
		if b.element != nil {
			shown = *b.element + "[]"
			if !ok {
				if _, has := known[*b.element]; !has {
					t.Errorf("type %s has no sample value", *b.element)
					continue
				}
				sample = arrayOf(known[*b.element], *b.element)
			}
		} else if !ok {
			t.Errorf("type %s has no sample value", *b.name)
			continue
		}
		expr := fmt.Sprintf(`'%s'::pg_catalog."%s"`, strings.ReplaceAll(sample, "'", "''"), *b.name)
		var want string
		// Cast to text in the server: what the engine shows must equal it.
		textual := "(" + expr + ")::text"
		if *b.name == "bpchar" || *b.name == "char" {
			textual = "format('%s', " + expr + ")" // the cast of bpchar drops its spaces
		}
		if err := conn.QueryRow(ctx, "SELECT "+textual).Scan(&want); err != nil {
			t.Errorf("%s: %v", *b.name, err)
			continue
		}
		if *b.name == "bool" {
			want = want[:1] // the cast spells out what the output function abbreviates
		}
		cases = append(cases, enginetest.TypeCase{Name: *b.name, Expr: expr, Want: want, Type: shown})
	}
	return append(cases, userTypes()...)
}

func arrayOf(sample, element string) string {
	separator := ","
	if element == "box" {
		separator = ";"
	}
	quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(sample) + `"`
	return "{" + quoted + separator + "NULL" + separator + quoted + "}"
}

func userTypes() []enginetest.TypeCase {
	return []enginetest.TypeCase{
		{Name: "enum", Setup: []string{"CREATE TYPE mood AS ENUM ('sad', 'very happy')"},
			Expr: "'very happy'::mood", Want: "very happy", Type: "mood", Kind: result.KindText},
		{Name: "enum array", Expr: "ARRAY['sad', NULL, 'very happy']::mood[]", Want: `{sad,NULL,"very happy"}`, Type: "mood[]",
			Kind: result.KindArray},
		{Name: "composite type", Setup: []string{"CREATE TYPE spot AS (x int, y text)"},
			Expr: "ROW(1, 'a b')::spot", Want: `(1,"a b")`, Type: "spot", Kind: result.KindOther},
		{Name: "composite array", Expr: "ARRAY[ROW(1, 'a')::spot]", Want: `{"(1,a)"}`, Type: "spot[]", Kind: result.KindArray},
		{Name: "domain", Setup: []string{"CREATE DOMAIN positive AS int CHECK (VALUE > 0)"},
			Expr: "7::positive", Want: "7", Type: "int4", Kind: result.KindInteger},
		{Name: "domain array", Expr: "ARRAY[7]::positive[]", Want: "{7}", Type: "positive[]", Kind: result.KindArray},
		{Name: "range type", Setup: []string{"CREATE TYPE floatrange AS RANGE (subtype = float8)"},
			Expr: "'[1.5,2.5)'::floatrange", Want: "[1.5,2.5)", Type: "floatrange", Kind: result.KindOther},
		{Name: "row of a table", Setup: []string{"CREATE TABLE typed (a int, b text)", "INSERT INTO typed VALUES (1, 'x')"},
			Expr: "SELECT typed FROM typed", Want: "(1,x)", Type: "typed", Kind: result.KindOther},
	}
}

package mysql

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"dribble/engine"
	"dribble/internal/testenv"
	"dribble/result"
)

func TestSchema(t *testing.T) {
	t.Parallel()
	server := testenv.MariaDB(t).NewDatabase(t)
	d := openAt(t, server, nil)
	s := sessionOf(t, d)
	execAll(t, s,
		"CREATE TABLE author (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20) NOT NULL COMMENT 'on the cover') COMMENT 'people'",
		`CREATE TABLE book (id BIGINT, part INT DEFAULT 7, author_id INT UNSIGNED, title VARCHAR(50) DEFAULT 'it''s',
			made TIMESTAMP DEFAULT CURRENT_TIMESTAMP, note JSON, PRIMARY KEY (id, part), UNIQUE KEY by_title (title, made),
			FULLTEXT KEY words (title), FOREIGN KEY (author_id) REFERENCES author (id))`,
		"CREATE VIEW shelf AS SELECT title FROM book", "CREATE SEQUENCE counter",
		"CREATE TABLE parts (a INT) PARTITION BY HASH (a) PARTITIONS 2",
		"CREATE FUNCTION twice(n INT, s VARCHAR(9)) RETURNS INT RETURN n * 2",
		"CREATE PROCEDURE twice(INOUT n INT) COMMENT 'doubles' SET n = n * 2",
		"INSERT INTO author (name) VALUES ('a'), ('b')")

	whole, err := d.Schema(context.Background(), engine.SchemaRequest{Columns: true, Routines: true})
	if err != nil {
		t.Fatal(err)
	}
	if whole.Database != server.Database || whole.Schemas[0].Name != server.Database {
		t.Errorf("the connected database is not first: %s, %s", whole.Database, whole.Schemas[0].Name)
	}
	for _, n := range whole.Schemas {
		if slices.Contains([]string{"mysql", "sys", "information_schema", "performance_schema"}, n.Name) {
			t.Errorf("the system's database %s is listed", n.Name)
		}
	}
	var kinds []string
	for _, table := range whole.Schemas[0].Tables {
		kinds = append(kinds, table.Name+" "+table.Kind)
	}
	slices.Sort(kinds)
	if got, want := fmt.Sprint(kinds), "[author table book table parts partitioned_table shelf view]"; got != want {
		t.Errorf("got tables %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(whole.Schemas[0].Routines),
		"[{twice function n int(11), s varchar(9) int(11) } {twice procedure INOUT n int(11)  doubles}]"; got != want {
		t.Errorf("got routines %s, want %s", got, want)
	}

	one, err := d.Schema(context.Background(), engine.SchemaRequest{Schema: server.Database, Table: "book"})
	if err != nil {
		t.Fatal(err)
	}
	if len(one.Schemas) != 1 || len(one.Schemas[0].Tables) != 1 {
		t.Fatalf("got %+v, want one table", one)
	}
	book := one.Schemas[0].Tables[0]
	checkColumns(t, book.Columns)
	var indexes []string
	for _, i := range book.Indexes {
		indexes = append(indexes, fmt.Sprintf("%s%v%t%t%s", i.Name, i.Columns, i.Unique, i.Primary, i.Method))
	}
	want := "[PRIMARY[id part]truetruebtree author_id[author_id]falsefalsebtree by_title[title made]truefalsebtree words[title]falsefalsefulltext]"
	if got := fmt.Sprint(indexes); got != want {
		t.Errorf("got indexes %s, want %s", got, want)
	}
}

func checkColumns(t *testing.T, got []engine.Column) {
	t.Helper()
	text := func(s string) *string { return &s }
	want := []engine.Column{
		{Name: "id", Type: "bigint(20)", Kind: result.KindInteger, PrimaryKey: true},
		{Name: "part", Type: "int(11)", Kind: result.KindInteger, PrimaryKey: true, Default: text("7")},
		{Name: "author_id", Type: "int(10) unsigned", Kind: result.KindInteger, Nullable: true},
		{Name: "title", Type: "varchar(50)", Kind: result.KindText, Nullable: true, Default: text("'it''s'")},
		{Name: "made", Type: "timestamp", Kind: result.KindTimestamp, Default: text("current_timestamp()")},
		{Name: "note", Type: "longtext", Kind: result.KindText, Nullable: true},
	}
	if len(got) != len(want) {
		t.Fatalf("got %d columns, want %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		if g.Name != w.Name || g.Type != w.Type || g.Kind != w.Kind || g.PrimaryKey != w.PrimaryKey {
			t.Errorf("got column %+v, want %+v", g, w)
		}
		if (g.Default == nil) != (w.Default == nil) || g.Default != nil && *g.Default != *w.Default {
			t.Errorf("column %s: got default %v, want %v", g.Name, shownText(g.Default), shownText(w.Default))
		}
		if hasReference := g.References != ""; hasReference != (g.Name == "author_id") {
			t.Errorf("column %s refers to %q", g.Name, g.References)
		}
	}
}

func shownText(s *string) string {
	if s == nil {
		return "none"
	}
	return *s
}

// TestDefaults checks the two ways in which servers tell a default.
func TestDefaults(t *testing.T) {
	t.Parallel()
	text, number := engine.Column{Kind: result.KindText}, engine.Column{Kind: result.KindInteger}
	cases := []struct {
		name      string
		value     string
		extra     string
		column    engine.Column
		isMariaDB bool
		want      string
	}{
		{"MariaDB text", "'a'", "", text, true, "'a'"},
		{"MariaDB without", "NULL", "", text, true, "none"},
		{"MySQL text", "it's", "", text, false, "'it''s'"},
		{"MySQL text NULL", "NULL", "", text, false, "'NULL'"},
		{"MySQL number", "7", "", number, false, "7"},
		{"MySQL expression", "uuid()", "DEFAULT_GENERATED", text, false, "uuid()"},
		{"MySQL bits", "b'1'", "", engine.Column{Kind: result.KindBinary}, false, "b'1'"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := shownText(defaultText(field{text: c.value}, c.extra, c.column, c.isMariaDB)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

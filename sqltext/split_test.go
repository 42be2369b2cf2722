package sqltext

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"dribble/domain"
)

// texts gives the statements' texts and checks that they lie where they say.
func texts(t *testing.T, script string, stmts []Statement) []string {
	t.Helper()
	out := []string{}
	for _, s := range stmts {
		if script[s.Start:s.End] != s.Text {
			t.Errorf("statement says it is at %d:%d but its text is %q", s.Start, s.End, s.Text)
		}
		out = append(out, s.Text)
	}
	return out
}

func TestSplit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		dialect Dialect
		script  string
		want    []string
	}{
		{"empty", Postgres, "", nil},
		{"only semicolons", Postgres, " ;; ; ", nil},
		{"only comments", Postgres, "-- a\n/* b */", nil},
		{"one without terminator", Postgres, "  SELECT 1  ", []string{"SELECT 1"}},
		{"two", Postgres, "SELECT 1; SELECT 2;", []string{"SELECT 1", "SELECT 2"}},
		{"byte order mark", Postgres, "\ufeffSELECT 1", []string{"SELECT 1"}},
		{"CRLF", Postgres, "SELECT 1;\r\nSELECT\r\n2;\r\n", []string{"SELECT 1", "SELECT\r\n2"}},
		{"leading comment belongs", Postgres, "-- tidy\nDELETE FROM t;", []string{"-- tidy\nDELETE FROM t"}},
		{"comment behind terminator is dropped", Postgres, "SELECT 1; -- first\nSELECT 2", []string{"SELECT 1", "SELECT 2"}},
		{"comment behind terminator, then code on that line", Postgres, "SELECT 1; /* x */ SELECT 2", []string{"SELECT 1", "/* x */ SELECT 2"}},
		{"comment of several lines behind terminator", Postgres, "SELECT 1; /* x\n y */\nSELECT 2", []string{"SELECT 1", "/* x\n y */\nSELECT 2"}},
		{"comment on the next line belongs", Postgres, "SELECT 1; -- a\n-- b\nSELECT 2", []string{"SELECT 1", "-- b\nSELECT 2"}},
		{"trailing comment is dropped", Postgres, "SELECT 1 -- done\n;\n-- end", []string{"SELECT 1"}},
		{"semicolon in string", Postgres, "SELECT ';', 'it''s;'; SELECT 2", []string{"SELECT ';', 'it''s;'", "SELECT 2"}},
		{"semicolon in comments", Postgres, "SELECT 1 -- ;\n/* ; */; SELECT 2", []string{"SELECT 1", "SELECT 2"}},
		{"right-to-left and astral text", Postgres, "SELECT 'שלום;😀'; SELECT 2", []string{"SELECT 'שלום;😀'", "SELECT 2"}},
		{"doubled quote in name", Postgres, `SELECT "a"";"; SELECT 2`, []string{`SELECT "a"";"`, "SELECT 2"}},

		{"postgres plain string keeps backslash", Postgres, `SELECT '\'; SELECT 2`, []string{`SELECT '\'`, "SELECT 2"}},
		{"postgres E string", Postgres, `SELECT E'\';'; SELECT 2`, []string{`SELECT E'\';'`, "SELECT 2"}},
		{"postgres E string goes on", Postgres, "SELECT E'a' -- c\n 'b\\';'; SELECT 2", []string{"SELECT E'a' -- c\n 'b\\';'", "SELECT 2"}},
		{"postgres string does not go on without newline", Postgres, `SELECT E'a' '\'; SELECT 2`, []string{`SELECT E'a' '\'`, "SELECT 2"}},
		{"postgres name ending in e is no prefix", Postgres, `SELECT date'\'; SELECT 2`, []string{`SELECT date'\'`, "SELECT 2"}},
		{"postgres U& string and name", Postgres, `SELECT U&'\'; SELECT U&"\;"`, []string{`SELECT U&'\'`, `SELECT U&"\;"`}},
		{"postgres dollar quote", Postgres, "DO $$ BEGIN; END $$; SELECT 2", []string{"DO $$ BEGIN; END $$", "SELECT 2"}},
		{"postgres tagged dollar quote", Postgres, "SELECT $a$ $b$; $ $a$; SELECT 2", []string{"SELECT $a$ $b$; $ $a$", "SELECT 2"}},
		{"postgres dollar quote with a name's tail", Postgres, "SELECT $é1$;$é1$; SELECT 2", []string{"SELECT $é1$;$é1$", "SELECT 2"}},
		{"postgres dollars within a name", Postgres, "SELECT a$b$; SELECT c$b$", []string{"SELECT a$b$", "SELECT c$b$"}},
		{"postgres parameters are no dollar quotes", Postgres, "SELECT $1$2; SELECT 2", []string{"SELECT $1$2", "SELECT 2"}},
		{"postgres nested comment", Postgres, "/* a /* ; */ ; */ SELECT 1; SELECT 2", []string{"/* a /* ; */ ; */ SELECT 1", "SELECT 2"}},
		{"postgres comment ends at lone CR", Postgres, "-- a\rSELECT 1; SELECT 2", []string{"-- a\rSELECT 1", "SELECT 2"}},
		{"postgres hash is an operator", Postgres, "SELECT 1 # 2; SELECT 2", []string{"SELECT 1 # 2", "SELECT 2"}},
		{"postgres comment inside operator", Postgres, "SELECT 1 +-- ;\n2; SELECT 2", []string{"SELECT 1 +-- ;\n2", "SELECT 2"}},
		{"postgres BEGIN ATOMIC", Postgres,
			"CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3",
			[]string{"CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END", "SELECT 3"}},
		{"postgres BEGIN ATOMIC with label and column called end", Postgres,
			"CREATE PROCEDURE p() BEGIN ATOMIC SELECT 1 AS end; SELECT t.end FROM t; END; SELECT 3",
			[]string{"CREATE PROCEDURE p() BEGIN ATOMIC SELECT 1 AS end; SELECT t.end FROM t; END", "SELECT 3"}},
		{"postgres BEGIN is no block", Postgres, "BEGIN; SELECT 1; END; SELECT 2", []string{"BEGIN", "SELECT 1", "END", "SELECT 2"}},
		{"postgres rule with several commands", Postgres,
			"CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b); SELECT 1",
			[]string{"CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b)", "SELECT 1"}},
		{"postgres open parenthesis ends at the terminator", Postgres, "SELECT (1; SELECT 2", []string{"SELECT (1", "SELECT 2"}},

		{"mysql backslash", MySQL, `SELECT 'a\';', "b\";"; SELECT 2`, []string{`SELECT 'a\';', "b\";"`, "SELECT 2"}},
		{"mysql backticks", MySQL, "SELECT `a;``;`; SELECT 2", []string{"SELECT `a;``;`", "SELECT 2"}},
		{"mysql hash comment", MySQL, "SELECT 1 # ;\n+ 1; SELECT 2", []string{"SELECT 1 # ;\n+ 1", "SELECT 2"}},
		{"mysql dashes need a space", MySQL, "SELECT 1--1; SELECT 2 --\t;\n; SELECT 3 --", []string{"SELECT 1--1", "SELECT 2", "SELECT 3"}},
		{"mysql comment does not nest", MySQL, "/* a /* b */ SELECT 1; SELECT 2", []string{"/* a /* b */ SELECT 1", "SELECT 2"}},
		{"mysql executable comment", MySQL, "SELECT /*!50000 ';', */ 1; SELECT 2", []string{"SELECT /*!50000 ';', */ 1", "SELECT 2"}},
		{"mysql executable comment alone", MySQL, "/*!40101 SET NAMES utf8 */; SELECT 2", []string{"/*!40101 SET NAMES utf8 */", "SELECT 2"}},
		{"mysql empty executable comment", MySQL, "/*!40101 */; SELECT 2", []string{"SELECT 2"}},
		{"mysql semicolon in executable comment", MySQL, "SELECT 1 /*! ; */; SELECT 2", []string{"SELECT 1 /*! ; */", "SELECT 2"}},
		{"mysql \\G and \\g end a statement", MySQL, "SHOW STATUS\\G\nSELECT 2\\g SELECT \\N", []string{"SHOW STATUS", "SELECT 2", `SELECT \N`}},
		{"mysql delimiter", MySQL, "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END//\nDELIMITER ;\nSELECT 3; SELECT 4",
			[]string{"CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END", "SELECT 3", "SELECT 4"}},
		{"mysql delimiter inside a name", MySQL, "delimiter $$\nSELECT a$b$$SELECT 2 $$", []string{"SELECT a$b", "SELECT 2"}},
		{"mysql delimiter in quotes is text", MySQL, "DELIMITER //\nSELECT '//' // SELECT 2", []string{"SELECT '//'", "SELECT 2"}},
		{"mysql delimiter quoted, rest of line ignored", MySQL, "DELIMITER '//' ; x\r\nSELECT 1;// SELECT 2", []string{"SELECT 1;", "SELECT 2"}},
		{"mysql delimiter without a space", MySQL, "DELIMITER$$\nSELECT 1;$$\nDELIMITER;\nSELECT 2;", []string{"SELECT 1;", "SELECT 2"}},
		{"mysql delimiter behind a comment", MySQL, "-- c\nDELIMITER |\nSELECT 1|SELECT 2", []string{"SELECT 1", "SELECT 2"}},
		{"mysql body without DELIMITER", MySQL, "CREATE PROCEDURE p() BEGIN IF a THEN SELECT 1; END IF; CASE x WHEN 1 THEN SELECT 2; END CASE; SET y = CASE WHEN 1 THEN 2 END; END; SELECT 3",
			[]string{"CREATE PROCEDURE p() BEGIN IF a THEN SELECT 1; END IF; CASE x WHEN 1 THEN SELECT 2; END CASE; SET y = CASE WHEN 1 THEN 2 END; END", "SELECT 3"}},
		{"mysql trigger with definer", MySQL, "CREATE DEFINER=root@localhost TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = 1; END; SELECT 3",
			[]string{"CREATE DEFINER=root@localhost TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = 1; END", "SELECT 3"}},
		{"mysql one-statement body", MySQL, "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1; SELECT 3",
			[]string{"CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1", "SELECT 3"}},
		{"mariadb block", MySQL, "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END; SELECT 3", []string{"BEGIN NOT ATOMIC SELECT 1; SELECT 2; END", "SELECT 3"}},
		{"mysql dump of a trigger", MySQL, "DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`h`*/ /*!50003 TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a = 1; END */;;\nDELIMITER ;\nSELECT 1;",
			[]string{"/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`h`*/ /*!50003 TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a = 1; END */", "SELECT 1"}},

		{"sqlite names", SQLite, "SELECT [a;], `b;`, \"c;\"; SELECT 2", []string{"SELECT [a;], `b;`, \"c;\"", "SELECT 2"}},
		{"sqlite trigger", SQLite, "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM u; END; SELECT 3",
			[]string{"CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM u; END", "SELECT 3"}},
		{"sqlite END is COMMIT", SQLite, "BEGIN; DELETE FROM t; END; SELECT 1", []string{"BEGIN", "DELETE FROM t", "END", "SELECT 1"}},
		{"sqlite backslash is plain", SQLite, `SELECT '\'; SELECT 2`, []string{`SELECT '\'`, "SELECT 2"}},
		{"sqlite dollar is a parameter", SQLite, "SELECT $a; SELECT $a", []string{"SELECT $a", "SELECT $a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			stmts, err := Split(tt.dialect, tt.script)
			if err != nil {
				t.Fatalf("Split: %v", err)
			}
			if got := texts(t, tt.script, stmts); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestSplitKeepsStatementsBeforeFault(t *testing.T) {
	t.Parallel()
	stmts, err := Split(Postgres, "SELECT 1; SELECT 'a")
	if len(stmts) != 1 || stmts[0].Text != "SELECT 1" {
		t.Errorf("got %v, want the statement before the open quote", stmts)
	}
	var e *domain.Error
	if !errors.As(err, &e) || e.Offset != 17 {
		t.Errorf("got error %v, want one at offset 17", err)
	}
}

func TestAt(t *testing.T) {
	t.Parallel()
	// A caret | in each script must find the statement want.
	tests := []struct{ name, script, want string }{
		{"in the first", "SEL|ECT 1; SELECT 2", "SELECT 1"},
		{"before everything", "| \n SELECT 1; SELECT 2", "SELECT 1"},
		{"at the terminator", "SELECT 1|; SELECT 2", "SELECT 1"},
		{"behind the terminator", "SELECT 1;| SELECT 2", "SELECT 1"},
		{"in the space behind it", "SELECT 1;  | ", "SELECT 1"},
		{"in the comment behind it", "SELECT 1; -- fi|rst\nSELECT 2", "SELECT 1"},
		{"at the start of the second", "SELECT 1; |SELECT 2", "SELECT 2"},
		{"on the empty line between", "SELECT 1;\n|\nSELECT 2", "SELECT 2"},
		{"in the second's comment", "SELECT 1;\n-- no|te\nSELECT 2", "-- note\nSELECT 2"},
		{"behind the last line", "SELECT 1;\nSELECT 2;\n\n|", "SELECT 2"},
		{"in a trailing comment", "SELECT 1;\n-- bye|", "SELECT 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			offset := strings.IndexByte(tt.script, '|')
			script := strings.Replace(tt.script, "|", "", 1)
			stmts, err := Split(Postgres, script)
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := At(stmts, script, offset); !ok || got.Text != tt.want {
				t.Errorf("got %q, %v, want %q", got.Text, ok, tt.want)
			}
		})
	}
	if _, ok := At(nil, "-- nothing", 3); ok {
		t.Error("found a statement where there is none")
	}
}

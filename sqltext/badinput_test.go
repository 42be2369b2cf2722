package sqltext

import (
	"errors"
	"strings"
	"testing"

	"dribble/domain"
)

// TestBadInput is the table of hostile and broken scripts: each must end in
// the named error, with its place where it has one, or in the named number of
// statements. It prints its tally so that a shrunken table is seen.
func TestBadInput(t *testing.T) {
	const planned = 40
	tests := []struct {
		name    string
		dialect Dialect
		script  string
		code    domain.Code // "" if the script is fine
		message string      // part of the message
		offset  int         // -1 if the error has none
		want    int         // statements, if the script is fine
	}{
		{"empty", Postgres, "", domain.Invalid, "nothing to run", -1, 0},
		{"spaces", MySQL, " \t\r\n", domain.Invalid, "nothing to run", -1, 0},
		{"semicolons", SQLite, ";;;", domain.Invalid, "nothing to run", -1, 0},
		{"comments only", Postgres, "-- a\n/* b */", domain.Invalid, "nothing to run", -1, 0},
		{"byte order mark only", Postgres, bom, domain.Invalid, "nothing to run", -1, 0},
		{"DELIMITER only", MySQL, "DELIMITER //", domain.Invalid, "nothing to run", -1, 0},
		{"empty executable comment", MySQL, "/*!40101 */;", domain.Invalid, "nothing to run", -1, 0},
		{"1 MiB", Postgres, "SELECT '" + strings.Repeat("x", MaxScript-9) + "'", "", "", 0, 1},
		{"1 MiB and 1", Postgres, "SELECT '" + strings.Repeat("x", MaxScript-8) + "'", domain.TooLarge, "1 MiB", -1, 0},
		{"1 MiB and 1 of spaces", MySQL, strings.Repeat(" ", MaxScript+1), domain.TooLarge, "1 MiB", -1, 0},
		{"NUL", Postgres, "SELECT 1;\nSELECT \x00", domain.Invalid, "Line 2 holds a NUL", 17, 0},
		{"NUL in a string", MySQL, "SELECT '\x00'", domain.Invalid, "NUL", 8, 0},
		{"NUL behind the last statement", SQLite, "SELECT 1;\x00", domain.Invalid, "NUL", 9, 0},
		{"invalid UTF-8", Postgres, "SELECT '\xff'", domain.Invalid, "not valid UTF-8", 8, 0},
		{"cut UTF-8", MySQL, "SELECT 'é\xc3", domain.Invalid, "not valid UTF-8", 10, 0},
		{"UTF-8 surrogate", SQLite, "SELECT '\xed\xa0\x80'", domain.Invalid, "not valid UTF-8", 8, 0},
		{"overlong UTF-8", Postgres, "SELECT \xc0\xa7", domain.Invalid, "not valid UTF-8", 7, 0},
		{"UTF-16 text", Postgres, "\xff\xfeS\x00", domain.Invalid, "NUL", 3, 0},
		{"replacement character is fine", Postgres, "SELECT '\ufffd'", "", "", 0, 1},
		{"10,000 parentheses", Postgres, "SELECT " + strings.Repeat("(", 10000) + "1" + strings.Repeat(")", 10000), "", "", 0, 1},
		{"10,000 open parentheses", MySQL, strings.Repeat("(", 10000), "", "", 0, 1},
		{"10,000 closing parentheses", SQLite, strings.Repeat(")", 10000), "", "", 0, 1},
		{"10,000 nested comments", Postgres, strings.Repeat("/*", 10000) + strings.Repeat("*/", 10000) + "SELECT 1", "", "", 0, 1},
		{"10,000 CASE in a body", Postgres, "CREATE FUNCTION f() BEGIN ATOMIC " + strings.Repeat("CASE ", 10000) + strings.Repeat("END ", 10001), "", "", 0, 1},
		{"unterminated quote", Postgres, "SELECT 1;\n\nSELECT 'a;", domain.Invalid, "The quote that opens on line 3 is never closed.", 18, 0},
		{"unterminated E quote", Postgres, `SELECT E'a\'`, domain.Invalid, "quote that opens on line 1", 7, 0},
		{"unterminated backslash quote", MySQL, `SELECT 'a\'`, domain.Invalid, "quote that opens on line 1", 7, 0},
		{"unterminated double quote", MySQL, `SELECT "a`, domain.Invalid, "quote that opens on line 1", 7, 0},
		{"unterminated quoted name", Postgres, `SELECT "a`, domain.Invalid, "quoted name that opens on line 1", 7, 0},
		{"unterminated backtick", MySQL, "SELECT `a``", domain.Invalid, "quoted name", 7, 0},
		{"unterminated bracket", SQLite, "SELECT [a", domain.Invalid, "quoted name", 7, 0},
		{"unterminated dollar quote", Postgres, "SELECT $x$ a $y$", domain.Invalid, "The dollar quote $x$ that opens on line 1", 7, 0},
		{"unterminated dollar quote with a long tag", Postgres, "SELECT $" + strings.Repeat("é", 9999) + "$", domain.Invalid, "éé…", 7, 0},
		{"unterminated comment", MySQL, "SELECT 1 /* a", domain.Invalid, "The comment that opens on line 1", 9, 0},
		{"unterminated nested comment", Postgres, "SELECT 1 /* a /* b */", domain.Invalid, "comment", 9, 0},
		{"unterminated executable comment", MySQL, "SELECT 1 /*!50000 + 1", domain.Invalid, "comment", 9, 0},
		{"open quote in an executable comment", MySQL, "SELECT 1 /*!50000 ' */", domain.Invalid, "quote", 18, 0},
		{"byte order mark", Postgres, bom + "SELECT 1", "", "", 0, 1},
		{"byte order mark in the middle", Postgres, "SELECT 1;" + bom + "SELECT 2", "", "", 0, 2},
		{"CRLF", MySQL, "SELECT 1;\r\nSELECT 2;\r\n", "", "", 0, 2},
		{"lone CR", Postgres, "SELECT 1; -- a\rSELECT 2", "", "", 0, 2},
		{"right-to-left", Postgres, "SELECT '\u202eשלום' AS \"عمود\"; SELECT 2", "", "", 0, 2},
		{"no-break space", Postgres, "SELECT\u00a01; SELECT 2", "", "", 0, 2},
		{"full-width semicolon ends nothing", Postgres, "SELECT 1\uff1b SELECT 2", "", "", 0, 1},
		{"multi-statement", Postgres, "SELECT 1; DROP TABLE t; SELECT 2", "", "", 0, 3},
		{"psql meta-command", Postgres, "SELECT 1;\n\\dt+\nSELECT 2", domain.Invalid, `\dt+ on line 2 is a command of the psql program`, 10, 0},
		{"psql meta-command at the end of a statement", Postgres, "SELECT 1 \\gx", domain.Invalid, `\gx on line 1`, 9, 0},
		{"psql copy data", Postgres, "COPY t FROM STDIN;\n\\.\n", domain.Invalid, `\. on line 2`, 19, 0},
		{"mysql client command", MySQL, "\\u db", domain.Invalid, `\u on line 1 is a command of the mysql program`, 0, 0},
		{"sqlite3 dot-command", SQLite, "SELECT 1;\n.tables\n", domain.Invalid, ".tables on line 2 is a command of the sqlite3 program", 10, 0},
		{"DELIMITER without a word", MySQL, "DELIMITER\nSELECT 1", domain.Invalid, "DELIMITER on line 1", 0, 0},
		{"DELIMITER with a backslash", MySQL, "DELIMITER \\\\\nSELECT 1", domain.Invalid, "DELIMITER on line 1", 0, 0},
		{"DELIMITER too long", MySQL, "DELIMITER ----------------\nSELECT 1", domain.Invalid, "DELIMITER on line 1", 0, 0},
		{"executable comment that hides a quote", MySQL, "SELECT 1 /*!99999 ' */; DROP TABLE t; -- ' */", "", "", 0, 1},
		{"executable comment with a terminator", MySQL, "SELECT 1 /*! ; DROP TABLE t */", "", "", 0, 1},
	}
	handled := 0
	for _, tt := range tests {
		ok := t.Run(tt.name, func(t *testing.T) {
			err := Check(tt.dialect, tt.script)
			if got := domain.CodeOf(err); got != tt.code {
				t.Fatalf("got code %q (%v), want %q", got, err, tt.code)
			}
			if err == nil {
				stmts, _ := Split(tt.dialect, tt.script)
				if len(stmts) != tt.want {
					t.Errorf("got %d statements, want %d", len(stmts), tt.want)
				}
				return
			}
			var e *domain.Error
			if !errors.As(err, &e) || !strings.Contains(e.Message, tt.message) || !strings.HasSuffix(e.Message, ".") {
				t.Errorf("got message %q, want a sentence with %q", err, tt.message)
			}
			if e.HasOffset != (tt.offset >= 0) || e.HasOffset && e.Offset != tt.offset {
				t.Errorf("got offset %d (%v), want %d", e.Offset, e.HasOffset, tt.offset)
			}
		})
		if ok {
			handled++
		}
	}
	t.Logf("bad inputs handled: %d of %d", handled, len(tests))
	if len(tests) < planned {
		t.Errorf("the table has %d cases, at least %d are planned", len(tests), planned)
	}
}

func TestCommandHints(t *testing.T) {
	t.Parallel()
	tests := []struct {
		dialect      Dialect
		script, want string
	}{
		{Postgres, `\d t`, "Delete it. The sidebar lists tables and their columns."},
		{Postgres, `\c db`, "Delete it, and choose the source above the editor."},
		{Postgres, `\copy t to 'x'`, "Delete it. Rows from a file can only be loaded with psql; Export saves a result to a file."},
		{Postgres, `SELECT 1 \gx`, "Write a semicolon instead."},
		{Postgres, `\set x 1`, "Delete it, or run the script with psql."},
		{MySQL, `\! ls`, "Delete it, or run the script with mysql."},
		{SQLite, `.mode csv`, "Delete it, or run the script with sqlite3."},
	}
	for _, tt := range tests {
		_, err := Split(tt.dialect, tt.script)
		var e *domain.Error
		if !errors.As(err, &e) || e.Hint != tt.want {
			t.Errorf("%s: got %#v, want hint %q", tt.script, err, tt.want)
		}
	}
}

package mysql

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"dribble/domain"
	"dribble/engine"
	"dribble/internal/testenv"
)

// escapes are scripts that try to write through a read-only source with an
// account that may do everything. Each runs in one session.
func escapes(file string) [][]string {
	return [][]string{
		{"INSERT INTO guarded VALUES (2)"},
		{"SET SESSION TRANSACTION READ WRITE", "INSERT INTO guarded VALUES (2)"},
		{"COMMIT", "INSERT INTO guarded VALUES (2)"},
		{"COMMIT; INSERT INTO guarded VALUES (2)"},
		{"SELECT 1; DELETE FROM guarded"},
		{"ROLLBACK", "DELETE FROM guarded"},
		{"CREATE TABLE made (a INT)"},
		{"START TRANSACTION READ WRITE", "UPDATE guarded SET a = 9"},
		{"BEGIN", "UPDATE guarded SET a = 9", "COMMIT"},
		{"/*!50000 DELETE */ FROM guarded"},
		{"/*M!100100 DELETE FROM */ guarded"},
		{"SELECT /*! 1; */ 1; /*! DELETE FROM guarded */"},
		{"/* SELECT */ TRUNCATE TABLE guarded"},
		{"PREPARE p FROM 'DELETE FROM guarded'", "EXECUTE p"},
		{"EXECUTE IMMEDIATE 'DELETE FROM guarded'"},
		{"BEGIN NOT ATOMIC DELETE FROM guarded; END"},
		{"CALL writes()"},
		{"SELECT writing()"},
		{"DO writing()"},
		{"SELECT * FROM guarded WHERE a = writing()"},
		{"SET @x = writing()"},
		{"EXPLAIN SELECT writing()", "ANALYZE DELETE FROM guarded"},
		{"ANALYZE FORMAT=JSON UPDATE guarded SET a = 3"},
		{"SELECT 1 INTO OUTFILE '" + file + "'"},
		{"SELECT 1 INTO DUMPFILE '" + file + "'"},
		{"SELECT 1 /*! INTO OUTFILE '" + file + "' */"},
		{"TABLE guarded INTO OUTFILE '" + file + "'"},
		{"VALUES (1) INTO OUTFILE '" + file + "'"},
		{"(SELECT 1 INTO OUTFILE '" + file + "')"},
		{"SELECT a FROM guarded UNION SELECT 1 INTO OUTFILE '" + file + "'"},
		{"WITH x AS (SELECT 1) SELECT * FROM x INTO OUTFILE '" + file + "'"},
		{"WITH x AS (SELECT 1) DELETE FROM guarded"},
		{"REPLACE INTO guarded VALUES (1)"},
		{"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE guarded"},
		{"LOAD DATA INFILE '/etc/passwd' INTO TABLE guarded"},
		{"HANDLER guarded OPEN", "LOCK TABLES guarded WRITE", "DELETE FROM guarded"},
		{"RENAME TABLE guarded TO made"},
		{"ALTER TABLE guarded ADD b INT"},
		{"DROP TABLE guarded"},
		{"OPTIMIZE TABLE guarded", "ANALYZE TABLE guarded", "CHECK TABLE guarded"},
		{"SET autocommit = 1", "SET sql_mode = 'ORACLE'", "DELETE FROM guarded"},
		{"SELECT NEXTVAL(counter)"},
		{"CREATE TEMPORARY TABLE made (a INT)"},
		{"GRANT SELECT ON *.* TO guest", "CREATE USER made", "FLUSH TABLES", "KILL 1", "SHUTDOWN"},
		{"INSERT INTO plain VALUES (2)"},
		{"DELIMITER //\nDELETE FROM guarded//"},
		{"SELECT 1\\G DELETE FROM guarded"},
		{"XA START 'x'", "DELETE FROM guarded", "XA END 'x'", "XA PREPARE 'x'", "XA COMMIT 'x'"},
		{"SELECT @a := 1 INTO @b", "SELECT 1 INTO @b"},
	}
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	server := testenv.MariaDB(t).NewDatabase(t)
	free := sessionOf(t, openAt(t, server, nil))
	execAll(t, free, "CREATE TABLE guarded (a INT) ENGINE=InnoDB", "CREATE TABLE plain (a INT) ENGINE=MyISAM",
		"CREATE SEQUENCE counter", "INSERT INTO guarded VALUES (1)", "INSERT INTO plain VALUES (1)",
		"CREATE PROCEDURE writes() BEGIN DELETE FROM guarded; END",
		"CREATE FUNCTION writing() RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM guarded; RETURN 1; END")
	state := func() string {
		return fmt.Sprint(exec(t, free, "SELECT * FROM guarded").rows, exec(t, free, "SELECT * FROM plain").rows,
			exec(t, free, "SHOW TABLES").rows, exec(t, free, "SELECT PREVIOUS VALUE FOR counter").rows)
	}
	before := state()
	d := openAt(t, server, func(c *engine.Config) { c.ReadOnly = true })
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil { //nolint:gosec // the server's account must be able to fall for it
		t.Fatal(err)
	}
	good, list := 0, escapes(filepath.Join(dir, "made"))
	for i, script := range list {
		ok := t.Run(fmt.Sprint(i, " ", script[len(script)-1]), func(t *testing.T) {
			s, err := d.session(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range script {
				_, err := s.Exec(context.Background(), engine.Statement{Text: text}, &recorder{})
				var e *domain.SQLError
				if err != nil && !errors.As(err, &e) {
					t.Errorf("%s: got %v, want an SQL error", text, err)
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if after := state(); after != before {
				t.Fatalf("the script changed the database from %s to %s", before, after)
			}
			if made, _ := filepath.Glob(filepath.Join(dir, "*")); len(made) > 0 {
				t.Fatalf("the script wrote the file %v", made)
			}
		})
		if ok {
			good++
		}
	}
	fmt.Printf("mysql: read-only escapes stopped: %d of %d\n", good, len(list))

	s := sessionOf(t, d)
	_, err := s.Exec(context.Background(), engine.Statement{Text: "DELETE FROM guarded"}, &recorder{})
	var e *domain.SQLError
	if !errors.As(err, &e) || e.Code != domain.CodeReadOnly {
		t.Errorf("got %v, want code %s", err, domain.CodeReadOnly)
	}
	for _, text := range []string{
		"SELECT * FROM guarded", "SHOW TABLES", "DESCRIBE guarded", "EXPLAIN SELECT * FROM guarded",
		"WITH x AS (SELECT 1 AS a) SELECT * FROM x", "(SELECT 1) UNION (SELECT 2)", "VALUES (1), (2)",
		"SELECT * FROM information_schema.TABLES LIMIT 1",
	} {
		exec(t, s, text)
	}
}

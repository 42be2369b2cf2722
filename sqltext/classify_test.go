package sqltext

import "testing"

func TestClassify(t *testing.T) {
	t.Parallel()
	all := []Dialect{Postgres, MySQL, SQLite}
	pg, my, lite := []Dialect{Postgres}, []Dialect{MySQL}, []Dialect{SQLite}
	tests := []struct {
		dialects []Dialect
		sql      string
		keyword  string
		class    Class
		danger   Danger
		object   string
	}{
		{all, "select 1", "SELECT", Read, "", ""},
		{all, "(SELECT 1) UNION (SELECT 2)", "SELECT", Read, "", ""},
		{all, "((SELECT a FROM t)) ORDER BY 1", "SELECT", Read, "", ""},
		{all, "VALUES (1)", "VALUES", Read, "", ""},
		{all, "TABLE t", "TABLE", Read, "", ""},
		{all, "SELECT * FROM t FOR UPDATE", "SELECT", Read, "", ""},
		{all, "SELECT * FROM t WHERE delete_flag AND t.delete = 1", "SELECT", Read, "", ""},
		{all, "SELECT 'DELETE FROM t', \"DROP\" -- INTO x", "SELECT", Read, "", ""},
		{all, "SELECT replace(a, 'x', 'y') FROM t", "SELECT", Read, "", ""},
		{all, "SELECT x FROM (SELECT 1 x) s WHERE x IN (VALUES (1))", "SELECT", Read, "", ""},
		{all, "WITH a AS (SELECT 1) SELECT * FROM a", "WITH", Read, "", ""},
		{all, "WITH a AS (SELECT 1) (SELECT * FROM a)", "WITH", Read, "", ""},
		{all, "WITH RECURSIVE a (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a) SELECT n FROM a", "WITH", Read, "", ""},
		{pg, "WITH delete AS (SELECT 1), update AS (SELECT 2) SELECT * FROM delete", "WITH", Read, "", ""},
		{pg, "WITH a AS (SELECT 1) SEARCH DEPTH FIRST BY x SET o SELECT * FROM a", "WITH", Read, "", ""},
		{all, "WITH a AS (SELECT 1) INSERT INTO s.t SELECT * FROM a", "WITH", Write, "", "s.t"},
		{all, "WITH a AS (SELECT 1) DELETE FROM t", "WITH", Write, DangerNoWhere, "t"},
		{all, "WITH a AS (SELECT 1) UPDATE t SET x = 1 WHERE y", "WITH", Write, "", "t"},
		{pg, "WITH d AS (DELETE FROM t RETURNING *) SELECT count(*) FROM d", "WITH", Write, DangerNoWhere, "t"},
		{pg, "WITH d AS MATERIALIZED (DELETE FROM t WHERE a RETURNING *) SELECT 1", "WITH", Write, "", "t"},
		{pg, "WITH d AS NOT MATERIALIZED (UPDATE t SET a = 1 RETURNING *) SELECT 1", "WITH", Write, DangerNoWhere, "t"},
		{pg, "WITH d AS (WITH e AS (SELECT 1) INSERT INTO t SELECT 1 RETURNING 1) SELECT 1", "WITH", Write, "", "t"},
		{pg, "(WITH d AS (DELETE FROM t WHERE a RETURNING 1) SELECT 1)", "WITH", Write, "", "t"},
		{pg, "WITH d AS (MERGE INTO t USING s ON a WHEN MATCHED THEN DELETE RETURNING 1) SELECT 1", "WITH", Write, "", "t"},

		{all, "INSERT INTO t VALUES (1)", "INSERT", Write, "", "t"},
		{all, `INSERT INTO s . "T x" (a) SELECT 1`, "INSERT", Write, "", ""},
		{lite, "INSERT OR REPLACE INTO [t] VALUES (1)", "INSERT", Write, "", "[t]"},
		{all, "INSERT INTO t SELECT * FROM u ON CONFLICT DO UPDATE SET a = 1", "INSERT", Write, "", "t"},
		{my, "INSERT IGNORE INTO `d`.`t` VALUES (1) ON DUPLICATE KEY UPDATE a = 2", "INSERT", Write, "", "`d`.`t`"},
		{all, "REPLACE INTO t VALUES (1)", "REPLACE", Write, "", "t"},
		{all, "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = 1 WHEN NOT MATCHED THEN DELETE", "MERGE", Write, "", "t"},
		{all, "DELETE FROM sales.orders", "DELETE", Write, DangerNoWhere, "sales.orders"},
		{all, "-- tidy\nDELETE FROM sales.orders /* WHERE id = 1 */", "DELETE", Write, DangerNoWhere, "sales.orders"},
		{all, "DELETE FROM t WHERE a = 1", "DELETE", Write, "", "t"},
		{all, "DELETE FROM t USING (SELECT 1 WHERE true) u", "DELETE", Write, DangerNoWhere, "t"},
		{my, "DELETE a FROM a JOIN b ON a.x = b.x", "DELETE", Write, DangerNoWhere, "a"},
		{all, "UPDATE t SET a = (SELECT 1 FROM u WHERE b)", "UPDATE", Write, DangerNoWhere, "t"},
		{all, "UPDATE t SET a = 1 WHERE b", "UPDATE", Write, "", "t"},
		{pg, "UPDATE ONLY t SET a = t.where", "UPDATE", Write, DangerNoWhere, "t"},
		{all, "TRUNCATE TABLE s.t", "TRUNCATE", DDL, DangerTruncate, "s.t"},
		{all, "DROP TABLE IF EXISTS s.t", "DROP", DDL, DangerDrop, "s.t"},
		{pg, "DROP INDEX CONCURRENTLY IF EXISTS i", "DROP", DDL, DangerDrop, "i"},
		{pg, "DROP MATERIALIZED VIEW v", "DROP", DDL, DangerDrop, "v"},
		{all, "ALTER TABLE t ADD a int, DROP COLUMN b", "ALTER", DDL, DangerAlterDrop, "t"},
		{all, "ALTER TABLE t ADD COLUMN dropped int", "ALTER", DDL, "", "t"},
		{pg, "ALTER TABLE t RENAME COLUMN drop TO x", "ALTER", DDL, "", "t"},
		{my, "ALTER TABLE t TRUNCATE PARTITION p", "ALTER", DDL, DangerTruncate, "t"},
		{all, "CREATE TABLE t AS SELECT 1", "CREATE", DDL, "", "t"},
		{pg, "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)", "CREATE", DDL, "", "i"},
		{my, "CREATE DEFINER=`r`@`h` SQL SECURITY DEFINER VIEW v AS SELECT 1", "CREATE", DDL, "", "v"},
		{pg, "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC DELETE FROM t; SELECT 1; END", "CREATE", DDL, "", "f"},
		{all, "GRANT SELECT ON t TO u", "GRANT", DDL, "", ""},
		{all, "VACUUM", "VACUUM", DDL, "", ""},
		{all, "REINDEX t", "REINDEX", DDL, "", ""},
		{pg, "COMMENT ON TABLE t IS 'x'", "COMMENT", DDL, "", "t"},
		{all, "ANALYZE t", "ANALYZE", DDL, "", ""},

		{pg, "SELECT * INTO TEMP n FROM t", "SELECT", Write, "", "n"},
		{pg, "SELECT 1 AS into", "SELECT", Read, "", ""},
		{my, "SELECT * INTO OUTFILE '/x' FROM t", "SELECT", Write, "", ""},
		{my, "SELECT a FROM t INTO DUMPFILE '/x'", "SELECT", Write, "", ""},
		{my, "(SELECT a FROM t) INTO OUTFILE '/x'", "SELECT", Write, "", ""},
		{my, "TABLE t INTO OUTFILE '/x'", "TABLE", Write, "", ""},
		{my, "SELECT a INTO @a FROM t", "SELECT", Read, "", ""},
		{pg, "COPY t TO STDOUT", "COPY", Write, "", "t"},
		{all, "CALL p(1)", "CALL", Write, "", "p"},
		{pg, "DO $$ x $$", "DO", Write, "", ""},
		{all, "SHOW x", "SHOW", Read, "", ""},
		{my, "DESC t", "DESC", Read, "", ""},

		{all, "EXPLAIN DELETE FROM t", "EXPLAIN", Read, "", ""},
		{lite, "EXPLAIN QUERY PLAN DELETE FROM t", "EXPLAIN", Read, "", ""},
		{pg, "EXPLAIN ANALYZE SELECT 1", "EXPLAIN", Read, "", ""},
		{pg, "EXPLAIN ANALYZE VERBOSE DELETE FROM t", "EXPLAIN", Write, DangerNoWhere, "t"},
		{pg, "EXPLAIN (VERBOSE, analyze, FORMAT json) UPDATE t SET a = 1 WHERE b", "EXPLAIN", Write, "", "t"},
		{pg, "EXPLAIN (ANALYZE false) DELETE FROM t", "EXPLAIN", Read, "", ""},
		{pg, "EXPLAIN (ANALYZE off, ANALYZE on) DELETE FROM t WHERE a", "EXPLAIN", Write, "", "t"},
		{pg, "EXPLAIN (ANALYZE) (WITH d AS (DELETE FROM t WHERE a RETURNING 1) SELECT 1)", "EXPLAIN", Write, "", "t"},
		{pg, "EXPLAIN ANALYZE EXECUTE p", "EXPLAIN", Write, "", ""},
		{pg, "EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1", "EXPLAIN", DDL, "", "t"},
		{my, "EXPLAIN FORMAT=JSON DELETE FROM t", "EXPLAIN", Read, "", ""},
		{my, "EXPLAIN ANALYZE DELETE FROM t", "EXPLAIN", Write, DangerNoWhere, "t"},
		{my, "DESCRIBE ANALYZE FORMAT=TREE UPDATE t SET a = 1", "DESCRIBE", Write, DangerNoWhere, "t"},
		{my, "ANALYZE UPDATE t SET a = 1", "ANALYZE", Write, DangerNoWhere, "t"},
		{my, "ANALYZE FORMAT=JSON SELECT 1", "ANALYZE", Read, "", ""},
		{my, "ANALYZE TABLE t", "ANALYZE", DDL, "", ""},
		{my, "SET STATEMENT max_statement_time = 1 FOR DELETE FROM t", "SET", Write, DangerNoWhere, "t"},
		{my, "BEGIN NOT ATOMIC DELETE FROM t; END", "BEGIN", Write, "", ""},

		{all, "BEGIN", "BEGIN", Transaction, "", ""},
		{all, "START TRANSACTION READ ONLY", "START", Transaction, "", ""},
		{all, "COMMIT", "COMMIT", Transaction, "", ""},
		{all, "ROLLBACK TO SAVEPOINT a", "ROLLBACK", Transaction, "", ""},
		{all, "SAVEPOINT a", "SAVEPOINT", Transaction, "", ""},
		{pg, "PREPARE TRANSACTION 'x'", "PREPARE", Transaction, "", ""},
		{all, "SET x = 1", "SET", Session, "", ""},
		{pg, "RESET ALL", "RESET", Session, "", ""},
		{my, "RESET MASTER", "RESET", DDL, "", ""},
		{my, "USE db", "USE", Session, "", ""},
		{pg, "LISTEN c", "LISTEN", Session, "", ""},
		{pg, "DISCARD ALL", "DISCARD", Session, "", ""},
		{my, "DROP PREPARE p", "DROP", Session, "", ""},
		{lite, "ATTACH 'x' AS y", "ATTACH", Session, "", ""},
		{lite, "PRAGMA table_info(t)", "PRAGMA", Read, "", ""},
		{lite, "PRAGMA main.user_version", "PRAGMA", Read, "", ""},
		{lite, "PRAGMA main.user_version = 3", "PRAGMA", Session, "", ""},
		{lite, "PRAGMA journal_mode(wal)", "PRAGMA", Session, "", ""},
		{lite, "PRAGMA optimize", "PRAGMA", Session, "", ""},
		{all, "WIBBLE 1", "WIBBLE", Unknown, "", ""},
		{all, "1 + 1", "", Unknown, "", ""},
		{all, "{{verb}} x", "", Unknown, "", ""},
		{all, "ſELECT 1", "ſELECT", Unknown, "", ""},

		{my, "/*!50000 DELETE */ FROM t", "DELETE", Write, DangerNoWhere, "t"},
		{my, "SELECT 1 /*!50000 INTO OUTFILE '/x' */", "SELECT", Write, "", ""},
		{my, "/*!99999 SELECT 1 */ DELETE FROM t", "SELECT", Write, DangerNoWhere, "t"},
		{my, "SELECT 1 /*!99999 ' */ INTO OUTFILE '/x' -- ' */", "SELECT", Write, "", ""},
		{my, "/*M!100100 SELECT 1 */", "SELECT", Read, "", ""},
		{my, "SELECT /*!40001 SQL_NO_CACHE */ * FROM t", "SELECT", Read, "", ""},
		{my, "SELECT 1 /*!50000 + 1 */ /*!99999 + 2 */", "SELECT", Unknown, "", ""},
		{my, "DELETE FROM t /*!99999 WHERE a = 1 */", "DELETE", Write, DangerNoWhere, "t"},
		{my, "/*!40101 SET NAMES utf8 */", "SET", Session, "", ""},
		{my, "SELECT /*! 1 */", "SELECT", Read, "", ""},
	}
	for _, tt := range tests {
		for _, d := range tt.dialects {
			t.Run(string(d)+" "+tt.sql, func(t *testing.T) {
				t.Parallel()
				stmts, err := Split(d, tt.sql)
				if err != nil || len(stmts) != 1 {
					t.Fatalf("Split gave %d statements, error %v", len(stmts), err)
				}
				got := stmts[0]
				if got.Keyword != tt.keyword || got.Class != tt.class || got.Danger != tt.danger {
					t.Errorf("got %s %s %q, want %s %s %q", got.Keyword, got.Class, got.Danger, tt.keyword, tt.class, tt.danger)
				}
				if tt.object != "" && got.Object != tt.object {
					t.Errorf("got object %q, want %q", got.Object, tt.object)
				}
			})
		}
	}
}

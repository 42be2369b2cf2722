-- One row for the connection test: schemas, tables, largest table and its rows,
-- rights, time zone, clock in microseconds.
WITH visible AS (
    SELECT n.oid, n.nspname
    FROM pg_catalog.pg_namespace n
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname !~ '^pg_(toast|temp)'
      AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
), relations AS (
    SELECT v.nspname, c.relname, c.oid, greatest(c.reltuples, 0)::int8 AS rows, c.relkind
    FROM pg_catalog.pg_class c
    JOIN visible v ON v.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND NOT c.relispartition
      AND (pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE')
           OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))
), largest AS (
    SELECT nspname || '.' || relname AS name, rows FROM relations
    WHERE relkind IN ('r', 'm')
    ORDER BY rows DESC, 1
    LIMIT 1
)
SELECT (SELECT count(*) FROM visible),
       (SELECT count(*) FROM relations),
       coalesce((SELECT name FROM largest), ''),
       coalesce((SELECT rows FROM largest), 0),
       CASE
           WHEN pg_catalog.pg_is_in_recovery() THEN 'replica'
           WHEN (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN 'superuser'
           WHEN EXISTS (SELECT FROM relations
                        WHERE pg_catalog.has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) THEN 'some'
           WHEN EXISTS (SELECT FROM visible WHERE pg_catalog.has_schema_privilege(oid, 'CREATE')) THEN 'some'
           ELSE 'none'
       END,
       current_setting('TimeZone'),
       (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::int8

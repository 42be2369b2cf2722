-- Relations of schema $1 (or all but the system's), only $2 if it is given.
-- Partitions are left out unless asked for by name; a partitioned table counts
-- its partitions' rows. Row estimates are -1 if the server has none.
SELECT n.nspname,
       c.oid,
       c.relname,
       c.relkind,
       CASE
           WHEN c.relkind IN ('v', 'f') THEN -1
           WHEN c.relkind = 'p' THEN coalesce(
               (SELECT CASE WHEN bool_or(l.reltuples >= 0) THEN sum(greatest(l.reltuples, 0)) ELSE -1 END
                FROM pg_catalog.pg_partition_tree(c.oid) p
                JOIN pg_catalog.pg_class l ON l.oid = p.relid
                WHERE p.isleaf), -1)
           -- Servers before 14 have 0 for a table they have never counted.
           WHEN c.reltuples = 0 AND c.relpages = 0 THEN -1
           ELSE c.reltuples
       END::int8,
       pg_catalog.obj_description(c.oid, 'pg_class')
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND ($2 = '' AND NOT c.relispartition OR c.relname = $2)
  AND CASE
          WHEN $1 <> '' THEN n.nspname = $1
          ELSE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
      END
  AND (pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE')
       OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))
ORDER BY n.nspname, c.relname

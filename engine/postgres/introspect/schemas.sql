-- Schemas that the account may use: $1, or all but the system's own.
SELECT n.nspname
FROM pg_catalog.pg_namespace n
WHERE pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND CASE
          WHEN $1 <> '' THEN n.nspname = $1
          ELSE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
      END
ORDER BY n.nspname <> 'public', n.nspname

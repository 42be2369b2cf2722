-- Functions and procedures of schema $1, or of all but the system's.
SELECT n.nspname,
       p.proname,
       CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window' ELSE 'function' END,
       pg_catalog.pg_get_function_arguments(p.oid),
       CASE WHEN p.prokind = 'p' THEN '' ELSE pg_catalog.pg_get_function_result(p.oid) END,
       pg_catalog.obj_description(p.oid, 'pg_proc')
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
  AND CASE
          WHEN $1 <> '' THEN n.nspname = $1
          ELSE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
      END
ORDER BY n.nspname, p.proname, 4

-- Index columns of table $2 of schema $1, the primary key first, in index order.
SELECT i.indrelid,
       x.relname,
       pg_catalog.pg_get_indexdef(i.indexrelid, k.position, true),
       i.indisunique,
       i.indisprimary,
       m.amname
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = x.relam
CROSS JOIN LATERAL generate_series(1, i.indnkeyatts) AS k(position)
WHERE ($1 = '' OR n.nspname = $1) AND c.relname = $2
ORDER BY i.indrelid, NOT i.indisprimary, x.relname, k.position

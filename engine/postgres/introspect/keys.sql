-- Columns of the primary keys of tables by OID.
SELECT i.indrelid, k.attnum
FROM pg_catalog.pg_index i
CROSS JOIN LATERAL unnest(i.indkey::int2[]) AS k(attnum)
WHERE i.indisprimary AND i.indrelid = ANY ($1::oid[])

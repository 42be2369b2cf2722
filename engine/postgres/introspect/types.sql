-- Short names of types by OID; an array is its element's name with [].
SELECT t.oid,
       CASE WHEN e.oid IS NOT NULL THEN e.typname || '[]' ELSE t.typname::text END,
       t.typname,
       t.typcategory
FROM pg_catalog.pg_type t
LEFT JOIN pg_catalog.pg_type e ON e.typarray = t.oid
WHERE t.oid = ANY ($1::oid[])

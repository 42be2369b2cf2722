-- Foreign keys of one table. "to" is NULL where the key points at the parent's
-- primary key without naming it.
SELECT k."from", k."table", coalesce(k."to", (
         SELECT p.name FROM pragma_table_xinfo(k."table", 'main') AS p WHERE p.pk = k.seq + 1))
FROM pragma_foreign_key_list(?1, 'main') AS k
ORDER BY k.id, k.seq

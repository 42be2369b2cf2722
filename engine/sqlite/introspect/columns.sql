-- Columns of one relation; hidden = 1 marks the hidden columns of a virtual table.
SELECT name, type, "notnull", dflt_value, pk
FROM pragma_table_xinfo(?1, 'main')
WHERE hidden <> 1
ORDER BY cid

-- Indexes of one table, one row for each key column; an expression has no name.
SELECT i.name, i."unique", i.origin = 'pk', x.name, coalesce(s.sql, '')
FROM pragma_index_list(?1, 'main') AS i
JOIN pragma_index_xinfo(i.name, 'main') AS x ON x.key
LEFT JOIN main.sqlite_schema AS s ON s.type = 'index' AND s.name = i.name
ORDER BY i.seq, x.seqno

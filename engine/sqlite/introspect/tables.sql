-- Tables and views of the file. Shadow tables (the insides of a virtual table)
-- and SQLite's own tables are left out.
SELECT l.name, l.type
FROM pragma_table_list AS l
WHERE l.schema = 'main'
  AND l.type <> 'shadow'
  AND l.name NOT LIKE 'sqlite\_%' ESCAPE '\'
  AND (?1 = '' OR l.name = ?1 COLLATE NOCASE)
ORDER BY l.name

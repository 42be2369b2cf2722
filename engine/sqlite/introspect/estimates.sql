-- Row counts as the last ANALYZE found them; the first number of stat. A partial
-- index counts fewer rows than its table has.
SELECT tbl, max(CAST(stat AS INTEGER)) FROM main.sqlite_stat1 GROUP BY tbl

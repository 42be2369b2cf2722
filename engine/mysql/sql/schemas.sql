SELECT SCHEMA_NAME
  FROM information_schema.SCHEMATA
 WHERE IF(? = '', SCHEMA_NAME NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys'), SCHEMA_NAME = ?)
 ORDER BY SCHEMA_NAME <> COALESCE(DATABASE(), ''), SCHEMA_NAME

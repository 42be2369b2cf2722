SELECT a.PROCESSLIST_ID
  FROM performance_schema.session_connect_attrs a
  JOIN information_schema.PROCESSLIST p ON p.ID = a.PROCESSLIST_ID
 WHERE a.ATTR_NAME = 'program_name'
   AND a.ATTR_VALUE = ?
   AND a.PROCESSLIST_ID <> CONNECTION_ID()
   AND p.USER = SUBSTRING_INDEX(CURRENT_USER(), '@', 1)

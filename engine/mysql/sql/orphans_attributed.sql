SELECT PROCESSLIST_ID
  FROM performance_schema.session_account_connect_attrs
 WHERE ATTR_NAME = 'program_name'
   AND ATTR_VALUE = ?
   AND PROCESSLIST_ID <> CONNECTION_ID()

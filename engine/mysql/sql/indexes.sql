SELECT *
  FROM information_schema.STATISTICS
 WHERE

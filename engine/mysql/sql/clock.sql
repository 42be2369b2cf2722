SELECT IF(@@session.time_zone = 'SYSTEM', @@system_time_zone, @@session.time_zone),
       UNIX_TIMESTAMP(NOW(6))

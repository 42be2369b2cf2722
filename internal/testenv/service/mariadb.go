package service

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/go-sql-driver/mysql"
)

// mariadbInit makes the accounts of Server; the server runs it at start.
const mariadbInit = `DELETE FROM mysql.global_priv WHERE User = '';
FLUSH PRIVILEGES;
CREATE USER IF NOT EXISTS %[2]s@'%%' IDENTIFIED BY '%[1]s';
GRANT ALL ON *.* TO %[2]s@'%%' WITH GRANT OPTION;
CREATE USER IF NOT EXISTS cert_user@'%%' REQUIRE X509;
CREATE USER IF NOT EXISTS tls_user@'%%' IDENTIFIED BY '%[1]s' REQUIRE SSL;
CREATE USER IF NOT EXISTS barred_user@'192.0.2.1' IDENTIFIED BY '%[1]s';
`

// StartMariaDB starts a private MariaDB. It returns when the server answers.
func StartMariaDB(ctx context.Context) (Server, *Process, error) {
	bin, err := find("mariadbd", "/usr/sbin/mariadbd", "/usr/libexec/mariadbd", "/usr/sbin/mysqld")
	if err != nil {
		return Server{}, nil, err
	}
	install, err := find("mariadb-install-db", "/usr/bin/mysql_install_db")
	if err != nil {
		return Server{}, nil, err
	}
	h, err := newHome(KindMariaDB, "mysql")
	if err != nil {
		return Server{}, nil, err
	}
	s := Server{
		Kind: KindMariaDB, Version: versionOf(bin), Host: "127.0.0.1", Socket: h.path("sock"), User: testUser,
		Password: testPassword, Database: "test", TLSUser: "tls_user", BarredUser: "barred_user",
	}
	p, err := startMariaDB(ctx, h, bin, install, &s)
	if err != nil {
		h.remove()
		return Server{}, nil, fmt.Errorf("start MariaDB: %w", err)
	}
	return s, p, nil
}

func startMariaDB(ctx context.Context, h home, bin, install string, s *Server) (*Process, error) {
	err := h.run(ctx, install, "--no-defaults", "--datadir="+h.path("data"), "--skip-test-db",
		"--auth-root-authentication-method=normal", "--skip-name-resolve")
	if err != nil {
		return nil, err
	}
	if s.Port, err = freePort(); err != nil {
		return nil, err
	}
	cert, key, err := writeCerts(s, h.dir)
	if err != nil {
		return nil, err
	}
	if err := h.write("init.sql", fmt.Sprintf(mariadbInit, s.Password, s.User)); err != nil {
		return nil, err
	}
	if err := h.own(); err != nil {
		return nil, fmt.Errorf("own folder: %w", err)
	}
	p, err := h.start("TERM", bin, "--no-defaults", "--datadir="+h.path("data"), "--socket="+s.Socket,
		"--pid-file="+h.path("pid"), "--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", s.Port),
		"--skip-name-resolve", "--init-file="+h.path("init.sql"), "--ssl-ca="+s.CAFile, "--ssl-cert="+cert,
		"--ssl-key="+key, "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--innodb-fast-shutdown=2",
		"--innodb-buffer-pool-size=64M", "--innodb-log-file-size=16M", "--sync-binlog=0", "--max-connections=300",
		"--max-allowed-packet=64M", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci",
		"--default-time-zone=+00:00", "--performance-schema=off")
	if err != nil {
		return nil, err
	}
	if err := p.waitReady(ctx, func() error { return pingMariaDB(ctx, *s) }); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

// pingMariaDB also makes the default database, so that a server is never
// reported ready before its accounts work.
func pingMariaDB(ctx context.Context, s Server) error {
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", s.Addr(), s.User, s.Password
	cfg.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS test")
	return err
}

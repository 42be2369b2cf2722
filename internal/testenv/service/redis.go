package service

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// StartRedis starts a private Redis without persistence. It returns when the
// server answers. Tests share it: keep to keys with a prefix of your own.
func StartRedis(ctx context.Context) (Server, *Process, error) {
	bin, err := find("redis-server")
	if err != nil {
		return Server{}, nil, err
	}
	h, err := newHome(KindRedis, "redis")
	if err != nil {
		return Server{}, nil, err
	}
	port, err := freePort()
	if err != nil {
		h.remove()
		return Server{}, nil, err
	}
	s := Server{Kind: KindRedis, Version: versionOf(bin), Host: "127.0.0.1", Port: port, Password: "test-redis", Database: "0"}
	p, err := h.start("TERM", bin, "--bind", s.Host, "--port", strconv.Itoa(s.Port), "--requirepass", s.Password,
		"--save", "", "--appendonly", "no", "--dir", h.dir)
	if err == nil {
		err = p.waitReady(ctx, func() error { return pingRedis(s) })
		if err != nil {
			p.Stop()
		}
	}
	if err != nil {
		h.remove()
		return Server{}, nil, fmt.Errorf("start Redis: %w", err)
	}
	return s, p, nil
}

func pingRedis(s Server) error {
	conn, err := net.DialTimeout("tcp", s.Addr(), time.Second)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\n", s.Password); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(line, "+OK") {
		return fmt.Errorf("redis said %q", strings.TrimSpace(line))
	}
	return nil
}

// FindChromium returns the path and version of a Chromium or Chrome: the one
// that DRIBBLE_TEST_CHROMIUM names, or the first in PATH.
func FindChromium() (path, version string, err error) {
	if path := os.Getenv(KindChromium.Variable()); path != "" {
		return path, versionOf(path), nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := find(name); err == nil {
			return path, versionOf(path), nil
		}
	}
	return "", "", fmt.Errorf("chromium: %w", ErrMissing)
}

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// config is every setting of the server. This file is the only reader of flags
// and environment.
type config struct {
	Addr        string
	Data        string
	DatabaseURL string
	RedisURL    string
	LogFormat   string
	LogLevel    string
	Auth        string
	Workers     string
	Hosts       []string
	MaxRows     int
	ResultTTL   time.Duration
	ResultQuota int64
	IdleStop    time.Duration
	WorkerMB    int
}

// setting is one flag with its variable, so that help text, flag and environment
// cannot drift apart.
type setting struct {
	name, value, help string
	set               func(*config, string) error
}

func (s setting) variable() string {
	return "DRIBBLE_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// settings are all of them; data is the default of the data folder.
func settings(data string) []setting {
	text := func(field func(*config) *string) func(*config, string) error {
		return func(c *config, v string) error { *field(c) = v; return nil }
	}
	return []setting{
		{"addr", "127.0.0.1:8080", "address to listen on, host:port; port 0 takes a free one", text(func(c *config) *string { return &c.Addr })},
		{"data", data, "folder for the embedded database, results, keys and the sample", text(func(c *config) *string { return &c.Data })},
		{"database-url", "", "PostgreSQL for Dribble's own data, postgres://user:password@host/db; empty = embedded SQLite in the data folder", text(func(c *config) *string { return &c.DatabaseURL })},
		{"redis-url", "", "Redis for shared caches, redis://host:6379/0; empty = inside the process", text(func(c *config) *string { return &c.RedisURL })},
		{"log-format", "text", "text or json", oneOf(func(c *config) *string { return &c.LogFormat }, "text", "json")},
		{"log-level", "info", "debug, info, warn or error", oneOf(func(c *config) *string { return &c.LogLevel }, "debug", "info", "warn", "error")},
		{"auth", "none", "who may come in; none = whoever reaches the address, which must then be loopback", oneOf(func(c *config) *string { return &c.Auth }, "none")},
		{"workers", "process", "how workers run; process = child processes of this server", oneOf(func(c *config) *string { return &c.Workers }, "process")},
		{"hosts", "", "further host names that browsers may use for this server, comma-separated", hosts},
		{"max-rows", "5000000", "most rows that one statement of a run may keep", number(func(c *config, n int64) { c.MaxRows = int(n) }, 1, 1_000_000_000)},
		{"result-ttl", "168h", "how long results of runs are kept", duration(func(c *config, d time.Duration) { c.ResultTTL = d })},
		{"result-quota-mb", "10000", "disk space for results in MB; the oldest go first", number(func(c *config, n int64) { c.ResultQuota = n * 1_000_000 }, 1, 1<<30)},
		{"worker-idle", "10m", "an idle worker is stopped after this time and wakes on the next run", duration(func(c *config, d time.Duration) { c.IdleStop = d })},
		{"worker-memory-mb", "256", "memory limit of one worker in MiB", number(func(c *config, n int64) { c.WorkerMB = int(n) }, 64, 1<<20)},
	}
}

// hosts reads a list of names. A scheme or port would make a name match no request.
func hosts(c *config, v string) error {
	for h := range strings.SplitSeq(v, ",") {
		if h = strings.Trim(strings.TrimSpace(h), "[]"); h == "" {
			continue
		}
		if strings.ContainsAny(h, "/ *") || strings.Contains(h, ":") && net.ParseIP(h) == nil {
			return fmt.Errorf("must be names without scheme and port such as sql.example.com, not %q", h)
		}
		c.Hosts = append(c.Hosts, h)
	}
	return nil
}

func oneOf(field func(*config) *string, allowed ...string) func(*config, string) error {
	return func(c *config, v string) error {
		for _, a := range allowed {
			if v == a {
				*field(c) = v
				return nil
			}
		}
		return fmt.Errorf("must be %s, not %q", strings.Join(allowed, " or "), v)
	}
}

func number(set func(*config, int64), low, high int64) func(*config, string) error {
	return func(c *config, v string) error {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < low || n > high {
			return fmt.Errorf("must be a number from %d to %d, not %q", low, high, v)
		}
		set(c, n)
		return nil
	}
}

func duration(set func(*config, time.Duration)) func(*config, string) error {
	return func(c *config, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d < time.Second {
			return fmt.Errorf("must be a time of at least 1s such as 10m or 24h, not %q", v)
		}
		set(c, d)
		return nil
	}
}

// readConfig reads args and environ; a flag beats its variable. All problems are
// reported at once. flag.ErrHelp means that help was asked for and printed.
func readConfig(command string, args []string, environ func(string) string, out io.Writer) (config, error) {
	all := settings(dataFolder(environ))
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	values := make([]*string, len(all))
	for i, s := range all {
		value := s.value
		if v := environ(s.variable()); v != "" {
			value = v
		}
		values[i] = flags.String(s.name, value, s.help)
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			printSettings(out, command, all)
			return config{}, err
		}
		return config{}, fmt.Errorf("%w; see dribble %s --help", err, command)
	}
	if flags.NArg() > 0 {
		return config{}, fmt.Errorf("unexpected argument %q; see dribble %s --help", flags.Arg(0), command)
	}
	var c config
	var problems []error
	for i, s := range all {
		if err := s.set(&c, *values[i]); err != nil {
			problems = append(problems, fmt.Errorf("--%s (%s) %w", s.name, s.variable(), err))
		}
	}
	problems = append(problems, c.check()...)
	return c, errors.Join(problems...)
}

// check finds settings that do not go together.
func (c config) check() []error {
	var problems []error
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		problems = append(problems, fmt.Errorf("--addr must be host:port, not %q", c.Addr))
	} else if c.Auth == "none" && !isLoopback(host) {
		problems = append(problems, fmt.Errorf("--addr %s can be reached from other machines, and --auth=none would let anyone in; listen on 127.0.0.1 and put a reverse proxy with a login in front", c.Addr))
	}
	if c.DatabaseURL != "" {
		if u, err := url.Parse(c.DatabaseURL); err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
			problems = append(problems, errors.New("--database-url must begin with postgres://"))
		}
	}
	if c.RedisURL != "" {
		if u, err := url.Parse(c.RedisURL); err != nil || (u.Scheme != "redis" && u.Scheme != "rediss" && u.Scheme != "unix") {
			problems = append(problems, errors.New("--redis-url must begin with redis://, rediss:// or unix://"))
		}
	}
	if c.Data == "" {
		problems = append(problems, errors.New("--data is empty and there is no home folder to fall back on"))
	}
	return problems
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// dataFolder is $XDG_DATA_HOME/dribble, or its default in the home folder; "" without
// either. The standard says that a relative path there counts as none.
func dataFolder(environ func(string) string) string {
	if base := environ("XDG_DATA_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "dribble")
	}
	home := environ("HOME")
	if home == "" {
		return ""
	}
	return filepath.Join(home, ".local", "share", "dribble")
}

func printSettings(out io.Writer, command string, all []setting) {
	_, _ = fmt.Fprintf(out, "Usage: dribble %s [flags]\n\n", command)
	if command == "serve" {
		_, _ = fmt.Fprint(out, "Serves the workspace until it gets SIGINT or SIGTERM. Without flags it needs nothing else:\n"+
			"it keeps its data in a folder of yours and starts with a sample database.\n\n")
	}
	_, _ = fmt.Fprintln(out, "Flags, each with its environment variable and default:")
	for _, s := range all {
		value := s.value
		if value == "" {
			value = "empty"
		}
		_, _ = fmt.Fprintf(out, "  --%s, %s (%s)\n        %s\n", s.name, s.variable(), value, s.help)
	}
}

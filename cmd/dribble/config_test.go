package main

import (
	"bytes"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// configOf reads settings with the variables given and nothing of the real ones.
func configOf(variables map[string]string, args ...string) (config, string, error) {
	all := map[string]string{"HOME": "/home/ada"}
	maps.Copy(all, variables)
	var out bytes.Buffer
	c, err := readConfig("serve", args, func(name string) string { return all[name] }, &out)
	return c, out.String(), err
}

func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	c, _, err := configOf(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := config{
		Addr: "127.0.0.1:8080", Data: "/home/ada/.local/share/dribble", LogFormat: "text", LogLevel: "info", Auth: "none", Workers: "process",
		MaxRows: 5_000_000, ResultTTL: 168 * time.Hour, ResultQuota: 10_000_000_000, IdleStop: 10 * time.Minute, WorkerMB: 256,
	}
	if c.Hosts != nil {
		t.Errorf("hosts: got %q, want none", c.Hosts)
	}
	if c.Addr != want.Addr || c.Data != want.Data || c.LogFormat != want.LogFormat || c.LogLevel != want.LogLevel || c.Auth != want.Auth ||
		c.Workers != want.Workers || c.MaxRows != want.MaxRows || c.ResultTTL != want.ResultTTL || c.ResultQuota != want.ResultQuota ||
		c.IdleStop != want.IdleStop || c.WorkerMB != want.WorkerMB || c.DatabaseURL != "" || c.RedisURL != "" {
		t.Errorf("got %+v, want %+v", c, want)
	}
	c, _, err = configOf(map[string]string{"XDG_DATA_HOME": "/srv/data"})
	if err != nil || c.Data != "/srv/data/dribble" {
		t.Errorf("with XDG_DATA_HOME: got %s, %v", c.Data, err)
	}
	c, _, err = configOf(map[string]string{"XDG_DATA_HOME": "here"})
	if err != nil || c.Data != want.Data {
		t.Errorf("with a relative XDG_DATA_HOME: got %s, %v; want it passed over", c.Data, err)
	}
}

func TestConfigFlagBeatsVariable(t *testing.T) {
	t.Parallel()
	c, _, err := configOf(map[string]string{"DRIBBLE_MAX_ROWS": "1000", "DRIBBLE_LOG_LEVEL": "warn", "DRIBBLE_HOSTS": "a.example, B.example,,[::2]"}, "--max-rows", "2000")
	if err != nil {
		t.Fatal(err)
	}
	if c.MaxRows != 2000 || c.LogLevel != "warn" || !slices.Equal(c.Hosts, []string{"a.example", "B.example", "::2"}) {
		t.Errorf("got %d rows, level %s, hosts %q", c.MaxRows, c.LogLevel, c.Hosts)
	}
}

func TestConfigEverySettingHasAWorkingVariable(t *testing.T) {
	t.Parallel()
	for _, s := range settings("/data") {
		_, _, err := configOf(map[string]string{s.variable(): "\x00 no value is like this"})
		if free := slices.Contains([]string{"data"}, s.name); (err == nil) != free {
			t.Errorf("%s: got %v", s.variable(), err)
		}
		if s.value != "" {
			if _, _, err := configOf(map[string]string{s.variable(): s.value}); err != nil {
				t.Errorf("%s=%s, its own default: %v", s.variable(), s.value, err)
			}
		}
	}
}

func TestConfigTellsAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, _, err := configOf(map[string]string{"DRIBBLE_RESULT_TTL": "soon", "DRIBBLE_REDIS_URL": "redis://:hunter2@host:port"},
		"--addr", "0.0.0.0:80", "--log-format", "xml", "--worker-memory-mb", "1", "--database-url", "mysql://root:hunter2@x", "--hosts", "https://sql.example.com")
	if err == nil {
		t.Fatal("got no error")
	}
	text := err.Error()
	for _, want := range []string{
		"--result-ttl (DRIBBLE_RESULT_TTL)", "--addr 0.0.0.0:80", "--log-format (DRIBBLE_LOG_FORMAT)", "--worker-memory-mb", "--database-url", "--redis-url", "--hosts",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing of %s in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "hunter2") {
		t.Errorf("a password is quoted in:\n%s", text)
	}
	if line := public(err); strings.Contains(line, "\n") {
		t.Errorf("told in several lines: %q", line)
	}
}

func TestConfigRefusals(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"host with a port":     {"--hosts", "sql.example.com:8443"},
		"host with a wildcard": {"--hosts", "*.example.com"},
		"all addresses":        {"--addr", ":8080"},
		"other machine":        {"--addr", "192.168.1.4:8080"},
		"short time":           {"--result-ttl", "10ms"},
		"time without unit":    {"--worker-idle", "10"},
		"no rows":              {"--max-rows", "0"},
		"unknown back end":     {"--workers", "vm"},
		"unknown login":        {"--auth", "maybe"},
		"argument":             {"stray"},
		"empty folder":         {"--data", ""},
	} {
		if c, _, err := configOf(nil, args...); err == nil {
			t.Errorf("%s: accepted as %+v", name, c)
		}
	}
	for _, addr := range []string{"localhost:0", "127.9.9.9:1", "[::1]:8080"} {
		if _, _, err := configOf(nil, "--addr", addr); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
	}
	if _, _, err := configOf(map[string]string{"HOME": ""}); err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("without a home: got %v, want --data to be asked for", err)
	}
}

func TestConfigHelp(t *testing.T) {
	t.Parallel()
	_, help, err := configOf(map[string]string{"DRIBBLE_DATABASE_URL": "postgres://u:hunter2@h/d"}, "--help")
	if !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got %v, want flag.ErrHelp", err)
	}
	for _, s := range settings("/home/ada/.local/share/dribble") {
		if !strings.Contains(help, "--"+s.name+", "+s.variable()+" (") || !strings.Contains(help, s.help) {
			t.Errorf("help says nothing of --%s", s.name)
		}
	}
	if strings.Contains(help, "hunter2") {
		t.Error("help quotes a variable's secret")
	}
}

// A call that cannot be understood must not make a data folder first.
func TestTokenTouchesNothingBeforeItUnderstands(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"show"}, {"--help"}, {"create"}, {"create", "--data", "x"}, {"delete"}, {"create", "--help"}, {"list", "--nope"}} {
		data := filepath.Join(t.TempDir(), "data")
		var out, fault bytes.Buffer
		env := environment{func(name string) string { return map[string]string{"DRIBBLE_DATA": data}[name] }, nil, &out, &fault}
		code := run(t.Context(), append([]string{"token"}, args...), env)
		if _, err := os.Stat(data); err == nil {
			t.Errorf("token %v made the data folder", args)
		}
		if help := slices.Contains(args, "--help") && len(args) > 1; help != (code == 0) {
			t.Errorf("token %v: exit code %d, %s", args, code, fault.String())
		}
	}
}

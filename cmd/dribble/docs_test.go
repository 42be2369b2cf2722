package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// said runs a command of the product and returns its exit code and what it wrote.
func said(t *testing.T, args ...string) (int, string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = []string{"HOME=/home/you"} // nobody's: a command without --data must fail before it writes there
	out, _ := cmd.CombinedOutput()       // the exit code tells of failures
	return cmd.ProcessState.ExitCode(), string(out)
}

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestConfigurationIsDocumented holds docs/configuration.md against the program:
// it must quote the whole help text of serve.
func TestConfigurationIsDocumented(t *testing.T) {
	t.Parallel()
	code, help := said(t, "serve", "--help")
	if code != 0 || strings.Count(help, "DRIBBLE_") < 14 {
		t.Fatalf("serve --help: exit code %d, %s", code, help)
	}
	text := document(t, "configuration.md")
	if !strings.Contains(text, "```\n"+help+"```\n") {
		t.Errorf("docs/configuration.md must hold this, between fences:\n%s", help)
	}
	for _, s := range settings("") {
		if n := strings.Count(text, "`--"+s.name+"`"); n == 0 {
			t.Errorf("docs/configuration.md says nothing of --%s beyond its help text", s.name)
		}
	}
}

// TestDocumentsNameRealFlags finds flags, variables and commands in the documents
// that the program does not have.
func TestDocumentsNameRealFlags(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"--help": true}
	for _, s := range settings("") {
		known["--"+s.name], known[s.variable()] = true, true
	}
	named := map[string]bool{}
	for _, c := range commands() {
		named[c.name] = true
	}
	word := regexp.MustCompile(`(?:^|[\s` + "`" + `(])(--[a-z][a-z-]+|DRIBBLE_[A-Z_]+)`)
	command := regexp.MustCompile(`(?m)^ *(?:\$ )?(?:bin/)?dribble ([a-z]+)`)
	for _, name := range []string{"api.md", "configuration.md", "operations.md", "security.md"} {
		text := document(t, name)
		for _, m := range word.FindAllStringSubmatch(text, -1) {
			if !known[m[1]] && !strings.HasPrefix(m[1], "DRIBBLE_TEST") {
				t.Errorf("docs/%s names %s, which does not exist", name, m[1])
			}
		}
		for _, m := range command.FindAllStringSubmatch(text, -1) {
			if !named[m[1]] {
				t.Errorf("docs/%s names the command %s, which does not exist", name, m[1])
			}
		}
	}
}

// TestCommandsOfTheAdministrator uses the small commands beside a running server.
func TestCommandsOfTheAdministrator(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p, _ := serverOn(t, data)
	address := strings.TrimPrefix(p.url, "http://")
	code, token := said(t, "token", "create", "notebook", "--data", data)
	if code != 0 || strings.Count(token, "\n") != 1 {
		t.Fatalf("token create: exit code %d, %q", code, token)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/api/v1/engines", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the new token: got %d", answer.StatusCode)
	}
	for _, tt := range []struct {
		args string
		code int
		says string
	}{
		{"version", 0, "dribble "},
		{"help", 0, "Commands:"},
		{"health --addr " + address, 0, ""},
		{"health --addr 127.0.0.1:1", 1, "no server answers"},
		{"token list --data " + data, 0, "notebook"},
		{"token create --data " + data, 1, "token create NAME"},
		{"token", 1, "token create NAME"},
		{"migrate status --data " + data, 1, "Another Dribble server"},
		{"nonsense", 2, "no command"},
	} {
		code, text := said(t, strings.Fields(tt.args)...)
		if code != tt.code || !strings.Contains(text, tt.says) {
			t.Errorf("dribble %s: exit code %d saying %q, want %d saying %q", tt.args, code, text, tt.code, tt.says)
		}
	}
	metrics := string(p.get("/metrics"))
	for _, name := range []string{"dribble_runs", "dribble_rows", "dribble_http", "dribble_worker"} {
		if !strings.Contains(metrics, name) {
			t.Errorf("/metrics tells nothing of %s", name)
		}
	}
}

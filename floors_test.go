// Package floors_test holds the dependency table of docs/architecture.md: who may
// import whom. A new arrow between packages fails here until the table says so.
package floors_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "dribble"

// floors names, for each package, the packages of ours that it may import. An
// entry ending in /... stands for the whole tree below it; tests may import
// anything.
func floors() map[string][]string {
	engines := []string{"domain", "engine", "result", "sqltext"}
	return map[string][]string{
		"cmd/dribble": {"..."},
		"handlers": {"views", "static", "db", "query", "auth", "export", "result", "sqltext", "engine",
			"worker/pool", "domain"},
		"query":           {"domain", "result", "engine", "sqltext", "worker"},
		"views":           {"domain", "result", "engine", "static"},
		"worker/pool":     {"domain", "worker", "engine"},
		"worker/serve":    {"domain", "worker", "engine", "result"},
		"engine/all":      append(engines, "engine/postgres", "engine/mysql", "engine/sqlite"),
		"engine/postgres": engines,
		"engine/mysql":    engines,
		"engine/sqlite":   engines,
		"worker":          {"domain", "result", "engine"},
		"engine":          {"domain", "result"},
		"export":          {"domain", "result"},
		"db":              {"domain", "result", "migrations"},
		"auth":            {"domain"},
		"result":          {"domain"},
		"sqltext":         {"domain"},
		"domain":          {},
		"static":          {},
		"migrations":      {},
		// Test and build support; product code never imports it.
		"engine/enginetest":        {"..."},
		"internal/testenv":         {"internal/testenv/service"},
		"internal/testenv/run":     {"internal/testenv/service"},
		"internal/testenv/service": {},
		"internal/assets":          {"static"},
		"static/js":                {}, // browser tests of the scripts
		"bench":                    {"..."},
		".":                        {},
	}
}

// ground floors use the standard library alone.
func ground() []string { return []string{"domain", "static"} }

func TestFloors(t *testing.T) {
	t.Parallel()
	table := floors()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := map[string]bool{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if name == "" {
			name = "."
		}
		seen[name] = true
		allowed, known := table[name]
		if !known && !strings.HasPrefix(name, "bench/") {
			t.Errorf("package %s is not in the table: decide its floor", name)
			continue
		}
		for _, imported := range p.Imports {
			ours, isOurs := strings.CutPrefix(imported, module+"/")
			if isOurs && known && !slices.Contains(allowed, ours) && !slices.Contains(allowed, "...") {
				t.Errorf("%s must not import %s", name, ours)
			}
			if !isOurs && slices.Contains(ground(), name) && strings.Contains(imported, ".") {
				t.Errorf("%s must import the standard library alone, not %s", name, imported)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		if name != "." && !seen[name] {
			t.Errorf("package %s is in the table but not in the tree", name)
		}
	}
}

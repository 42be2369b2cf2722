package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// fill runs the whole build into a folder of its own.
func fill(t *testing.T) *build {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, "node_modules")); err != nil {
		t.Skip("node_modules is missing: run make assets")
	}
	b := newBuild(root, t.TempDir())
	if err := b.all(); err != nil {
		t.Fatal(err)
	}
	return b
}

// weight is what the named files weigh on the wire with brotli, in bytes.
func (b *build) weight(t *testing.T, names []string) int64 {
	t.Helper()
	var sum int64
	for _, name := range names {
		path := filepath.Join(b.out, name)
		if b.manifest.Files[name].Brotli {
			path += ".br"
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
	}
	return sum
}

// One build serves all these checks: compressing takes its time.
func TestBuild(t *testing.T) {
	t.Parallel()
	b := fill(t)
	t.Run("weight on the wire", func(t *testing.T) { checkWeight(t, b) })
	t.Run("every import is in the map", func(t *testing.T) { checkImports(t, b) })
	t.Run("font addresses are hashed", func(t *testing.T) { checkFonts(t, b) })
}

func checkWeight(t *testing.T, b *build) {
	t.Helper()
	page := append([]string{"vendor/htmx.js", "vendor/hx-sse.js"}, b.manifest.Graph["dribble/app.js"]...)
	all := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(page), b.manifest.Graph["dribble/editor.js"]...))))
	if got, most := b.weight(t, page), int64(40_000); got > most {
		t.Errorf("scripts of a page: got %d bytes, want at most %d", got, most)
	} else {
		t.Logf("scripts of a page: %d bytes", got)
	}
	if got, most := b.weight(t, all), int64(190_000); got > most {
		t.Errorf("scripts with the editor: got %d bytes, want at most %d", got, most)
	} else {
		t.Logf("scripts with the editor: %d bytes", got)
	}
}

func checkImports(t *testing.T, b *build) {
	t.Helper()
	imported := regexp.MustCompile(`(?:\bfrom|\bimport)\s*\(?["']((?:@[a-z]|dribble/|[a-z])[a-z0-9./-]*[^"'\n]*)["']`)
	for name, text := range b.scripts {
		if !strings.HasPrefix(name, "js/") && !strings.HasPrefix(name, "vendor/cm-") && !strings.HasPrefix(name, "vendor/lezer-") {
			continue
		}
		for _, m := range imported.FindAllStringSubmatch(text, -1) {
			if _, ok := b.manifest.Imports[m[1]]; !ok {
				t.Errorf("%s imports %q, which the browser cannot find", name, m[1])
			}
		}
	}
}

func TestEveryIconIsInTheSprite(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(root, "views", "*.templ"))
	if err != nil {
		t.Fatal(err)
	}
	golden, err := filepath.Glob(filepath.Join(root, "views", "testdata", "*.html"))
	if err != nil {
		t.Fatal(err)
	}
	used := regexp.MustCompile(`(?:@Icon\("|icons\.svg#)([a-z0-9-]+)"`)
	known := append(icons(), "spinner")
	for _, path := range append(paths, golden...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(text), -1) {
			if !slices.Contains(known, m[1]) {
				t.Errorf("%s uses the icon %q, which is not in the sprite", filepath.Base(path), m[1])
			}
		}
	}
}

func checkFonts(t *testing.T, b *build) {
	t.Helper()
	css, err := os.ReadFile(filepath.Join(b.out, "css", "base.css"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(css), "../fonts") || !strings.Contains(string(css), "/static/"+b.manifest.Files["fonts/inter.woff2"].Hash+"/fonts/inter.woff2") {
		t.Error("the style sheet does not name the fonts by their addresses")
	}
}

func TestUpToDate(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(out, "manifest.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if upToDate(out, "x") {
		t.Error("an empty folder counts as up to date")
	}
	write(`{"inputs":"x","files":{}}`)
	if !upToDate(out, "x") || upToDate(out, "y") {
		t.Error("the inputs' digest is not what decides")
	}
	write(`{"inputs":"x","files":{"gone.js":{"hash":"a"}}}`)
	if upToDate(out, "x") {
		t.Error("a lost file is not noticed")
	}
}

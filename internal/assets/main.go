// Command assets fills static/vendor: it takes the pinned files of npm packages and
// our own style sheets and scripts, minifies and precompresses them, builds the
// icon sprite, and writes the manifest that package static reads. It does nothing
// when nothing has changed. Run it in the root of the repository after
// `npm ci --ignore-scripts`.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"dribble/static"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	start := time.Now()
	out := filepath.Join(root, "static", "vendor")
	inputs, err := digest(root)
	if err != nil {
		return err
	}
	if upToDate(out, inputs) {
		return nil
	}
	if _, err := os.Stat(filepath.Join(root, "node_modules")); err != nil {
		return fmt.Errorf("node_modules is missing: run npm ci --ignore-scripts first: %w", err)
	}
	b := newBuild(root, out)
	if err := b.all(); err != nil {
		return err
	}
	b.manifest.Inputs = inputs
	text, err := json.MarshalIndent(b.manifest, "", " ")
	if err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	if err := os.WriteFile(filepath.Join(out, static.ManifestName), append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	fmt.Printf("assets: %d files, %d kB, %d kB compressed, in %.1f s\n",
		len(b.manifest.Files), b.raw/1000, b.compressed/1000, time.Since(start).Seconds())
	return nil
}

// upToDate reports whether the manifest was made of the same inputs and all its
// files are there.
func upToDate(out, inputs string) bool {
	text, err := os.ReadFile(filepath.Join(out, static.ManifestName))
	if err != nil {
		return false
	}
	var m static.Manifest
	if json.Unmarshal(text, &m) != nil || m.Inputs != inputs {
		return false
	}
	for name := range m.Files {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			return false
		}
	}
	return true
}

package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// program is this command's own source: a change of it makes everything anew.
//
//go:embed *.go
var program embed.FS

// digest stands for everything the files are made of. The lock file stands for the
// packages.
func digest(root string) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(program, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(program, path)
		sum.Write(content)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read own source: %w", err)
	}
	paths := []string{filepath.Join(root, "package-lock.json")}
	for _, pattern := range []string{"css/*.css", "js/*.js", "icons/*.svg"} {
		found, err := filepath.Glob(filepath.Join(root, "static", pattern))
		if err != nil {
			return "", fmt.Errorf("find %s: %w", pattern, err)
		}
		paths = append(paths, found...)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("read input: %w", err)
		}
		fmt.Fprintf(sum, "%s %d\n", filepath.Base(path), len(content))
		sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil))[:32], nil
}

// licences gathers the licence texts of all packages that a file is taken from.
func (b *build) licences() ([]byte, error) {
	names := []string{"lucide-static"}
	for _, f := range packageFiles() {
		parts := strings.SplitN(f.from, "/", 3)
		name := parts[0]
		if strings.HasPrefix(name, "@") {
			name += "/" + parts[1]
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out bytes.Buffer
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(b.root, "node_modules", name, "LICENSE"))
		if err != nil {
			return nil, fmt.Errorf("read licence: %w", err)
		}
		fmt.Fprintf(&out, "%s\n\n%s\n\n", name, bytes.TrimSpace(text))
	}
	return out.Bytes(), nil
}

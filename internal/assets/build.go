package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"dribble/static"
)

// build is one filling of the vendor folder.
type build struct {
	root, out       string
	manifest        static.Manifest
	scripts         map[string]string // minified text by name, for the import graph
	raw, compressed int               // bytes
}

func newBuild(root, out string) *build {
	return &build{
		root: root, out: out, scripts: map[string]string{},
		manifest: static.Manifest{Files: map[string]static.File{}, Imports: map[string]string{}, Graph: map[string][]string{}},
	}
}

// all writes every file. Fonts come first, because style sheets name them by
// address.
func (b *build) all() error {
	if err := b.clear(); err != nil {
		return err
	}
	for _, f := range packageFiles() {
		content, err := os.ReadFile(filepath.Join(b.root, "node_modules", f.from))
		if err != nil {
			return fmt.Errorf("read a file of a package (is package.json in step with list.go?): %w", err)
		}
		if f.module != "" {
			b.manifest.Imports[f.module] = f.to
		}
		if err := b.add(f.to, content); err != nil {
			return err
		}
	}
	if err := b.ownFiles(); err != nil {
		return err
	}
	sprite, err := b.sprite()
	if err != nil {
		return err
	}
	if err := b.write("icons.svg", sprite); err != nil {
		return err
	}
	licences, err := b.licences()
	if err != nil {
		return err
	}
	if err := b.write("licences.txt", licences); err != nil {
		return err
	}
	for _, entry := range entries() {
		b.manifest.Graph[entry] = b.graph(entry)
	}
	return nil
}

// clear empties the vendor folder but for the file that keeps it in git.
func (b *build) clear() error {
	found, err := os.ReadDir(b.out)
	if err != nil {
		return fmt.Errorf("read the vendor folder: %w", err)
	}
	for _, f := range found {
		if f.Name() == ".gitignore" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(b.out, f.Name())); err != nil {
			return fmt.Errorf("clear the vendor folder: %w", err)
		}
	}
	return nil
}

func (b *build) ownFiles() error {
	for _, pattern := range []string{"css/*.css", "js/*.js", "icons/*.svg"} {
		paths, err := filepath.Glob(filepath.Join(b.root, "static", pattern))
		if err != nil {
			return fmt.Errorf("find %s: %w", pattern, err)
		}
		for _, path := range paths {
			content, err := os.ReadFile(path)
			if err != nil {
				return fmt.Errorf("read an own file: %w", err)
			}
			base := filepath.Base(path)
			if strings.HasSuffix(base, ".js") {
				b.manifest.Imports["dribble/"+base] = "js/" + base
			}
			if err := b.add(filepath.ToSlash(filepath.Dir(pattern))+"/"+base, content); err != nil {
				return err
			}
		}
	}
	return nil
}

// add minifies a file by its kind and writes it.
func (b *build) add(name string, content []byte) error {
	var loader api.Loader
	switch filepath.Ext(name) {
	case ".js":
		loader = api.LoaderJS
	case ".css":
		loader = api.LoaderCSS
	default:
		return b.write(name, content)
	}
	done := api.Transform(string(content), api.TransformOptions{
		Loader: loader, Sourcefile: name, Target: api.ES2022, LegalComments: api.LegalCommentsNone,
		MinifyWhitespace: true, MinifyIdentifiers: loader == api.LoaderJS, MinifySyntax: loader == api.LoaderJS,
	})
	if len(done.Errors) > 0 {
		e := done.Errors[0]
		where := name
		if e.Location != nil {
			where = fmt.Sprintf("%s:%d", name, e.Location.Line)
		}
		return errors.New(where + ": " + e.Text)
	}
	text := done.Code
	if loader == api.LoaderJS {
		b.scripts[name] = string(text)
	} else {
		text = b.fontAddresses(text)
	}
	return b.write(name, text)
}

// fontAddresses turns url(../fonts/x.woff2) into the font's hashed address.
func (b *build) fontAddresses(css []byte) []byte {
	return regexp.MustCompile(`\.\./(fonts/[a-z-]+\.woff2)`).ReplaceAllFunc(css, func(found []byte) []byte {
		name := strings.TrimPrefix(string(found), "../")
		return []byte("/static/" + b.manifest.Files[name].Hash + "/" + name)
	})
}

// graph lists the files that an entry module loads, itself first.
func (b *build) graph(entry string) []string {
	imported := regexp.MustCompile(`(?:\bfrom|\bimport)\s*["']([^"'\n]+)["']`)
	var names []string
	waiting := []string{b.manifest.Imports[entry]}
	for len(waiting) > 0 {
		name := waiting[0]
		waiting = waiting[1:]
		if name == "" || slices.Contains(names, name) {
			continue
		}
		names = append(names, name)
		for _, m := range imported.FindAllStringSubmatch(b.scripts[name], -1) {
			waiting = append(waiting, b.manifest.Imports[m[1]])
		}
	}
	return names
}

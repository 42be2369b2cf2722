// Package static serves the browser's files: style sheets, scripts, fonts and the
// icon sprite, all inside the binary under addresses that change with their
// content. `make assets` prepares them; without it pages keep their style sheets
// and work without script. It imports the standard library alone.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/base32"
	"encoding/json"
	"io/fs"
	"strings"
	"sync"
)

// prepared holds what `make assets` made; own holds the style sheets as written,
// for a binary that was built without that step.
//
//go:embed all:vendor
var prepared embed.FS

//go:embed css
var own embed.FS

// ManifestName is the file in the vendor folder that lists all others.
const ManifestName = "manifest.json"

// File is one prepared file.
type File struct {
	Hash   string `json:"hash"`   // of the content; part of the address
	Brotli bool   `json:"brotli"` // a .br variant lies beside it
	Gzip   bool   `json:"gzip"`   // a .gz variant lies beside it
}

// Manifest lists the prepared files.
type Manifest struct {
	Inputs  string              `json:"inputs"`  // digest of everything the files were made of
	Files   map[string]File     `json:"files"`   // by name: "css/tokens.css"
	Imports map[string]string   `json:"imports"` // bare module name to file name
	Graph   map[string][]string `json:"graph"`   // entry module to all file names it loads, itself first
}

// Hash returns the part of a file's address that stands for its content.
func Hash(content []byte) string {
	sum := sha256.Sum256(content)
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:12])
}

type library struct {
	manifest Manifest
	root     fs.FS
	missing  bool
}

//nolint:gochecknoglobals // read once from the embedded files and never changed
var load = sync.OnceValue(func() library { return open(prepared, own) })

func open(prepared, own fs.FS) library {
	text, err := fs.ReadFile(prepared, "vendor/"+ManifestName)
	if err == nil {
		var m Manifest
		root, rootErr := fs.Sub(prepared, "vendor")
		if rootErr == nil && json.Unmarshal(text, &m) == nil {
			return library{manifest: m, root: root}
		}
	}
	m := Manifest{Files: map[string]File{}, Imports: map[string]string{}}
	names, _ := fs.Glob(own, "css/*.css") // fails for a malformed pattern only
	for _, name := range names {
		if content, err := fs.ReadFile(own, name); err == nil {
			m.Files[name] = File{Hash: Hash(content)}
		}
	}
	return library{manifest: m, root: own, missing: true}
}

// URL returns the address of a file, for example of "css/tokens.css". A file that
// is not there gets an address that answers 404.
func URL(name string) string { return load().url(name) }

func (l library) url(name string) string {
	if f, ok := l.manifest.Files[name]; ok {
		return "/static/" + f.Hash + "/" + name
	}
	return "/static/missing/" + name
}

// ImportMap returns the page's import map as JSON: bare module names to addresses.
func ImportMap() []byte { return load().importMap() }

func (l library) importMap() []byte {
	imports := make(map[string]string, len(l.manifest.Imports))
	for module, name := range l.manifest.Imports {
		imports[module] = l.url(name)
	}
	text, _ := json.Marshal(map[string]any{"imports": imports}) // maps of strings always encode
	return text
}

// Modules returns the addresses of all modules that an entry module such as
// "dribble/editor.js" loads, itself first; nil for an unknown one.
func Modules(entry string) []string {
	l := load()
	names := l.manifest.Graph[entry]
	urls := make([]string, len(names))
	for i, name := range names {
		urls[i] = l.url(name)
	}
	return urls
}

// Missing says what to do when the assets were not prepared, and is "" when all is
// well.
func Missing() string {
	if load().missing {
		return "Assets are missing: run make assets"
	}
	return ""
}

package static

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func preparedFiles() fs.FS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return fstest.MapFS{
		"vendor/manifest.json": file(`{"files":{
			"js/app.js":{"hash":"aaa","brotli":true,"gzip":true},"fonts/a.woff2":{"hash":"fff"}},
			"imports":{"dribble/app.js":"js/app.js"},"graph":{"dribble/app.js":["js/app.js"]}}`),
		"vendor/js/app.js":     file("plain"),
		"vendor/js/app.js.br":  file("brotli"),
		"vendor/js/app.js.gz":  file("gzip"),
		"vendor/fonts/a.woff2": file("font"),
	}
}

func ownFiles() fs.FS {
	return fstest.MapFS{"css/base.css": &fstest.MapFile{Data: []byte("a{}")}}
}

func TestServe(t *testing.T) {
	t.Parallel()
	l := open(preparedFiles(), ownFiles())
	tests := []struct {
		name, path, accept, etag    string
		code                        int
		body, encoding, cache, vary string
	}{
		{name: "brotli first", path: "/static/aaa/js/app.js", accept: "gzip, deflate, br", code: 200, body: "brotli", encoding: "br", cache: "public, max-age=31536000, immutable", vary: "Accept-Encoding"},
		{name: "gzip", path: "/static/aaa/js/app.js", accept: "gzip", code: 200, body: "gzip", encoding: "gzip", cache: "public, max-age=31536000, immutable", vary: "Accept-Encoding"},
		{name: "refused by weight", path: "/static/aaa/js/app.js", accept: "br;q=0, gzip;q=0.0", code: 200, body: "plain", cache: "public, max-age=31536000, immutable", vary: "Accept-Encoding"},
		{name: "low weight is no refusal", path: "/static/aaa/js/app.js", accept: "br;q=0.1", code: 200, body: "brotli", encoding: "br", cache: "public, max-age=31536000, immutable", vary: "Accept-Encoding"},
		{name: "no compression asked", path: "/static/aaa/js/app.js", code: 200, body: "plain", cache: "public, max-age=31536000, immutable", vary: "Accept-Encoding"},
		{name: "hash of an older version", path: "/static/old/js/app.js", code: 200, body: "plain", cache: "no-cache", vary: "Accept-Encoding"},
		{name: "no variants", path: "/static/fff/fonts/a.woff2", accept: "br", code: 200, body: "font", cache: "public, max-age=31536000, immutable"},
		{name: "known to the browser", path: "/static/old/js/app.js", accept: "br", etag: `"aaa.br"`, code: 304, encoding: "", cache: "no-cache", vary: "Accept-Encoding"},
		{name: "unknown", path: "/static/aaa/js/none.js", code: 404},
		{name: "the manifest is not served", path: "/static/aaa/manifest.json", code: 404},
		{name: "a variant is not a file", path: "/static/aaa/js/app.js.br", code: 404},
		{name: "out of the folder", path: "/static/aaa/../../go.mod", code: 404},
		{name: "no name", path: "/static/", code: 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.URL.Path = tt.path
			r.Header.Set("Accept-Encoding", tt.accept)
			r.Header.Set("If-None-Match", tt.etag)
			w := httptest.NewRecorder()
			l.serve(w, r)
			if w.Code != tt.code {
				t.Fatalf("status: got %d, want %d", w.Code, tt.code)
			}
			if tt.code == http.StatusNotFound {
				return
			}
			h := w.Header()
			got := []string{w.Body.String(), h.Get("Cache-Control"), h.Get("Vary")}
			want := []string{tt.body, tt.cache, tt.vary}
			if tt.code == http.StatusOK {
				got, want = append(got, h.Get("Content-Encoding")), append(want, tt.encoding)
			}
			if strings.Join(got, "|") != strings.Join(want, "|") {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestServeRefusesChanges(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	open(preparedFiles(), ownFiles()).serve(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/static/aaa/js/app.js", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("got %d, want 405", w.Code)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	l := open(preparedFiles(), ownFiles())
	if got, want := l.url("js/app.js"), "/static/aaa/js/app.js"; got != want {
		t.Errorf("url: got %s, want %s", got, want)
	}
	if got, want := string(l.importMap()), `{"imports":{"dribble/app.js":"/static/aaa/js/app.js"}}`; got != want {
		t.Errorf("import map: got %s, want %s", got, want)
	}
}

// A binary built without `make assets` must still look right and say what to do.
func TestWithoutAssets(t *testing.T) {
	t.Parallel()
	l := open(fstest.MapFS{"vendor/.gitignore": &fstest.MapFile{}}, ownFiles())
	if !l.missing {
		t.Fatal("the missing manifest is not noticed")
	}
	w := httptest.NewRecorder()
	l.serve(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, l.url("css/base.css"), nil))
	if w.Code != http.StatusOK || w.Body.String() != "a{}" || w.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("style sheet: got %d %q %s", w.Code, w.Body, w.Header().Get("Content-Type"))
	}
	if got := string(l.importMap()); got != `{"imports":{}}` {
		t.Errorf("import map: got %s", got)
	}
}

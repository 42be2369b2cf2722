package static

import (
	"bytes"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// Handler serves /static/<hash>/<name>. An address with the content's own hash may
// be kept for ever; any other hash gets the present content and must be asked
// again, so a page of an older version still finds its files.
func Handler() http.Handler {
	l := load()
	return http.HandlerFunc(l.serve)
}

func (l library) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET is answered here.", http.StatusMethodNotAllowed)
		return
	}
	hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/static/"), "/")
	f, ok := l.manifest.Files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	suffix, encoding := choose(f, r.Header.Get("Accept-Encoding"))
	content, err := fs.ReadFile(l.root, name+suffix)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType(name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	if hash == f.Hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if f.Brotli || f.Gzip {
		h.Set("Vary", "Accept-Encoding")
	}
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	h.Set("ETag", `"`+f.Hash+suffix+`"`)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

// choose picks the smallest variant that the browser accepts.
func choose(f File, accepted string) (suffix, encoding string) {
	if f.Brotli && accepts(accepted, "br") {
		return ".br", "br"
	}
	if f.Gzip && accepts(accepted, "gzip") {
		return ".gz", "gzip"
	}
	return "", ""
}

// accepts reports whether an Accept-Encoding header allows a coding: it is named
// and its weight is not zero.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.TrimSpace(name) != coding {
			continue
		}
		weight = strings.ReplaceAll(weight, " ", "")
		return !strings.HasPrefix(weight, "q=0") || strings.Trim(weight, "q=0.") != ""
	}
	return false
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/andybalholm/brotli"

	"dribble/static"
)

// write puts a file and its compressed variants into the vendor folder and the
// manifest. Variants that save less than a tenth are left out.
func (b *build) write(name string, content []byte) error {
	path := filepath.Join(b.out, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	f := static.File{Hash: static.Hash(content)}
	if filepath.Ext(name) != ".woff2" { // already compressed
		br, err := compress(content, func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, brotli.BestCompression) })
		if err != nil {
			return err
		}
		gz, err := compress(content, gzipWriter)
		if err != nil {
			return err
		}
		if f.Brotli = len(br) < len(content)*9/10; f.Brotli {
			if err := os.WriteFile(path+".br", br, 0o644); err != nil {
				return fmt.Errorf("write file: %w", err)
			}
			b.raw += len(content)
			b.compressed += len(br)
		}
		if f.Gzip = len(gz) < len(content)*9/10; f.Gzip {
			if err := os.WriteFile(path+".gz", gz, 0o644); err != nil {
				return fmt.Errorf("write file: %w", err)
			}
		}
	}
	b.manifest.Files[name] = f
	return nil
}

func gzipWriter(w io.Writer) io.WriteCloser {
	zw, _ := gzip.NewWriterLevel(w, gzip.BestCompression) // fails for an unknown level only
	return zw
}

func compress(content []byte, to func(io.Writer) io.WriteCloser) ([]byte, error) {
	var buf bytes.Buffer
	w := to(&buf)
	if _, err := w.Write(content); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return buf.Bytes(), nil
}

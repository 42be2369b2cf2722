// Package export writes results as files. Every format streams: a row is
// written and forgotten, so a result of any length needs the same memory. It
// knows rows as text cells and nothing of where they come from.
//
// A file is whole only after Close. After a failure a caller must not Close, so
// that a reader of JSON sees that the end is missing.
package export

import (
	"io"

	"dribble/domain"
	"dribble/result"
)

// Format is one kind of file.
type Format struct {
	Name        string // as in the API: "csv"
	Title       string // as in the interface: "CSV"
	Extension   string // without a dot
	ContentType string
}

// Writer writes one result. Calls are Columns once, Row for each row, Close.
// The first error of the underlying writer is returned by every later call.
type Writer interface {
	// Columns writes what comes before the rows and hands it on at once.
	Columns(cols []result.Column) error
	// Row writes one row of as many cells as there are columns; nil is NULL. It
	// keeps nothing of cells.
	Row(cells [][]byte) error
	// Flush hands on the rows written so far, so that a reader of a slow
	// result sees them.
	Flush() error
	// Close writes what comes after the rows. It does not close the underlying
	// writer.
	Close() error
}

// The formats' names.
const (
	CSV    = "csv"
	TSV    = "tsv"
	JSON   = "json"
	NDJSON = "ndjson"
)

// Formats lists the formats in the order in which they are offered.
func Formats() []Format {
	return []Format{
		{Name: CSV, Title: "CSV", Extension: "csv", ContentType: "text/csv; charset=utf-8; header=present"},
		{Name: TSV, Title: "TSV", Extension: "tsv", ContentType: "text/tab-separated-values; charset=utf-8"},
		{Name: JSON, Title: "JSON", Extension: "json", ContentType: "application/json"},
		{Name: NDJSON, Title: "JSON lines", Extension: "ndjson", ContentType: "application/x-ndjson"},
	}
}

// Find returns the format called name.
func Find(name string) (Format, bool) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// New starts a file of the format called name on w. An unknown name is an
// Invalid *domain.Error. The caller still owns w.
func New(name string, w io.Writer) (Writer, error) {
	out := buffer{w: w}
	switch name {
	case CSV:
		return &csvWriter{buffer: out}, nil
	case TSV:
		return &tsvWriter{buffer: out}, nil
	case JSON:
		return &jsonWriter{buffer: out}, nil
	case NDJSON:
		return &ndjsonWriter{buffer: out}, nil
	}
	return nil, domain.FieldError("format", "There is no export format called %q.", name)
}

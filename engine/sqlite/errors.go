package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"dribble/domain"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Codes of refusals that this engine makes itself.
const (
	codeOneFile     = "one_file"      // ATTACH, VACUUM INTO
	codeNotAllowed  = "not_allowed"   // NUL, second statement, guarded pragma or function
	codeArguments   = "arguments"     // wrong number of bound values
	codeCellTooLong = "cell_too_long" // Statement.MaxCell
)

// failure turns the connection's last error into a *domain.SQLError. A refusal
// by the guard goes first, because SQLite only says "not authorized" of it.
func (c *conn) failure(rc int32) error {
	if c.guard.refused != nil {
		return c.guard.refused
	}
	e := &domain.SQLError{Code: codeName(rc), Hint: hintFor(rc)}
	if c.db == 0 || rc == lib.SQLITE_NOMEM || lib.Xsqlite3_errcode(c.tls, c.db)&0xff != rc&0xff {
		e.Message = libc.GoString(lib.Xsqlite3_errstr(c.tls, rc))
		return e
	}
	e.Message = strings.ToValidUTF8(libc.GoString(lib.Xsqlite3_errmsg(c.tls, c.db)), "\uFFFD")
	if at := int(lib.Xsqlite3_error_offset(c.tls, c.db)); at >= 0 {
		e.Position = &at
	}
	return e
}

func (s *stmt) argumentMismatch(want, got int) error {
	e := &domain.SQLError{
		Code:    codeArguments,
		Message: fmt.Sprintf("The statement has %s, but %s given.", counted(want, "parameter", "parameters"), counted(got, "value was", "values were")),
	}
	if got == 0 {
		e.Hint = fmt.Sprintf("Write {{name}} instead of %s and fill in its value beside the editor.", s.parameter(1))
	}
	return e
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Reasons why a path cannot be a database.
var (
	errDirectory  = errors.New("is a directory")
	errNotRegular = errors.New("is not a regular file")
)

// statDatabase looks at the file without opening it: closing a second descriptor
// of a database would drop the locks this process holds on it.
func statDatabase(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, &fs.PathError{Op: "open", Path: path, Err: errDirectory}
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "open", Path: path, Err: errNotRegular}
	}
	return info, nil
}

// problem says in words why a database file cannot be used.
type problem struct {
	title    string
	remedies []string
	raw      string
}

// explain finds the words for an error of opening or first reading the file.
func explain(path string, err error) problem {
	p := problem{raw: err.Error()}
	var sqlErr *domain.SQLError
	code := ""
	if errors.As(err, &sqlErr) {
		code = sqlErr.Code
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.title = fmt.Sprintf("There is no file at %s", path)
		p.remedies = []string{"Check the path; it is read on the machine where the worker runs.", "Dribble does not make new database files."}
	case errors.Is(err, errDirectory):
		p.title = fmt.Sprintf("%s is a folder, not a database file", path)
		p.remedies = []string{"Add the name of the database file to the path."}
	case errors.Is(err, errNotRegular):
		p.title = fmt.Sprintf("%s is not a regular file", path)
		p.remedies = []string{"Give the path of a SQLite database file."}
	case errors.Is(err, fs.ErrPermission), isCode(code, "SQLITE_PERM", "SQLITE_AUTH"), isCode(code, "SQLITE_CANTOPEN"):
		p.title = fmt.Sprintf("Dribble may not open %s", path)
		p.remedies = []string{"Let the account that runs Dribble read the file and its folder."}
	case isCode(code, "SQLITE_NOTADB"):
		p.title = fmt.Sprintf("%s is not a SQLite database", path)
		p.remedies = []string{"Check the path; encrypted databases and other file formats cannot be read."}
	case isCode(code, "SQLITE_CORRUPT"):
		p.title = fmt.Sprintf("The database %s is damaged", path)
		p.remedies = []string{"Restore it from a backup, or save what can be read with the sqlite3 shell's .recover command."}
	case isCode(code, "SQLITE_BUSY", "SQLITE_LOCKED"):
		p.title = fmt.Sprintf("%s is locked by another program", path)
		p.remedies = []string{"Close the program that writes to it, then test again."}
	default:
		p.title = fmt.Sprintf("Could not read %s", path)
		if sqlErr != nil && sqlErr.Hint != "" {
			p.remedies = []string{sqlErr.Hint}
		}
	}
	return p
}

// connectionError is what a run shows when the file cannot be opened.
func connectionError(path string, err error) error {
	p := explain(path, err)
	e := &domain.SQLError{Code: domain.CodeConnection, Message: p.title + ".", Detail: p.raw}
	if len(p.remedies) > 0 {
		e.Hint = p.remedies[0]
	}
	return e
}

// isCode reports whether code is one of the primary codes or an extension of it.
func isCode(code string, primaries ...string) bool {
	for _, p := range primaries {
		if code == p || strings.HasPrefix(code, p+"_") {
			return true
		}
	}
	return false
}

package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dribble/domain"
	"dribble/views"
)

type handler func(w http.ResponseWriter, r *http.Request) error

// maxBody bounds request bodies: 1 MiB of SQL may be escaped to three times that.
const maxBody = 4 << 20

// status maps a code to its HTTP status. Invalid is 422 for a body that was
// understood but cannot be accepted; decode answers 400 by itself.
func status(code domain.Code) int {
	switch code {
	case domain.Invalid:
		return http.StatusUnprocessableEntity
	case domain.Unauthenticated:
		return http.StatusUnauthorized
	case domain.Forbidden:
		return http.StatusForbidden
	case domain.NotFound:
		return http.StatusNotFound
	case domain.Conflict:
		return http.StatusConflict
	case domain.TooLarge:
		return http.StatusRequestEntityTooLarge
	case domain.RateLimited:
		return http.StatusTooManyRequests
	case domain.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// badRequest marks a request that could not be read at all: 400 instead of 422.
type badRequest struct{ cause *domain.Error }

func (b badRequest) Error() string { return b.cause.Error() }
func (b badRequest) Unwrap() error { return b.cause }

func malformed(format string, args ...any) error {
	return badRequest{domain.Errorf(domain.Invalid, format, args...)}
}

// fail answers with an error, once, in the form that the request can read. Causes
// go to the log and nowhere else.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	level := slog.LevelInfo
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		// The client has left and reads nothing, or the server is stopping.
		level = slog.LevelDebug
		err = domain.Errorf(domain.Unavailable, "Dribble is stopping. Try again in a moment.")
	}
	var e *domain.Error
	if !errors.As(err, &e) {
		e = &domain.Error{
			Code: domain.Internal, Message: "Something failed inside Dribble.",
			Hint: "The server's log has the cause under request " + requestID(r.Context()) + ".", Err: err,
		}
	}
	code := status(e.Code)
	var bad badRequest
	if errors.As(err, &bad) {
		code = http.StatusBadRequest
	}
	var method badMethod
	if errors.As(err, &method) {
		code = http.StatusMethodNotAllowed
	}
	if e.Code == domain.Internal {
		level = slog.LevelError
	}
	s.log.LogAttrs(r.Context(), level, "request failed", slog.String("request", requestID(r.Context())),
		slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.String("code", string(e.Code)), slog.Any("error", err))
	if isAPI(r) {
		s.failJSON(w, r, code, e)
		return
	}
	s.failPage(w, r, code, e)
}

func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

type errorJSON struct {
	Code     string `json:"code"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
	Position *int   `json:"position,omitempty"`
	Field    string `json:"field,omitempty"`
}

func (s *Server) failJSON(w http.ResponseWriter, r *http.Request, code int, e *domain.Error) {
	body := errorJSON{Code: string(e.Code), Message: e.Message, Hint: e.Hint, Field: e.Field}
	if e.HasOffset {
		body.Position = &e.Offset
	}
	_ = s.json(w, r, code, map[string]errorJSON{"error": body})
}

// failPage shows an error as a page, or as a note in the place of a fragment.
func (s *Server) failPage(w http.ResponseWriter, r *http.Request, code int, e *domain.Error) {
	w.Header().Del("Content-Length")
	if isFragment(r) {
		w.Header().Set("HX-Reswap", "none")
		_ = s.render(w, r, code, views.Append("toasts", views.Toast(views.Note{Kind: views.ToastError, Text: e.Message, Detail: e.Hint})))
		return
	}
	page := s.pageOf(r, "Error "+strconv.Itoa(code))
	_ = s.render(w, r, code, views.ErrorPage(page, code, e, requestID(r.Context())))
}

// json answers with v.
func (s *Server) json(w http.ResponseWriter, r *http.Request, code int, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		s.log.DebugContext(r.Context(), "write answer", slog.Any("error", err))
	}
	return nil
}

// render answers with a page or fragment.
func (s *Server) render(w http.ResponseWriter, r *http.Request, code int, c templ.Component) error {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "HX-Request")
	w.WriteHeader(code)
	if err := c.Render(r.Context(), w); err != nil {
		s.log.DebugContext(r.Context(), "write page", slog.Any("error", err))
	}
	return nil
}

// isFragment reports whether htmx or one of our scripts asks for a part of a page.
func isFragment(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-History-Restore-Request") != "true"
}

// redirect sends the browser to a page after a change: 303 for a plain form, a
// client-side redirect for htmx.
func redirect(w http.ResponseWriter, r *http.Request, path string) error {
	if isFragment(r) {
		w.Header().Set("HX-Redirect", path)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// decodeJSON reads a JSON body into v, refusing unknown fields and anything after
// the value.
func decodeJSON(w http.ResponseWriter, r *http.Request, v any) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return malformed("Send the body as application/json.")
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	var large *http.MaxBytesError
	var field *json.UnmarshalTypeError
	var public *domain.Error
	switch {
	case errors.As(err, &public):
		return badRequest{public}
	case errors.As(err, &large):
		return domain.Errorf(domain.TooLarge, "The body is larger than %d bytes.", large.Limit)
	case errors.As(err, &field) && field.Field == "":
		return malformed("The body must be a JSON %s.", jsonKind(field.Type.Kind().String()))
	case errors.As(err, &field):
		return badRequest{domain.FieldError(field.Field, "%s must be a JSON %s.", field.Field, jsonKind(field.Type.Kind().String()))}
	case errors.Is(err, io.EOF):
		return malformed("The body is empty. Send a JSON object.")
	case err != nil:
		return malformed("The body is not the JSON that is expected: %s.", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return malformed("The body has something after its JSON object.")
	}
	return nil
}

func jsonKind(goKind string) string {
	switch goKind {
	case "map", "struct":
		return "object"
	case "slice":
		return "array"
	case "bool":
		return "boolean"
	case "string":
		return "string"
	}
	return "number"
}

// readForm parses a form body within bounds.
func readForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return domain.Errorf(domain.TooLarge, "The form is larger than %d bytes.", large.Limit)
		}
		return malformed("The form could not be read.")
	}
	return nil
}

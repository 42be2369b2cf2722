package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"dribble/worker"
)

// routes lists the worker's whole surface.
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+worker.PathHealth, s.health)
	mux.Handle("POST "+worker.PathConfigure, s.guard(s.configure))
	mux.Handle("POST "+worker.PathExec, s.guard(s.exec))
	mux.Handle("POST "+worker.PathCancel, s.guard(s.cancel))
	mux.Handle("POST "+worker.PathCheck, s.guard(s.check))
	mux.Handle("POST "+worker.PathSchema, s.guard(s.schema))
	return mux
}

// guard lets only callers with the token in and answers a handler's failure.
func (s *server) guard(handle func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.allowed(r) {
			refuse(w, worker.Failure{Code: worker.FailUnauthorized, Message: "The token is wrong."})
			return
		}
		s.touch()
		var f failure
		switch err := handle(w, r); {
		case err == nil:
		case errors.As(err, &f):
			refuse(w, worker.Failure(f))
		default:
			refuse(w, worker.Failure{Code: worker.FailInvalid, Message: err.Error()})
		}
	})
}

// allowed compares the caller's token in constant time, whatever its length.
func (s *server) allowed(r *http.Request) bool {
	got, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	sum := sha256.Sum256([]byte(got))
	return subtle.ConstantTimeCompare(sum[:], s.token[:]) == 1 && ok
}

// failure is a worker.Failure on its way up to guard.
type failure worker.Failure

func (f failure) Error() string { return string(f.Code) + ": " + f.Message }

func refuse(w http.ResponseWriter, f worker.Failure) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.Status())
	_ = json.NewEncoder(w).Encode(f) // the caller has gone if this fails
}

// read decodes a call's body, at most limit bytes. It reads to the end: net/http
// notices a caller that hangs up only after that.
func read(w http.ResponseWriter, r *http.Request, limit int64, into any) error {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return fmt.Errorf("read call: %w", err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("decode call: %w", err)
	}
	return nil
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the caller has gone if this fails
}

// health answers anybody, but only a caller with the token keeps the worker alive.
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	if s.allowed(r) {
		s.touch()
	}
	h := worker.Health{Protocol: worker.Version, RSS: residentBytes()}
	s.mu.Lock()
	h.Running, h.Stopping = len(s.runs), s.isStopping
	if s.conf != nil {
		h.Configured, h.SpecHash = true, s.conf.specHash
	}
	s.mu.Unlock()
	reply(w, h)
}

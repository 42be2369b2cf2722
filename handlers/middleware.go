package handlers

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"dribble/auth"
	"dribble/domain"
	"dribble/views"
)

type contextKey int

const (
	principalKey contextKey = iota
	nonceKey
	requestKey
)

// principal is who asks; the guard has put it there.
func principal(r *http.Request) domain.Principal {
	p, _ := r.Context().Value(principalKey).(domain.Principal)
	return p
}

func nonce(r *http.Request) string {
	n, _ := r.Context().Value(nonceKey).(string)
	return n
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey).(string)
	return id
}

// identify gives each request an ID for the log, and answers a panic with a page
// rather than a dropped connection.
func (s *Server) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()[:12]
		r = r.WithContext(context.WithValue(r.Context(), requestKey, id))
		w.Header().Set("X-Request-Id", id)
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		start := time.Now()
		defer func() {
			if cause := recover(); cause != nil {
				if cause == http.ErrAbortHandler { //nolint:errorlint // the sentinel itself is panicked with
					panic(cause)
				}
				s.survive(ww, r, cause)
			}
			s.log.DebugContext(r.Context(), "request", slog.String("request", id), slog.String("method", r.Method),
				slog.String("path", r.URL.Path), slog.Int("status", ww.Status()), slog.Duration("took", time.Since(start)))
		}()
		next.ServeHTTP(ww, r)
	})
}

// survive answers after a panic. An answer that has begun is cut, so that no client
// takes it for a whole one.
func (s *Server) survive(w middleware.WrapResponseWriter, r *http.Request, cause any) {
	err := fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
	if w.Status() == 0 {
		s.fail(w, r, err)
		return
	}
	s.log.ErrorContext(r.Context(), "request failed", slog.String("request", requestID(r.Context())), slog.Any("error", err))
	panic(http.ErrAbortHandler)
}

// checkHost refuses host names that are not this server's. It is the wall against
// DNS rebinding, which no cross-origin check sees.
func (s *Server) checkHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		if !s.hosts[strings.ToLower(strings.Trim(host, "[]"))] {
			s.refuseHost(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refuseHost answers without a page: a page of ours is what the caller is after.
func (s *Server) refuseHost(w http.ResponseWriter, r *http.Request) {
	e := domain.Errorf(domain.Invalid, "This server does not answer to that host name. Add it with --hosts.")
	if isAPI(r) {
		s.failJSON(w, r, http.StatusMisdirectedRequest, e)
		return
	}
	http.Error(w, e.Message, http.StatusMisdirectedRequest)
}

// refuseForeign refuses changes that a browser sends for another site's page.
func (s *Server) refuseForeign(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, &domain.Error{
			Code: domain.Forbidden, Message: "This request came from another site's page, so nothing was changed.",
			Hint: "Use Dribble's own pages, or call the API from a program.",
		})
	}))
	return guard.Handler(next)
}

// headers sets the policy that every page lives under.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var raw [16]byte
		_, _ = rand.Read(raw[:]) // never fails
		n := base64.RawStdEncoding.EncodeToString(raw[:])
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'nonce-"+n+"'; style-src 'self' 'nonce-"+n+"'; "+
			"img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		next.ServeHTTP(w, r.WithContext(context.WithValue(views.OnMac(r.Context(), r.UserAgent()), nonceKey, n)))
	})
}

// authenticate finds out who asks: the bearer of an API token, or the local user
// when login is off.
func (s *Server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := s.local
		if header := r.Header.Get("Authorization"); header != "" {
			plain, ok := strings.CutPrefix(header, "Bearer ")
			if !ok {
				s.fail(w, r, domain.Errorf(domain.Unauthenticated, "Send the API token as a Bearer token."))
				return
			}
			var err error
			if p, err = s.store.PrincipalByToken(r.Context(), plain); err != nil {
				s.fail(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), principalKey, p)))
	})
}

// allow is the one place where access is decided: every route passes it with the
// action it needs.
func (s *Server) allow(action auth.Action, h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !auth.Can(principal(r), action) {
			s.fail(w, r, domain.Errorf(domain.Forbidden, "Your role does not allow this."))
			return
		}
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

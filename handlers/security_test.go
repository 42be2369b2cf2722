package handlers_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestOnlyOurHostNames is the wall against DNS rebinding.
func TestOnlyOurHostNames(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{hosts: []string{"SQL.example.com"}})
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "127.0.0.1": 200, "127.0.0.1:1": 200, "[::1]:8080": 200, "[::1]": 200, "LOCALHOST": 200,
		"sql.example.com": 200, "sql.example.com:443": 200,
		"evil.example": 421, "evil.example:8080": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "10.0.0.1": 421,
		"sql.example.com.": 421, "xsql.example.com": 421, "0.0.0.0": 421, "0x7f.1": 421, "2130706433": 421,
	} {
		for _, path := range []string{"/api/v1/engines", "/healthz", "/welcome", "/static/none.css"} {
			a := b.send(t, request{method: http.MethodGet, path: path, header: map[string]string{"Host": host}})
			got := a.status
			if strings.HasPrefix(path, "/static") && got == 404 {
				got = 200
			}
			if got != want {
				t.Errorf("%s on host %q: got %d, want %d", path, host, got, want)
			}
			if got == 421 && strings.HasPrefix(path, "/api/") {
				a.refused(t, 421, "invalid")
			}
		}
	}
}

// TestOnlyOurPages refuses changes that a foreign web page asks the browser for.
func TestOnlyOurPages(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	src := b.shop(t)
	own := b.url
	for name, tt := range map[string]struct {
		header map[string]string
		want   int
	}{
		"a script":              {nil, 202},
		"our page":              {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": own}, 202},
		"typed by a person":     {map[string]string{"Sec-Fetch-Site": "none"}, 202},
		"our origin alone":      {map[string]string{"Origin": own}, 202},
		"another site":          {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403},
		"another host of ours":  {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "http://a.localhost"}, 403},
		"another port":          {map[string]string{"Origin": "http://127.0.0.1:1"}, 403},
		"a sandboxed frame":     {map[string]string{"Origin": "null"}, 403},
		"another origin alone":  {map[string]string{"Origin": "https://evil.example"}, 403},
		"origin of bad grammar": {map[string]string{"Origin": "::::"}, 403},
	} {
		header := map[string]string{"Content-Type": "application/json"}
		for k, v := range tt.header {
			header[k] = v
		}
		a := b.send(t, request{method: http.MethodPost, path: "/api/v1/runs", header: header, body: object{"source_id": src, "sql": "SELECT 1"}})
		if a.status != tt.want {
			t.Errorf("%s: got %d, want %d", name, a.status, tt.want)
		}
		if tt.want != 403 {
			continue
		}
		a.refused(t, 403, "forbidden")
		for _, call := range []request{
			{method: "PATCH", path: "/api/v1/sources/" + src, body: object{"name": "x"}},
			{method: "DELETE", path: "/api/v1/sources/" + src},
			{method: "POST", path: "/queries", body: "name=x"},
			{method: "POST", path: "/sources/" + src + "/delete", body: ""},
			{method: "POST", path: "/theme", body: "theme=dark"},
		} {
			call.header = tt.header
			if a := b.send(t, call); a.status != 403 {
				t.Errorf("%s: %s %s: got %d", name, call.method, call.path, a.status)
			}
		}
	}
	var seen source
	b.get(t, "/api/v1/sources/"+src, &seen)
	if seen.Name == "x" {
		t.Error("a refused change was made")
	}
}

func TestHeadersOfEveryPage(t *testing.T) {
	t.Parallel()
	b := newBed(t, options{})
	nonces := map[string]bool{}
	paths := []string{"/", "/welcome", "/runs", "/queries", "/sources/new", "/nothing/here", "/api/v1/engines", "/api/v1/nothing"}
	for _, path := range paths {
		a := b.call(t, "GET", path, nil)
		policy := a.header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'", "script-src 'self' 'nonce-"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy lacks %s: %q", path, part, policy)
			}
		}
		if strings.Contains(policy, "unsafe-") || strings.Contains(policy, "*") || strings.Contains(policy, "http:") {
			t.Errorf("%s: the policy is open: %q", path, policy)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if a.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request ID", path)
		}
		_, rest, _ := strings.Cut(policy, "'nonce-")
		n, _, _ := strings.Cut(rest, "'")
		if len(n) < 22 || nonces[n] {
			t.Errorf("%s: the nonce %q is short or was used before", path, n)
		}
		nonces[n] = true
	}
}

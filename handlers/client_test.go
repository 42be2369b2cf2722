package handlers_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// answer is a whole HTTP answer.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    bool // the connection broke before the end
}

// request is what a test sends; body may be nil, a string, or anything that
// becomes JSON.
type request struct {
	method, path string
	header       map[string]string
	body         any
}

func (r request) reader(t *testing.T) (io.Reader, string) {
	switch body := r.body.(type) {
	case nil:
		return http.NoBody, ""
	case string:
		return strings.NewReader(body), "application/json"
	default:
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return strings.NewReader(string(text)), "application/json"
	}
}

// open sends a request and hands back the answer while its body is still coming.
func (b *bed) open(t *testing.T, r request) *http.Response {
	t.Helper()
	body, kind := r.reader(t)
	req, err := http.NewRequestWithContext(t.Context(), r.method, b.url+r.path, body)
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for name, value := range r.header {
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	res, err := b.client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// send sends a request and holds every JSON answer of the API against the
// OpenAPI document.
func (b *bed) send(t *testing.T, r request) answer {
	t.Helper()
	res := b.open(t, r)
	body, err := io.ReadAll(res.Body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("%s %s: read answer: %v", r.method, r.path, err)
	}
	a := answer{res.StatusCode, res.Header, body, err != nil}
	if !a.cut {
		b.contract.hold(t, r, a)
	}
	return a
}

func (b *bed) call(t *testing.T, method, path string, body any) answer {
	t.Helper()
	return b.send(t, request{method: method, path: path, body: body})
}

// must is call for an answer whose status is known.
func (b *bed) must(t *testing.T, want int, method, path string, body any) answer {
	t.Helper()
	a := b.call(t, method, path, body)
	if a.status != want {
		t.Fatalf("%s %s: got %d, want %d: %s", method, path, a.status, want, short(a.body))
	}
	return a
}

func (b *bed) get(t *testing.T, path string, into any) {
	t.Helper()
	b.must(t, http.StatusOK, http.MethodGet, path, nil).decode(t, into)
}

func (a answer) decode(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		t.Fatalf("answer is not the JSON expected: %v: %s", err, short(a.body))
	}
}

func short(body []byte) string {
	if len(body) > 800 {
		return string(body[:800]) + "…"
	}
	return string(body)
}

// failure is the API's form of an error.
type failure struct {
	Code     string `json:"code"`
	Message  string `json:"message"`
	Hint     string `json:"hint"`
	Position *int   `json:"position"`
	Field    string `json:"field"`
}

// refused asserts that an answer is an error of the given status and code.
func (a answer) refused(t *testing.T, status int, code string) failure {
	t.Helper()
	var body struct {
		Error failure `json:"error"`
	}
	if a.status != status {
		t.Errorf("got status %d, want %d: %s", a.status, status, short(a.body))
		return body.Error
	}
	a.decode(t, &body)
	if body.Error.Code != code || body.Error.Message == "" {
		t.Errorf("got error %+v, want code %s and a message", body.Error, code)
	}
	return body.Error
}

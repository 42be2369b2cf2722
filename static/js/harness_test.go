// Package js_test runs the browser code in a real Chromium, against small pages
// that follow the product's markup, under the product's content security policy.
package js_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/template"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"dribble/internal/testenv"
)

const (
	nonce  = "bm9uY2U"
	policy = "default-src 'none'; script-src 'self' 'nonce-" + nonce + "'; style-src 'self' 'nonce-" + nonce +
		"'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// chromium is the one browser of all tests; each test has a tab of its own.
type chromium struct {
	once sync.Once
	ctx  context.Context //nolint:containedctx // the browser is its context
	err  error
}

var shared chromium

func (c *chromium) start(t *testing.T) context.Context {
	t.Helper()
	path := testenv.Chromium(t)
	c.once.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.Flag("disable-dev-shm-usage", true), chromedp.WindowSize(1440, 900))
		alloc, _ := chromedp.NewExecAllocator(context.Background(), options...)
		c.ctx, _ = chromedp.NewContext(alloc)
		c.err = chromedp.Do(c.ctx) // its first call owns the browser and has no deadline
	})
	if c.err != nil {
		t.Fatalf("start chromium: %v", c.err)
	}
	return c.ctx
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.ctx != nil {
		_ = chromedp.Cancel(shared.ctx)
	}
	os.Exit(code)
}

// modules finds the installed npm packages.
func modules(t *testing.T) string {
	t.Helper()
	for _, dir := range []string{os.Getenv("DRIBBLE_NODE_MODULES"), filepath.Join("..", "..", "node_modules")} {
		if _, err := os.Stat(filepath.Join(dir, "htmx.org", "package.json")); dir != "" && err == nil {
			return dir
		}
	}
	const absent = "npm packages are not installed: run npm ci --ignore-scripts"
	if strings.Contains(os.Getenv("DRIBBLE_TEST_REQUIRE"), "chromium") {
		t.Fatal(absent)
	}
	t.Skip(absent)
	return ""
}

// importMap names every module the browser code imports.
func importMap(t *testing.T, dir string) string {
	t.Helper()
	imports := map[string]string{}
	own, err := filepath.Glob("*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range own {
		imports["dribble/"+name] = "/static/js/" + name
	}
	for _, name := range []string{"@codemirror/state", "@codemirror/view", "@codemirror/commands", "@codemirror/language", "@codemirror/streamparser",
		"@codemirror/autocomplete", "@codemirror/search", "@codemirror/lang-sql", "@lezer/common", "@lezer/lr", "@lezer/highlight", "style-mod",
		"w3c-keyname", "crelt", "@marijn/find-cluster-break"} {
		imports[name] = "/vendor/" + name + "/" + entry(t, filepath.Join(dir, name))
	}
	out, err := json.Marshal(map[string]any{"imports": imports})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// entry is the ES module of an npm package.
func entry(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var pkg struct {
		Module string `json:"module"`
		Main   string `json:"main"`
	}
	if err := json.Unmarshal(text, &pkg); err != nil {
		t.Fatal(err)
	}
	if pkg.Module != "" {
		return pkg.Module
	}
	return pkg.Main
}

// post is one request that changed something on the fixture server.
type post struct {
	path, body string
	header     http.Header
}

// site is a fixture server and the browser tab that shows it.
type site struct {
	t           *testing.T
	mux         *http.ServeMux
	server      *httptest.Server
	tab         context.Context //nolint:containedctx // a browser tab is its context
	mu          sync.Mutex
	posts       []post
	fresh       bool
	faults      []string // parts of faults the test expects
	breakEditor atomic.Bool
}

// open starts a server with the given page body at "/" and loads it. Console
// errors and refusals by the content security policy fail the test at its end.
func open(t *testing.T, body string, routes map[string]http.HandlerFunc) *site {
	t.Helper()
	s := serve(t, body, routes)
	s.do(chromedp.Navigate(s.server.URL + "/"))
	return s
}

func serve(t *testing.T, body string, routes map[string]http.HandlerFunc) *site {
	t.Helper()
	dir := modules(t)
	main := shared.start(t)
	s := &site{t: t, mux: http.NewServeMux(), fresh: true}
	pages := template.Must(template.ParseFiles("testdata/page.html"))
	imports := importMap(t, dir)
	s.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		var out bytes.Buffer
		if err := pages.Execute(&out, map[string]any{"Nonce": nonce, "ImportMap": imports, "Body": body}); err != nil {
			t.Error(err)
		}
		_, _ = out.WriteTo(w)
	})
	s.mux.Handle("GET /static/js/", http.StripPrefix("/static/js/", http.FileServer(http.Dir("."))))
	s.mux.Handle("GET /vendor/", http.StripPrefix("/vendor/", http.FileServer(http.Dir(dir))))
	s.mux.HandleFunc("GET /fixture.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/fixture.css") })
	s.mux.Handle("GET /css/", http.StripPrefix("/css/", http.FileServer(http.Dir("../css"))))
	for pattern, handler := range routes {
		s.mux.HandleFunc(pattern, handler)
	}
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.breakEditor.Load() && r.URL.Path == "/static/js/editor.js" {
			http.NotFound(w, r)
			return
		}
		if r.Method == http.MethodPost {
			s.record(r)
		}
		s.mux.ServeHTTP(w, r)
	}))
	ctx, cancel := chromedp.NewContext(main)
	s.tab = ctx
	t.Cleanup(func() {
		s.checkFaults()
		cancel()
		s.server.CloseClientConnections()
		s.server.Close()
	})
	s.watch()
	return s
}

func (s *site) record(r *http.Request) {
	var body bytes.Buffer
	_, _ = body.ReadFrom(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body.Bytes()))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts = append(s.posts, post{r.URL.Path, body.String(), r.Header})
}

// watch collects what a user would never see: errors in the console and
// refusals by the policy.
func (s *site) watch() {
	s.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
			window.__faults = [];
			addEventListener('securitypolicyviolation', (e) => window.__faults.push('policy: ' + e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sourceFile + ':' + e.lineNumber + ':' + e.columnNumber));
			addEventListener('error', (e) => window.__faults.push('error: ' + (e.error?.stack ?? e.message ?? e.target?.src)), true);
			addEventListener('unhandledrejection', (e) => window.__faults.push('rejection: ' + (e.reason?.stack ?? e.reason)));
			for (const level of ['error', 'warn']) {
			  const write = console[level].bind(console);
			  console[level] = (...all) => { window.__faults.push(level + ': ' + all.map(String).join(' ')); write(...all); };
			}`})
		return err
	}))
}

func (s *site) checkFaults() {
	var faults []string
	got, err := chromedp.Run(s.tab, chromedp.Evaluate[[]string](`window.__faults ?? []`))
	if err != nil {
		s.t.Errorf("read faults: %v", err)
	}
	for _, fault := range got {
		if !s.allowed(fault) {
			faults = append(faults, fault)
		}
	}
	if len(faults) > 0 {
		s.t.Errorf("the page had faults:\n%s", strings.Join(faults, "\n"))
	}
}

func (s *site) allowed(fault string) bool {
	for _, part := range s.faults {
		if strings.Contains(fault, part) {
			return true
		}
	}
	return false
}

func (s *site) do(steps ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.tab, 30*time.Second)
	defer cancel()
	if s.fresh {
		ctx, s.fresh = s.tab, false // the first call owns the tab and may have no deadline
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		s.t.Fatalf("browser: %v", err)
	}
}

// eval runs an expression in the page and returns what it gives.
func eval[T any](s *site, format string, args ...any) T {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.tab, 30*time.Second)
	defer cancel()
	expression := fmt.Sprintf(format, args...)
	got, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		s.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return got
}

// until waits for an expression to be true.
func (s *site) until(format string, args ...any) {
	s.t.Helper()
	expression := fmt.Sprintf(format, args...)
	deadline := time.Now().Add(15 * time.Second)
	for !eval[bool](s, "!!(%s)", expression) {
		if time.Now().After(deadline) {
			s.t.Fatalf("never true: %s", expression)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// equal compares the text an expression gives.
func (s *site) equal(want, format string, args ...any) {
	s.t.Helper()
	if got := eval[string](s, "String(%s)", fmt.Sprintf(format, args...)); got != want {
		s.t.Errorf("%s = %q, want %q", fmt.Sprintf(format, args...), got, want)
	}
}

// key presses one key with modifiers, as a keyboard does.
func (s *site) key(keys string, modifiers ...chromedp.Modifier) {
	s.t.Helper()
	s.do(chromedp.KeyEvent(keys, chromedp.KeyModifiers(modifiers...)))
}

// posted waits for a request to a path whose body holds part, and returns it.
func (s *site) posted(path, part string) post {
	s.t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for {
		s.mu.Lock()
		for i := len(s.posts) - 1; i >= 0; i-- {
			if s.posts[i].path == path && strings.Contains(s.posts[i].body, part) {
				defer s.mu.Unlock()
				return s.posts[i]
			}
		}
		s.mu.Unlock()
		if time.Now().After(deadline) {
			s.t.Fatalf("nothing like %q was posted to %s", part, path)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (s *site) countPosts(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := 0
	for _, one := range s.posts {
		if one.path == path {
			count++
		}
	}
	return count
}

// wheel turns the mouse wheel over the grid by so many pixels.
func (s *site) wheel(pixels float64) {
	s.t.Helper()
	s.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseWheel, 400, 300, func(p *input.DispatchMouseEventParams) {
		p.DeltaX, p.DeltaY = 0.01, pixels // a delta of zero is left out and refused
	}))
}

// copy presses Ctrl+C, which the browser turns into its copy command.
func (s *site) copy() {
	s.t.Helper()
	s.do(chromedp.KeyEvent("c", chromedp.KeyModifiers(chromedp.ModifierCtrl), func(p *input.DispatchKeyEventParams) {
		p.Commands = []string{"copy"}
	}))
}

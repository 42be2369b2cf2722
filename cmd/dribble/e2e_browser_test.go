package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"dribble/internal/testenv"
)

// chromium is the one browser of all tests; each test has a tab of its own.
type chromium struct {
	once sync.Once
	ctx  context.Context
	err  error
}

var browser chromium

func (c *chromium) start(t *testing.T) context.Context {
	t.Helper()
	path := testenv.Chromium(t)
	c.once.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-quic", true), chromedp.Flag("no-first-run", true),
			chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
			chromedp.Flag("disable-sync", true), chromedp.WindowSize(1440, 900))
		alloc, _ := chromedp.NewExecAllocator(context.Background(), options...)
		c.ctx, _ = chromedp.NewContext(alloc)
		c.err = chromedp.Do(c.ctx) // its first call owns the browser and has no deadline
	})
	if c.err != nil {
		t.Fatalf("start chromium: %v", c.err)
	}
	return c.ctx
}

func (c *chromium) stop() {
	if c.ctx != nil {
		_ = chromedp.Cancel(c.ctx)
	}
}

// tab is a browser tab that shows a product. Console errors, exceptions and
// refusals by the content security policy fail the test at its end.
type tab struct {
	t       *testing.T
	base    string
	ctx     context.Context
	mu      sync.Mutex
	faults  []string
	allowed [][2]string // two parts each of faults that the test causes on purpose
}

// openTab opens a tab of 1440 × 900 that has loaded nothing yet.
func openTab(t *testing.T, p *product) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser.start(t))
	s := &tab{t: t, base: p.url, ctx: ctx}
	if err := chromedp.Listen(ctx, s.hear); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			s.shot("failed-" + strings.ReplaceAll(t.Name(), "/", "-"))
		}
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, fault := range s.faults {
			t.Errorf("the page had a fault: %s", fault)
		}
	})
	s.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
			addEventListener('securitypolicyviolation', (e) => console.error('refused by the policy: ' + e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sourceFile + ':' + e.lineNumber));
			addEventListener('unhandledrejection', (e) => console.error('rejection: ' + (e.reason?.stack ?? e.reason)));`})
		return err
	}), chromedp.EmulateViewport(1440, 900))
	return s
}

// hear collects what a user would never see.
func (s *tab) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type != runtime.ConsoleAPICalledTypeError && e.Type != runtime.ConsoleAPICalledTypeWarning {
			return
		}
		var parts []string
		for _, arg := range e.Args {
			parts = append(parts, strings.Trim(string(arg.Value), `"`), arg.Description)
		}
		s.fault(strings.TrimSpace(string(e.Type) + ": " + strings.Join(parts, " ")))
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		s.fault("exception: " + text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			s.fault(string(e.Entry.Source) + ": " + e.Entry.Text + " " + e.Entry.URL)
		}
	}
}

func (s *tab) fault(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, parts := range s.allowed {
		if strings.Contains(text, parts[0]) && strings.Contains(text, parts[1]) {
			return
		}
	}
	s.faults = append(s.faults, text)
}

// allow lets an answer with this status pass: the browser reports every one from
// 400 on, and some are the point of the test.
func (s *tab) allow(status int, path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.allowed = append(s.allowed, [2]string{fmt.Sprintf("status of %d", status), s.base + path})
}

func (s *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		s.t.Fatalf("browser: %v", err)
	}
}

// open loads a page and waits until its scripts have run.
func (s *tab) open(path string) {
	s.t.Helper()
	s.do(chromedp.Navigate(s.base + path))
	s.until(`document.readyState === 'complete'`)
}

// eval runs an expression in the page and returns what it gives.
func eval[T any](s *tab, format string, args ...any) T {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, 20*time.Second)
	defer cancel()
	expression := fmt.Sprintf(format, args...)
	got, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		s.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return got
}

// until waits for an expression to be true. While a page is being loaded there is
// nothing to ask, which counts as false.
func (s *tab) until(format string, args ...any) time.Duration {
	s.t.Helper()
	expression := fmt.Sprintf(format, args...)
	began := time.Now()
	var last error
	for {
		ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
		met, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		cancel()
		if met && err == nil {
			return time.Since(began)
		}
		last = err
		if time.Since(began) > 12*time.Second {
			s.t.Fatalf("never true: %s (%v)", expression, last)
		}
		time.Sleep(15 * time.Millisecond)
	}
}

// untilText waits for an element's text to hold part.
func (s *tab) untilText(selector, part string) time.Duration {
	s.t.Helper()
	return s.until(`document.querySelector(%s)?.textContent.includes(%s)`, quote(selector), quote(part))
}

// equal compares the text that an expression gives.
func (s *tab) equal(want, format string, args ...any) {
	s.t.Helper()
	if got := eval[string](s, "String(%s)", fmt.Sprintf(format, args...)); got != want {
		s.t.Errorf("%s = %q, want %q", fmt.Sprintf(format, args...), got, want)
	}
}

// click presses the first visible element that fits, as a mouse does.
func (s *tab) click(selector string) {
	s.t.Helper()
	x, y := s.place(selector)
	s.do(chromedp.MouseClickXY(x, y))
}

// place is the middle of the first visible element that fits, scrolled into view.
func (s *tab) place(selector string) (x, y float64) {
	s.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll(%s)].find((e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled)`, quote(selector))
	s.until("%s", find)
	at := eval[[]float64](s, `(() => { const e = %s; e.scrollIntoView({ block: 'nearest', inline: 'nearest' }); const { left, top, width, height } = e.getBoundingClientRect(); return [left + width / 2, top + height / 2]; })()`, find)
	return at[0], at[1]
}

// clickText presses the visible element that fits and holds a text.
func (s *tab) clickText(selector, text string) {
	s.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll(%s)].find((e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && !e.ariaHidden && e.textContent.includes(%s))`, quote(selector), quote(text))
	s.until("%s", find)
	at := eval[[]float64](s, `(() => { const e = %s; e.scrollIntoView({ block: 'nearest', inline: 'nearest' }); const { left, top, width, height } = e.getBoundingClientRect(); return [left + width / 2, top + height / 2]; })()`, find)
	s.do(chromedp.MouseClickXY(at[0], at[1]))
}

// drag moves the mouse with its button down.
func (s *tab) drag(x, y, toX, toY float64) {
	s.t.Helper()
	s.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x, y, chromedp.ButtonLeft, chromedp.ClickCount(1)),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, (x+toX)/2, (y+toY)/2, chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, toX, toY, chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, toX, toY, chromedp.ButtonLeft, chromedp.ClickCount(1)))
}

// key presses one key with modifiers, as a keyboard does.
func (s *tab) key(keys string, modifiers ...chromedp.Modifier) {
	s.t.Helper()
	s.do(chromedp.KeyEvent(keys, chromedp.KeyModifiers(modifiers...)))
}

// enterKey presses Enter so that a page which takes the key keeps the line break
// from being typed. The driver's own key events type it in any case.
func (s *tab) enterKey() {
	s.t.Helper()
	s.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		press := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "Enter", Code: "Enter", Text: "\r", WindowsVirtualKeyCode: 13}
		if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, press); err != nil {
			return err
		}
		press.Type, press.Text = input.DispatchKeyEventTypeKeyUp, ""
		_, err := chromedp.Call(ctx, input.DispatchKeyEvent, press)
		return err
	}))
}

// enter puts text into a field, in place of what it holds.
func (s *tab) enter(selector, text string) {
	s.t.Helper()
	s.click(selector)
	s.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl), withCommands("selectAll")), insert(text))
}

// choose takes an option of a select, by its value.
func (s *tab) choose(selector, value string) {
	s.t.Helper()
	eval[bool](s, `(() => { const e = document.querySelector(%s); e.value = %s; return e.dispatchEvent(new Event('change', { bubbles: true })); })()`, quote(selector), quote(value))
}

// insert types text at once, as an input method does.
func insert(text string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	})
}

// withCommands adds the editing commands that a browser's own key bindings have.
func withCommands(names ...string) chromedp.KeyOption {
	return func(p *input.DispatchKeyEventParams) { p.Commands = names }
}

// theme makes the system of the reader light or dark.
func (s *tab) theme(name string) {
	s.t.Helper()
	s.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
		})
		return err
	}))
}

// settle waits for transitions to end: a colour on its way has no contrast to
// speak of.
func (s *tab) settle() {
	s.t.Helper()
	s.until(`document.getAnimations().every((a) => a.playState !== 'running' || a.effect.getComputedTiming().iterations === Infinity)`)
}

// shot keeps a picture of the page, if a folder for pictures is named.
func (s *tab) shot(name string) {
	dir := os.Getenv("DRIBBLE_SCREENSHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, 10*time.Second)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600)
	}
	if err != nil {
		s.t.Logf("picture %s: %v", name, err)
	}
}

// shots keeps a picture in each theme.
func (s *tab) shots(name string) {
	s.t.Helper()
	if os.Getenv("DRIBBLE_SCREENSHOTS") == "" {
		return
	}
	for _, theme := range []string{"dark", "light"} {
		s.theme(theme)
		s.settle()
		s.shot(name + "-" + theme)
	}
}

// quote writes a text as JavaScript does.
func quote(text string) string {
	out, _ := json.Marshal(text)
	return string(out)
}

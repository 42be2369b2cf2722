package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// product is a server process of its own.
type product struct {
	t   *testing.T
	url string
	pid int
	log *output
}

// output keeps what a process writes, for a test that fails.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// sampleCopy is the sample database, made once: it takes longer than all the rest
// of a first start.
var sampleCopy struct {
	once sync.Once
	file []byte
	err  error
}

// startProduct serves on a free port until the test ends, with the sample but
// nothing else in its data folder.
func startProduct(t *testing.T) *product {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, sampleFile)
	sampleCopy.once.Do(func() {
		if sampleCopy.err = makeSample(context.Background(), path); sampleCopy.err == nil {
			sampleCopy.file, sampleCopy.err = os.ReadFile(path)
		}
	})
	if sampleCopy.err == nil {
		sampleCopy.err = os.WriteFile(path, sampleCopy.file, 0o600)
	}
	if sampleCopy.err != nil {
		t.Fatal(sampleCopy.err)
	}
	return startIn(t, dir)
}

// startIn serves from a data folder until the test ends.
func startIn(t *testing.T, dir string) *product {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "serve", "--addr", "127.0.0.1:0", "--data", dir)
	p := &product{t: t, log: &output{}}
	cmd.Stderr = p.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the server wrote:\n%s", p.log.text.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	_, address, found := strings.Cut(strings.TrimSpace(line), "Dribble is at ")
	if err != nil || !found {
		t.Fatalf("the server said %q (%v)", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	p.url, p.pid = address, cmd.Process.Pid
	return p
}

// call sends a JSON request to the API and returns the answer's object.
func (p *product) call(method, path string, body any) map[string]any {
	p.t.Helper()
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			p.t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+"/api/v1"+path, &sent)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		p.t.Fatalf("%s %s: status %d, %v, %s", method, path, answer.StatusCode, err, text)
	}
	got := map[string]any{}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &got); err != nil {
			p.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return got
}

// addSource adds a source and returns its id.
func (p *product) addSource(name, engine string, fields map[string]string, production bool) string {
	p.t.Helper()
	got := p.call("POST", "/sources", map[string]any{"name": name, "engine": engine, "fields": fields, "production": production})
	return got["id"].(string)
}

// sample is the id of the sample source.
func (p *product) sample() string {
	p.t.Helper()
	for _, each := range p.call("GET", "/sources", nil)["sources"].([]any) {
		if source := each.(map[string]any); source["engine"] == "sqlite" {
			return source["id"].(string)
		}
	}
	p.t.Fatal("there is no sample source")
	return ""
}

// newQuery saves a query and returns its id.
func (p *product) newQuery(name, source, text string) string {
	p.t.Helper()
	got := p.call("POST", "/queries", map[string]any{"name": name, "source_id": source, "sql_content": text})
	return got["id"].(string)
}

// get fetches an address as a link would, outside the browser.
func (p *product) get(path string) []byte {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		p.t.Fatalf("GET %s: status %d, %v", path, answer.StatusCode, err)
	}
	return text
}

// workers are the process ids of the server's workers.
func (p *product) workers() []int {
	p.t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		p.t.Fatal(err)
	}
	var pids []int
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has just ended
		}
		// The name stands in brackets and may hold anything; state and parent follow.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) < 2 || fields[0] == "Z" || fields[1] != strconv.Itoa(p.pid) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// eventually waits for something outside the browser.
func eventually(t *testing.T, what string, within time.Duration, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); !met(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", within, what)
		}
	}
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// product is a running server with a source on the measured database.
type product struct {
	cmd    *exec.Cmd
	dir    string
	url    string
	source string
	ready  time.Duration // from the program's start to the first 200 on /
}

// start runs a fresh server; dir "" means a new data folder.
func (b *bench) start(ctx context.Context, dir string) (*product, error) {
	p := &product{dir: dir}
	if dir == "" {
		var err error
		if p.dir, err = os.MkdirTemp("", "dribble-bench-*"); err != nil {
			return nil, err
		}
	}
	p.cmd = exec.CommandContext(ctx, b.binary, "serve", "--addr", "127.0.0.1:0", "--data", p.dir, "--log-level", "error")
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	_, address, found := strings.Cut(strings.TrimSpace(line), "http://")
	if err != nil || !found {
		p.stop()
		return nil, fmt.Errorf("server did not start, it said %q: %w", line, err)
	}
	p.url = "http://" + address
	go func() { _, _ = io.Copy(io.Discard, out) }()
	if err := p.call(ctx, http.MethodGet, "/", nil, nil); err != nil {
		p.stop()
		return nil, err
	}
	p.ready = time.Since(begin)
	return p, nil
}

// connect adds the measured database as a source and wakes its worker.
func (p *product) connect(ctx context.Context, d database) error { return p.connectAs(ctx, d, "bench") }

func (p *product) connectAs(ctx context.Context, d database, name string) error {
	if err := p.addSource(ctx, d, name); err != nil {
		return err
	}
	_, err := p.run(ctx, "SELECT 1", 10)
	return err
}

func (p *product) addSource(ctx context.Context, d database, name string) error {
	var src struct{ ID string }
	err := p.call(ctx, "POST", "/api/v1/sources", map[string]any{"name": name, "engine": "postgres", "fields": map[string]string{
		"host": d.host, "port": d.port, "database": d.name, "user": d.user, "password": d.password, "sslmode": "disable",
	}}, &src)
	p.source = src.ID
	return err
}

// started makes a fresh server with the source. Its folder has been made by an
// earlier start, so that making the sample is no part of its peak memory.
func (b *bench) started(ctx context.Context) (*product, error) {
	first, err := b.start(ctx, "")
	if err != nil {
		return nil, err
	}
	dir := first.dir
	first.dir = ""
	first.stop()
	p, err := b.start(ctx, dir)
	if err != nil {
		return nil, err
	}
	if err := p.connect(ctx, b.pg); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

func (p *product) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
	if p.dir != "" {
		_ = os.RemoveAll(p.dir)
	}
}

func (p *product) call(ctx context.Context, method, path string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, p.url+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= 300 {
		text, _ := io.ReadAll(res.Body)
		return fmt.Errorf("%s %s: %s: %s", method, path, res.Status, text)
	}
	if answer == nil {
		_, err = io.Copy(io.Discard, res.Body)
		return err
	}
	return json.NewDecoder(res.Body).Decode(answer)
}

// run starts a run and waits for its end.
func (p *product) run(ctx context.Context, sql string, maxRows int) (id string, err error) {
	var run struct {
		ID, Status string
		RowCount   int64 `json:"row_count"`
		Error      *struct{ Message string }
	}
	if err := p.call(ctx, "POST", "/api/v1/runs", map[string]any{"source_id": p.source, "sql": sql, "max_rows": maxRows}, &run); err != nil {
		return "", err
	}
	for run.Status == "queued" || run.Status == "running" {
		if err := p.call(ctx, "GET", "/api/v1/runs/"+run.ID+"?wait=60s", nil, &run); err != nil {
			return "", err
		}
	}
	if run.Status != "success" {
		return run.ID, fmt.Errorf("run ended as %s: %v", run.Status, run.Error)
	}
	return run.ID, nil
}

// firstRows starts a run and returns the time to the first event with a row.
func (p *product) firstRows(ctx context.Context, sql string, maxRows int) (time.Duration, error) {
	begin := time.Now()
	var run struct{ ID string }
	if err := p.call(ctx, "POST", "/api/v1/runs", map[string]any{"source_id": p.source, "sql": sql, "max_rows": maxRows}, &run); err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/api/v1/runs/"+run.ID+"/events", nil)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 16<<20)
	var took time.Duration
	for lines.Scan() {
		switch lines.Text() {
		case "event: rows":
			if took == 0 {
				took = time.Since(begin)
			}
		case "event: done":
			if took == 0 {
				return 0, errors.New("the run ended without rows")
			}
			return took, nil
		}
	}
	return 0, fmt.Errorf("events ended early: %w", lines.Err())
}

// peaks returns the highest resident size so far of the server and of its largest
// worker, in bytes.
func (p *product) peaks() (server, worker int64) {
	server = peak(p.cmd.Process.Pid)
	for _, pid := range children(p.cmd.Process.Pid) {
		worker = max(worker, peak(pid))
	}
	return server, worker
}

func peak(pid int) int64 { return memory(pid, "VmHWM:") }

func memory(pid int, field string) int64 {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, field); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

func children(pid int) []int {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	var out []int
	for _, t := range tasks {
		text, _ := os.ReadFile(t)
		for f := range strings.FieldsSeq(string(text)) {
			if n, err := strconv.Atoi(f); err == nil {
				out = append(out, n)
			}
		}
	}
	return out
}

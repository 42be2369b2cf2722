package serve

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"dribble/domain"
	"dribble/engine"
	"dribble/worker"
)

func TestConfiguration(t *testing.T) {
	t.Parallel()
	b := bare(t, &scripted{}, nil)
	ctx := t.Context()
	if _, err := b.Exec(ctx, exec(worker.Limits{}, "rows 1")); !errors.Is(err, worker.ErrUnconfigured) {
		t.Errorf("exec before: got %v, want ErrUnconfigured", err)
	}
	var invalid *worker.InvalidError
	if err := b.Configure(ctx, worker.Configuration{Engine: "oracle"}); !errors.As(err, &invalid) {
		t.Errorf("unknown engine: got %v, want an InvalidError", err)
	}
	if err := b.Configure(ctx, worker.Configuration{Engine: "scripted", SpecHash: "h"}); err != nil {
		t.Fatal(err)
	}
	if err := b.Configure(ctx, worker.Configuration{Engine: "scripted", SpecHash: "other"}); !errors.Is(err, worker.ErrConfigured) {
		t.Errorf("second time: got %v, want ErrConfigured", err)
	}
	h, err := b.Health(ctx)
	if err != nil || !h.Configured || h.SpecHash != "h" || h.Protocol != worker.Version || h.RSS < 1<<20 {
		t.Errorf("got health %+v, %v", h, err)
	}
	eventually(t, "the sweep for orphans", func() bool { return b.engine.swept.Load() == 1 })
}

func TestRunsWaitForTheSweep(t *testing.T) {
	t.Parallel()
	var early bool
	e := &scripted{}
	e.sweep = func(context.Context) {
		time.Sleep(50 * time.Millisecond)
		early = e.opened.Load() > 0
	}
	b := started(t, e, nil)
	if o := b.run(t, exec(worker.Limits{}, "rows 1"), nil); o.done.Status != domain.RunSuccess {
		t.Errorf("got %+v, %v", o.done, o.err)
	}
	if early {
		t.Error("a run had a session while orphans were being killed")
	}
}

func TestTokenIsNeeded(t *testing.T) {
	t.Parallel()
	b := started(t, &scripted{}, nil)
	for _, token := range []string{"", "tok", "token2", "TOKEN"} {
		stranger := worker.NewClient("unix", b.socket, token)
		if err := stranger.Configure(t.Context(), worker.Configuration{}); !errors.Is(err, worker.ErrUnauthorized) {
			t.Errorf("configure with %q: got %v", token, err)
		}
		if _, err := stranger.Exec(t.Context(), exec(worker.Limits{}, "rows 1")); !errors.Is(err, worker.ErrUnauthorized) {
			t.Errorf("exec with %q: got %v", token, err)
		}
		if err := stranger.Cancel(t.Context(), "run"); !errors.Is(err, worker.ErrUnauthorized) {
			t.Errorf("cancel with %q: got %v", token, err)
		}
		if _, err := stranger.Schema(t.Context(), engine.SchemaRequest{}); !errors.Is(err, worker.ErrUnauthorized) {
			t.Errorf("schema with %q: got %v", token, err)
		}
		if _, err := stranger.Check(t.Context(), func(engine.CheckStep) {}); !errors.Is(err, worker.ErrUnauthorized) {
			t.Errorf("check with %q: got %v", token, err)
		}
		if _, err := stranger.Health(t.Context()); err != nil {
			t.Errorf("health with %q: got %v, want an answer", token, err)
		}
		stranger.Close()
	}
	if b.engine.opened.Load() > 0 {
		t.Error("a stranger got a session")
	}
}

func TestBadCallsAreRefused(t *testing.T) {
	t.Parallel()
	b := started(t, &scripted{}, nil)
	web := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", b.socket)
	}}}
	defer web.CloseIdleConnections()
	tests := []struct {
		method, path, body string
		want               int
	}{
		{"POST", worker.PathExec, "", 400},
		{"POST", worker.PathExec, "{", 400},
		{"POST", worker.PathExec, "[]", 400},
		{"POST", worker.PathExec, "{}", 400},
		{"POST", worker.PathExec, `{"run_id":"r"}`, 400},
		{"POST", worker.PathExec, `{"run_id":1}`, 400},
		{"POST", worker.PathCancel, strings.Repeat("x", maxCall+1), 400},
		{"POST", worker.PathSchema, "no", 400},
		{"POST", worker.PathCheck, "no", 400},
		{"GET", worker.PathExec, "", 405},
		{"POST", "/v1/other", "{}", 404},
	}
	for _, tt := range tests {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, "http://worker"+tt.path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer token")
		res, err := web.Do(req)
		if err != nil {
			t.Fatalf("%s %s: %v", tt.method, tt.path, err)
		}
		_ = res.Body.Close()
		if res.StatusCode != tt.want {
			t.Errorf("%s %s %.20q: got %d, want %d", tt.method, tt.path, tt.body, res.StatusCode, tt.want)
		}
	}
}

func TestCheckAndSchema(t *testing.T) {
	t.Parallel()
	b := started(t, &scripted{}, nil)
	var steps []engine.CheckStep
	info, err := b.Check(t.Context(), func(s engine.CheckStep) { steps = append(steps, s) })
	if err != nil || info.ServerVersion != "Scripted 1" || len(steps) != 2 || !steps[1].OK {
		t.Errorf("got %+v, %v, steps %+v", info, err, steps)
	}
	schema, err := b.Schema(t.Context(), engine.SchemaRequest{})
	if err != nil || schema.Database != "scripted" {
		t.Errorf("got %+v, %v", schema, err)
	}
	var failed *domain.SQLError
	if _, err := b.Schema(t.Context(), engine.SchemaRequest{Schema: "missing"}); !errors.As(err, &failed) || failed.Code != "1" {
		t.Errorf("got %v, want the database's error", err)
	}
	b = started(t, &scripted{sessionErr: errors.New("no")}, nil)
	var check *engine.CheckError
	if _, err := b.Check(t.Context(), func(engine.CheckStep) {}); !errors.As(err, &check) || check.Title != "Wrong password" {
		t.Errorf("got %v, want the engine's CheckError", err)
	}
	o := b.run(t, exec(worker.Limits{}, "rows 1"), nil)
	if o.done.Status != domain.RunError || codeOf(o.done.Error) != domain.CodeConnection {
		t.Errorf("run without a session: got %+v, %v", o.done, o.err)
	}
}

package pool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dribble/domain"
	"dribble/engine"
	"dribble/worker"
)

// Schema reads the source's catalogue through its worker, beside its runs. It is
// asked once more if the worker is lost. A failure of the database is
// a *domain.SQLError, any other a *domain.Error or ctx's cause.
func (p *Pool) Schema(ctx context.Context, src domain.Source, req engine.SchemaRequest) (engine.Schema, error) {
	schema, err := p.schema(ctx, src, req)
	if errors.Is(err, worker.ErrLost) {
		schema, err = p.schema(ctx, src, req)
	}
	if errors.Is(err, worker.ErrLost) {
		return schema, unavailable(err, "The worker of %q ended while it read the schema. Try again.", src.Name)
	}
	return schema, err
}

func (p *Pool) schema(ctx context.Context, src domain.Source, req engine.SchemaRequest) (engine.Schema, error) {
	m, err := p.worker(ctx, src, func(Phase) {})
	if err != nil {
		return engine.Schema{}, err
	}
	defer p.done(m)
	schema, err := m.client.Schema(ctx, req)
	if err != nil {
		return schema, fmt.Errorf("read schema: %w", err)
	}
	return schema, nil
}

// Test tries a connection in a worker of its own, which it stops afterwards, and
// reports each step as it begins and ends. Fields include the secrets. A test
// that failed is a *engine.CheckError; fields that cannot be right, or too many
// tests at once, are a *domain.Error.
func (p *Pool) Test(ctx context.Context, engineName string, fields map[string]string, readOnly bool,
	report func(engine.CheckStep),
) (engine.Info, error) {
	spec, err := p.engine(engineName)
	if err != nil {
		return engine.Info{}, err
	}
	fields, err = spec.Clean(fields)
	if err != nil {
		return engine.Info{}, fmt.Errorf("test connection: %w", err)
	}
	select {
	case p.test <- struct{}{}:
		defer func() { <-p.test }()
	default:
		return engine.Info{}, domain.Errorf(domain.RateLimited,
			"%d connection tests are going on already. Try again in a moment.", maxTests)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.life, cancel)()
	m, err := p.testWorker(ctx, worker.Configuration{
		SpecHash: "test", Engine: engineName, Fields: fields, ReadOnly: readOnly,
		AppName: p.appName("test"), KeepOrphans: true,
	}, report)
	if err != nil {
		return engine.Info{}, err
	}
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.stopLocked(m)
	}()
	return p.check(ctx, m, report)
}

func (p *Pool) check(ctx context.Context, m *member, report func(engine.CheckStep)) (engine.Info, error) {
	info, err := m.client.Check(ctx, report)
	var failed *engine.CheckError
	switch {
	case err == nil || errors.As(err, &failed):
		return info, err
	case isGone(ctx, err):
		return info, fmt.Errorf("test connection: %w", err)
	}
	return info, unavailable(err, "The worker ended during the test. Try once more.")
}

// testWorker starts the worker of a connection test, and reports that as the
// test's first step.
func (p *Pool) testWorker(ctx context.Context, cfg worker.Configuration, report func(engine.CheckStep)) (*member, error) {
	p.mu.Lock()
	closed := p.isClosed
	if !closed {
		p.work.Add(1)
	}
	p.mu.Unlock()
	if closed {
		return nil, errClosed
	}
	defer p.work.Done()

	begin := time.Now()
	report(engine.CheckStep{Name: engine.StepWorker, Label: "Starting a worker"})
	m, err := p.launch(ctx, nil, nil, cfg)
	step := engine.CheckStep{Name: engine.StepWorker, Done: true, OK: err == nil, Label: "Started a worker", Took: time.Since(begin)}
	if err == nil {
		report(step)
		return m, nil
	}
	step.Label = "The worker did not start"
	report(step)
	var invalid *worker.InvalidError
	switch {
	case errors.As(err, &invalid):
		return nil, &engine.CheckError{Step: engine.StepWorker, Title: invalid.Message, Field: invalid.Field}
	case isGone(ctx, err):
		return nil, fmt.Errorf("test connection: %w", err)
	}
	p.opt.Log.Warn("worker of a connection test failed", "error", err)
	return nil, &engine.CheckError{
		Step: engine.StepWorker, Title: "The worker did not start: " + reason(err),
		Remedies: []string{"Try once more. If it stays, look at the log of Dribble."},
	}
}

package worker

import (
	"context"
	"errors"
	"fmt"

	"dribble/engine"
)

// maxSteps bounds the step frames of a connection test.
const maxSteps = 100

// Check runs the worker's connection test and calls report for each step as it
// begins and ends. A test that failed is a *engine.CheckError; any other error
// is about the worker.
func (c *Client) Check(ctx context.Context, report func(engine.CheckStep)) (engine.Info, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	res, err := c.open(ctx, cancel, PathCheck, struct{}{})
	if err != nil {
		return engine.Info{}, err
	}
	defer func() { _ = res.Body.Close() }()

	frames := NewFrameReader(res.Body)
	for range maxSteps {
		f, err := frames.Next()
		if errors.Is(err, ErrFrame) {
			return engine.Info{}, fmt.Errorf("read check: %w: %w", ErrProtocol, err)
		}
		if err != nil {
			return engine.Info{}, gone(ctx, "read check", err)
		}
		if f.Type == FrameStep {
			step, err := f.step()
			if err != nil {
				return engine.Info{}, fmt.Errorf("read check: %w: %w", ErrProtocol, err)
			}
			report(step)
			continue
		}
		return verdict(f)
	}
	return engine.Info{}, fmt.Errorf("read check: over %d steps: %w", maxSteps, ErrProtocol)
}

// verdict reads the frame that ends a connection test.
func verdict(f Frame) (engine.Info, error) {
	if f.Type == FrameCheckError {
		failed, err := f.checkError()
		if err != nil {
			return engine.Info{}, fmt.Errorf("read check: %w: %w", ErrProtocol, err)
		}
		return engine.Info{}, &failed
	}
	info, err := f.info()
	if err != nil {
		return engine.Info{}, fmt.Errorf("read check: %w: %w", ErrProtocol, err)
	}
	return info, nil
}

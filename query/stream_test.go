package query

import (
	"errors"
	"testing"
	"time"

	"dribble/domain"
	"dribble/result"
)

func TestStreamWhoseClientHasLeftIsCancelled(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	gone := collector{fail: errors.New("broken pipe")}
	run, err := b.Stream(t.Context(), b.who, Request{SourceID: b.source.ID, SQL: endless, Trigger: domain.TriggerAPI}, &gone)
	if err == nil || run.Status != domain.RunCancelled {
		t.Errorf("got %s, %v; want cancelled", run.Status, err)
	}
}

func TestStreamKeepsTheWritersOwnRefusal(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	full := collector{fail: domain.Errorf(domain.TooLarge, "The sheet is full.")}
	run, err := b.Stream(t.Context(), b.who, Request{SourceID: b.source.ID, SQL: endless, Trigger: domain.TriggerAPI}, &full)
	if err == nil || run.Status != domain.RunError || run.Error.Message != "The sheet is full." {
		t.Errorf("got %s, %+v; want the writer's words", run.Status, run.Error)
	}
}

// stalled never takes a row until it is aborted, like a client that is suspended.
type stalled struct{ aborted chan struct{} }

func (s *stalled) Columns([]result.Column) error { return nil }
func (s *stalled) Row([][]byte) error            { <-s.aborted; return errors.New("write deadline") }
func (s *stalled) Flush() error                  { return nil }
func (s *stalled) Abort()                        { close(s.aborted) }

func TestStalledClientHoldsItsPlaceOnlyUntilTheTimeLimit(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	start := time.Now()
	run, err := b.Stream(t.Context(), b.who, Request{
		SourceID: b.source.ID, SQL: endless, Trigger: domain.TriggerAPI, Timeout: 50 * time.Millisecond,
	}, &stalled{make(chan struct{})})
	if err == nil || run.Status != domain.RunError || run.Error.Code != domain.CodeTimeout {
		t.Errorf("got %s, %+v; want a timeout", run.Status, run.Error)
	}
	if took := time.Since(start); took > timeoutGrace+3*time.Second {
		t.Errorf("ended after %s", took)
	}
}

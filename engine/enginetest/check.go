package enginetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"dribble/engine"
)

func checkCases() []kase {
	return []kase{
		{"a connection test passes step by step", checkPasses},
		{"a failing connection test says why", checkFails},
		{"a connection test can be given up", checkGivenUp},
	}
}

func checkPasses(t *testing.T, f Fixture) {
	db := catalogue(t, f)
	var begun, done []string
	info, err := db.Check(t.Context(), func(s engine.CheckStep) {
		switch {
		case !s.Done:
			begun = append(begun, s.Name)
		case !s.OK || s.Label == "":
			t.Errorf("step %+v, want it to pass with a label", s)
		default:
			done = append(done, s.Name)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{engine.StepHost, engine.StepTLS, engine.StepSignIn, engine.StepSchema}
	if !slices.Equal(begun, want) || !slices.Equal(done, want) {
		t.Errorf("got steps %q begun and %q done, want %q", begun, done, want)
	}
	if info.ServerVersion == "" || info.Schemas < 1 || info.Tables < 3 || info.CanWrite == "" || info.TLS == "" || info.Latency <= 0 {
		t.Errorf("got %+v, want version, schemas, tables, rights, TLS and latency", info)
	}
}

func checkFails(t *testing.T, f Fixture) {
	for _, c := range f.Checks {
		t.Run(c.Name, func(t *testing.T) { checkFailsOnce(t, f, c) })
	}
}

func checkFailsOnce(t *testing.T, f Fixture, c CheckCase) {
	db, _ := open(t, f, func(cfg *engine.Config) { cfg.Fields = with(f.Fields, c.Change) })
	var last engine.CheckStep
	began := time.Now()
	_, err := db.Check(t.Context(), func(s engine.CheckStep) { last = s })
	if took := time.Since(began); took > 12*time.Second {
		t.Errorf("took %v", took)
	}
	var e *engine.CheckError
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want a *engine.CheckError", err)
	}
	if e.Step != c.Step || last.Name != c.Step || !last.Done || last.OK {
		t.Errorf("failed at %q, last step %+v; want a failure at %q (%v)", e.Step, last, c.Step, e)
	}
	if e.Field != c.Field {
		t.Errorf("got field %q, want %q (%v)", e.Field, c.Field, e)
	}
	if e.Title == "" || len(e.Remedies) == 0 || len(e.Remedies) > 2 {
		t.Errorf("got title %q and remedies %q, want a title and one or two remedies", e.Title, e.Remedies)
	}
	secret := c.Secret
	if secret == "" {
		secret = with(f.Fields, c.Change)["password"]
	}
	all := e.Title + e.Known + strings.Join(e.Remedies, " ") + e.Raw + e.Error() + last.Label
	if secret != "" && strings.Contains(all, secret) {
		t.Error("the password stands in the error")
	}
}

func checkGivenUp(t *testing.T, f Fixture) {
	db, _ := open(t, f, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	within(t, 2*time.Second, "a connection test that was given up", func() {
		if _, err := db.Check(ctx, func(engine.CheckStep) {}); err == nil {
			t.Log("the test was quicker than the context")
		}
	})
}

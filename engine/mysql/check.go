package mysql

import (
	"context"
	"time"

	"dribble/engine"
)

// Check tests the connection step by step, over a connection of its own.
func (d *database) Check(ctx context.Context, report func(engine.CheckStep)) (engine.Info, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*connectWithin)
	defer cancel()
	t := &test{settings: d.settings, report: report}
	info, err := t.run(ctx)
	if err == nil {
		return info, nil
	}
	fault := d.explain(err)
	// The step that was under way is the one that failed; what the error looks
	// like alone may point to an earlier one.
	fault.Step = t.step
	if fault.Step == engine.StepSchema {
		fault.Title, fault.Field = "Signed in, but the schema could not be read", ""
		fault.Known = knownAccount
		fault.Remedies = []string{"Check that the account may read information_schema and is granted at least one table."}
	}
	t.end(false, failureLabel(t.step))
	return engine.Info{}, fault
}

// test is one connection test.
type test struct {
	settings
	report func(engine.CheckStep)
	step   string
	began  time.Time
}

func (t *test) begin(step, label string) {
	t.step, t.began = step, time.Now()
	t.report(engine.CheckStep{Name: step, Label: label})
}

func (t *test) end(ok bool, label string) {
	t.report(engine.CheckStep{Name: t.step, Done: true, OK: ok, Label: label, Took: time.Since(t.began)})
}

func (t *test) run(ctx context.Context) (engine.Info, error) {
	connecting, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	t.begin(engine.StepHost, "Reaching the host")
	conn, err := t.dial(connecting, "tcp", t.addr)
	if err != nil {
		return engine.Info{}, err
	}
	g, err := greet(connecting, conn, t.settings)
	if err != nil {
		_ = conn.Close()
		if err == errTLSNotOffered { //nolint:errorlint // greet returns it bare
			t.end(true, "Reached the host")
			t.begin(engine.StepTLS, "Setting TLS up")
		}
		return engine.Info{}, err
	}
	t.end(true, "Reached the host")
	w, err := t.enter(connecting, g)
	if err != nil {
		return engine.Info{}, err
	}
	defer w.close()
	t.begin(engine.StepSchema, "Reading the schema")
	if deadline, ok := ctx.Deadline(); ok {
		if err := w.conn.SetDeadline(deadline); err != nil {
			return engine.Info{}, err
		}
	}
	info, err := t.survey(w)
	if err != nil {
		return engine.Info{}, err
	}
	info.TLS = t.tlsLabel(g)
	t.end(true, "Read the schema")
	return info, nil
}

// enter sets TLS up and signs in, reporting both.
func (t *test) enter(ctx context.Context, g *gate) (*wire, error) {
	t.begin(engine.StepTLS, "Setting TLS up")
	g.secured = func(err error) {
		if err != nil {
			return
		}
		t.end(true, t.tlsLabel(g))
		t.begin(engine.StepSignIn, "Signing in")
	}
	w, err := t.signIn(ctx, g)
	if err != nil {
		return nil, err
	}
	t.end(true, "Signed in as "+t.user)
	return w, nil
}

func failureLabel(step string) string {
	switch step {
	case engine.StepHost:
		return "Could not reach the server"
	case engine.StepTLS:
		return "TLS failed"
	case engine.StepSignIn:
		return "Sign-in refused"
	}
	return "Could not read the schema"
}

package postgres

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"dribble/engine"
)

// checkTimeout bounds a whole connection test.
const checkTimeout = 30 * time.Second

// sslRequest is the protocol's code that asks for TLS.
const sslRequest = 80877103

// check is one connection test.
type check struct {
	set    settings
	report func(engine.CheckStep)
	step   string
	began  time.Time
	tls    string // what to tell of TLS
}

// Check tests the connection step by step, over connections of its own. Its
// error is a *engine.CheckError.
func (db *database) Check(ctx context.Context, report func(engine.CheckStep)) (engine.Info, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	k := &check{set: db.set, report: report}
	info, err := k.run(ctx)
	if err != nil {
		k.end(false, failedLabel(k.step))
		return engine.Info{}, k.explain(err)
	}
	return info, nil
}

func (k *check) run(ctx context.Context) (engine.Info, error) {
	k.begin(engine.StepHost, "Reaching the host")
	network, addr := k.set.address()
	raw, err := k.set.dialHost(ctx, network, addr)
	if err != nil {
		return engine.Info{}, err
	}
	defer func() { _ = raw.Close() }()
	k.end(true, "Reached the host")

	k.begin(engine.StepTLS, "Agreeing on TLS")
	if k.tls, err = k.tryTLS(ctx, raw); err != nil {
		return engine.Info{}, err
	}
	k.end(true, k.tls)

	k.begin(engine.StepSignIn, "Signing in")
	c, err := connect(ctx, k.set)
	if err != nil {
		return engine.Info{}, err
	}
	defer c.close()
	k.noteTLS(c)
	k.end(true, "Signed in as "+k.set.user)

	k.begin(engine.StepSchema, "Reading the schema")
	info, err := readInfo(ctx, c, k.set)
	if err != nil {
		return engine.Info{}, err
	}
	info.TLS = k.tls
	k.end(true, "Read the schema")
	return info, nil
}

func (k *check) begin(step, label string) {
	k.step, k.began = step, time.Now()
	k.report(engine.CheckStep{Name: step, Label: label})
}

func (k *check) end(ok bool, label string) {
	k.report(engine.CheckStep{Name: k.step, Done: true, OK: ok, Label: label, Took: time.Since(k.began)})
}

func failedLabel(step string) string {
	switch step {
	case engine.StepHost:
		return "Host not reached"
	case engine.StepTLS:
		return "TLS not agreed"
	case engine.StepSignIn:
		return "Sign-in refused"
	default:
		return "Schema not read"
	}
}

// tryTLS asks the server for TLS as the mode wants and says what came of it.
func (k *check) tryTLS(ctx context.Context, raw net.Conn) (string, error) {
	network, _ := k.set.address()
	switch {
	case network == "unix":
		return "TLS not needed on a local socket", nil
	case k.set.tls.mode == tlsDisable:
		return "TLS not used", nil
	case k.set.tls.mode == tlsAllow:
		return "TLS only if the server insists", nil
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := raw.SetDeadline(deadline); err != nil {
			return "", fmt.Errorf("set deadline: %w", err)
		}
	}
	request := binary.BigEndian.AppendUint32([]byte{0, 0, 0, 8}, sslRequest)
	if _, err := raw.Write(request); err != nil {
		return "", fmt.Errorf("ask for TLS: %w", err)
	}
	answer := make([]byte, 1)
	if _, err := io.ReadFull(raw, answer); err != nil {
		return "", fmt.Errorf("ask for TLS: %w", err)
	}
	if answer[0] != 'S' {
		if k.set.tls.mode == tlsPrefer {
			return "TLS not offered, not used", nil
		}
		return "", errTLSNotOffered
	}
	conn := tls.Client(raw, k.set.tls.config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return "", err
	}
	return k.describeTLS(conn.ConnectionState()), nil
}

func (k *check) describeTLS(state tls.ConnectionState) string {
	if k.set.tls.checked() {
		return tls.VersionName(state.Version) + ", certificate valid"
	}
	return tls.VersionName(state.Version) + ", certificate not checked"
}

// noteTLS corrects what is told of TLS by what the sign-in used in the end.
func (k *check) noteTLS(c *conn) {
	conn, ok := c.pg.Conn().(*tls.Conn)
	if ok {
		k.tls = k.describeTLS(conn.ConnectionState())
	} else if k.set.tls.mode == tlsAllow || k.set.tls.mode == tlsPrefer {
		k.tls = "TLS not used"
	}
}

// explain puts a failure into words. The step that was under way is the one that
// failed.
func (k *check) explain(err error) *engine.CheckError {
	var e *engine.CheckError
	if errors.As(err, &e) {
		return e
	}
	var out engine.CheckError
	switch k.step {
	case engine.StepHost:
		out = k.explainHost(err)
	case engine.StepTLS:
		out = k.explainTLS(err)
	case engine.StepSignIn:
		out = k.explainSignIn(err)
	default:
		out = k.explainSchema(err)
	}
	out.Step = k.step
	out.Raw = k.scrub(rawText(err))
	return &out
}

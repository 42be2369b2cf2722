package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"dribble/engine"
)

// Bounds of a Client's calls.
const (
	dialTimeout = 5 * time.Second
	callTimeout = 10 * time.Second // of short calls, and until a stream's answer begins
	maxReply    = 128 << 20        // bytes of a JSON reply; a large catalogue is the longest
)

// Client talks to one worker. It is safe for concurrent use.
type Client struct {
	http  *http.Client
	token string
}

// NewClient makes a client of the worker at address on network ("unix" or
// "tcp"). Nothing is dialled yet. The token goes with every call.
func NewClient(network, address, token string) *Client {
	dialer := &net.Dialer{Timeout: dialTimeout}
	return &Client{token: token, http: &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, address)
			},
			DisableCompression:  true,
			MaxIdleConnsPerHost: 8,
			IdleConnTimeout:     time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close drops idle connections. Streams under way go on.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Health asks the worker how it is. With the right token it counts as a sign of
// life of the server.
func (c *Client) Health(ctx context.Context) (Health, error) {
	var h Health
	err := c.call(ctx, http.MethodGet, PathHealth, nil, &h)
	return h, err
}

// Configure gives the worker its database. The error is ErrConfigured if it has
// one, and a plain one with the engine's words if the fields cannot work.
func (c *Client) Configure(ctx context.Context, cfg Configuration) error {
	return c.call(ctx, http.MethodPost, PathConfigure, cfg, nil)
}

// Cancel stops a run. Its stream then ends with status cancelled. ErrNoRun means
// that it has ended by itself.
func (c *Client) Cancel(ctx context.Context, runID string) error {
	return c.call(ctx, http.MethodPost, PathCancel, Cancel{RunID: runID}, nil)
}

// Schema reads the database's catalogue. A failure of the database is
// a *domain.SQLError. It takes as long as the database takes; ctx bounds it.
func (c *Client) Schema(ctx context.Context, req engine.SchemaRequest) (engine.Schema, error) {
	var s engine.Schema
	res, err := c.send(ctx, http.MethodPost, PathSchema, req)
	if err != nil {
		return s, err
	}
	defer func() { _ = res.Body.Close() }()
	return s, c.read(ctx, res, &s)
}

// call makes one short call.
func (c *Client) call(ctx context.Context, method, path string, body, reply any) error {
	ctx, cancel := context.WithTimeoutCause(ctx, callTimeout, errNoAnswer)
	defer cancel()
	res, err := c.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	return c.read(ctx, res, reply)
}

// send makes a request and returns its 2xx answer, whose body the caller closes.
func (c *Client) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var payload io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("encode call %s: %w", path, err)
		}
		payload = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://worker"+path, payload)
	if err != nil {
		return nil, fmt.Errorf("make call %s: %w", path, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, gone(ctx, "call "+path, err)
	}
	if res.StatusCode/100 != 2 {
		defer func() { _ = res.Body.Close() }()
		return nil, fmt.Errorf("call %s: %w", path, refusal(res))
	}
	return res, nil
}

// read decodes a whole JSON reply and leaves the connection reusable.
func (c *Client) read(ctx context.Context, res *http.Response, reply any) error {
	body := io.LimitReader(res.Body, maxReply)
	if reply == nil {
		_, err := io.Copy(io.Discard, body)
		return gone(ctx, "read reply", err)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return gone(ctx, "read reply", err)
	}
	if err := json.Unmarshal(text, reply); err != nil {
		return fmt.Errorf("read reply: %w: %w", ErrProtocol, err)
	}
	return nil
}

// gone names a failed exchange: the caller's own cause if its context has ended,
// else ErrLost.
func gone(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), errNoAnswer) {
		return fmt.Errorf("%s: %w", doing, context.Cause(ctx))
	}
	return fmt.Errorf("%s: %w: %w", doing, ErrLost, err)
}

package postgres_test

import (
	"context"
	"net"
)

type dialer = func(ctx context.Context, network, addr string) (net.Conn, error)

// dialLoopback goes to one address, whatever was asked for.
func dialLoopback(target string) dialer {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, target)
	}
}

// dialSilence waits for an answer that never comes.
func dialSilence(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

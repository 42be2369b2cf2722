package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"dribble/db"
)

// migrate brings the metadata database up to date, back one step, or says where
// it stands: dribble migrate [up|down|status] [flags].
func migrate(ctx context.Context, args []string, env environment) error {
	direction := db.MigrateUp
	if len(args) > 0 && slices.Contains([]string{"up", "down", "status"}, args[0]) {
		direction, args = db.Direction(args[0]), args[1:]
	}
	c, err := readConfig("migrate", args, env.getenv, env.out)
	if err != nil {
		return err
	}
	if err := makeFolder(c.Data); err != nil {
		return err
	}
	steps, err := db.Migrate(ctx, storeOptions(c, newLogger(c, env.err)), direction)
	if err != nil {
		return err
	}
	for _, m := range steps {
		state := "pending"
		if !m.AppliedAt.IsZero() {
			state = "applied " + m.AppliedAt.Format(time.RFC3339)
		}
		if _, err := fmt.Fprintf(env.out, "%5d  %-30s  %s\n", m.Version, m.Name, state); err != nil {
			return err
		}
	}
	return nil
}

// token makes, lists and deletes API tokens of the local user: dribble token
// create NAME | list | delete ID, each with the server's flags after it.
func token(ctx context.Context, args []string, env environment) error {
	order, args, err := readTokenOrder(args)
	if err != nil {
		return err
	}
	c, err := readConfig("token "+order.verb, args, env.getenv, env.out)
	if err != nil {
		return err
	}
	options := storeOptions(c, newLogger(c, env.err))
	options.Shared = true // a server may be running on it
	store, err := openStore(ctx, c, options)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	p, err := store.EnsureLocal(ctx)
	if err != nil {
		return err
	}
	switch order.verb {
	case "create":
		plain, err := store.CreateToken(ctx, p, order.object, time.Time{})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(env.out, plain)
		return err
	case "delete":
		return store.DeleteToken(ctx, p, order.object)
	}
	tokens, err := store.Tokens(ctx, p)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if _, err := fmt.Fprintf(env.out, "%s  %s  %s\n", t.ID, t.CreatedAt.Format(time.DateOnly), t.Name); err != nil {
			return err
		}
	}
	return nil
}

// tokenOrder is what dribble token was asked to do.
type tokenOrder struct{ verb, object string }

// readTokenOrder reads the verb and what it is about, and returns the flags after
// them. It comes before any file is touched.
func readTokenOrder(args []string) (tokenOrder, []string, error) {
	usage := errors.New("use dribble token create NAME, dribble token list or dribble token delete ID")
	if len(args) == 0 {
		return tokenOrder{}, nil, usage
	}
	order, args := tokenOrder{verb: args[0]}, args[1:]
	switch order.verb {
	case "list":
		return order, args, nil
	case "create", "delete":
		if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
			order.object = args[0]
			return order, args[1:], nil
		}
		if len(args) > 0 && isHelp(args[0]) {
			return order, args, nil // readConfig prints it
		}
	}
	return order, nil, usage
}

// health asks a running server for its /readyz: exit code 0 if it is well. It is
// the probe of containers, which have no other program to ask with.
func health(ctx context.Context, args []string, env environment) error {
	flags := flag.NewFlagSet("health", flag.ContinueOnError)
	flags.SetOutput(env.out)
	known := env.getenv("DRIBBLE_ADDR") // where a server with the same variables listens
	if known == "" {
		known = "127.0.0.1:8080"
	}
	addr := flags.String("addr", known, "address of the server")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+*addr+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", *addr, err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("no server answers at %s", *addr)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<10))
	if err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("the server at %s is not ready: %s", *addr, text)
	}
	return nil
}

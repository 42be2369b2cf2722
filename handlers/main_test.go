package handlers_test

import (
	"context"
	"log/slog"
	"os"
	"testing"

	"dribble/engine/all"
	"dribble/worker/serve"
)

// TestMain lets the pool start this test binary as a worker, so that every test
// runs against real worker processes.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		log := slog.New(slog.NewTextHandler(os.Stderr, nil))
		if err := serve.Main(context.Background(), os.Args[2:], os.Stdin, all.Engines(), log); err != nil {
			log.Error("worker ends", "error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

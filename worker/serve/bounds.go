package serve

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// bounds are what the kernel holds a worker process to; 0 means no bound.
type bounds struct {
	memory   int64 // bytes in use
	fileSize int64 // bytes of each file that it writes
}

// apply sets the bounds. They are a second line behind Options.MaxRSS and the
// limits of a run, so a system without them is no error.
func (b bounds) apply(ctx context.Context, log *slog.Logger) {
	// By default the signal would end the process; the failed write is enough.
	tooLarge := make(chan os.Signal, 1)
	signal.Notify(tooLarge, syscall.SIGXFSZ)
	go func() {
		for {
			select {
			case <-tooLarge:
				log.Warn("a file has reached the worker's bound", "bytes", b.fileSize)
			case <-ctx.Done():
				return
			}
		}
	}()
	if err := b.bind(); err != nil {
		log.Warn("the worker runs without all its bounds", "error", err)
	}
}

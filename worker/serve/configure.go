package serve

import (
	"context"
	"errors"
	"net/http"
	"time"

	"dribble/domain"
	"dribble/engine"
	"dribble/worker"
)

// sweepTimeout bounds the search for statements an earlier worker left behind.
const sweepTimeout = 3 * time.Second

// configured is what a worker knows after its configuration.
type configured struct {
	db       engine.DB
	specHash string
	swept    chan struct{} // closed when orphans have been dealt with
}

// configure takes the worker's one configuration.
func (s *server) configure(w http.ResponseWriter, r *http.Request) error {
	var cfg worker.Configuration
	if err := read(w, r, maxConfigure, &cfg); err != nil {
		return err
	}
	eng := s.engine(cfg.Engine)
	if eng == nil {
		return failure{Code: worker.FailInvalid, Message: "This worker has no engine called " + cfg.Engine + "."}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conf != nil {
		return failure{Code: worker.FailConfigured, Message: "The worker has its configuration already."}
	}
	if s.isStopping {
		return failure{Code: worker.FailStopping, Message: "The worker is stopping."}
	}
	db, err := eng.Open(engine.Config{
		Fields: cfg.Fields, ReadOnly: cfg.ReadOnly, MaxConns: max(1, cfg.MaxConns),
		AppName: cfg.AppName, Dial: s.opt.Dial,
	})
	if err != nil {
		return s.unfit(err)
	}
	conf := &configured{db: db, specHash: cfg.SpecHash, swept: make(chan struct{})}
	s.conf = conf
	if cfg.KeepOrphans {
		close(conf.swept)
	} else {
		s.work.Go(func() { s.sweep(conf) })
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// unfit gives the public form of an engine's refusal of its fields.
func (s *server) unfit(err error) failure {
	var public *domain.Error
	if errors.As(err, &public) {
		return failure{Code: worker.FailInvalid, Message: public.Message, Field: public.Field}
	}
	var check *engine.CheckError
	if errors.As(err, &check) {
		return failure{Code: worker.FailInvalid, Message: check.Error(), Field: check.Field}
	}
	s.opt.Log.Warn("engine refuses its fields", "error", err)
	return failure{Code: worker.FailInvalid, Message: "The database engine does not accept these connection details."}
}

// sweep ends what an earlier worker left running. Runs wait for it, because
// their own statements look just like orphans.
func (s *server) sweep(conf *configured) {
	defer close(conf.swept)
	ctx, cancel := context.WithTimeout(s.life, sweepTimeout)
	defer cancel()
	if err := conf.db.KillOrphans(ctx); err != nil && s.life.Err() == nil {
		s.opt.Log.Warn("end statements of an earlier worker", "error", err)
	}
}

func (s *server) engine(name string) engine.Engine {
	for _, e := range s.opt.Engines {
		if e.Spec().Name == name {
			return e
		}
	}
	return nil
}

func (s *server) configured() *configured {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conf
}

// database gives the configuration or the refusal of a worker without one.
func (s *server) database() (*configured, error) {
	conf := s.configured()
	if conf == nil {
		return nil, failure{Code: worker.FailUnconfigured, Message: "The worker has no configuration."}
	}
	return conf, nil
}

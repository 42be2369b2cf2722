package serve

import (
	"context"
	"errors"
	"net/http"
	"time"

	"dribble/engine"
	"dribble/worker"
)

// Bounds of calls that ask the database but run no statement of a person.
const (
	checkTimeout  = time.Minute
	schemaTimeout = 2 * time.Minute
)

// check runs the connection test and streams its steps.
func (s *server) check(w http.ResponseWriter, r *http.Request) error {
	if err := read(w, r, maxCall, &struct{}{}); err != nil {
		return err
	}
	conf, err := s.database()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	out := newSender(w, s.opt.WriteStall, func(error) { cancel() })
	defer out.close()
	info, err := conf.db.Check(ctx, func(step engine.CheckStep) { _ = out.json(worker.FrameStep, step) })
	var failed *engine.CheckError
	switch {
	case err == nil:
		_ = out.json(worker.FrameInfo, info)
		return nil
	case errors.As(err, &failed):
	case ctx.Err() != nil:
		failed = &engine.CheckError{Step: engine.StepHost, Title: "The database did not answer within a minute",
			Remedies: []string{"Check host and port, and that no firewall drops the connection."}}
	default:
		s.opt.Log.Warn("connection test failed outside the database", "error", err)
		failed = &engine.CheckError{Step: engine.StepHost, Title: "The connection test could not be finished",
			Remedies: []string{"Try once more. If it stays, look at the log of Dribble."}}
	}
	_ = out.json(worker.FrameCheckError, failed)
	return nil
}

// schema reads the catalogue.
func (s *server) schema(w http.ResponseWriter, r *http.Request) error {
	var req engine.SchemaRequest
	if err := read(w, r, maxCall, &req); err != nil {
		return err
	}
	conf, err := s.database()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), schemaTimeout)
	defer cancel()
	select {
	case <-conf.swept:
	case <-ctx.Done():
	}
	schema, err := conf.db.Schema(ctx, req)
	if err != nil {
		return failure{Code: worker.FailDatabase, SQL: sqlError(err, s.opt.Log)}
	}
	reply(w, schema)
	return nil
}

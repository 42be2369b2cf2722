package sqlite

import (
	"context"
	"errors"
	"time"

	"dribble/domain"
	"dribble/engine"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Check opens the file and reads its catalogue. A file has no network and no
// sign-in; those steps pass and say so.
func (d *database) Check(ctx context.Context, report func(engine.CheckStep)) (engine.Info, error) {
	info := engine.Info{Schemas: 1, TLS: "not used", ServerTime: "UTC, the clock of the worker's machine"}
	failed, known := engine.StepHost, ""
	began := begin(report, engine.StepHost, "Opening the file")
	err := d.once(ctx, func(c *conn) error {
		if err := c.query("SELECT count(*) FROM main.sqlite_schema", nil, nil); err != nil {
			return err
		}
		end(report, engine.StepHost, "Opened the file", began)
		info.CanWrite = d.canWrite(c)
		end(report, engine.StepTLS, "No network, nothing to encrypt", begin(report, engine.StepTLS, "No network"))
		end(report, engine.StepSignIn, "No sign-in needed", begin(report, engine.StepSignIn, "No sign-in"))
		failed, known = engine.StepSchema, "The file is there and is a SQLite database."
		began = begin(report, engine.StepSchema, "Reading the schema")
		if err := c.survey(&info); err != nil {
			return err
		}
		end(report, engine.StepSchema, "Read the schema", began)
		return nil
	})
	if err == nil {
		return info, nil
	}
	fault := d.checkError(ctx, err)
	fault.Step, fault.Known = failed, known
	report(engine.CheckStep{Name: failed, Done: true, Label: failureLabel(failed), Took: time.Since(began)})
	return engine.Info{}, fault
}

// survey counts tables and measures a trivial statement.
func (c *conn) survey(info *engine.Info) error {
	info.ServerVersion = "SQLite " + libc.GoString(lib.Xsqlite3_libversion(c.tls))
	tables, err := c.tables(engine.SchemaRequest{})
	if err != nil {
		return err
	}
	for _, t := range tables {
		if t.Kind != engine.TableView {
			info.Tables++
		}
		if t.RowsEstimate > info.LargestRows {
			info.LargestTable, info.LargestRows = mainSchema+"."+t.Name, t.RowsEstimate
		}
	}
	began := time.Now()
	if err := c.query("SELECT 1", nil, nil); err != nil {
		return err
	}
	info.Latency = time.Since(began)
	return nil
}

func (d *database) canWrite(c *conn) string {
	switch {
	case d.readOnly:
		return "No, the source is read-only"
	case c.fileReadOnly():
		return "No, the file is read-only"
	}
	return "Yes"
}

func (d *database) checkError(ctx context.Context, err error) *engine.CheckError {
	if ctx.Err() != nil {
		return &engine.CheckError{Title: "The test was stopped before the file could be read", Raw: err.Error(),
			Remedies: []string{"Test again; a file on a slow network drive may need longer."}}
	}
	p := explain(d.path, err)
	return &engine.CheckError{Title: p.title, Remedies: p.remedies, Raw: p.raw, Field: fieldPath}
}

func begin(report func(engine.CheckStep), name, label string) time.Time {
	report(engine.CheckStep{Name: name, Label: label})
	return time.Now()
}

func end(report func(engine.CheckStep), name, label string, began time.Time) {
	report(engine.CheckStep{Name: name, Done: true, OK: true, Label: label, Took: time.Since(began)})
}

func failureLabel(step string) string {
	if step == engine.StepSchema {
		return "Could not read the schema"
	}
	return "Could not open the file"
}

// sqlError finds a *domain.SQLError in err's chain.
func sqlError(err error) (*domain.SQLError, bool) {
	var e *domain.SQLError
	return e, errors.As(err, &e)
}

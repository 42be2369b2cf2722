package query

import (
	"errors"
	"fmt"
	"io"
	"time"

	"dribble/domain"
	"dribble/result"
	"dribble/worker"
)

// output is where the rows of a run go.
type output interface {
	// begin opens the rows of a statement and returns the key they are
	// stored under, "" if they are not.
	begin(seq int, columns []result.Column) (string, error)
	rows(n int, data []byte) error
	// end closes the rows of the statement that was begun last.
	end() error
	// abort makes a call of rows that blocks return. Unlike the others it
	// comes from another goroutine.
	abort()
}

// consume reads the frames of one run until done.
func (j *job) consume(stream *worker.Stream) error {
	for {
		f, err := stream.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = j.frame(f)
		}
		if err != nil {
			return errors.Join(err, j.out.end())
		}
	}
}

func (j *job) frame(f worker.Frame) error {
	switch f.Type {
	case worker.FrameBegin:
		return j.begin(f)
	case worker.FrameColumns:
		return j.columns(f)
	case worker.FrameBatch:
		return j.batch(f)
	case worker.FrameNotice:
		n, err := f.Notice()
		if err != nil {
			return err
		}
		j.active.update(func(s *Snapshot) {
			st := s.statement(n.Seq)
			st.Notices = append(st.Notices, n.Text)
		})
	case worker.FrameEnd:
		return j.end(f)
	case worker.FrameDone:
		return j.done(f)
	}
	return nil
}

func (j *job) begin(f worker.Frame) error {
	b, err := f.Begin()
	if err != nil {
		return err
	}
	if b.Seq != 0 {
		j.progressed = true
	}
	st := j.plan.statements[b.Seq]
	j.active.update(func(s *Snapshot) {
		s.Run.Statements = append(s.Run.Statements[:b.Seq], domain.RunStatement{
			Seq: b.Seq, SQL: st.Text, Start: st.Start, Status: domain.RunRunning, Affected: -1,
		})
		s.Columns = append(s.Columns[:b.Seq], nil)
		s.setPhase(Phase{Name: PhaseRunning})
	})
	return nil
}

func (j *job) columns(f worker.Frame) error {
	c, err := f.Columns()
	if err != nil {
		return err
	}
	j.progressed = true
	key, err := j.out.begin(c.Seq, c.Columns)
	if err != nil {
		return err
	}
	j.active.update(func(s *Snapshot) {
		st := s.statement(c.Seq)
		st.HasRows, st.ResultKey = true, key
		s.Columns[c.Seq] = c.Columns
	})
	return nil
}

// batch stores rows first and announces them only then.
func (j *job) batch(f worker.Frame) error {
	n, data := f.Batch()
	if err := j.out.rows(n, data); err != nil {
		return err
	}
	j.active.update(func(s *Snapshot) {
		st := &s.Run.Statements[len(s.Run.Statements)-1]
		st.RowCount += int64(n)
		st.Bytes += int64(len(data))
		s.Run.RowCount += int64(n)
		s.Run.Bytes += int64(len(data))
		s.setPhase(Phase{Name: PhaseReceiving})
	})
	return nil
}

func (j *job) end(f worker.Frame) error {
	e, err := f.End()
	if err != nil {
		return err
	}
	j.progressed = true
	if err := j.out.end(); err != nil {
		return err
	}
	bound := j.plan.statements[e.Seq].bound
	j.active.update(func(s *Snapshot) {
		st := s.statement(e.Seq)
		st.Affected, st.Truncated, st.Elapsed = e.Affected, e.Truncated, e.Elapsed
		st.Status, st.Error = statementStatus(e.Error), e.Error
		if e.Error != nil && e.Error.Position != nil {
			at := bound.Original(*e.Error.Position)
			st.Error.Position = &at
		}
	})
	return nil
}

func statementStatus(err *domain.SQLError) domain.RunStatus {
	switch {
	case err == nil:
		return domain.RunSuccess
	case err.Code == domain.CodeCancelled:
		return domain.RunCancelled
	}
	return domain.RunError
}

// done takes the run's status from the worker, whose own intent decides it.
func (j *job) done(f worker.Frame) error {
	d, err := f.Done()
	if err != nil {
		return err
	}
	if !d.Status.Done() {
		return fmt.Errorf("worker ended the run as %q", d.Status)
	}
	j.active.update(func(s *Snapshot) {
		s.Run.Status, s.Run.Error = d.Status, d.Error
		if d.Error == nil {
			s.Run.Error = firstError(s.Run.Statements)
		}
	})
	return nil
}

// firstError is the error of the first failed statement, its position counted
// in the run's text.
func firstError(statements []domain.RunStatement) *domain.SQLError {
	for _, st := range statements {
		if st.Error == nil {
			continue
		}
		e := *st.Error
		if e.Position != nil {
			at := st.Start + *e.Position
			e.Position = &at
		}
		return &e
	}
	return nil
}

// statement returns the statement numbered seq; the stream has checked that it
// has begun.
func (s *Snapshot) statement(seq int) *domain.RunStatement {
	return &s.Run.Statements[min(seq, len(s.Run.Statements)-1)]
}

// stored keeps rows in the result store.
type stored struct {
	store *result.Store
	runID string
	w     *result.Writer
}

func (o *stored) begin(seq int, columns []result.Column) (string, error) {
	key := result.Key(o.runID, seq)
	w, err := o.store.Create(key, columns)
	if err != nil {
		return "", err
	}
	o.w = w
	return key, nil
}

func (o *stored) rows(n int, data []byte) error { return o.w.Append(n, data) }

func (o *stored) end() error {
	if o.w == nil {
		return nil
	}
	w := o.w
	o.w = nil
	return w.Close()
}

func (o *stored) abort() {} // writing a file does not block

// elapsed is the time since the run was sent to its worker.
func (s *Snapshot) elapsed(now time.Time) time.Duration {
	if s.Run.StartedAt.IsZero() {
		return 0
	}
	return now.Sub(s.Run.StartedAt)
}

package mysql

import (
	"context"
	"fmt"
	"time"
)

// KillOrphans ends what an earlier worker of the same AppName left running. The
// server does not notice a lost client while it computes. A statement is known
// by its tag, a connection by its attributes where the performance schema keeps
// them: inside a procedure the process list shows the inner statement, without
// the tag.
func (d *database) KillOrphans(ctx context.Context) error {
	if d.appName == "" {
		return nil
	}
	w, err := d.open(ctx)
	if err != nil {
		return d.connectionError(ctx, err)
	}
	defer d.keep(w)
	if err := w.conn.SetDeadline(time.Now().Add(connectWithin)); err != nil {
		return w.fail(err)
	}
	found, err := w.tagged(d.tagStart())
	if err != nil {
		return fmt.Errorf("read the process list: %w", err)
	}
	// Without the performance schema this finds nothing or fails; both are fine.
	attributed, _ := w.attributed(d.appName)
	for _, id := range append(found, attributed...) {
		if d.isOwn(id) {
			continue
		}
		// It may have ended by itself meanwhile.
		_, _ = w.records("KILL CONNECTION " + id)
	}
	if w.isBroken {
		return d.connectionError(ctx, errMalformed)
	}
	return w.conn.SetDeadline(time.Time{})
}

func (d *database) isOwn(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.own[id]
}

// tagged lists the connections whose statement begins with tag.
func (w *wire) tagged(tag string) ([]string, error) {
	return w.ids(embedded("orphans_tagged.sql"), tag)
}

// attributed lists the connections of programs called name.
func (w *wire) attributed(name string) ([]string, error) {
	return w.ids(embedded("orphans_attributed.sql"), name)
}

func (w *wire) ids(query, arg string) ([]string, error) {
	rows, err := w.ask(query, arg)
	if err != nil {
		return nil, err
	}
	list := make([]string, 0, len(rows))
	for _, r := range rows {
		list = append(list, r[0].text)
	}
	return list, nil
}

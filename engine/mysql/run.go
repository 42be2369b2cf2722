package mysql

import (
	"errors"
	"fmt"

	"dribble/domain"
)

// taker takes the first result with columns of a statement.
type taker interface {
	columns(defs []definition) error
	// row gets one row; cells are valid only during the call.
	row(cells [][]byte) error
	// halt is called once columns or row has returned an error: the rest of the
	// result is unwanted, but must still be read.
	halt()
}

const (
	replyOK        = 0x00
	replyLocalFile = 0xfb
	replyEOF       = 0xfe
	cellNull       = 0xfb
)

// errLocalFile reports a server that asks for a file though that was ruled out.
var errLocalFile = errors.New("the server asked for a file of the client; refused")

// ending is what a whole statement came to.
type ending struct {
	done
	results int   // with columns
	rows    int64 // of the first of them, as far as it was read
}

// run sends one statement and reads all its results to the end. The first one
// with columns goes to t. An error of t is returned, as stopError, after the
// last message has been read. maxCell > 0 bounds the bytes of a cell.
func (w *wire) run(statement string, maxCell int, t taker) (ending, error) {
	var end ending
	if err := w.send(comQuery, statement); err != nil {
		return end, err
	}
	d := delivery{w: w, taker: t, maxCell: maxCell}
	for {
		p, err := w.message()
		if err != nil {
			return end, d.verdict(err)
		}
		switch p[0] {
		case replyOK:
			end.done, err = w.done(p)
		case replyLocalFile:
			err = w.fail(errLocalFile)
		default:
			end.results++
			end.done, err = d.result(p, end.results == 1)
			end.rows = d.rows
		}
		if err != nil {
			return end, d.verdict(err)
		}
		if !end.isMore {
			return end, d.verdict(nil)
		}
	}
}

// stopError is the taker's own error.
type stopError struct{ error }

func (e *stopError) Unwrap() error { return e.error }

// delivery hands the rows of one statement to its taker.
type delivery struct {
	w       *wire
	taker   taker
	maxCell int
	stop    error // the taker's error
	rows    int64 // taken
}

// verdict lets the taker's error go before the server's: after a halt the
// server complains of the interruption that it was asked for.
func (d *delivery) verdict(err error) error {
	if d.stop != nil {
		return &stopError{d.stop}
	}
	return err
}

func (d *delivery) halt(err error) {
	if err != nil && d.stop == nil {
		d.stop = err
		d.taker.halt()
	}
}

// result reads one result with columns, head being its first message.
func (d *delivery) result(head []byte, isWanted bool) (done, error) {
	n, err := d.w.columnCount(head)
	if err != nil {
		return done{}, err
	}
	if n > maxColumns {
		d.halt(&domain.SQLError{Message: fmt.Sprintf("The result has %d columns; %d can be shown. Select fewer.", n, maxColumns)})
	}
	defs, err := d.w.definitions(n)
	if err != nil {
		return done{}, err
	}
	if isWanted && d.stop == nil {
		d.halt(d.taker.columns(defs))
	}
	cells := make([][]byte, len(defs))
	limit := d.rowLimit(len(defs))
	for {
		p, err := d.w.receive(limit)
		if err != nil {
			var long *tooLongError
			if errors.As(err, &long) {
				d.halt(d.tooLong("A row", long.size))
				continue
			}
			return done{}, err
		}
		if p[0] == replyEOF && len(p) < maxPayload {
			return d.w.done(p)
		}
		if !isWanted || d.stop != nil {
			continue
		}
		if err := d.row(p, defs, cells); err != nil {
			return done{}, err
		}
	}
}

// row takes one row apart and hands it on.
func (d *delivery) row(p []byte, defs []definition, cells [][]byte) error {
	d.w.hex = d.w.hex[:0]
	for i := range defs {
		if len(p) > 0 && p[0] == cellNull {
			cells[i], p = nil, p[1:]
			continue
		}
		cell, rest, ok := text(p)
		if !ok {
			return d.w.fail(errMalformed)
		}
		p = rest
		if defs[i].isBinary() {
			cell = d.w.hexText(cell)
		}
		if d.maxCell > 0 && len(cell) > d.maxCell {
			d.halt(d.tooLong(fmt.Sprintf("A value of column %q", defs[i].name), len(cell)))
			return nil
		}
		cells[i] = cell
	}
	d.rows++
	d.halt(d.taker.row(cells))
	return nil
}

// rowLimit is the length beyond which a row is sure to hold a cell that is too
// long, so that it need not be read into memory first.
func (d *delivery) rowLimit(columns int) int {
	const lengthBytes = 9
	const most = 1 << 30 // the longest a server can be set to send
	if d.maxCell == 0 {
		return most
	}
	return min(columns*(d.maxCell+lengthBytes), most)
}

func (d *delivery) tooLong(what string, size int) error {
	bound := fmt.Sprintf("a cell may have %d", d.maxCell)
	if d.maxCell == 0 {
		bound = "that is more than any grid can show"
	}
	return &domain.SQLError{Message: fmt.Sprintf("%s is %d bytes long; %s. "+
		"Select a part of it, for example with SUBSTRING().", what, size, bound)}
}

// hexText writes a binary cell as 0x… into memory that lives for one row.
func (w *wire) hexText(cell []byte) []byte {
	const digits = "0123456789ABCDEF"
	from := len(w.hex)
	w.hex = append(w.hex, "0x"...)
	for _, b := range cell {
		w.hex = append(w.hex, digits[b>>4], digits[b&15])
	}
	return w.hex[from:len(w.hex):len(w.hex)]
}

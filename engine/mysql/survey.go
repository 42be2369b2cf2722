package mysql

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"dribble/engine"
)

// clockSkew is the difference of clocks that is not worth a word.
const clockSkew = 50 * time.Millisecond

// survey finds out what the connection test shows of a server.
func (t *test) survey(w *wire) (engine.Info, error) {
	info := engine.Info{ServerVersion: w.hello.product()}
	began := time.Now()
	if _, err := w.records("DO 0"); err != nil {
		return info, err
	}
	info.Latency = time.Since(began)
	var err error
	if info.ServerTime, err = w.clock(); err != nil {
		return info, err
	}
	if info.CanWrite, err = t.canWrite(w); err != nil {
		return info, err
	}
	rows, err := w.records(embedded("survey.sql"))
	if err != nil {
		return info, err
	}
	schemas := map[string]bool{}
	for _, r := range rows {
		schemas[r[0].text] = true
		if r[1].isNull {
			continue
		}
		info.Tables++
		if n := count(r[2]); n > info.LargestRows {
			info.LargestTable, info.LargestRows = r[0].text+"."+r[1].text, n
		}
	}
	info.Schemas = len(schemas)
	return info, nil
}

// clock compares the server's clock with this machine's.
func (w *wire) clock() (string, error) {
	before := time.Now()
	rows, err := w.records(embedded("clock.sql"))
	if err != nil {
		return "", err
	}
	middle := before.Add(time.Since(before) / 2)
	seconds, err := strconv.ParseFloat(rows[0][1].text, 64)
	if err != nil {
		return "", fmt.Errorf("read the server's clock: %w", err)
	}
	ahead := time.Duration(seconds*float64(time.Second)) - time.Duration(middle.UnixNano())
	zone := rows[0][0].text
	switch by := math.Abs(ahead.Seconds()); {
	case ahead.Abs() < clockSkew:
		return zone + ", in step", nil
	case ahead > 0:
		return fmt.Sprintf("%s, %.1f s ahead", zone, by), nil
	default:
		return fmt.Sprintf("%s, %.1f s behind", zone, by), nil
	}
}

// canWrite says whether the account's grants let it change anything.
func (t *test) canWrite(w *wire) (string, error) {
	rows, err := w.records("SHOW GRANTS")
	if err != nil {
		return "", err
	}
	for _, r := range rows {
		if !grantsWrite(r[0].text) {
			continue
		}
		if t.readOnly {
			return "Yes, the account could; this source refuses statements that write", nil
		}
		return "Yes", nil
	}
	return "No, the account may only read", nil
}

// grantsWrite reports whether one line of SHOW GRANTS gives a right that goes
// beyond reading. A right it does not know counts as one.
func grantsWrite(line string) bool {
	rights, ok := strings.CutPrefix(line, "GRANT ")
	if !ok {
		return false
	}
	rights, _, ok = strings.Cut(rights, " ON ")
	if !ok {
		// A role; MariaDB lists its rights on lines of their own, MySQL does not.
		return false
	}
	for right := range strings.SplitSeq(dropColumns(rights), ",") {
		switch strings.TrimSpace(right) {
		case "USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "REFERENCES", "REPLICATION CLIENT",
			"BINLOG MONITOR", "SHOW_ROUTINE", "SLAVE MONITOR", "SHOW CREATE ROUTINE", "":
		default:
			return true
		}
	}
	return false
}

// dropColumns removes the column lists: "SELECT (`a`, `b`), INSERT (`a`)".
func dropColumns(rights string) string {
	var b strings.Builder
	depth := 0
	for _, c := range rights {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// count reads a row estimate; -1 if there is none.
func count(f field) int64 {
	n, err := strconv.ParseInt(f.text, 10, 64)
	if f.isNull || err != nil {
		return -1
	}
	return n
}

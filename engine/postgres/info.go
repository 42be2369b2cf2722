package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"dribble/engine"
)

//go:embed introspect/info.sql
var infoSQL string

// readInfo looks round for the connection test.
func readInfo(ctx context.Context, c *conn, set settings) (engine.Info, error) {
	began := time.Now()
	if err := c.query(ctx, func([][]byte) error { return nil }, "SELECT 1"); err != nil {
		return engine.Info{}, err
	}
	info := engine.Info{ServerVersion: serverVersion(c.pg.ParameterStatus("server_version")), Latency: time.Since(began)}
	asked := time.Now()
	got := false
	err := c.query(ctx, func(cells [][]byte) error {
		got = true
		return fillInfo(&info, cells, asked, set)
	}, infoSQL)
	if err == nil && !got {
		err = errors.New("the server gave no answer about itself")
	}
	return info, err
}

// serverVersion shortens "15.18 (Debian 15.18-0+deb12u1)".
func serverVersion(text string) string {
	number, _, _ := strings.Cut(text, " ")
	return strings.TrimSpace("PostgreSQL " + number)
}

func fillInfo(info *engine.Info, cells [][]byte, asked time.Time, set settings) error {
	now := time.Now()
	var err error
	number := func(cell []byte) int64 {
		n, parseErr := strconv.ParseInt(string(cell), 10, 64)
		err = errors.Join(err, parseErr)
		return n
	}
	info.Schemas, info.Tables = int(number(cells[0])), int(number(cells[1]))
	info.LargestTable, info.LargestRows = string(cells[2]), number(cells[3])
	info.CanWrite = writeSentence(string(cells[4]), set.readOnly)
	micros := number(cells[6])
	if err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	// The server read its clock somewhere between asking and now.
	middle := asked.Add(now.Sub(asked) / 2)
	info.ServerTime = clockSentence(string(cells[5]), time.UnixMicro(micros).Sub(middle))
	return nil
}

func writeSentence(rights string, readOnly bool) string {
	switch {
	case rights == "replica":
		return "No, the server is a read-only replica"
	case rights == "none":
		return "No, role is read-only"
	case readOnly && rights == "superuser":
		return "Refused by Dribble; the role is a superuser and could"
	case readOnly:
		return "Refused by Dribble; the role itself could"
	case rights == "superuser":
		return "Yes, role is a superuser"
	default:
		return "Yes"
	}
}

func clockSentence(zone string, ahead time.Duration) string {
	seconds := math.Round(ahead.Seconds()*10) / 10
	switch {
	case seconds == 0:
		return zone + ", in step"
	case seconds > 0:
		return fmt.Sprintf("%s, %.1f s ahead", zone, seconds)
	default:
		return fmt.Sprintf("%s, %.1f s behind", zone, -seconds)
	}
}

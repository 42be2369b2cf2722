package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Count writes a number with thousands separators: 1,804,660.
func Count(n int64) string { return group(strconv.FormatInt(n, 10)) }

// group puts separators into the integer part of a plain number.
func group(number string) string {
	sign := ""
	if strings.HasPrefix(number, "-") {
		sign, number = "-", number[1:]
	}
	whole, fraction, has := strings.Cut(number, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if has {
		b.WriteByte('.')
		b.WriteString(fraction)
	}
	return b.String()
}

// ShortCount writes an estimate in little space: 38, 2,400, 52 k, 1.8 M.
func ShortCount(n int64) string {
	switch {
	case n < 10_000:
		return Count(n)
	case n < 999_500:
		return fmt.Sprintf("%d k", (n+500)/1000)
	case n < 9_950_000:
		return fmt.Sprintf("%.1f M", float64(n)/1e6)
	case n < 999_500_000:
		return fmt.Sprintf("%.0f M", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f G", float64(n)/1e9)
}

// Plural writes a count with its noun: "1 row", "1,240 rows".
func Plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
}

// Elapsed writes a duration: two decimals under 10 s ("<0.01 s" for less than they
// show), one under 60 s, then "2 min 05 s" and "1 h 05 min".
func Elapsed(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d > 0 && d < 5*time.Millisecond:
		return "<0.01 s"
	case d < 9995*time.Millisecond:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < 59950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %02d s", d/time.Minute, d%time.Minute/time.Second)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %02d min", d/time.Hour, d%time.Hour/time.Minute)
}

// StepTime writes the duration of a step of a connection test: "12 ms", "1.8 s".
func StepTime(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%d ms", max(d, 0).Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// Bytes writes a size in powers of ten: "812 B", "6.2 kB", "0.3 MB".
func Bytes(n int64) string {
	switch f := float64(n); {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 100_000:
		return fmt.Sprintf("%.1f kB", f/1e3)
	case n < 100_000_000:
		return fmt.Sprintf("%.1f MB", f/1e6)
	case n < 1_000_000_000:
		return fmt.Sprintf("%.0f MB", f/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// Ago writes how long before now t was, under 24 hours; else the date. Times are
// shown in the zone of now.
func Ago(now, t time.Time) string {
	switch d := now.Sub(t); {
	case t.IsZero():
		return "never"
	case d < 45*time.Second:
		return "just now"
	case d < 90*time.Second:
		return "1 min ago"
	case d < 59*time.Minute+30*time.Second:
		return fmt.Sprintf("%d min ago", int(d.Round(time.Minute)/time.Minute))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Round(time.Hour)/time.Hour))
	}
	return t.In(now.Location()).Format("2 Jan 2006")
}

// Clock writes the time of day, or the day if t is not of today.
func Clock(now, t time.Time) string {
	t = t.In(now.Location())
	if sameDay(now, t) {
		return t.Format("15:04")
	}
	return t.Format("2 Jan")
}

// Started is Clock with seconds, for the list of runs.
func Started(now, t time.Time) string {
	t = t.In(now.Location())
	switch {
	case sameDay(now, t):
		return t.Format("15:04:05")
	case now.Year() == t.Year():
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2 Jan 2006")
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

// FullTime writes date, time and zone, for tooltips.
func FullTime(now, t time.Time) string {
	return t.In(now.Location()).Format("2006-01-02 15:04:05 MST")
}

func machineTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Initials are the one or two letters of an avatar.
func Initials(name string) string {
	words := strings.Fields(name)
	var b strings.Builder
	for i, w := range words {
		if i == 0 || i == len(words)-1 {
			b.WriteString(strings.ToUpper(string([]rune(w)[0])))
		}
	}
	return b.String()
}

// Sentence gives a database's message a capital first letter and no full stop, as
// a heading.
func Sentence(message string) string {
	message = strings.TrimRight(strings.TrimSpace(message), ".")
	if message != "" && message[0] >= 'a' && message[0] <= 'z' {
		return strings.ToUpper(message[:1]) + message[1:]
	}
	return message
}

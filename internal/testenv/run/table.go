package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"dribble/internal/testenv/service"
)

func printTable(w io.Writer, services []*used) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "service\tversion\tstatus\thow to install")
	for _, u := range services {
		version, status, install := u.version, "used", ""
		switch {
		case service.IsMissing(u.err):
			version, status, install = "-", "SKIPPED: not installed", u.kind.Install()
		case u.err != nil:
			version, status = "-", "SKIPPED: "+u.err.Error()
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", u.kind, version, status, install)
	}
	_ = t.Flush()
}

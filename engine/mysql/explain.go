package mysql

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"dribble/domain"
	"dribble/engine"
)

// connectionError is what a failed attempt to connect looks like to a run.
func (d *database) connectionError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	e := d.explain(err)
	message := e.Title + "."
	if len(e.Remedies) > 0 {
		message += " " + e.Remedies[0]
	}
	return &domain.SQLError{Code: domain.CodeConnection, Message: message, Detail: e.Raw}
}

// explain puts a failure to connect in words for the person at the form.
func (s settings) explain(err error) *engine.CheckError {
	var e *engine.CheckError
	if said, ok := asServerError(err); ok {
		e = s.explainServer(said)
	} else {
		e = s.explainNetwork(err)
	}
	if e.Raw == "" {
		e.Raw = err.Error()
	}
	if len(s.password) > 0 {
		e.Raw = strings.ReplaceAll(e.Raw, s.password, "[redacted]")
	}
	return e
}

func (s settings) explainNetwork(err error) *engine.CheckError {
	var dns *net.DNSError
	var tlsFailed *tlsError
	var noGreeting *greetingError
	switch {
	case errors.As(err, &dns) && !dns.IsTimeout:
		return &engine.CheckError{
			Step: engine.StepHost, Title: "There is no host called " + s.host, Field: fieldHost,
			Remedies: []string{"Check the spelling of the host.",
				"If the name is known only inside a network, use its full name or its address."},
		}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &engine.CheckError{
			Step: engine.StepHost, Title: "Nothing listens at " + s.addr, Field: fieldPort,
			Known: "The host is there; it refused the connection.",
			Remedies: []string{"Check the port; MySQL and MariaDB use 3306 by default.",
				"Check that the server runs and listens on more than its own machine (bind_address)."},
		}
	case errors.Is(err, errTLSNotOffered):
		return &engine.CheckError{
			Step: engine.StepTLS, Title: "The server does not offer TLS", Field: fieldTLS,
			Known: "The host answered, so address and port are fine.",
			Remedies: []string{"Set TLS up on the server.",
				"Or choose a TLS setting that works without; passwords and rows then travel in the open."},
		}
	case errors.As(err, &tlsFailed):
		return s.explainTLS(tlsFailed.err)
	case isTimeout(err):
		return &engine.CheckError{
			Step: engine.StepHost, Title: fmt.Sprintf("%s did not answer within %d s", s.addr, int(connectWithin.Seconds())),
			Field: fieldHost,
			Remedies: []string{"Check that the worker's network may reach the host and that no firewall is between them.",
				"Check the address and the port."},
		}
	case errors.As(err, &noGreeting):
		return &engine.CheckError{
			Step: engine.StepHost, Title: "What answers at " + s.addr + " is no MySQL or MariaDB server", Field: fieldPort,
			Known:    "The host answered.",
			Remedies: []string{"Check the port; MySQL and MariaDB use 3306 by default."},
		}
	}
	return &engine.CheckError{
		Step: engine.StepHost, Title: "Could not connect to " + s.addr, Field: fieldHost,
		Remedies: []string{"Check host and port, and that the server runs."},
	}
}

func (s settings) explainTLS(err error) *engine.CheckError {
	e := &engine.CheckError{
		Step: engine.StepTLS, Title: "TLS could not be set up", Field: fieldTLS,
		Known: "The host answered, so address and port are fine.", Raw: err.Error(),
		Remedies: []string{"Check the TLS versions the server accepts; Dribble asks for 1.2 or newer.",
			"If the server asks for a client certificate, give one under More options."},
	}
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		e.Title, e.Field = "The server's certificate is not for "+s.host, fieldHost
		e.Remedies = []string{"Use the host name that the certificate was made for.",
			"Or choose to verify the authority only."}
	case errors.As(err, &authority):
		e.Title, e.Field = "The server's certificate is signed by an authority that is not trusted", fieldRootCert
		e.Remedies = []string{"Paste the authority's certificate under More options.",
			"Or choose to require TLS without verifying."}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		e.Title = "The server's certificate has expired or is not valid yet"
		e.Remedies = []string{"Renew the certificate on the server.", "Check the clocks of server and worker."}
	}
	return e
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &n) && n.Timeout()
}

package postgres

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"dribble/engine"
)

const (
	knownHost  = "The host answered, so address and port are fine."
	knownTLS   = "The host answered, so address, port and TLS are fine."
	knownLogin = "Address, port, TLS, user and password are fine."
)

func (k *check) explainHost(err error) engine.CheckError {
	var dns *net.DNSError
	port := strconv.Itoa(int(k.set.port))
	switch {
	case errors.As(err, &dns):
		return engine.CheckError{
			Title: "No host is called " + k.set.host, Field: fieldHost,
			Known: "Nothing was sent: the name was looked up and not found.",
			Remedies: []string{
				"Check the spelling of the host.",
				"Check that the worker can resolve the name; names of a private network are not known outside it.",
			},
		}
	case errors.Is(err, syscall.ECONNREFUSED):
		return engine.CheckError{
			Title: "Nothing listens on port " + port + " of " + k.set.host, Field: fieldPort,
			Known: "The host is there, and refused the connection.",
			Remedies: []string{
				"Check the port. PostgreSQL's own is 5432.",
				"Check that PostgreSQL runs and that listen_addresses includes the address the worker uses.",
			},
		}
	case errors.Is(err, syscall.ENOENT):
		return engine.CheckError{
			Title: "There is no socket for port " + port + " in " + k.set.host, Field: fieldHost,
			Known:    "Nothing was sent.",
			Remedies: []string{"Check unix_socket_directories in the server's configuration.", "Check the port."},
		}
	case isTimeout(err):
		return engine.CheckError{
			Title: k.set.host + " did not answer in 5 s", Field: fieldHost,
			Known: "The name is known, but no answer came from port " + port + ".",
			Remedies: []string{
				"Check that a firewall or security group lets the worker's network in.",
				"Check host and port.",
			},
		}
	default:
		return engine.CheckError{
			Title: "Could not reach " + k.set.where(), Field: fieldHost,
			Known:    "Nothing was sent.",
			Remedies: []string{"Check host and port.", "Check that the worker's network has a route to the host."},
		}
	}
}

func (k *check) explainTLS(err error) engine.CheckError {
	switch {
	case isTLSNotOffered(err):
		return engine.CheckError{
			Title: k.set.host + " does not offer TLS", Field: fieldTLS, Known: knownHost,
			Remedies: []string{
				"Switch TLS on in the server (ssl = on).",
				"If the network between is trusted, choose a TLS mode that does not require it.",
			},
		}
	case isHostname(err):
		return engine.CheckError{
			Title: "The certificate is not for " + k.set.host, Field: fieldHost, Known: knownHost,
			Remedies: []string{
				"Use the host name that the certificate is made for.",
				"If the name cannot match, choose “Require, verify authority”.",
			},
		}
	case isCertificate(err):
		return engine.CheckError{
			Title: "The server's certificate is not trusted", Field: fieldRootCert, Known: knownHost,
			Remedies: []string{
				"Paste the certificate of the authority that signed it under “Authority certificate”.",
				"Check that the certificate has not expired.",
			},
		}
	default:
		return engine.CheckError{
			Title: "TLS could not be agreed with " + k.set.host, Field: fieldTLS, Known: knownHost,
			Remedies: []string{
				"Check that the port belongs to PostgreSQL and not to another service.",
				"Check client certificate and key, if the server asks for them.",
			},
		}
	}
}

func (k *check) explainSignIn(err error) engine.CheckError {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		if isTimeout(err) {
			return engine.CheckError{
				Title: k.set.host + " did not finish the sign-in in 15 s", Field: fieldHost, Known: knownHost,
				Remedies: []string{"Try again: the server may be overloaded.", "Check that the port belongs to PostgreSQL."},
			}
		}
		return engine.CheckError{
			Title: "The connection was closed during the sign-in", Field: fieldHost, Known: knownHost,
			Remedies: []string{"Check that the port belongs to PostgreSQL.", "Look into the server's log."},
		}
	}
	switch e.Code {
	case codeWrongPassword:
		return engine.CheckError{
			Title: "Wrong password for " + k.set.user, Field: fieldPassword, Known: k.knownBefore(),
			Remedies: []string{
				"Type the password again. It may have been rotated.",
				"Check that pg_hba.conf lets this user in from the worker's network.",
			},
		}
	case codeNotAllowed:
		return k.explainNotAllowed(e)
	case codeNoDatabase:
		return engine.CheckError{
			Title: "There is no database " + k.set.database, Field: fieldDatabase,
			Known:    "The user was let in, so everything but the database's name is fine.",
			Remedies: []string{"Check the spelling; names are case-sensitive.", "Create the database first."},
		}
	case codeNoPrivilege:
		return engine.CheckError{
			Title: k.set.user + " may not connect to " + k.set.database, Field: fieldDatabase, Known: knownLogin,
			Remedies: []string{"Ask its owner to run GRANT CONNECT ON DATABASE for this user."},
		}
	case codeTooManyConnections:
		return engine.CheckError{
			Title: "The server has no connection left", Known: k.knownBefore(),
			Remedies: []string{
				"Try again later, or close connections that are not used.",
				"Raise max_connections, or the user's or database's connection limit.",
			},
		}
	case codeStartingUp:
		return engine.CheckError{
			Title: "The server is starting up or shutting down", Known: k.knownBefore(),
			Remedies: []string{"Try again in a minute."},
		}
	default:
		return engine.CheckError{
			Title: "The server refused the sign-in of " + k.set.user, Field: fieldUser, Known: k.knownBefore(),
			Remedies: []string{"Read the server's own message below.", "Look into the server's log."},
		}
	}
}

func (k *check) explainNotAllowed(e *pgconn.PgError) engine.CheckError {
	out := engine.CheckError{
		Title: "The server does not let " + k.set.user + " in from here", Field: fieldUser, Known: knownHost,
		Remedies: []string{
			"Add a line to pg_hba.conf that lets this user in from the worker's network, then reload the server.",
			"Check TLS: a line may ask for it (hostssl) or forbid it (hostnossl).",
		},
	}
	if strings.Contains(e.Message, "does not exist") {
		out.Title, out.Remedies = "There is no user "+k.set.user, []string{"Check the spelling; names are case-sensitive."}
	}
	if strings.Contains(e.Message, "certificate") {
		out.Title, out.Field = "The server asks for a client certificate of "+k.set.user, fieldCert
		out.Remedies = []string{"Paste the user's certificate and key under “Client certificate” and “Client key”."}
	}
	return out
}

// knownBefore is what a sign-in that got an answer has proven.
func (k *check) knownBefore() string {
	if strings.HasPrefix(k.tls, "TLS 1") {
		return knownTLS
	}
	return knownHost
}

func (k *check) explainSchema(err error) engine.CheckError {
	out := engine.CheckError{
		Title: "Signed in, but the schema could not be read", Known: knownLogin,
		Remedies: []string{"Check that the account may read pg_catalog.", "Read the server's own message below."},
	}
	if isTimeout(err) {
		out.Title = "Signed in, but reading the schema took too long"
		out.Remedies = []string{"Try again: the server may be overloaded.", "Look for locks on the server's catalogue."}
	}
	return out
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() || pgconn.Timeout(err)
}

// rawText is the database's own code and message, or the cause's text.
func rawText(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code + " " + e.Message
	}
	return plainCause(err)
}

// scrub removes the password from a text, should a server ever echo it.
func (k *check) scrub(text string) string {
	if len(k.set.password) < 4 {
		return text
	}
	return strings.ReplaceAll(text, k.set.password, "[redacted]")
}

package postgres

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
)

// errTLSNotOffered reports a server that answers the request for TLS with no.
var errTLSNotOffered = errors.New("server refused TLS connection")

// isTLS reports that err arose while TLS was agreed.
func isTLS(err error) bool {
	var (
		record tls.RecordHeaderError
		alert  tls.AlertError
	)
	return errors.As(err, &record) || errors.As(err, &alert) || isCertificate(err) || isTLSNotOffered(err) ||
		strings.Contains(err.Error(), "tls: ")
}

// isTLSNotOffered reports that the server has no TLS; the driver's own error for
// it has no type.
func isTLSNotOffered(err error) bool {
	return errors.Is(err, errTLSNotOffered) || strings.Contains(err.Error(), errTLSNotOffered.Error())
}

// isCertificate reports that the server's certificate was not accepted.
func isCertificate(err error) bool {
	var (
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
	)
	return errors.As(err, &authority) || errors.As(err, &invalid) || errors.As(err, &verify) || isHostname(err)
}

// isHostname reports that the certificate is for another name.
func isHostname(err error) bool {
	var host x509.HostnameError
	return errors.As(err, &host)
}

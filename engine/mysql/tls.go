package mysql

import (
	"crypto/tls"
	"crypto/x509"
	"errors"

	"dribble/domain"
)

// tlsConfig makes the TLS configuration the fields ask for; nil means none.
func tlsConfig(host string, f map[string]string) (*tls.Config, error) {
	if f[fieldTLS] == tlsDisable {
		return nil, nil
	}
	c := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if root := f[fieldRootCert]; root != "" {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM([]byte(root)) {
			return nil, domain.FieldError(fieldRootCert, "The authority certificate holds no certificate in PEM form.")
		}
	}
	if f[fieldCert] != "" || f[fieldKey] != "" {
		pair, err := tls.X509KeyPair([]byte(f[fieldCert]), []byte(f[fieldKey]))
		if err != nil {
			return nil, &domain.Error{Code: domain.Invalid, Field: fieldCert, Op: "mysql.tlsConfig", Err: err,
				Message: "Client certificate and client key do not belong together, or are not in PEM form."}
		}
		c.Certificates = []tls.Certificate{pair}
	}
	switch f[fieldTLS] {
	case tlsPrefer, tlsRequire:
		c.InsecureSkipVerify = true //nolint:gosec // the person chose encryption without proof of identity
	case tlsVerifyCA:
		c.InsecureSkipVerify = true //nolint:gosec // the chain is verified below, only the name is not
		c.VerifyConnection = func(s tls.ConnectionState) error { return verifyChain(s, c.RootCAs) }
	}
	return c, nil
}

// verifyChain checks the server's certificate against roots, but not its name.
func verifyChain(s tls.ConnectionState, roots *x509.CertPool) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("the server sent no certificate")
	}
	opt := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
	for _, c := range s.PeerCertificates[1:] {
		opt.Intermediates.AddCert(c)
	}
	_, err := s.PeerCertificates[0].Verify(opt)
	return err
}

// tlsLabel says in words how conn is protected.
func (s settings) tlsLabel(g *gate) string {
	if g.state == nil {
		if s.tlsMode == tlsPrefer {
			return "TLS not offered by the server, not used"
		}
		return "TLS not used"
	}
	label := tls.VersionName(g.state.Version)
	if s.tlsMode == tlsPrefer || s.tlsMode == tlsRequire {
		return label + ", certificate not verified"
	}
	return label + ", certificate valid"
}

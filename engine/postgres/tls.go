package postgres

import (
	"crypto/tls"
	"crypto/x509"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"dribble/domain"
)

// tlsSettings is the field sslmode with its certificates.
type tlsSettings struct {
	mode   string
	config *tls.Config // nil for disable
}

func newTLSSettings(f map[string]string) (tlsSettings, error) {
	s := tlsSettings{mode: f[fieldTLS]}
	if s.mode == tlsDisable {
		return s, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: f[fieldHost]}
	if root := f[fieldRootCert]; root != "" {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM([]byte(root)) {
			return s, domain.FieldError(fieldRootCert, "The authority certificate is not PEM text. It begins with -----BEGIN CERTIFICATE-----.")
		}
	}
	if err := addClientCert(c, f[fieldCert], f[fieldKey]); err != nil {
		return s, err
	}
	if s.mode != tlsVerifyFull {
		// The driver's own check always looks at the name, so it is replaced.
		// As in libpq, "require" with an authority means to check it.
		c.InsecureSkipVerify = true
		if s.mode == tlsVerifyCA || s.mode == tlsRequire && c.RootCAs != nil {
			c.VerifyConnection = verifyChain(c.RootCAs)
		}
	}
	s.config = c
	return s, nil
}

func addClientCert(c *tls.Config, cert, key string) error {
	switch {
	case cert == "" && key == "":
		return nil
	case cert == "":
		return domain.FieldError(fieldCert, "The client key needs its certificate.")
	case key == "":
		return domain.FieldError(fieldKey, "The client certificate needs its private key.")
	}
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		return &domain.Error{
			Code: domain.Invalid, Field: fieldKey, Err: errors.New("bad key pair"),
			Message: "The client certificate and key do not belong together, or are not PEM text without a passphrase.",
		}
	}
	c.Certificates = []tls.Certificate{pair}
	return nil
}

// checked reports whether the server's certificate is checked.
func (s tlsSettings) checked() bool {
	return s.mode == tlsVerifyFull || s.config != nil && s.config.VerifyConnection != nil
}

// verifyChain checks that an authority of roots signed the certificate, for
// whatever name; nil roots are the system's.
func verifyChain(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		opts := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
		for _, cert := range state.PeerCertificates[1:] {
			opts.Intermediates.AddCert(cert)
		}
		_, err := state.PeerCertificates[0].Verify(opts)
		return err
	}
}

// apply sets TLS and the fallbacks that the mode permits.
func (s tlsSettings) apply(c *pgconn.Config) {
	fallback := func(t *tls.Config) []*pgconn.FallbackConfig {
		return []*pgconn.FallbackConfig{{Host: c.Host, Port: c.Port, TLSConfig: t}}
	}
	switch s.mode {
	case tlsDisable:
	case tlsAllow:
		c.Fallbacks = fallback(s.config)
	case tlsPrefer:
		c.TLSConfig, c.Fallbacks = s.config, fallback(nil)
	default:
		c.TLSConfig = s.config
	}
}

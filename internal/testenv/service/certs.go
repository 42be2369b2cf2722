package service

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// certUser is the database user that signs in with a client certificate.
const certUser = "cert_user"

// writeCerts makes a certificate authority of its own, a server certificate for
// localhost and a client certificate for certUser, and a second authority that
// signed neither. The paths are set in s.
func writeCerts(s *Server, dir string) (serverCert, serverKey string, err error) {
	ca, err := newAuthority("Dribble test CA")
	if err != nil {
		return "", "", err
	}
	other, err := newAuthority("Another CA")
	if err != nil {
		return "", "", err
	}
	path := func(name string) string { return filepath.Join(dir, name) }
	s.CAFile, s.OtherCAFile = path("ca.pem"), path("other-ca.pem")
	s.CertFile, s.KeyFile, s.CertUser = path("client.pem"), path("client.key"), certUser
	serverCert, serverKey = path("server.pem"), path("server.key")

	server := &x509.Certificate{
		Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	client := &x509.Certificate{
		Subject: pkix.Name{CommonName: certUser}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if err := ca.issue(server, serverCert, serverKey); err != nil {
		return "", "", err
	}
	if err := ca.issue(client, s.CertFile, s.KeyFile); err != nil {
		return "", "", err
	}
	if err := writePEM(s.CAFile, "CERTIFICATE", ca.cert.Raw); err != nil {
		return "", "", err
	}
	return serverCert, serverKey, writePEM(s.OtherCAFile, "CERTIFICATE", other.cert.Raw)
}

type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(name string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make CA key: %w", err)
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make CA: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read CA back: %w", err)
	}
	return &authority{cert, key}, nil
}

func (a *authority) issue(t *x509.Certificate, certPath, keyPath string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make key: %w", err)
	}
	t.SerialNumber = big.NewInt(time.Now().UnixNano())
	t.NotBefore, t.NotAfter = a.cert.NotBefore, a.cert.NotAfter
	t.KeyUsage = x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, key.Public(), a.key)
	if err != nil {
		return fmt.Errorf("make certificate: %w", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encode key: %w", err)
	}
	if err := writePEM(certPath, "CERTIFICATE", der); err != nil {
		return err
	}
	return writePEM(keyPath, "PRIVATE KEY", keyDER)
}

func writePEM(path, kind string, der []byte) error {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

package postgres

import "dribble/engine"

// Names of the connection fields.
const (
	fieldHost     = "host"
	fieldPort     = "port"
	fieldDatabase = "database"
	fieldUser     = "user"
	fieldPassword = "password"
	fieldTLS      = "sslmode"
	fieldRootCert = "sslrootcert"
	fieldCert     = "sslcert"
	fieldKey      = "sslkey"
)

// Values of the field sslmode, with libpq's meaning.
const (
	tlsDisable    = "disable"
	tlsAllow      = "allow"
	tlsPrefer     = "prefer"
	tlsRequire    = "require"
	tlsVerifyCA   = "verify-ca"
	tlsVerifyFull = "verify-full"
)

// Spec describes the engine to the source form and the editor.
func (Engine) Spec() engine.Spec {
	return engine.Spec{
		Name:          "postgres",
		Title:         "PostgreSQL",
		Versions:      "12 and newer",
		Monogram:      "Pg",
		Quote:         `"`,
		DefaultSchema: "public",
		Fields: []engine.Field{
			{Name: fieldHost, Label: "Host", Kind: engine.FieldText, Required: true,
				Help: "Name or address, or the folder of a unix socket."},
			{Name: fieldPort, Label: "Port", Kind: engine.FieldNumber, Required: true, Default: "5432"},
			{Name: fieldDatabase, Label: "Database", Kind: engine.FieldText, Required: true},
			{Name: fieldUser, Label: "User", Kind: engine.FieldText, Required: true},
			{Name: fieldPassword, Label: "Password", Kind: engine.FieldPassword, Secret: true},
			{Name: fieldTLS, Label: "TLS", Kind: engine.FieldSelect, Required: true, Default: tlsPrefer,
				Options: []engine.Option{
					{Value: tlsDisable, Label: "Off"},
					{Value: tlsAllow, Label: "Only if the server insists"},
					{Value: tlsPrefer, Label: "If the server offers it"},
					{Value: tlsRequire, Label: "Require, do not verify"},
					{Value: tlsVerifyCA, Label: "Require, verify authority"},
					{Value: tlsVerifyFull, Label: "Require, verify certificate"},
				}},
			{Name: fieldRootCert, Label: "Authority certificate", Kind: engine.FieldPEM, Advanced: true,
				Help: "PEM text of the authority that signed the server's certificate. Empty: those the worker's system trusts."},
			{Name: fieldCert, Label: "Client certificate", Kind: engine.FieldPEM, Advanced: true,
				Help: "PEM text, if the server asks for one."},
			{Name: fieldKey, Label: "Client key", Kind: engine.FieldPEM, Secret: true, Advanced: true,
				Help: "PEM text of the client certificate's private key, without a passphrase."},
		},
	}
}

package mysql

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

// Values of the field sslmode, the same words as for PostgreSQL.
const (
	tlsDisable    = "disable"
	tlsPrefer     = "prefer"
	tlsRequire    = "require"
	tlsVerifyCA   = "verify-ca"
	tlsVerifyFull = "verify-full"
)

// Spec describes the engine to the source form and the editor.
func (Engine) Spec() engine.Spec { return spec() }

func spec() engine.Spec {
	return engine.Spec{
		Name:     "mysql",
		Title:    "MySQL",
		Versions: "8.0 and MariaDB",
		Monogram: "My",
		Quote:    "`",
		Fields: []engine.Field{
			{Name: fieldHost, Label: "Host", Kind: engine.FieldText, Required: true},
			{Name: fieldPort, Label: "Port", Kind: engine.FieldNumber, Required: true, Default: "3306"},
			{Name: fieldDatabase, Label: "Database", Kind: engine.FieldText,
				Help: "Searched for names without a database. Leave it empty to write them all in full."},
			{Name: fieldUser, Label: "User", Kind: engine.FieldText, Required: true},
			{Name: fieldPassword, Label: "Password", Kind: engine.FieldPassword, Secret: true},
			{Name: fieldTLS, Label: "TLS", Kind: engine.FieldSelect, Required: true, Default: tlsPrefer,
				Options: []engine.Option{
					{Value: tlsDisable, Label: "Off"},
					{Value: tlsPrefer, Label: "If the server offers it"},
					{Value: tlsRequire, Label: "Require, do not verify"},
					{Value: tlsVerifyCA, Label: "Require, verify authority"},
					{Value: tlsVerifyFull, Label: "Require, verify certificate"},
				}},
			{Name: fieldRootCert, Label: "Authority certificate", Kind: engine.FieldPEM, Advanced: true,
				Help: "PEM text of the authority that signed the server's certificate. Empty: those the worker's system trusts."},
			{Name: fieldCert, Label: "Client certificate", Kind: engine.FieldPEM, Advanced: true,
				Help: "PEM text, if the account asks for one (REQUIRE X509)."},
			{Name: fieldKey, Label: "Client key", Kind: engine.FieldPEM, Secret: true, Advanced: true,
				Help: "PEM text of the client certificate's private key."},
		},
	}
}

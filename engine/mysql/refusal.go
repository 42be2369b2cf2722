package mysql

import (
	"fmt"

	"dribble/engine"
)

// Sentences about what is known to be fine.
const (
	knownAddress = "The host answered, so address and port are fine."
	knownAccount = "The host answered and the password is right."
)

// explainServer puts a refusal of the server in words.
func (s settings) explainServer(said *serverError) *engine.CheckError {
	e := &engine.CheckError{Step: engine.StepSignIn, Known: knownAddress, Raw: said.Error()}
	switch said.number {
	case numAccessDenied, numAccessDeniedNoPass:
		e.Title, e.Field = "Wrong password for "+s.user, fieldPassword
		if s.password == "" {
			e.Title = "The server asks for a password for " + s.user
		}
		e.Remedies = []string{"Type the password again. It may have been changed.",
			"Check that the account exists and may sign in from the worker's address; MySQL accounts are user@host."}
	case numUnknownDatabase:
		e.Title, e.Field, e.Known = fmt.Sprintf("There is no database called %s", s.database), fieldDatabase, knownAccount
		e.Remedies = []string{"Check the spelling; on most servers it is case-sensitive.",
			"Or leave the database empty and write names in full."}
	case numNoDatabaseAccess:
		e.Title, e.Field, e.Known = fmt.Sprintf("%s may not use the database %s", s.user, s.database), fieldDatabase, knownAccount
		e.Remedies = []string{"Grant the account SELECT on the database.", "Check the spelling of the database."}
	case numHostNotAllowed:
		e.Step, e.Title, e.Field = engine.StepHost, "The server lets nobody in from the worker's address", fieldUser
		e.Remedies = []string{"Create the account for that address, or for any (user@'%')."}
	case numHostBlocked:
		e.Step, e.Title, e.Field = engine.StepHost, "The server has blocked the worker's address after too many failures", fieldHost
		e.Remedies = []string{"Run FLUSH HOSTS on the server, then test again."}
	case numTooManyConnections:
		e.Step, e.Title, e.Field = engine.StepHost, "The server has too many connections", ""
		e.Remedies = []string{"Wait until others have finished, or raise max_connections on the server."}
	case numTooManyOfUser, numUserLimit:
		e.Title, e.Known = s.user+" has too many connections", knownAccount
		e.Remedies = []string{"Wait until others have finished, or raise the account's limit on the server."}
	case numSecureTransport:
		e.Step, e.Title, e.Field = engine.StepTLS, "The server insists on TLS", fieldTLS
		e.Remedies = []string{"Choose a TLS setting that requires TLS."}
	case numAccountLocked, numAccountLockedToo:
		e.Title, e.Field = "The account "+s.user+" is locked", fieldUser
		e.Remedies = []string{"Have it unlocked with ALTER USER … ACCOUNT UNLOCK."}
	default:
		e.Title, e.Field = "Sign-in refused", fieldUser
		e.Remedies = []string{"Read the server's message below; its administrator can say more."}
	}
	return e
}

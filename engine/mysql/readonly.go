package mysql

import (
	"time"

	"dribble/domain"
	"dribble/sqltext"
)

// parse tells what kind of statement text is: of class Unknown if it is not one
// statement, well formed. The server then says what is wrong with it.
func parse(text string) sqltext.Statement {
	list, err := sqltext.Split(sqltext.MySQL, text)
	if err != nil || len(list) != 1 {
		return sqltext.Statement{Class: sqltext.Unknown}
	}
	return list[0]
}

// guard lets only statements through that read, and has them run in a
// transaction that may only read. Everything else could end that transaction:
// DDL commits it, SET and COMMIT leave it.
func (s *session) guard(class sqltext.Class) error {
	const within = 10 * time.Second
	if class != sqltext.Read {
		return &domain.SQLError{Code: domain.CodeReadOnly,
			Message: "This source is read-only, and only statements that read may run on it. Nothing was sent to the database."}
	}
	w := s.wire
	if w.status&statusInTransReadOnly != 0 {
		return nil
	}
	err := w.conn.SetDeadline(time.Now().Add(within))
	if err == nil {
		_, err = w.records("START TRANSACTION READ ONLY")
	}
	if err == nil {
		err = w.conn.SetDeadline(time.Time{})
	}
	if err != nil {
		return s.db.statementError(err, "", "")
	}
	w.isUsed = true
	return nil
}

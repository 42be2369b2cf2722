package postgres

import (
	"strings"

	"dribble/domain"
)

// openingWords are read to tell what a statement is: enough for its parentheses
// and the name of a setting.
const openingWords = 64

// admit refuses statements before they reach the server: COPY everywhere,
// because its data stream is no result, and on read-only sources everything that
// is not known to read. The real wall of a read-only source is the transaction
// that its statements run in; this only keeps them from leaving it. It returns a
// *domain.SQLError or nil.
func admit(text string, readOnly bool) error {
	words := wordsOf(text, openingWords)
	first := words.next()
	for first == "(" {
		first = words.next()
	}
	if first == "COPY" {
		return &domain.SQLError{
			Code:    "0A000",
			Message: "COPY is not available here, because it sends or receives a stream of data beside the result.",
			Hint:    "To take rows out, run SELECT and export the result. To put rows in, use INSERT.",
		}
	}
	if !readOnly {
		return nil
	}
	switch first {
	case "SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN", "DECLARE", "FETCH", "MOVE", "CLOSE", "":
		return admitFunctions(text)
	case "SET", "RESET":
		return admitSetting(words)
	case "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "ALTER", "DROP", "TRUNCATE":
		return refusal("This source is read-only. " + first + " would change the database.")
	default:
		return refusal("This source is read-only. Statements that begin with " + first + " are not allowed on it.")
	}
}

func refusal(message string) error {
	return &domain.SQLError{
		Code: domain.CodeReadOnly, Message: message,
		Hint: "Ask whoever manages the source if you need to write.",
	}
}

// admitSetting allows SET and RESET of settings that change how values look or
// how queries are planned. All others stay as they are: among them are those that
// make transactions writable, change the role, or change how quotes are read.
func admitSetting(words *words) error {
	name := words.next()
	if name == "SESSION" || name == "LOCAL" {
		name = words.next()
	}
	switch name {
	case "SEARCH_PATH", "TIMEZONE", "TIME", "DATESTYLE", "INTERVALSTYLE", "EXTRA_FLOAT_DIGITS", "BYTEA_OUTPUT",
		"XMLOPTION", "XMLBINARY", "STATEMENT_TIMEOUT", "LOCK_TIMEOUT", "WORK_MEM", "HASH_MEM_MULTIPLIER",
		"EFFECTIVE_CACHE_SIZE", "RANDOM_PAGE_COST", "SEQ_PAGE_COST", "CPU_TUPLE_COST", "JIT", "JIT_ABOVE_COST",
		"MAX_PARALLEL_WORKERS_PER_GATHER", "FROM_COLLAPSE_LIMIT", "JOIN_COLLAPSE_LIMIT", "GEQO", "PLAN_CACHE_MODE",
		"LC_MONETARY", "LC_NUMERIC", "LC_TIME":
		return nil
	}
	if strings.HasPrefix(name, "ENABLE_") {
		return nil
	}
	return refusal("This source is read-only. This setting cannot be changed on it.")
}

// admitFunctions refuses calls that act outside the transaction: on files, other
// sessions, other databases or the server itself. It reads names only, so it is a
// belt beside the account's rights, which are the brace.
func admitFunctions(text string) error {
	words := wordsOf(text, 0)
	previous := ""
	for word := words.next(); word != ""; word = words.next() {
		if word == "(" && actsOutside(previous) {
			return refusal("This source is read-only. The function " + strings.ToLower(previous) +
				" acts outside the query and is not allowed on it.")
		}
		if strings.HasPrefix(word, `U&"`) {
			return refusal(`This source is read-only. Names written as U&"…" are not allowed on it.`)
		}
		previous = word
	}
	return nil
}

func actsOutside(name string) bool {
	name = strings.ToLower(strings.Trim(name, `"`))
	for _, prefix := range []string{
		"dblink", "pg_file_", "pg_read_", "pg_ls_", "pg_stat_reset", "pg_replication_", "pg_logical_",
		"pg_create_", "pg_drop_", "pg_wal_replay_", "pg_backup_", "pg_start_backup", "pg_stop_backup", "pg_advisory_",
		"pg_try_advisory_",
	} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	case "lo_creat", "lo_create", "lo_export", "lo_from_bytea", "lo_import", "lo_open", "lo_put", "lo_truncate",
		"lo_truncate64", "lo_unlink", "lowrite",
		"set_config", "pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf", "pg_rotate_logfile", "pg_promote",
		"pg_switch_wal", "pg_switch_xlog", "pg_log_backend_memory_contexts", "pg_notify", "pg_stat_file",
		"pg_export_snapshot", "query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema", "cursor_to_xml",
		"database_to_xml", "pg_prewarm", "pg_restore_relation_stats":
		return true
	}
	return false
}

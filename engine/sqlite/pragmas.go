package sqlite

// readPragma reports whether a pragma only reads, whatever its argument.
func readPragma(name string) bool {
	switch name {
	case "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo",
		"foreign_key_list", "foreign_key_check", "integrity_check", "quick_check",
		"collation_list", "function_list", "module_list", "pragma_list", "compile_options",
		"database_list", "data_version", "page_count", "freelist_count":
		return true
	}
	return false
}

// settingPragma reports whether a pragma only tells a setting when it is given
// no value.
func settingPragma(name string) bool {
	switch name {
	case "application_id", "analysis_limit", "auto_vacuum", "automatic_index", "busy_timeout",
		"cache_size", "case_sensitive_like", "cell_size_check", "defer_foreign_keys", "encoding",
		"foreign_keys", "ignore_check_constraints", "journal_mode", "journal_size_limit",
		"legacy_alter_table", "locking_mode", "max_page_count", "mmap_size", "page_size",
		"query_only", "read_uncommitted", "recursive_triggers", "reverse_unordered_selects",
		"schema_version", "secure_delete", "synchronous", "temp_store", "trusted_schema",
		"user_version", "wal_autocheckpoint", "writable_schema":
		return true
	}
	return false
}

// processPragma reports whether setting a pragma would reach beyond the session
// (other sources' memory, where files are put) or undo a safety option.
func processPragma(name string) bool {
	switch name {
	case "temp_store_directory", "data_store_directory", "hard_heap_limit", "soft_heap_limit",
		"threads", "mmap_size", "lock_proxy_file", "trusted_schema", "writable_schema",
		"activate_extensions", "key", "rekey":
		return true
	}
	return false
}

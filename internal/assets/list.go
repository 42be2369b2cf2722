package main

// packageFile is one file taken from an npm package.
type packageFile struct {
	from   string // below node_modules
	to     string // name in static/vendor
	module string // bare name in the import map; "" if it is not imported
}

// packageFiles lists everything that is taken from npm.
func packageFiles() []packageFile {
	return []packageFile{
		{"htmx.org/dist/htmx.min.js", "vendor/htmx.js", ""},
		{"htmx.org/dist/ext/hx-sse.min.js", "vendor/hx-sse.js", ""},
		{"@codemirror/autocomplete/dist/index.js", "vendor/cm-autocomplete.js", "@codemirror/autocomplete"},
		{"@codemirror/commands/dist/index.js", "vendor/cm-commands.js", "@codemirror/commands"},
		{"@codemirror/lang-sql/dist/index.js", "vendor/cm-lang-sql.js", "@codemirror/lang-sql"},
		{"@codemirror/language/dist/index.js", "vendor/cm-language.js", "@codemirror/language"},
		{"@codemirror/search/dist/index.js", "vendor/cm-search.js", "@codemirror/search"},
		{"@codemirror/state/dist/index.js", "vendor/cm-state.js", "@codemirror/state"},
		{"@codemirror/streamparser/dist/index.js", "vendor/cm-streamparser.js", "@codemirror/streamparser"},
		{"@codemirror/view/dist/index.js", "vendor/cm-view.js", "@codemirror/view"},
		{"@lezer/common/dist/index.js", "vendor/lezer-common.js", "@lezer/common"},
		{"@lezer/highlight/dist/index.js", "vendor/lezer-highlight.js", "@lezer/highlight"},
		{"@lezer/lr/dist/index.js", "vendor/lezer-lr.js", "@lezer/lr"},
		{"@marijn/find-cluster-break/src/index.js", "vendor/find-cluster-break.js", "@marijn/find-cluster-break"},
		{"crelt/index.js", "vendor/crelt.js", "crelt"},
		{"style-mod/src/style-mod.js", "vendor/style-mod.js", "style-mod"},
		{"w3c-keyname/index.js", "vendor/w3c-keyname.js", "w3c-keyname"},
		{"@fontsource-variable/inter/files/inter-latin-opsz-normal.woff2", "fonts/inter.woff2", ""},
		{"@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2", "fonts/inter-ext.woff2", ""},
		{"@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2", "fonts/mono.woff2", ""},
		{"@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-italic.woff2", "fonts/mono-italic.woff2", ""},
		{"@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-ext-wght-normal.woff2", "fonts/mono-ext.woff2", ""},
	}
}

// entries are the modules whose import graphs pages preload.
func entries() []string { return []string{"dribble/app.js", "dribble/editor.js"} }

// icons names the lucide icons of the sprite.
func icons() []string {
	return []string{
		"arrow-down", "arrow-left", "arrow-up", "ban", "binary", "book-open", "braces", "brackets", "calendar",
		"calendar-clock", "check", "chevron-down", "chevron-right", "circle-alert", "circle-check", "circle-dashed",
		"circle-x", "clock", "copy", "corner-down-left", "database", "decimals-arrow-right", "download", "ellipsis",
		"external-link", "eye", "eye-off", "file-clock", "file-code-corner", "files", "fingerprint", "folder", "git-branch", "hash",
		"history", "info", "key-round", "keyboard", "layers", "link-2", "list-filter", "lock", "menu", "message-square",
		"monitor", "moon", "panel-left", "pencil", "play", "plug-zap", "plus", "refresh-cw", "rotate-ccw", "save",
		"search", "server-crash", "shapes", "sheet", "shield", "square", "sun", "table-2", "timer", "toggle-left", "trash-2",
		"triangle-alert", "type", "unplug", "x", "zap",
	}
}

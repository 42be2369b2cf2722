package sqltext

import "testing"

func TestQuote(t *testing.T) {
	t.Parallel()
	tests := []struct {
		dialect              Dialect
		name, always, needed string
	}{
		{Postgres, "orders", `"orders"`, "orders"},
		{Postgres, "order_2", `"order_2"`, "order_2"},
		{Postgres, "Orders", `"Orders"`, `"Orders"`},
		{Postgres, "order", `"order"`, `"order"`},
		{Postgres, "left", `"left"`, `"left"`},
		{Postgres, "values", `"values"`, `"values"`},
		{Postgres, "name", `"name"`, "name"},
		{Postgres, `a"b`, `"a""b"`, `"a""b"`},
		{Postgres, "", `""`, `""`},
		{Postgres, "2x", `"2x"`, `"2x"`},
		{Postgres, "prix_é", `"prix_é"`, `"prix_é"`},
		{Postgres, "a b", `"a b"`, `"a b"`},
		{MySQL, "orders", "`orders`", "orders"},
		{MySQL, "rank", "`rank`", "`rank`"},
		{MySQL, "key", "`key`", "`key`"},
		{MySQL, "a`b", "`a``b`", "`a``b`"},
		{SQLite, "orders", `"orders"`, "orders"},
		{SQLite, "group", `"group"`, `"group"`},
		{SQLite, "current_date", `"current_date"`, `"current_date"`},
		{SQLite, "key", `"key"`, "key"},
	}
	for _, tt := range tests {
		if got := QuoteIdent(tt.dialect, tt.name); got != tt.always {
			t.Errorf("%s QuoteIdent(%s): got %s, want %s", tt.dialect, tt.name, got, tt.always)
		}
		if got := QuoteIfNeeded(tt.dialect, tt.name); got != tt.needed {
			t.Errorf("%s QuoteIfNeeded(%s): got %s, want %s", tt.dialect, tt.name, got, tt.needed)
		}
	}
}

func TestIsKeyword(t *testing.T) {
	t.Parallel()
	tests := []struct {
		dialect Dialect
		word    string
		want    bool
	}{
		{Postgres, "select", true}, {Postgres, "Ilike", true}, {Postgres, "name", false}, {Postgres, "orders", false},
		{Postgres, "pragma", false}, {SQLite, "PRAGMA", true}, {MySQL, "straight_join", true}, {MySQL, "delimiter", true},
		{Postgres, "ſelect", false}, {Postgres, "", false}, {Postgres, "a_word_that_is_longer_than_any_keyword_is", false},
	}
	for _, tt := range tests {
		if got := IsKeyword(tt.dialect, tt.word); got != tt.want {
			t.Errorf("%s %q: got %v, want %v", tt.dialect, tt.word, got, tt.want)
		}
	}
}

# Dribble's tasks. `make` lists them.
BIN      := bin
GO       := go
NPM      := npm
ADDR     ?= 127.0.0.1:8080
LINT     := $(BIN)/golangci-lint
LINT_VER := v2.15.0
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -s -w -X main.version=$(VERSION)
export CGO_ENABLED ?= 0

.DEFAULT_GOAL := help
.PHONY: help run build test race check generate assets hooks bench fuzz clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: build ## fetch what is missing, build, and serve on http://127.0.0.1:8080
	$(BIN)/dribble serve --addr $(ADDR)

build: assets ## build bin/dribble, one static binary with the assets inside
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/dribble ./cmd/dribble

test: assets ## run every test this machine can run, with a table of the services found
	$(GO) run ./internal/testenv/run -- $(GO) test ./...

race: assets ## run the tests under the race detector
	CGO_ENABLED=1 $(GO) run ./internal/testenv/run -- $(GO) test -race ./...

check: assets $(LINT) ## format, vet, lint, generated code, migrations and floors
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not formatted:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	@$(GO) tool templ generate -path views >/dev/null 2>&1 && git diff --exit-code --stat -- views || { echo "views are stale: run make generate and commit"; exit 1; }
	$(GO) vet ./...
	$(LINT) run ./...
	$(GO) test -count=1 -run '^TestFloors$$' .
	$(GO) test -count=1 ./migrations

generate: ## generate the Go code of the templates
	$(GO) tool templ generate -path views

assets: node_modules/.package-lock.json ## copy, minify and compress the browser files
	@$(GO) run ./internal/assets

node_modules/.package-lock.json: package.json package-lock.json
	$(NPM) ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(LINT):
	GOBIN=$(abspath $(BIN)) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VER)

hooks: ## run make check before every commit
	@printf '#!/bin/sh\nexec make check\n' > "$$(git rev-parse --git-path hooks)/pre-commit"
	@chmod +x "$$(git rev-parse --git-path hooks)/pre-commit"
	@echo "make check now runs before every commit"

bench: build ## measure the product against psql on seeded data
	$(GO) run ./internal/testenv/run -- $(GO) run ./bench

fuzz: ## fuzz every parser for ten seconds
	@for p in $$($(GO) list ./...); do for f in $$($(GO) test -list '^Fuzz' $$p 2>/dev/null | grep ^Fuzz); do \
		echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime 10s $$p || exit 1; done; done

clean: ## remove what was built
	rm -rf $(BIN) node_modules
	find static/vendor -mindepth 1 ! -name .gitignore -delete

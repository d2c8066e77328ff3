# Every target is one line onto an npm script; package.json says what it does.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

# What npm writes last: older than the lock file, something is missing.
INSTALLED := node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: run dev setup build test test-coverage simulate soak e2e e2e-all fmt lint audit health bench clean help

run: $(INSTALLED) ## Serve at localhost:5000, keeping everything in ./data
	npm start

dev: $(INSTALLED) ## Serve, and start again whenever a source changes
	npm run dev

setup: $(INSTALLED) ## Install what is missing

build: $(INSTALLED) ## Compile to dist, which is what the package carries
	npm run build

test: $(INSTALLED) ## Types, lint, format, unit, contract and HTTP tests
	npm run check

test-coverage: $(INSTALLED) ## The tests, with what they reach
	npm run test-coverage

simulate: $(INSTALLED) ## Live through SEEDS histories of pushes, deletes, crashes and collections (2000)
	npm run --silent simulate -- --seeds $(or $(SEEDS),2000) --from $(or $(FROM),0)

soak: $(INSTALLED) ## A real server under clients at full speed, for SECONDS (120), with the collector always at work
	npm run --silent soak -- --seconds $(or $(SECONDS),120) $(if $(REPLICAS),--replicas)

e2e: $(INSTALLED) ## A real server and real clients: docker, containerd, podman, oras and others
	npm run e2e

e2e-all: $(INSTALLED) ## The same with helm, which takes minutes to build
	npm run e2e-all

fmt: $(INSTALLED) ## Format the sources
	npm run format

lint: $(INSTALLED) ## Lint the sources, import ranks included
	npm run lint

audit: $(INSTALLED) ## Known flaws of what we depend on
	npm run audit

health: ## Ask the server at localhost:5000 whether it is ready
	npm run --silent health

bench: $(INSTALLED) ## Our server next to CNCF distribution and bare Node, in about half an hour
	npm run --silent bench

clean: ## Remove what was built
	npm run clean

help: ## This list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 16

# By the machine's own Node: the one that this brings loads libatomic, which slim systems lack.
$(INSTALLED): package.json package-lock.json
	PATH="$${PATH#*:}" npm install
	@node --version >/dev/null || { apt-get update && apt-get install -y --no-install-recommends libatomic1; }
	@touch $@

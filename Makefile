# What one does with Roomcast every day. `make` alone lists it; longer steps are in scripts/.

SHELL := bash
TOOLS := $(or $(ROOMCAST_TOOLS),$(CURDIR)/.tools)
export ROOMCAST_TOOLS := $(TOOLS)
export PATH := $(TOOLS)/bin:$(PATH)

# The browser client is built again when one of these changed. Folders are in the list, so that a
# deleted file counts as a change.
CLIENT_SOURCES := $(shell find frontend shared -not -path '*/.*') \
	index.html Trunk.toml Cargo.toml Cargo.lock rust-toolchain.toml scripts/shrink-client.mjs .cargo/config.toml

.DEFAULT_GOAL := help
# A client that was built and is too large is not there, so that the next make says so again.
.DELETE_ON_ERROR:
.PHONY: help run dev test bench lint check client server

help: ## this list
	@echo "Roomcast. What make can do:"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16
	@echo "Options of the server go into ARGS: make run ARGS='--listen :8443'"

run: client ## build everything and start the server; it prints its address
	cargo run --release --locked --bin roomcast -- serve $(ARGS)

dev: ## backend and trunk serve: a changed component reloads the page
	@scripts/tools.sh trunk wasm-bindgen
	@scripts/dev.sh $(ARGS)

test: ## every test: Rust, documentation, wasm build, browser
	@scripts/test.sh

bench: ## benchmarks, beside the peers that are installed
	@scripts/bench.sh $(ARGS)

lint: ## formatting, clippy, documentation, dependencies, scripts: nothing may warn
	@scripts/lint.sh

check: lint test ## the whole gate: lint and test

client: dist/index.html

server: client
	cargo build --release --locked --bin roomcast

dist/index.html: $(CLIENT_SOURCES)
	@scripts/tools.sh trunk wasm-bindgen wasm-opt esbuild
	cargo fetch --locked
	trunk build --release --offline
	@scripts/size-report.sh

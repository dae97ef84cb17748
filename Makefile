# The words a newcomer needs: make demo, make test. The steps live in scripts/, each runs again only when what it reads
# has changed, and everything built lies in .venv, .cache, target, frontend/node_modules and src/belvedere/web/static.

SHELL := /bin/sh
.DEFAULT_GOAL := build
.SUFFIXES:
MAKEFLAGS += --no-print-directory

PYTHON := $(shell command -v python3.11 || command -v python3 || echo python3)
VENV := $(CURDIR)/.venv/bin
RUN := exec $(VENV)/python -m
# .venv comes first: its Node is the one used, never the machine's.
export PATH := $(VENV):$(PATH)

.PHONY: demo test build quick check dev bench sweep other-servers mutation mutations generate lock pictures clean \
	python needs-python needs-build needs-lint needs-test relay screens

## The two that matter ------------------------------------------------------------------------------------------------

demo: .cache/demo-runs

# Not phony: make says by deleting it that it was told to stop; see scripts/front.py.
.cache/demo-runs: build
	@$(RUN) scripts.front $@ $(VENV)/belvedere demo $(ARGS)

test: needs-build needs-lint needs-test python relay screens
	@$(RUN) scripts.run_tests $(ARGS)

## The others ---------------------------------------------------------------------------------------------------------

# Everything built into .venv, nothing started.
build: needs-build python relay screens

# The fast tests: no Rust, no browser, and of the flows those alone that hold for both relays.
quick: python
	@BELVEDERE_RELAY=fake $(RUN) pytest -q -n 2 --ignore=tests/unit/simulator \
		-m "not relay and not browser and not processes and not slow and not sweep" \
		tests/unit tests/conventions tests/flows/media $(ARGS)

# Linters, types, import directions, stubs, generated files fresh.
check: needs-build needs-lint python relay screens
	@$(RUN) scripts.check $(ARGS)

# The development loop: uvicorn starts again on a change, Vite serves the screens; no Rust.
dev: python
	@$(RUN) scripts.screens --packages
	@BELVEDERE_RELAY=fake $(RUN) scripts.dev $(ARGS)

# Benchmarks and a report.
bench: build
	@$(RUN) bench $(ARGS)

# The long sweeps that `make test` leaves out.
sweep: build needs-test
	@$(RUN) pytest -q -m sweep --timeout=7200 tests $(ARGS)

# Servers that a site may have play to us, where they are given: MEDIAMTX=/its/program GO2RTC=/its/program.
other-servers: build needs-test
	@MEDIAMTX=$(MEDIAMTX) GO2RTC=$(GO2RTC) $(RUN) pytest -q -rs -m sweep tests/flows/media/test_other_servers.py $(ARGS)

# Mutants of the acts, rights, spine, followers and agents: hours; a name takes some, `ARGS='belvedere.spine.tail*'`.
mutation: python
	@$(RUN) mutmut run --max-children 2 $(ARGS)

# Mutated bytes into all that parses what cameras and viewers send, a minute each.
mutations: needs-build
	@BELVEDERE_MUTATIONS_S=$${BELVEDERE_MUTATIONS_S:-60} cargo test --release --locked -q -p belvedere-relay-core \
		--test mutations -- --nocapture $(ARGS)

# Writes anew what is generated and kept: the API's description, its types, the causes' words, the conventions' tables.
generate: python
	@$(RUN) scripts.screens --packages
	@$(RUN) scripts.generate

# Compiles requirements.lock from pyproject.toml.
lock: python
	@cd $(CURDIR) && $(VENV)/uv pip compile --quiet --all-extras --group dev pyproject.toml --generate-hashes \
		-o requirements.lock

# Takes the README's two pictures from a running demo.
pictures: build needs-test
	@$(RUN) scripts.pictures

clean:
	rm -rf .venv .cache target frontend/node_modules src/belvedere/web/static

## Steps --------------------------------------------------------------------------------------------------------------

needs-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'prerequisites: Python 3.11 or newer: missing. On Debian 12: sudo apt-get install python3 python3-venv' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo 'prerequisites: the venv module of Python: missing. On Debian 12: sudo apt-get install python3-venv' >&2; exit 1; }

needs-build: needs-python
	@$(PYTHON) -m scripts.prerequisites build

needs-lint: needs-build
	@$(PYTHON) -m scripts.prerequisites lint

needs-test: needs-lint
	@$(PYTHON) -m scripts.prerequisites test

python: needs-python
	@$(PYTHON) -m scripts.python_env

relay: python
	@$(RUN) scripts.relay_wheel

screens: python
	@$(RUN) scripts.screens

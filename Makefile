# Needs only python3 (3.11 or later) with pip, and make. Everything else goes into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv
DIR    ?= percorso-demo
PYTEST_WORKERS ?= 2

export UV_NO_PROGRESS := 1
# Keep what Python compiles: each process would take ten seconds to compile it all anew.
unexport PYTHONDONTWRITEBYTECODE
# The one interpreter is named outright: a search for one goes wrong under pyenv's shims.
INSTALL := $(UV) pip install --quiet --python $(BIN)/python

.PHONY: help setup dev demo test check format bench lock messages clean
.DEFAULT_GOAL := help

help: ## Say what can be made
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.runtime ## Make .venv, so that .venv/bin/percorso runs

dev: $(VENV)/.dev ## Add the tools that tests and checks need

demo: setup ## Make the demo company and serve it
	$(BIN)/percorso demo --dir $(DIR)

test: dev ## Run the tests (installs Debian's Chromium and Segment's clients when it can)
	@scripts/debian-packages
	@scripts/npm-packages
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadgroup --no-loadscope-reorder $(ARGS)

check: dev ## Format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: dev ## Put the code into the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: dev ## Run the benchmarks; each prints JSON with ratios
	@for each in bench/bench_*.py; do echo "# $$each"; $(BIN)/python $$each || exit 1; done

messages: dev ## Collect the words to translate and compile them
	$(BIN)/python scripts/messages.py

lock: $(UV) ## Pin versions and hashes anew
	$(UV) pip compile pyproject.toml --universal --python-version 3.11 --extra postgresql --group build --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet --output-file requirements.lock
	$(UV) pip compile pyproject.toml --universal --python-version 3.11 --extra postgresql --group build --group dev --constraint requirements.lock --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet --output-file requirements-dev.lock

clean: ## Throw away what can be made again
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

$(UV):
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Percorso needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12")'
	# Without pip inside: Debian's python3 has no ensurepip until python3-venv is installed.
	$(PYTHON) -m venv --without-pip $(VENV)
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check uv

$(VENV)/.runtime: $(UV) requirements.lock pyproject.toml hatch_build.py $(wildcard src/percorso/locale/*/LC_MESSAGES/*.po)
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

# Every target sets up what it needs in .venv; the second run starts at once.
# Needs: make, Python >= 3.11 with venv. Uses uv where there is one.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PACKAGES := market alerts storage backtest daemon
VENV := .venv
BIN := $(VENV)/bin
# Stamps: what is installed, to run with and to develop with.
RUN := $(VENV)/.levelwatch-run
DEV := $(VENV)/.levelwatch-dev
INSTALL := bash deploy/install-venv $(VENV)
# Kills of the long crash test; the suite has a short form.
KILLS ?= 200
ARGS ?=

.PHONY: help demo test check bench crash lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(RUN) ## Play a market of several days offline, alerts as they come (30 s)
	@$(BIN)/levelwatch demo $(ARGS)

test: $(DEV) ## Run the tests; ARGS="-k telegram" picks some
	@$(BIN)/python -m pytest $(ARGS)

check: $(DEV) ## Format, lint, types, layers, then the tests: what CI runs
	@$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(ARGS)

bench: $(DEV) ## Measure the budgets of docs/performance.md
	@$(BIN)/python -m bench $(ARGS)

crash: $(DEV) ## Kill the daemon KILLS=200 times and count what was lost
	@LEVELWATCH_KILLS=$(KILLS) $(BIN)/python -m pytest -m crash -o faulthandler_timeout=0 $(ARGS)

# The dev lock is resolved first and binds the other two: one version of everything.
# No header, no annotation, no index: a lock file names neither host nor path.
lock: ## Renew the lock files (needs uv)
	@uv=$$(command -v uv || command -v $(BIN)/uv) || {
		echo "make lock needs uv: pip install uv" >&2
		exit 1
	}
	rm -f requirements*.lock
	compile() {
		"$$uv" pip compile --quiet --universal --python-version 3.11 \
			--generate-hashes --no-header --no-annotate "$$@"
	}
	compile pyproject.toml --group dev --output-file requirements-dev.lock
	compile pyproject.toml --constraint requirements-dev.lock \
		--output-file requirements.lock
	compile - --constraint requirements-dev.lock \
		--output-file requirements-build.lock <<< hatchling
	wc -l requirements*.lock

clean: ## Remove the environment, caches and builds
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache build dist
	find $(PACKAGES) tests bench -name __pycache__ -prune -exec rm -rf {} +

$(RUN): requirements.lock requirements-build.lock pyproject.toml deploy/install-venv
	@$(INSTALL) requirements.lock requirements-build.lock
	touch $@

$(DEV): requirements-dev.lock pyproject.toml deploy/install-venv
	@$(INSTALL) requirements-dev.lock
	touch $(RUN) $@

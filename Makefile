# The commands of this project. Only the program's own words reach stdout: setting up talks on
# stderr, so that `make demo ARGS="--seconds 60 --json" | jq` works. From elsewhere it is `make -s -C`:
# before 4.4, make names the folder on stdout whatever stands here.

MAKEFLAGS += --no-print-directory
SHELL := /bin/sh
.DEFAULT_GOAL := help

BIN := .venv/bin
WORKERS ?= 3
ARGS ?=

.PHONY: help demo test check coverage acceptance bench clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile

demo: ## a street of simulated homes on this machine; ARGS="--seconds 60 --json" is passed on
	@scripts/setup demo
	@$(BIN)/telecared demo $(ARGS)

check: ## style, types and import contracts
	@scripts/setup dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo

test: check ## check, then every test that takes seconds; ARGS="-k pendant" is passed on
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile $(ARGS)

coverage: ## the core's tests, which must take every branch of it: minutes, for each is counted
	@scripts/setup dev
	@$(BIN)/pytest -q -n $(WORKERS) --dist loadfile --cov --cov-report=term-missing \
		tests/core tests/config tests/sim $(ARGS)

acceptance: ## the long proofs: hundreds of kills, whole months in fast time
	@scripts/setup dev
	@$(BIN)/pytest -m acceptance $(ARGS)

bench: ## the measurements; leave the machine alone meanwhile
	@scripts/setup dev
	@$(BIN)/pytest -m bench -s $(ARGS)

clean: ## remove what was built, the environment included
	@rm -rf .venv dist build .coverage htmlcov .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find telecared tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Same Session: `make help` lists what there is. Everything that a target needs, it sets up itself.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON := .venv/bin/python
TARGETS ?=
CLAUSES ?=
RUNTIME ?=
URL ?=
ABSENT ?=
FAULTS ?= *
SEED ?= 0
SEQUENCES ?= 50
MINUTES ?= 5
ROUNDS ?= 10
DURATION ?= 2
SCENARIO ?=
STORE ?=
RATE ?= 200
USERS ?= 16
WORKERS ?= 2
REMOTE ?= 0
BIND ?= 127.0.0.1
WEB ?=
AGAINST ?=
OLD ?=
NEW ?= .run/results/latest.jsonl
FORMAT ?= text

.PHONY: help up down ps logs conformance prove differential soak bench bench-fleet compare test lint format lock spec clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  Narrowed by TARGETS='flask-*'  CLAUSES='login.*'  RUNTIME=docker|process"
	@echo "  FAULTS='keeps-*' (prove)  SEED=0 SEQUENCES=50 (differential)  MINUTES=5 (soak)"
	@echo "  ROUNDS=10 DURATION=2 SCENARIO='read,flow' STORE=redis|all SEED=0 (bench)  OLD= NEW= FORMAT=text|markdown|json (compare)"
	@echo "  RATE=200 USERS=16 WORKERS=2 DURATION=10 SCENARIO=read AGAINST=open-loop REMOTE=0 BIND=127.0.0.1 WEB=1 (bench-fleet)"
	@echo "  Your own app: make conformance URL=http://127.0.0.1:9000 [ABSENT='revocation,probes']"

.venv/made: requirements.txt bootstrap.txt
	@echo "make: making the environment in .venv"
	@python3 -m venv --clear .venv || { echo "make: python3 cannot make an environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r bootstrap.txt
	@.venv/bin/uv pip sync --quiet --compile-bytecode --python $(PYTHON) --require-hashes requirements.txt
	@touch $@

up: .venv/made ## Start every target and show where it is
	@$(PYTHON) -m targets up --targets '$(TARGETS)'

down: .venv/made ## Stop all that this checkout started
	@$(PYTHON) -m targets down

ps: .venv/made ## Show the targets and their state
	@$(PYTHON) -m targets ps

logs: .venv/made ## Show the logs of the targets
	@$(PYTHON) -m targets logs --targets '$(TARGETS)'

conformance: .venv/made ## Start targets of its own, check every clause, print the matrix
	@$(PYTHON) -m conformance --targets '$(TARGETS)' --clauses '$(CLAUSES)' --runtime '$(RUNTIME)' --url '$(URL)' --absent '$(ABSENT)'

prove: .venv/made ## Prove that every clause can fail: the suite against an app with one fault at a time
	@$(PYTHON) -m tests.sabotage.prove --faults '$(FAULTS)'

differential: .venv/made ## Send random sequences to all hardened targets and a model, and compare their answers
	@$(PYTHON) -m conformance.differential --targets '$(TARGETS)' --runtime '$(RUNTIME)' --seed $(SEED) --sequences $(SEQUENCES)

soak: .venv/made ## Random sessions on all hardened targets while apps and stores fail: is what was acknowledged there?
	@$(PYTHON) -m conformance.soak --targets '$(TARGETS)' --runtime '$(RUNTIME)' --minutes '$(MINUTES)' --seed $(SEED)

bench: .venv/made ## Measure targets side by side: rounds in random order, ratios with intervals; needs wrk
	@$(PYTHON) -m bench --targets '$(TARGETS)' --store '$(STORE)' --scenario '$(SCENARIO)' --runtime '$(RUNTIME)' --rounds '$(ROUNDS)' --duration '$(DURATION)' --seed $(SEED)

bench-fleet: ROUNDS = 5
bench-fleet: DURATION = 10
bench-fleet: .venv/made ## Load from many machines: Locust, a master and workers, on one target or an app anywhere
	@$(PYTHON) -m bench.fleet --targets '$(TARGETS)' --url '$(URL)' --runtime '$(RUNTIME)' --scenario '$(or $(SCENARIO),read)' \
	  --rate '$(RATE)' --users '$(USERS)' --duration '$(DURATION)' --workers '$(WORKERS)' --remote '$(REMOTE)' --bind '$(BIND)' \
	  $(if $(WEB),--web) --against '$(AGAINST)' --rounds '$(ROUNDS)'

compare: .venv/made ## Compare two runs, or two campaigns: OLD= and NEW= are results files
	@$(PYTHON) -m report compare '$(OLD)' '$(NEW)' --format $(FORMAT)

test: .venv/made ## Run the project's own tests, the suite in both runtimes among them
	@$(PYTHON) -m pytest

lint: .venv/made ## Check style and types of everything that is ours
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy bench conformance report targets tests
	@$(PYTHON) -m tests.lint_implementations

format: .venv/made ## Rewrite everything in the house's format
	@.venv/bin/ruff format .

lock: .venv/made ## Pin all requirements anew, with hashes
	@for file in impls/*/requirements.in bench/fleet/requirements.in; do \
	  (cd $$(dirname $$file) && ../../.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
	    --no-emit-index-url --no-header requirements.in -o requirements.txt); done
	@for folder in impls/express tests/browser; do \
	  (cd $$folder && npm update --save --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved); done
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes --no-emit-index-url \
	  --no-header pyproject.toml --group dev -o requirements.txt
	@grep -A99 '^uv==' requirements.txt | awk 'NR > 1 && /^[a-z]/ { exit } !/# via/' >bootstrap.txt

spec: .venv/made ## Write SPEC.md's table of clauses anew
	@$(PYTHON) -m conformance.spec

clean: ## Stop everything and remove what was made
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m targets down; fi
	@rm -rf .venv .run .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Everything a developer or CI does, each target alone from a fresh clone on Debian or Ubuntu with
# Python 3.11 or newer. `make` lists the targets.

SHELL := /bin/bash
# Some machines forbid it; then each of the hundreds of programs that the tests start compiles all of itself.
unexport PYTHONDONTWRITEBYTECODE
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
# make render ENV=production, make test ARGS='-k quoting'. Not ?=: shells have an ENV of their own.
ENV :=
ARGS :=
EXAMPLES := 1000
SEED :=

VENV := .venv/bin
# Reinstalled when one of these changes; the source itself is installed editable.
INSTALL := .venv/bin/pip install -qq --disable-pip-version-check --constraint tools/constraints.txt
INSTALLED_FROM := pyproject.toml tools/constraints.txt

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

.PHONY: setup
setup: .venv/.installed ## make .venv with .venv/bin/manifestgen

.PHONY: render
render: setup ## render specs/platform.yaml into out/; ENV=production for one environment
	$(VENV)/manifestgen render $(ENV)

.PHONY: out
out: render ## the same as render: out/ is committed, CI fails when it is stale

.PHONY: check
check: .venv/.installed-dev ## format, lint, types, direction of imports, dead code, dependencies
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	$(VENV)/python tools/deadcode.py
	$(VENV)/deptry src

.PHONY: format
format: .venv/.installed-dev ## format the code and mend what ruff can mend
	$(VENV)/ruff format .
	$(VENV)/ruff check --fix .

.PHONY: test
test: .venv/.installed-dev tools ## run all tests, with the real tools; ARGS='-k quoting' for some
	$(VENV)/pytest -n auto --dist worksteal $(ARGS)

.PHONY: mutants
mutants: .venv/.installed-dev tools ## show that the generated tests of alerts find every kind of wrong rule (minutes)
	MANIFESTGEN_ALL_MUTANTS=1 $(VENV)/pytest -q -n 0 -s tests/integration/test_rule_tests.py -k find_wrong_rules

.PHONY: prove
prove: .venv/.installed-dev ## prove Kustomize = Helm for drawn specs, EXAMPLES=5000 of them; SEED=1 to see some again
	PYTHONPATH=tests $(VENV)/python -m support.prove $(EXAMPLES) $(if $(SEED),--seed $(SEED))

.PHONY: tools
tools: setup ## fetch kubectl, helm, promtool, OpenBao and the other tools of tools.toml into .tools/bin
	$(VENV)/python tools/packages.py
	$(VENV)/python tools/fetch.py

.PHONY: bench
bench: .venv/.installed-dev tools ## compare the speed with kubectl kustomize and helm template
	$(VENV)/python bench/bench.py

.PHONY: docs
docs: .venv/.installed-dev ## write the generated pages of docs/
	$(VENV)/python tools/make_docs.py

.PHONY: lock
lock: .venv/bin/pip ## resolve the newest versions that pyproject.toml allows into tools/constraints.txt
	$(VENV)/python tools/lock.py

.PHONY: clean
clean: ## remove what make made, except out/
	rm -rf .venv .tools dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: when they are newer than what they were made from, there is nothing to do.

.venv/bin/pip:
	$(PYTHON) tools/environment.py

.venv/.installed: .venv/bin/pip $(INSTALLED_FROM)
	@echo "installing manifestgen into .venv"
	$(INSTALL) --editable .
	@touch $@

# After the one above, also under -j: two pips in one environment would trip over each other.
.venv/.installed-dev: .venv/.installed
	@echo "installing the developers' tools into .venv"
	$(INSTALL) --editable '.[dev]'
	@touch $@

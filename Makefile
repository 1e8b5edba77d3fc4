# One way in. `make demo` and `make test` set up everything they need; `make check` is the whole truth, here and in CI.

VENV    := .venv
BIN     := $(VENV)/bin
WORKERS ?= 2
PYTHON  ?=

# LightGBM wants an OpenMP runtime; where the machine has none, set-up links the one that scikit-learn brings (see openmp).
OPENMP := $(CURDIR)/$(VENV)/openmp
export LD_LIBRARY_PATH := $(if $(LD_LIBRARY_PATH),$(LD_LIBRARY_PATH):)$(OPENMP)

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format-check lint types contracts covered docs format words lock bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.ready-dev ## the whole environment, from the hashed lock

demo: $(VENV)/.ready-run ## from nothing to a closed loop, in three minutes
	@$(BIN)/tidemill demo

test: setup ## every test that this machine can run
	@$(BIN)/pytest -n $(WORKERS)

check: format-check lint types contracts covered docs ## format, lint, types, contracts, tests, docs: what CI runs

format-check: setup
	@$(BIN)/ruff format --check

lint: setup
	@$(BIN)/ruff check

types: setup
	@$(BIN)/mypy

contracts: setup
	@$(BIN)/lint-imports --no-logo

covered: setup
	@$(BIN)/pytest -n $(WORKERS) --cov --cov-report=term

docs: setup ## the pages, into docs/_build
	@$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build

format: setup ## puts the code in shape
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix-only

words: setup ## writes docs/errors.md from the words in tidemill.tell
	@$(BIN)/python docs/errors_page.py

bench: setup ## what starting up costs
	@$(BIN)/python bench/start_up.py

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --all-extras pyproject.toml
lock: ## resolves pyproject.toml again; versions in the lock stay unless asked: make lock UPGRADE="--upgrade-package numpy"
	@command -v uv > /dev/null || { echo "make lock needs uv on PATH (pip install uv)" >&2; exit 1; }
	$(COMPILE) $(UPGRADE) --group dev --output-file requirements/dev.txt
	$(COMPILE) --group build --constraint requirements/dev.txt --output-file requirements/run.txt

clean: ## takes the environment and every cache away
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage docs/_build

# A stamp says that its lock is installed; it is as old as what it was made from, so that a second call costs nothing.
$(VENV)/.ready-%: requirements/%.txt pyproject.toml | $(VENV)/.made
	@echo "Installing $< (once; a minute or two) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --requirement $<
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(openmp)
	@touch $@

# A new stamp of the whole environment also holds what running needs.
.PRECIOUS: $(VENV)/.made $(VENV)/.ready-run $(VENV)/.ready-dev
$(VENV)/.made:
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python); do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
	    echo "Making $(VENV) with $$($$python --version) ..."; $$python -m venv $(VENV) && touch $@; exit; \
	  fi; \
	done; \
	echo "No Python >= 3.11 with its venv module here: tried $(or $(PYTHON),python3 and python3.11 to python3.14)." >&2; \
	echo "Install one (Debian, Ubuntu: apt install python3 python3-venv) or name yours: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; \
	exit 1

define openmp
if [ "$$(uname -s)" = Linux ] && ! env -u LD_LIBRARY_PATH $(BIN)/python -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2> /dev/null; then \
  echo "No OpenMP runtime (libgomp1) here: LightGBM gets scikit-learn's through make; without make, install libgomp1."; \
  mkdir -p "$(OPENMP)" && ln -sf "$(CURDIR)/$(VENV)"/lib/python3*/site-packages/scikit_learn.libs/libgomp-*.so.* "$(OPENMP)/libgomp.so.1"; \
fi
endef

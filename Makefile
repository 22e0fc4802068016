# What one types to try Tocsin and to work on it. It needs Python 3.11 or newer, pip and make; the rest comes by itself.

PYTHON ?= python3
WORKERS ?= 2
BENCHES ?= ingest latency storm pages due waiting start schedules rota
SEEDS ?= 3000
CRASHES ?= 20
LASTS ?= 600
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input

# A stamp is newer than pyproject.toml while what that file asks for is installed.
RUNTIME := $(VENV)/.runtime
TOOLS := $(VENV)/.tools

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test simulate crash fuzz check lint types contracts architecture bench clean

help:
	@echo "make demo      see an alert climb until somebody answers, on sample data"
	@echo "make test      run all tests                      (ARGS='-k storm' passes words to pytest)"
	@echo "make simulate  years of bad luck, out of seeds    (SEEDS=$(SEEDS))"
	@echo "make crash     kill real nodes and databases      (CRASHES=$(CRASHES))"
	@echo "make fuzz      hostile input at every door        (LASTS=$(LASTS), in seconds)"
	@echo "make check     lint, types, contracts and architecture"
	@echo "make bench     measure this machine               (BENCHES='$(BENCHES)')"
	@echo "make clean     remove .venv and what the tools left; your data stays"
	@echo
	@echo "Python is '$(PYTHON)'; another one: make PYTHON=python3.12 test"

demo: $(RUNTIME)
	@exec $(BIN)/tocsin demo $(ARGS)

test: $(TOOLS)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

simulate: $(RUNTIME)
	@$(BIN)/tocsin simulate-faults --seeds $(SEEDS) $(ARGS)

crash: $(TOOLS)
	@TOCSIN_CRASHES=$(CRASHES) $(BIN)/python -m pytest tests/crash --timeout=0 $(ARGS)

fuzz: $(TOOLS)
	@$(PIP) install --editable '.[fuzz]'
	@$(BIN)/python tests/fuzz/endless.py $(LASTS)

check: lint types contracts architecture

lint: $(TOOLS)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(TOOLS)
	@$(BIN)/mypy

contracts: $(TOOLS)
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/deptry src

architecture: $(TOOLS)
	@$(BIN)/python -m pytest tests/architecture

bench: $(RUNTIME)
	@for name in $(BENCHES); do $(BIN)/tocsin bench $$name || exit; done

clean:
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian's Python may come without ensurepip: then the pip that is there is asked to put one into the environment.
define environment
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Tocsin needs Python 3.11 or newer and '$(PYTHON)' is not: try make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
	  exit 3; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	  if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv --clear $(VENV); \
	  elif $(PYTHON) -m pip --version >/dev/null 2>&1; then \
	    $(PYTHON) -m venv --clear --without-pip $(VENV) && \
	    $(PYTHON) -m pip -qq --disable-pip-version-check --python $(BIN)/python install pip; \
	  else \
	    echo "'$(PYTHON)' has neither pip nor ensurepip: install one (Debian: apt install python3-venv), then try again." >&2; \
	    exit 3; \
	  fi; }
endef

$(RUNTIME): pyproject.toml
	$(environment)
	@echo "Installing Tocsin into $(VENV) (once; less than a minute) ..."
	@$(PIP) install --editable .
	@touch $@

$(TOOLS): pyproject.toml
	$(environment)
	@echo "Installing Tocsin and its tools into $(VENV) (once; a minute or two) ..."
	@$(PIP) install --editable '.[dev]'
	@touch $(RUNTIME) $@

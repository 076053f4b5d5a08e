# Two commands on a fresh machine with Python >= 3.11: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
SOURCES := $(wildcard planparse/*.py planparse/*/*.py)

.PHONY: demo test lint bench rules mutants docs clean

# Extract one notice and print its targets as a table.
demo: $(VENV)/.compiled
	$(BIN)/planparse extract -f table samples/zhangjiagang.txt

# Lint, types, every test, and the samples against what is expected of them.
test: lint
	$(BIN)/pytest
	$(BIN)/planparse check samples

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/mypy

# Speed and memory as ratios to their references.
bench: $(VENV)/.compiled
	$(BIN)/python bench/run.py
	$(BIN)/python bench/formats.py
	$(BIN)/python bench/batch.py

# The packs as programs read them.
rules: $(VENV)/.compiled
	$(BIN)/planparse rules build

# Faults put into the packs on purpose: are they caught? Takes some minutes.
mutants: $(VENV)/.compiled
	$(BIN)/python -m planparse.workbench.mutants

# Files that are generated from the code; tests compare them with it.
docs: $(VENV)/.compiled
	$(BIN)/planparse schema > docs/schema.json
	$(BIN)/python -m planparse.workbench.pages docs/rules.md

clean:
	rm -rf $(VENV) build dist

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "planparse needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[test]'
	touch $@ $(VENV)/.installed

# An editable install has no byte code of its own; compiling on every start would cost more than parsing a notice.
$(VENV)/.compiled: $(SOURCES) $(VENV)/.installed
	$(BIN)/python -m compileall -q planparse
	touch $@

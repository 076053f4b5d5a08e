# Two commands on a fresh machine with Python >= 3.11: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint bench docs clean

demo: $(VENV)/.installed  ## Extract one notice as a table
	$(BIN)/planparse extract -f table samples/zhangjiagang.txt

test: lint  ## Lint, types, every test, and the samples against what is expected of them
	$(BIN)/pytest
	$(BIN)/planparse check samples

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.installed  ## Speed and memory as ratios to their references
	$(BIN)/python bench/run.py

docs: $(VENV)/.installed  ## Files that are generated; tests compare them with the code
	$(BIN)/planparse schema > docs/schema.json

clean:
	rm -rf $(VENV) build dist

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "planparse needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@ $(VENV)/.installed

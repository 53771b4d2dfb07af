# Compagnon. Two commands matter: `make demo` and `make test`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export HF_HUB_OFFLINE ?= 1
SOAK ?=

.PHONY: help demo test test-postgresql soak check format lock translations screenshots benchmarks clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

demo: $(VENV)/.run ## Read the sample community, index it, serve it on this machine
	@$(BIN)/compagnon --data demo-data demo

test: $(VENV)/.dev check ## Install what the tests need, check everything, run the tests
	scripts/install-test-packages
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test-postgresql: $(VENV)/.dev ## Run all tests on PostgreSQL and a Chroma server in the place of files
	scripts/install-test-packages
	COMPAGNON_TEST_STORE=postgresql $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

soak: $(VENV)/.dev ## Prove at length that the mirror is the wiki, and the index the mirror (SOAK="--seed 7" repeats one seed); half an hour
	scripts/install-test-packages
	$(BIN)/python -m pytest --soak -rP $(SOAK) tests/test_connector_sync_*.py tests/test_search_index_crashes.py

check: $(VENV)/.dev ## Style, types, import floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(VENV)/.dev ## Format the code, mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.dev ## Write down the versions that are installed, as the ones tested together
	scripts/lock-versions $(BIN)/python > constraints.txt.new
	mv constraints.txt.new constraints.txt

translations: $(VENV)/.dev ## Collect texts to translate, then compile the translations
	$(BIN)/python scripts/update-translations

screenshots: $(VENV)/.dev ## Make the pictures of the documentation
	scripts/install-test-packages
	$(BIN)/python scripts/make-screenshots docs/images

benchmarks: $(VENV)/.dev ## Measure the sync on real pages: make benchmarks DATA=folder
	scripts/install-test-packages
	$(BIN)/python -m benchmarks.sync $(DATA)

clean: ## Remove what was installed and built here
	rm -rf $(VENV) demo-data dist build

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev,benchmarks,mcp,postgresql,redis]'
	touch $@ $(VENV)/.run

$(VENV)/bin/python:
	scripts/make-venv $(PYTHON) $(VENV)

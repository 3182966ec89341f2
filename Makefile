# Every target makes its own .venv from the newest python3 (3.11 or later) that it finds.
# Written for GNU make 3.81, the one of macOS.

SHELL := /bin/sh
VENV := .venv
PYTHON := $(VENV)/bin/python
SERIES := 3.14 3.13 3.12 3.11

.PHONY: help demo test lint soak bench clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    watch ad events flow from Kafka to Parquet and SQLite, exactly once (about 20 s)"
	@echo "make test    lint, types, import rules and every test this machine can run"
	@echo "make lint    lint, types and import rules only"
	@echo "make soak    the tests that run for long"
	@echo "make bench   the benchmarks beside PySpark (needs Java 17)"
	@echo "make clean   remove the caches and what the demo left (keeps $(VENV))"

demo: $(VENV)/.ready-all
	@$(PYTHON) examples/demo.py

test: lint
	$(PYTHON) -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal

lint: $(VENV)/.ready-test
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports --no-logo

soak: $(VENV)/.ready-test
	$(PYTHON) -m pytest -m soak --timeout 0

bench: $(VENV)/.ready-bench
	$(PYTHON) -m benchmarks

clean:
	rm -rf build dist demo-output .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# One stamp for each set of extras; installed again only when pyproject.toml or a C file has changed.
$(VENV)/.ready-%: pyproject.toml hatch_build.py $(wildcard streamcore/kafka/native/c/*) $(VENV)/.created
	@echo "Installing streamcore-engine[$*] into $(VENV) ..."
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@

$(VENV)/.created:
	@if $(PYTHON) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    touch $@; exit 0; \
	fi; \
	found=; \
	for candidate in $(foreach s,$(SERIES),python$(s)) python3 python; do \
	    if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	        found=$$candidate; break; \
	    fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "streamcore needs Python 3.11 or later, and there is none on the PATH." >&2; \
	    echo "Install one (https://www.python.org/downloads/) and run make again." >&2; \
	    exit 1; \
	fi; \
	if ! $$found -c 'import venv, ensurepip' >/dev/null 2>&1; then \
	    series=$$($$found -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	    echo "$$found cannot make a virtual environment: it comes without ensurepip." >&2; \
	    echo "On Debian or Ubuntu: apt-get install python$$series-venv  (then run make again)." >&2; \
	    exit 1; \
	fi; \
	echo "Creating $(VENV) with $$($$found --version) ..."; \
	$$found -m venv $(VENV) && touch $@

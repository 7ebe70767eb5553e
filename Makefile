# Everything a person needs, in one word each. `make` alone says which.

.DEFAULT_GOAL := help
.PHONY: help setup run test check prove bench hooks lock clean

BIN := .venv/bin
LOCKED := .venv/.locked
READY := .venv/.ready
QUIET := --quiet --disable-pip-version-check
PYTHONS = $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.14)

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv from the lock (at once when nothing changed; PYTHON=… chooses the interpreter)
	@:

$(READY): $(LOCKED) pyproject.toml
	@$(BIN)/python -m pip install $(QUIET) --no-index --no-deps --no-build-isolation -e .
	@touch $@

# uv is several times faster than pip and comes from the same lock; pip is there for networks that only pip knows.
$(LOCKED): requirements/dev.txt
	@began=$$(date +%s); found=; \
	for one in $(PYTHONS); do \
	    if "$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$one; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "Python 3.11 or newer is needed, and none of these is one: $(PYTHONS). Say where it is: make setup PYTHON=/path/to/python3" >&2; \
	    exit 1; \
	fi; \
	echo "setting up .venv with $$("$$found" --version)"; \
	if ! said=$$("$$found" -m venv --clear .venv 2>&1); then \
	    echo "$$said" >&2; rm -rf .venv; \
	    echo "This Python cannot make a virtual environment: install its venv module (on Debian and Ubuntu: python3-venv)." >&2; \
	    exit 1; \
	fi; \
	set -e; \
	awk '/^[a-z0-9]/ {ours = /^uv==/} ours' requirements/dev.txt > .venv/uv.txt; \
	$(BIN)/python -m pip install $(QUIET) --require-hashes -r .venv/uv.txt; \
	$(BIN)/uv pip sync --quiet --system-certs --python $(BIN)/python --compile-bytecode --require-hashes requirements/dev.txt || { \
	    echo "uv could not install the lock; now with pip" >&2; \
	    $(BIN)/python -m pip install $(QUIET) --require-hashes -r requirements/dev.txt; }; \
	touch $@; \
	echo "ready in $$(($$(date +%s) - began)) s"

run: setup ## start everything, play the two golden cases, stay up (Ctrl-C ends it)
	@exec $(BIN)/hehuo demo $(ARGS)

test: setup ## the whole test suite with its coverage (ARGS="-k claim -x" for less)
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --cov --cov-report=term $(ARGS)

check: setup ## what must hold before anything lands: format, lint, types, imports, documents, house rules
	$(BIN)/ruff format --check --quiet --output-format concise .
	$(BIN)/ruff check --quiet --output-format concise .
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m deploy.docs --check
	$(BIN)/python -m pytest --quiet --no-header tests/unit/test_house_rules.py tests/unit/test_import_contracts.py tests/contract/test_documents.py

prove: setup ## prove a promise: WHAT=crash SEED=7, WHAT=all, SHORT=1; without WHAT: the list
	@$(BIN)/python -m tests.faults $(WHAT) $(if $(SEED),--seed $(SEED)) $(if $(SHORT),--short) $(ARGS)

bench: setup ## measure, and keep the table under tests/load/results/
	@$(BIN)/python -m tests.load $(ARGS)

hooks: setup ## run the quick checks at every commit
	@$(BIN)/pre-commit install

lock: setup ## write the locks anew from pyproject.toml (UPGRADE=1: with the newest versions)
	@set -e; for one in "dev.txt --extra local --group dev" "run.txt -c requirements/dev.txt"; do \
	    $(BIN)/uv pip compile pyproject.toml --quiet --system-certs --universal --python-version 3.11 --generate-hashes \
	        --no-emit-index-url --annotation-style line --custom-compile-command "make lock" \
	        $(if $(UPGRADE),--upgrade) -o requirements/$$one >/dev/null; \
	done

clean: ## remove what was built or cached; the data of a system that ran here stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov build dist
	@find services shared deploy tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Two commands: `make run` and `make test`. Everything lands in .venv and var; delete both to start over.
PYTHON ?= python3
CHROMIUM ?= /usr/bin/chromium
BIN := .venv/bin
# One more than there are processors: some tests wait for processes and browsers of their own.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
PACKAGE_SOURCES := pyproject.toml hatch_build.py $(shell find admin/frontend -type f -not -path '*/node_modules/*' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run test soak check tck corpus bench demo lock clean package browser

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/run.stamp package ## everything on this machine: database, web server, job worker; Ctrl-C stops it
	@exec $(BIN)/redress run

test: browser .venv/dev.stamp package ## the whole suite: lint, types, imports, tests
	@$(MAKE) --no-print-directory check
	@CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -q -m 'not soak'

soak: browser .venv/dev.stamp package ## the tests that take minutes: the whole product, killed in the middle of the demo
	@CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest -q -m soak

check: .venv/dev.stamp ## lint, types and import contracts only
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

fuzz: .venv/dev.stamp package ## damage diagrams for FUZZ_SECONDS (600) and see that the gate survives; REDRESS_CORPUS adds files
	@$(BIN)/python -m tests.engine.dialect.fuzzing

tck: .venv/run.stamp package ## the DMN conformance kit in the folder REDRESS_TCK
	@[ -n "$(REDRESS_TCK)" ] || { echo "Say where the kit is: make tck REDRESS_TCK=…" >&2; exit 1; }
	@$(BIN)/redress tck "$(REDRESS_TCK)"

corpus: .venv/dev.stamp package ## other people's diagrams in the folder REDRESS_CORPUS: deployed, driven, judged
	@[ -n "$(REDRESS_CORPUS)" ] || { echo "Say where the diagrams are: make corpus REDRESS_CORPUS=…" >&2; exit 1; }
	@$(BIN)/python benchmarks/corpus.py "$(REDRESS_CORPUS)"

bench: .venv/run.stamp package ## the benchmarks; they take the machine for some minutes
	@for file in $(filter-out benchmarks/corpus.py,$(wildcard benchmarks/*.py)); do echo "== $$file"; $(BIN)/python $$file || exit 1; done

demo: .venv/run.stamp package ## file complaints, upgrade complaints and appeals and play the staff of every tier
	@exec $(BIN)/redress demo

lock: ## resolve the dependencies again into requirements/ (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-emit-find-links --no-annotate pyproject.toml --group build --group dev -o requirements/dev.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-emit-find-links --no-annotate pyproject.toml --group build -c requirements/dev.txt -o requirements/run.txt

clean: ## remove what was built; keeps the data in var
	@rm -rf .venv dist build admin/static/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis \
		tests/engine/expressions/beside/node_modules tests/provider/node_modules

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Redress needs Python 3.11 or newer; $(PYTHON) is older. Name another: make PYTHON=python3.12 …" >&2; exit 1; }
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "python3 -m venv failed; on Debian: apt-get install python3-venv" >&2; exit 1; }

.venv/run.stamp: requirements/run.txt | .venv/bin/pip
	@echo "Installing what requirements/run.txt names …"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	@touch $@

# The development list holds everything the run list holds.
.venv/dev.stamp: requirements/dev.txt | .venv/bin/pip
	@echo "Installing what requirements/dev.txt names …"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@ .venv/run.stamp

# A second make, because the stamps above may have been touched by a rule that this one would not look at again.
package:
	@$(MAKE) -s --no-print-directory .venv/package.stamp

.venv/package.stamp: $(PACKAGE_SOURCES)
	@echo "Building the pages' front end …"
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

browser:
	@[ -x "$(CHROMIUM)" ] || { echo "make test needs a browser at $(CHROMIUM): apt-get install chromium fonts-noto-cjk (or set CHROMIUM)" >&2; exit 1; }
	@{ fc-list :lang=zh 2>/dev/null; find /usr/share/fonts /usr/local/share/fonts $(HOME)/.fonts $(HOME)/.local/share/fonts /Library/Fonts /System/Library/Fonts -iname '*cjk*' 2>/dev/null; } | grep -q . || \
		{ echo "make test needs a Chinese font: apt-get install chromium fonts-noto-cjk" >&2; exit 1; }

# Every target sets up what it needs; no other step comes first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
SEEDS  ?= 20
# one worker more than cores, because tests wait too; scheduling.py says which of them go together
PYTEST  = $(BIN)/python -m pytest -n $$(($$(nproc) + 1)) --dist loadscope

.DEFAULT_GOAL := help
.PHONY: help demo serve test check verify bench full leaks faults panel lock clean

help: ## what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "worksample needs Python 3.11 or later; say which with: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@echo "Setting up $(VENV) (once; a few minutes) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY) ## the whole job on an invented cohort, in demo/; `worksample demo` does all work samples
	@$(BIN)/worksample demo root-cause-analysis

serve: $(READY) ## the hosted JupyterLab on this machine; prints a link for you and one to try it with
	@$(BIN)/worksample serve

test: $(READY) ## every test, on all cores
	@$(PYTEST)

check: $(READY) ## what a reviewer would run: ruff, mypy, import rules, stale builds, pins, links
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/worksample build --check
	@$(BIN)/python tools/check_repository.py
	@$(BIN)/python tools/build_panel.py --check

verify: $(READY) ## reference solutions of every assignment over SEEDS seeds a level (20)
	@$(BIN)/worksample verify --all --seeds $(SEEDS)

bench: $(READY) ## measure grading, renew docs/performance.md; BENCH_ARGS="light --attempts 4"
	@$(BIN)/python benchmarks/grading.py $(BENCH_ARGS)

full: leaks faults ## what CI runs at night: leaks and faults in full, and two seeds a level of everything
	@$(BIN)/worksample verify --all --quick

leaks: $(READY) ## the leak tests over their full number of cases
	@WORKSAMPLE_FULL=1 $(PYTEST) -k leak

faults: $(READY) ## the fault tests in full: fifty kills, one at every step of writing, each build of bubblewrap
	@WORKSAMPLE_FULL=1 $(BIN)/python -m pytest tests/batch/test_faults.py tests/batch/test_cluster.py tests/service \
	  tests/sandbox/test_conformance.py tests/test_stages.py -s

panel: $(READY) ## build JupyterLab's panel anew (needs node and npm); what is built is committed
	@$(BIN)/python tools/build_panel.py

lock: ## resolve requirements.lock and environment.yml anew (needs uv)
	uv pip compile pyproject.toml --extra cluster --extra hub --extra systems --extra test --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --quiet --upgrade -o requirements.lock
	$(PYTHON) tools/write_environment.py

clean: ## remove what was built here: .venv, demo/, caches
	rm -rf $(VENV) demo build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache *.egg-info

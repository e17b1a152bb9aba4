# License Vault. `make demo` shows the main job; `make test` proves it.
#
#   make demo            a region's vault in the open, step by step (STORE=s3: on SeaweedFS and PostgreSQL)
#   make regions         four regions that recognise each other's licenses, on PostgreSQL and SeaweedFS
#   make serve           the service on http://127.0.0.1:8000, with what `make demo` set up, and people to log in as
#   make check           format, lint, types, import arrows
#   make test            everything that proves it, in minutes;  make test-long: the full sizes
#   make bench           ratios against named peers, into benchmarks/results/
#   make vectors         forge the published test set anew, into tests/vectors/seals/

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv)
# Packages come by uv where the machine has it (seconds), else by pip (minutes).
install = $(if $(UV),$(UV) pip install -q -p $(BIN)/python --compile-bytecode $(1) ||) $(BIN)/pip install -q $(1)
STORE  ?= embedded
PORT   ?= 8000
JOBS   ?= 3
# A file of tests stays on one worker, which makes what its tests share once; in the order of names,
# since the long ones come first then.
BY_FILE := --dist loadfile --no-loadscope-reorder
# A worker that crashed fails the run at once: xdist would start another and wait for ever.
NO_RESTART := --max-worker-restart=0
PACKAGES := keys signing license_vault verification api

.PHONY: demo regions serve check format test test-long bench vectors lock clean
.DEFAULT_GOAL := help

.PHONY: help
help:
	@sed -n '3,10s/^#  *//p' Makefile

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The service alone, for demo and serve.
$(VENV)/runtime: $(VENV)/made requirements/runtime.lock requirements/build.lock pyproject.toml
	$(call install,--require-hashes -r requirements/runtime.lock -r requirements/build.lock)
	$(call install,--no-deps --no-build-isolation -e .)
	@touch $@

# The service and all that proves it.
$(VENV)/dev: $(VENV)/runtime requirements/dev.lock
	$(call install,--require-hashes -r requirements/dev.lock)
	@touch $@

ifeq ($(STORE),s3)
demo: $(VENV)/dev
else
demo: $(VENV)/runtime
endif
	$(BIN)/python -m examples.demo --store $(STORE) --port $(PORT)

regions: $(VENV)/dev
	$(BIN)/python -m examples.regions

serve: $(VENV)/runtime
	$(BIN)/python -m examples.demo --serve --port $(PORT)

check: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: $(VENV)/dev
	$(BIN)/python -m pytest -n $(JOBS) $(BY_FILE) $(NO_RESTART) -m "not slow"

test-long: $(VENV)/dev
	TEST_EFFORT=long $(BIN)/python -m pytest -n $(JOBS) $(BY_FILE) $(NO_RESTART)

bench: $(VENV)/dev
	$(BIN)/python -m benchmarks.run

vectors: $(VENV)/dev
	PYTHONPATH=.:tests $(BIN)/python -m mutants.publish tests/vectors/seals

# Locks carry hashes and no addresses. Universal: one lock for every Python from 3.11 on.
lock:
	for name in runtime dev build; do \
	  uv pip compile --universal --generate-hashes --no-header -q --python-version 3.11 requirements/$$name.in -o requirements/$$name.lock; done

clean:
	rm -rf $(VENV) demo demo-regions var build *.egg-info

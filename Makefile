# The portal's commands. From a fresh clone: `make run` starts the portal with a demo, `make test` runs every test.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PORT ?= 8000
PORTAL_DATA ?= data
DEMO_APPLICATIONS ?= 60

VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --no-input --quiet --require-hashes
PORTAL_READY := $(VENV)/requirements.stamp
TESTS_READY := $(VENV)/requirements-dev.stamp

help: ## Say what can be done
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1|\2/' \
		| awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

# The environment. A stamp is newer than what it was made from, so that a second run is quick.

$(VENV)/python.stamp:
	@sh tools/make_environment.sh $(VENV)
	@touch $@

$(PORTAL_READY): $(VENV)/python.stamp requirements.txt
	@echo "Installing what the portal runs on (requirements.txt)"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(TESTS_READY): $(PORTAL_READY) requirements-dev.txt
	@echo "Installing what the tests need (requirements-dev.txt)"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

# The portal.

run: export PORTAL_DEMO = on
run: export PORTAL_DATA := $(PORTAL_DATA)
run: export PORTAL_BASE_URL ?= http://127.0.0.1:$(PORT)
run: $(PORTAL_READY) ## Start the portal with a demo at http://127.0.0.1:8000 (PORT=8123 make run: elsewhere)
	@sh tools/make_demo.sh $(BIN)/flask $(DEMO_APPLICATIONS)
	@exec $(BIN)/python -m tools.serve $(PORT)

# Tests and checks.

test: $(TESTS_READY) ## Run every test (TESTS="tests/store -k lock": some of them)
	@$(BIN)/python -m tools.browser set-up
	@$(BIN)/python -m tools.postgres set-up
	@$(BIN)/python -m tools.strace set-up
	@$(BIN)/python -m pytest $(TESTS)

check: $(TESTS_READY) ## Formatting, lint, types, import rules, templates
	@sh tools/check.sh $(BIN)

format: $(TESTS_READY) ## Put the code into its one format, and mend what lint can mend
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

sections: $(TESTS_READY) ## List the sections of the process with the tests that show them, and those without
	@$(BIN)/python -m pytest --sections

coverage: $(TESTS_READY) ## Run every test and list the lines that none ran
	@$(BIN)/python -m tools.browser set-up
	@$(BIN)/python -m tools.postgres set-up
	@$(BIN)/python -m tools.strace set-up
	@$(BIN)/python -m coverage run -m pytest
	@$(BIN)/python -m coverage report

ifneq ($(wildcard benchmarks/__main__.py),)
bench: $(TESTS_READY) ## Run the benchmarks, as ratios beside what they are measured against
	@$(BIN)/python -m tools.postgres set-up
	@$(BIN)/python -m tools.strace set-up
	@$(BIN)/python -m benchmarks
.PHONY: bench
endif

soak: $(TESTS_READY) ## Run the long trials of faults in full, on both stores (SOAK=--write: put their figures into docs/benchmarks.md)
	@$(BIN)/python -m tools.postgres set-up
	@$(BIN)/python -m tools.strace set-up
	@$(BIN)/python -m tests.soak $(SOAK)

screenshots: $(TESTS_READY) ## Take pictures of every page into docs/screenshots/ (SCREENSHOTS=--readme: those of the README)
	@$(BIN)/python -m tools.browser set-up
	@$(BIN)/python -m tools.screenshots $(SCREENSHOTS)

# Pins.

requirements: $(PORTAL_READY) ## Write requirements*.txt anew from requirements*.in, exact and with hashes
	@sh tools/pin_requirements.sh $(VENV) $(UPGRADE)

# Tidying up.

clean: ## Remove the environment and what tools leave behind; data/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

clean-data: ## Remove everything that the portal keeps in data/, the demo with it
	find data -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +

.PHONY: help run test soak screenshots check format sections coverage requirements clean clean-data

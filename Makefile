# Needs Python 3.11 or newer and nothing else; everything is installed into .venv.
PYTHON ?= python3
ARGS ?=
IN_VENV = $(or $(KIM_VENV),.venv)/bin/python
RUNTIME = @$(PYTHON) deploy/environment.py runtime &&
DEV = @$(PYTHON) deploy/environment.py dev &&

# Compiled modules are kept: else each of pytest's workers compiles every test anew (15 s instead of 6 to collect).
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help run stop demo up down test check format generate bench test-chaos test-compose requirements clean

help: ## list what can be made
	@echo "KIM: make TARGET, where TARGET is one of"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 18

run: ## start PostgreSQL, Kafka and every service (ARGS=--help tells more, ARGS=--detach leaves it running)
	$(RUNTIME) exec $(IN_VENV) -m deploy.stack $(ARGS)

stop: ## end what `make run` started
	$(RUNTIME) exec $(IN_VENV) -m deploy.stack --stop

demo: ## walk through the main job on the running stack
	$(RUNTIME) exec $(IN_VENV) -m deploy.demo $(ARGS)

up: ## build the image and run everything in containers, with docker compose
	$(RUNTIME) exec $(IN_VENV) -m deploy.compose up

down: ## end what `make up` started; data stay
	$(RUNTIME) exec $(IN_VENV) -m deploy.compose down

test: ## run the tests, on their own PostgreSQL and Kafka
	$(DEV) exec $(IN_VENV) -m pytest $(ARGS)

check: ## lint, format, types, rules of the house, generated files up to date
	$(DEV) $(IN_VENV) -m ruff check
	@$(IN_VENV) -m ruff format --check
	@$(IN_VENV) -m mypy
	@$(dir $(IN_VENV))lint-imports
	@$(IN_VENV) -m shared.contracts.generate --check
	@$(IN_VENV) -m shared.contracts.compatibility
	@$(IN_VENV) -m services.openapi --check
	@$(IN_VENV) -m deploy.register --check

format: ## format the code
	$(DEV) $(IN_VENV) -m ruff format && $(IN_VENV) -m ruff check --fix

generate: ## write schemas, AsyncAPI, OpenAPI and the register of processing from the code
	$(RUNTIME) $(IN_VENV) -m shared.contracts.generate && $(IN_VENV) -m services.openapi \
	  && $(IN_VENV) -m deploy.register

bench: ## measure throughput, latency and memory
	$(DEV) exec $(IN_VENV) -m bench $(ARGS)

test-chaos: ## run the tests that kill, freeze and restart processes, servers and stacks
	$(DEV) exec $(IN_VENV) -m pytest -m chaos $(ARGS)

test-compose: ## run the tests of the images, with docker compose
	$(DEV) exec $(IN_VENV) -m pytest tests/compose -m compose $(ARGS)

requirements: ## pin the packages named in requirements/*.in, with hashes
	$(DEV) cd requirements && for kind in services runtime dev; do \
	  "$(abspath $(IN_VENV))" -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --upgrade --no-header --no-emit-index-url --no-emit-find-links $$kind.in -o $$kind.txt > /dev/null || exit 1; \
	done

clean: ## end the stack and remove all that was made: data (in containers too), jars, environment, caches
	@if [ -x $(IN_VENV) ]; then $(IN_VENV) -m deploy.stack --stop; fi
	-@if [ -x $(IN_VENV) ]; then $(IN_VENV) -m deploy.compose clean; fi
	rm -rf .kim $(or $(KIM_VENV),.venv) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

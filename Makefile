# Vitrina. `make` alone lists the targets. Each target sets up what it needs.
PY ?= python3
V := .venv
DATA_DIR ?= $(CURDIR)/var
PORT ?= 8000
SIZE ?= normal
STEPS ?= 20000
export DATA_DIR PORT
SHELL := /bin/bash

.DEFAULT_GOAL := help
.PHONY: help run dev test sim check format bench lock messages setup

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(V)/.stamp ## Make the environment in .venv

# pip alone is enough; uv, where it can be had, is several times quicker. Both hold every file to its hash.
$(V)/.stamp: pyproject.toml requirements.lock
	@$(PY) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 14) else "Python 3.11 to 3.14 is needed")'
	@test -x $(V)/bin/python || $(PY) -m venv $(V)
	@echo "Installing dependencies into $(V) ..."
	@( $(V)/bin/python -m pip install -q --disable-pip-version-check "uv==0.13.9" 2>/dev/null \
	    && $(V)/bin/uv pip install -q --python $(V)/bin/python --require-hashes -r requirements.lock ) \
	  || $(V)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

locale/%/LC_MESSAGES/django.mo: locale/%/LC_MESSAGES/django.po $(V)/.stamp
	@$(V)/bin/pybabel -q compile -f -i $< -o $@ 2>/dev/null

MESSAGES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po))

run: $(V)/.stamp $(MESSAGES) ## Start the site with demo content (DEMO=0: empty) on 127.0.0.1:$PORT
	@exec $(V)/bin/python manage.py serve

dev: $(V)/.stamp $(MESSAGES) ## Start the auto-reloading server with the debug toolbar
	@DJANGO_SETTINGS_MODULE=cms.settings.dev $(V)/bin/python manage.py migrate -v0
	@DJANGO_SETTINGS_MODULE=cms.settings.dev exec $(V)/bin/python manage.py runserver 127.0.0.1:$(PORT)

test: $(V)/.stamp $(MESSAGES) ## Run every test that can run here; what cannot is named at the end
	@$(V)/bin/python tests/run.py

sim: $(V)/.stamp ## Simulate money against a model (STEPS, SEED, DATABASE_URL; BUG=name or BUGS=all plants faults)
	@$(V)/bin/python -m tests.sim --steps $(STEPS) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY)) $(if $(BUG),--bug $(BUG)) $(if $(BUGS),--bugs $(BUGS))

check: $(V)/.stamp $(MESSAGES) ## Formatting, lint, types, import contracts, migrations, deployment check
	$(V)/bin/ruff format --check .
	$(V)/bin/ruff check .
	$(V)/bin/lint-imports
	$(V)/bin/mypy cms guides affiliates community
	DATA_DIR=$$(mktemp -d) $(V)/bin/python manage.py makemigrations --check --dry-run
	DATA_DIR=$$(mktemp -d) BASE_URL=https://vitrina.example SECRET_KEY=$$($(V)/bin/python -c 'import secrets; print(secrets.token_urlsafe(60))') \
	  $(V)/bin/python manage.py check --deploy --fail-level WARNING

format: $(V)/.stamp ## Format the code
	$(V)/bin/ruff format .
	$(V)/bin/ruff check --fix .

bench: $(V)/.stamp ## Measure speed as ratios to baselines of the same run; writes var/bench/*.json
	@$(V)/bin/python -m tests.bench --size $(SIZE)

lock: $(V)/.stamp ## Resolve the dependencies again into requirements.lock
	$(V)/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --group dev pyproject.toml -o requirements.lock

messages: $(V)/.stamp ## Collect translatable text (needs gettext)
	$(V)/bin/python manage.py makemessages -l es --no-wrap --no-location -i var -i .venv -i tests

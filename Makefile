# Rackdesk: each target first sets the machine up (config/start/set_up.py), which takes no time where all is there.
# PORT=8001 moves the panel to another port, PYTHON=python3.12 takes another Python.

PYTHON ?= python3
SET_UP = $(PYTHON) -P config/start/set_up.py
IN_VENV = .venv/bin/python
# The panel ends with the make that started it, even when that one is killed.
PANEL = setpriv --pdeathsig=TERM $(IN_VENV) -m config.start.run

.DEFAULT_GOAL := help
.PHONY: help demo run test check bench soak

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

demo: ## panel, workers and a lab of real hosts to press every button on; data in var/demo
	@$(SET_UP) demo && exec $(PANEL) demo

run: ## the panel for your own hosts; data in var
	@$(SET_UP) run && exec $(PANEL)

test: ## everything: lint, types, contracts, migrations, all tests on SQLite and PostgreSQL
	@$(SET_UP) test && exec $(IN_VENV) -m config.start.verify test

check: ## the same in about a minute: no real parts, and of the tests with a database those of what is changed
	@$(SET_UP) check && exec $(IN_VENV) -m config.start.verify check

bench: ## speed beside its peers, as ratios
	@$(SET_UP) bench && exec $(IN_VENV) -m tests.bench

soak: ## the long rounds of faults and load
	@$(SET_UP) soak && exec $(IN_VENV) -m tests.soak

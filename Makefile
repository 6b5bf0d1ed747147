# make run    opens the app on the bundled track (no display: leaves a movie with sound in out/)
# make test   runs every test
# make check  format, lint, types, import contracts
# All of them set up what they need first: system packages, .venv, Python packages.

VENV := .venv
BIN := $(VENV)/bin
# Exactly this version: a plain "torch" may bring several GB of CUDA to a machine that has no use
# for it. With an NVIDIA driver the newest is taken, CUDA and all.
TORCH := $(shell command -v nvidia-smi >/dev/null 2>&1 && echo torch || echo torch==2.13.0)

.PHONY: run test check format setup system clean

run: $(VENV)/.run-ready
	$(BIN)/traumer-live run --demo

test: $(VENV)/.dev-ready
	$(BIN)/python -m pytest

check: $(VENV)/.dev-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev-ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

setup: $(VENV)/.run-ready

system:
	@sh tools/system_packages.sh

$(BIN)/python:
	@sh tools/system_packages.sh
	@sh tools/make_venv.sh $(VENV)

$(VENV)/.run-ready: pyproject.toml | $(BIN)/python
	@sh tools/system_packages.sh
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev-ready: pyproject.toml | $(VENV)/.run-ready
	@sh tools/system_packages.sh test
	$(BIN)/python -m pip install --quiet --editable ".[dev]" $(TORCH)
	@touch $@

clean:
	rm -rf $(VENV) build dist out *.egg-info .mypy_cache .ruff_cache .pytest_cache

# make demo · make test · make bench · make plugins

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUF := node_modules/.bin/buf
PROTOS := $(sort $(wildcard proto/inlay/v1/*.proto))
OUT ?= out

# --- what users run -----------------------------------------------------------

.PHONY: demo test test-fast check bench plugins proto format clean

demo: $(VENV)/.base  ## two edits of a photograph: server, client, .ora, .psd, before/after
	$(BIN)/inlay demo

test: $(VENV)/.dev system-packages node_modules/.ready  ## every test; installs what they need
	$(BIN)/python -m pytest
	node photoshop_uxp/test.mjs

test-fast: $(VENV)/.dev node_modules/.ready  ## the tests that take less than a few seconds each
	$(BIN)/python -m pytest -m "not slow and not krita" -n auto --dist worksteal

check: $(VENV)/.dev node_modules/.ready  ## format, lint, types, contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BUF) lint
	$(BUF) breaking --against proto/released.binpb
	$(BUF) format --diff --exit-code
	node_modules/.bin/tsc --project photoshop_uxp
	cd photoshop_uxp && ../node_modules/.bin/eslint .
	$(MAKE) --no-print-directory generated-code-is-current

bench: $(VENV)/.dev  ## ratios against a baseline in the same run; tables here, JSON and pictures in $(OUT)/
	mkdir -p $(OUT)
	$(BIN)/python -m bench --out $(OUT)

plugins: $(VENV)/.dev node_modules/.ready  ## dist/inlay_krita-<version>.zip and dist/inlay-<version>.ccx
	$(BIN)/python krita_plugin/build_zip.py
	$(BIN)/python photoshop_uxp/build_ccx.py

proto: $(VENV)/.dev node_modules/.ready  ## Python and TypeScript code from the contract
	$(BIN)/python -m grpc_tools.protoc -Iproto --python_out=server --pyi_out=server $(PROTOS)
	$(BUF) generate

format: $(VENV)/.dev node_modules/.ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BUF) format --write

clean:
	rm -rf $(VENV) node_modules dist build $(OUT)

# --- what the above need ------------------------------------------------------

.PHONY: system-packages generated-code-is-current

system-packages:
	scripts/system-packages

generated-code-is-current:
	rm -rf build/proto && mkdir -p build/proto
	$(BIN)/python -m grpc_tools.protoc -Iproto --python_out=build/proto --pyi_out=build/proto $(PROTOS)
	diff -r --exclude=__pycache__ --exclude=__init__.py build/proto/inlay/v1 server/inlay/v1
	$(BUF) generate --output build/proto
	diff -r build/proto/photoshop_uxp/src/gen photoshop_uxp/src/gen

$(VENV)/.pip:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Inlay needs Python 3.11 or newer, this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	touch $@

$(VENV)/.base: $(VENV)/.pip pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

# The models' libraries too. PyTorch's builds for the CPU come from its own index: where pip has it as an extra index (or has
# the wheel in a folder: PIP_FIND_LINKS), they are taken, being the higher version; otherwise the far larger build for CUDA.
$(VENV)/.dev: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[diffusion]' --group dev
	touch $@

node_modules/.ready: package.json
	npm install --loglevel=error
	touch $@

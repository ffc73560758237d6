# Two commands set everything up on a fresh machine: `make plan` and `make test`.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.12 python3.13 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
OUT ?= out/zibo
VENDORED := zibo_geo/atlas/vendor/.ready

.PHONY: plan test lint types environment docs docs-tables package clean

plan: $(VENV)/.ready $(VENDORED)
	$(BIN)/zibo-geo plan --out $(OUT)

test: $(VENV)/.ready-test $(VENDORED)
	$(BIN)/pytest -n 2 --dist loadscope

lint: $(VENV)/.ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready-test
	$(BIN)/mypy

environment: $(VENV)/.ready

docs: $(VENV)/.ready-test
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

package: $(VENV)/.ready-test $(VENDORED)
	.ci/package

docs-tables: $(VENV)/.ready
	$(BIN)/python -m zibo_geo.documentation docs

# uv resolves in seconds what takes pip minutes; where it cannot be had, pip does the same work.
define install
	@if [ -x $(BIN)/uv ] && $(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt $(1); then :; \
	else $(BIN)/python -m pip install --quiet -c constraints.txt $(1); fi
endef

$(VENV)/.ready: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "zibo-geo needs Python 3.11, 3.12 or 3.13 on the path; install one and run make again."; exit 2; }
	@"$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet -c constraints.txt uv || true
	$(call install,-e .)
	@touch $@

$(VENV)/.ready-test: $(VENV)/.ready
	$(call install,-e '.[test]')
	@touch $@

# The atlas' JavaScript comes from npm at build time; without Node the map loads it from the internet.
$(VENDORED): package-lock.json zibo_geo/atlas/assets.py | $(VENV)/.ready
	@if command -v npm >/dev/null 2>&1; then \
		npm ci --silent --ignore-scripts && $(BIN)/python -m zibo_geo.vendoring node_modules && touch $@ ; \
	else \
		echo "Node.js is not on the path: the map will load its library from the internet. Install Node.js and run make again for an offline map."; \
	fi

clean:
	rm -rf $(VENV) out build dist *.egg-info

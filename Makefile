# Two commands matter: `make demo` answers the first question, `make test` proves it works.
# Each sets up .venv itself when it is missing or older than the lock.
# `make prove` runs the heavy proofs with their stated counts and new seeds, which take hours; it
# tells its seed, and `make prove SEED=…` repeats it.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test prove check bench qgis browser lock clean

demo: $(READY)
	$(BIN)/jingning run access -o out/access
	$(BIN)/jingning manual -o out/manual.html
	$(BIN)/jingning maps out
	@echo "完成 done: out/index.html"

test: $(READY) browser
	$(BIN)/python -m pytest -n 2 --dist loadgroup

prove: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadgroup --prove $(if $(SEED),--seed=$(SEED))

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(READY)
	@failed=; for script in tests/benchmarks/*.py; do \
		echo "== $$script"; $(BIN)/python "$$script" || failed="$$failed $$script"; \
	done; [ -z "$$failed" ] || { echo "未完成 did not end well:$$failed"; exit 1; }

# The projects of five questions, opened by an installed QGIS; pictures and sheets to look at are in
# out/qgis/pictures. QGIS brings a Python of its own: make qgis QGIS_PYTHON=…
QGIS_PYTHON ?= /usr/bin/python3
qgis: $(READY)
	@for name in access hexi_chengzhao g235_second_passage park_towers chengzhao_new_town; do \
		[ -f "out/qgis/$$name/manifest.json" ] || \
			$(BIN)/jingning run "$$name" -o "out/qgis/$$name" || exit 1; \
	done
	$(BIN)/jingning maps out/qgis
	$(QGIS_PYTHON) tests/open_in_qgis.py out/qgis out/qgis/pictures

# Chromium for the page tests: Debian-like machines get it by package; elsewhere it is asked for.
browser:
	@sh tests/browser.sh

# The lock holds hashes for every platform and Python 3.11 to 3.13, and no addresses.
lock:
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate \
		--generate-hashes pyproject.toml --group dev -o requirements.lock

clean:
	rm -rf .venv out

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "需要 Python 3.11 或更新版本 Python 3.11 or newer is needed: make PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# Everything runs in a virtual environment of its own: a fresh machine needs Python 3.11 or newer, and make.
VENV ?= .venv
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := $(VENV)/bin
DEMO := demo-output
DEMO_PROBLEM := bm-cd271-cd146
DEMO_CYTOMETER := aria-fusion
DEMO_SECONDS := 60
CASES := 100000
HOURS := 2
RELEASE := build/release
PYTHONS ?= python3.11 python3.12 python3.13 python3.14
# what the tests of an installed package see: neither panelopt nor its catalogs and problems
BESIDE := tests benchmarks docs tools constraints Makefile README.md CONTRIBUTING.md CHANGELOG.md changelog.d CITATION.cff LICENSE SECURITY.md MANIFEST.in setup.cfg pyproject.toml
TRIED = $(RELEASE)/wheel-$(notdir $(PYTHON))
TEST_TOOLS := pytest pytest-xdist hypothesis jsonschema packaging httpx 'setuptools>=70.1'
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 1704067200)
BASE ?= HEAD
BENCH_OPTIONS ?= --quick

.DEFAULT_GOAL := help
.PHONY: help install dev demo test lint types layers unit kernels slow browser bench bench-catalogs bench-compare bench-smoke bench-record bench-history quality format schema docs pictures reference fuzz endurance lowest wheel wheel-test wheel-tests clean

help:  ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(VENV)/.installed  ## set up $(VENV) with panelopt
dev: $(VENV)/.installed-dev  ## the same, with the tools for development

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-dev: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.installed

demo: $(VENV)/.installed  ## design the bone-marrow example; files in demo-output/
	@mkdir -p $(DEMO)
	$(BIN)/panelopt design $(DEMO_PROBLEM) --cytometer $(DEMO_CYTOMETER) --time-limit $(DEMO_SECONDS) \
		-o $(DEMO)/result.json -o $(DEMO)/order.csv -o $(DEMO)/result.txt -o -

test: lint types layers unit kernels  ## all checks and tests (not the slow ones)

lint: $(VENV)/.installed-dev  ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev  ## type hints
	$(BIN)/mypy

layers: $(VENV)/.installed-dev  ## who may import whom
	$(BIN)/lint-imports

unit: $(VENV)/.installed-dev  ## tests
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

kernels: $(VENV)/.installed-dev  ## some tests again, as other processors round
	$(BIN)/python -m tests.kernels

slow: $(VENV)/.installed-dev  ## tests that take minutes
	$(BIN)/python -m pytest -m slow

browser: $(VENV)/.installed-dev  ## open reports in headless Chromium; skipped where there is none
	$(BIN)/python -m pytest -m browser

bench: $(VENV)/.installed-dev  ## time every step (CPU time), count the work of searches
	$(BIN)/python -m pytest benchmarks -m "" --benchmark-only --benchmark-autosave --benchmark-timer=time.process_time

bench-compare: $(VENV)/.installed-dev  ## present files against a version of git: make bench-compare BASE=v0.1.0
	$(BIN)/python benchmarks/compare.py --base $(BASE) $(BENCH_OPTIONS)

bench-catalogs: $(VENV)/.installed-dev  ## time catalogs of up to a million products; needs a quiet machine
	$(BIN)/python benchmarks/catalog_scale.py

bench-smoke: $(VENV)/.installed-dev  ## run every step and the short searches once, untimed
	$(BIN)/python -m pytest benchmarks --benchmark-disable -q

bench-record: $(VENV)/.installed-dev  ## write speed and quality of this release to benchmarks/results/
	$(BIN)/python benchmarks/history.py record

bench-history: $(VENV)/.installed-dev  ## page of speed and quality over the releases: benchmarks/results/index.html
	$(BIN)/python benchmarks/history.py page

quality: $(VENV)/.installed-dev  ## shipped problems against the best known values; fails on a contradiction; half an hour
	$(BIN)/python benchmarks/survey.py --cytometer aria-fusion --cytometer symphony-s6 --time-limit 60

format: $(VENV)/.installed-dev  ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: $(VENV)/.installed-dev  ## write the JSON Schemas anew
	$(BIN)/python -c 'from panelopt.io.result_json import schema_json; print(schema_json(), end="")' > panelopt/schemas/result.schema.json
	$(BIN)/python -c 'from panelopt.io.sort_plan_files import sort_plan_schema_json; print(sort_plan_schema_json(), end="")' > panelopt/schemas/sort-plan.schema.json
	$(BIN)/python -c 'from panelopt.io.certificate_json import certificate_schema_json; print(certificate_schema_json(), end="")' > panelopt/schemas/certificate.schema.json

docs: $(VENV)/.installed-dev  ## build the documentation as a site; pages in docs/_build/
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build

pictures: $(VENV)/.installed-dev  ## take the pictures of the documentation anew; needs Chromium, chromedriver, LibreOffice
	$(BIN)/python tools/make_screenshots.py
	$(BIN)/python tools/make_serve_pictures.py

reference: $(VENV)/.installed  ## write docs/commands.md anew, after a change of the command line
	$(BIN)/python tools/make_command_reference.py

fuzz: $(VENV)/.installed-dev  ## try hostile files on every reader: make fuzz CASES=1000000
	nice -n 10 $(BIN)/python -m tests.fuzz --cases $(CASES) --save build/finds

endurance: $(VENV)/.installed-dev  ## design and verify random questions for hours: make endurance HOURS=2
	$(BIN)/python -m tests.endurance --hours $(HOURS) --log build/endurance.jsonl

# the tests of an environment in $(RELEASE), in a folder of their own
define test-installed
	rm -rf $(RELEASE)/hidden-$(1) && mkdir -p $(RELEASE)/hidden-$(1)
	cp -r $(BESIDE) $(RELEASE)/hidden-$(1)
	cd $(RELEASE)/hidden-$(1) && PANELOPT_INSTALLED=1 ../$(1)/bin/python -m pytest -q -n auto -p no:cacheprovider
endef

lowest: $(if $(wildcard $(RELEASE)/dist/*.whl),,wheel)  ## all tests of the wheel with the oldest versions that setup.cfg admits
	$(PYTHON) -m venv --clear $(RELEASE)/lowest
	$(RELEASE)/lowest/bin/python -m pip install --quiet --constraint constraints/lowest.txt "$$(ls $(RELEASE)/dist/*.whl)[anndata,serve]" $(TEST_TOOLS)
	$(call test-installed,lowest)

wheel:  ## build source archive and wheel, the same bytes for the same commit; in build/release/dist
	rm -rf $(RELEASE)/dist
	$(PYTHON) -m venv --clear $(RELEASE)/builder
	$(RELEASE)/builder/bin/python -m pip install --quiet --constraint constraints/build.txt build
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) PIP_CONSTRAINT=$(CURDIR)/constraints/build.txt \
		$(RELEASE)/builder/bin/python -m build --outdir $(RELEASE)/dist . >$(RELEASE)/build.log
	$(RELEASE)/builder/bin/python -m pip hash $(RELEASE)/dist/*

wheel-test: $(if $(wildcard $(RELEASE)/dist/*.whl),,wheel)  ## all tests of the wheel, the source hidden: make wheel-test PYTHON=python3.13
	$(PYTHON) -m venv --clear $(TRIED)
	$(TRIED)/bin/python -m pip install --quiet $(RELEASE)/dist/*.whl
	$(TRIED)/bin/python -m pip hash $(RELEASE)/dist/*.whl
	$(TRIED)/bin/python tools/try_installed.py
	$(TRIED)/bin/python -m pip install --quiet "$$(ls $(RELEASE)/dist/*.whl)[dev]"
	$(call test-installed,$(notdir $(TRIED)))

wheel-tests: wheel  ## the same wheel on every Python of PYTHONS that is here
	@for python in $(PYTHONS); do \
		if "$$python" -c '' 2>/dev/null; then \
			echo "== $$python"; $(MAKE) --no-print-directory wheel-test PYTHON="$$python" || exit 1; \
		else echo "== $$python: not here, not tested"; fi; done

clean:  ## remove the environment and everything made
	rm -rf $(VENV) $(DEMO) build dist docs/_build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .coverage .import_linter_cache

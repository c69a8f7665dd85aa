# A python that is new enough; `make PYTHON=/path/to/python` names another.
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
ROOT = $(shell [ "$$(id -u)" = 0 ] || echo sudo -n)
BIN = .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: setup run test test-long check audit bench fuzz chaos identities screenshots pins clean

# What the product needs to run: all that a server gets.
setup: .venv/made

.venv/made: pyproject.toml requirements.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is needed: install it, or name it with make PYTHON=/path/to/python." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || $(MAKE) --no-print-directory venv-package
	@echo "Making .venv (the first time downloads a few hundred MB of packages)"
	@"$(PYTHON)" -m venv .venv
	@$(INSTALL) --require-hashes --only-binary :all: -r requirements.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# What tests, checks and benchmarks need beside it.
.venv/made-test: .venv/made requirements-test.txt
	@echo "Adding the packages of tests and checks to .venv"
	@$(INSTALL) --require-hashes --only-binary :all: -r requirements.txt -r requirements-test.txt
	@touch $@

# Debian and Ubuntu keep the part of Python that makes virtual environments in a package of its own.
.PHONY: venv-package
venv-package: PACKAGE = $(shell "$(PYTHON)" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
venv-package:
	@{ $(ROOT) apt-get -q update && $(ROOT) env DEBIAN_FRONTEND=noninteractive apt-get -q -y install $(PACKAGE); } \
		|| { echo "Python cannot make virtual environments yet: as root, apt-get install $(PACKAGE), then make again." >&2; exit 1; }

run: setup
	@$(BIN)/stalking-profiles demo

# One worker more than two cores: browsers and servers are waited for. Each process of a test reads the modules that the
# first has compiled, also where the environment says that Python writes none.
WORKERS ?= 3
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test: .venv/made-test
	@$(BIN)/python -m tests.programs
	@$(PYTEST)

# The large sizes of random tests too: takes much longer.
test-long: .venv/made-test
	@$(BIN)/python -m tests.programs
	@LONG_TESTS=1 $(PYTEST)

# The modules that put SQL together, out of names that contracts and headers list and values bound as parameters.
SQL = profiles/importing,profiles/checking.py,profiles/facts.py,profiles/selection.py,profiles/warehouse

check: .venv/made-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive app.py pages profiles
	$(BIN)/bandit --quiet --tests B608 --exclude $(SQL) --recursive app.py pages profiles
	@! grep -nE '://|^ *-[a-z]|^ *--[a-gi-z]| @ ' requirements*.txt || { echo "A list of packages names an address: make pins again." >&2; exit 1; }

# Asks the advisory service of the registry about every pinned package: by hand, for it needs that service.
audit: .venv/made-test
	@for each in requirements.txt requirements-test.txt; do echo "$$each"; $(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement $$each || exit 1; done

bench: .venv/made-test
	@for each in reading measuring stopwatch; do echo "$$each"; $(BIN)/python -m benchmarks.$$each || exit 1; done

# Changed input by the thousand; one kind: make fuzz ONLY=csv EACH=500
fuzz: .venv/made-test
	@$(BIN)/python -m tests.fuzz $(ONLY) --each $(or $(EACH),10000)

# kill -9, full disks (root), changed sources and lost pointers at random moments
chaos: .venv/made-test
	@$(BIN)/python -m tests.chaos $(ONLY) --each $(or $(EACH),100)

# What the counts of a snapshot tell of each other: after a change of measures, marts, staging or the contract.
identities: setup
	@$(BIN)/python -c 'from profiles.snapshot import identities; identities.write()'

screenshots: .venv/made-test
	@$(BIN)/python -m tests.screenshots

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --no-build --generate-hashes --no-annotate --no-header
BUILD = import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")

# The first list also holds what the editable install is built with, so that nothing unpinned is fetched;
# the second holds what the first does not, at versions that go with it.
pins: .venv/made-test
	@$(BIN)/python -c '$(BUILD)' | $(COMPILE) --upgrade --output-file requirements.txt pyproject.toml -
	@$(COMPILE) --upgrade --extra test --extra bench --constraints requirements.txt \
		$$(sed -n 's/^\([a-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements.txt) --output-file requirements-test.txt pyproject.toml

clean:
	rm -rf .venv build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A python that is new enough; `make PYTHON=/path/to/python` names another.
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
ROOT = $(shell [ "$$(id -u)" = 0 ] || echo sudo -n)
BIN = .venv/bin

.PHONY: setup run test check bench screenshots pins clean

setup: .venv/made

.venv/made: pyproject.toml requirements.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is needed: install it, or name it with make PYTHON=/path/to/python." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || $(MAKE) --no-print-directory venv-package
	@echo "Making .venv (the first time downloads a few hundred MB of packages)"
	@"$(PYTHON)" -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Debian and Ubuntu keep the part of Python that makes virtual environments in a package of its own.
.PHONY: venv-package
venv-package: PACKAGE = $(shell "$(PYTHON)" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
venv-package:
	@{ $(ROOT) apt-get -q update && $(ROOT) env DEBIAN_FRONTEND=noninteractive apt-get -q -y install $(PACKAGE); } \
		|| { echo "Python cannot make virtual environments yet: as root, apt-get install $(PACKAGE), then make again." >&2; exit 1; }

run: setup
	@$(BIN)/stalking-profiles demo

test: setup
	@$(BIN)/python -m tests.programs
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@! grep -nE '://|^ *-[a-z]|^ *--[a-gi-z]| @ ' requirements.txt || { echo "requirements.txt names an address: make pins again." >&2; exit 1; }

bench: setup
	@for each in reading measuring stopwatch; do echo "$$each"; $(BIN)/python -m benchmarks.$$each || exit 1; done

screenshots: setup
	@$(BIN)/python -m tests.screenshots

pins: setup
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest --no-build --extra dev \
		--generate-hashes --no-annotate --no-header --output-file requirements.txt pyproject.toml

clean:
	rm -rf .venv build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

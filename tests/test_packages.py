"""The lists of packages: what runs needs the first alone, and both hold what pyproject.toml asks for."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from profiles.settings import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINNED = re.compile(r"^([a-z0-9._-]+)==([^ ]+)( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def pinned(name: str) -> dict[str, str]:
    """Version of each package of a list; every line is a package's or a hash's."""
    found = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if package := PINNED.match(line):
            found[package[1]] = package[2]
        else:
            assert HASH.match(line), line
    return found


RUN = pinned("requirements.txt")
TEST = pinned("requirements-test.txt")


def imported(folder: Path) -> set[str]:
    """First names of all that the Python files below a folder import."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {each.name.partition(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


@pytest.mark.slow
def test_the_product_imports_nothing_but_packages_of_the_first_list() -> None:
    known = packages_distributions()
    names = imported(ROOT / "profiles") | imported(ROOT / "pages")
    others = names - set(sys.stdlib_module_names) - {"profiles"}
    missing = [
        name for name in sorted(others) if not {canonicalize_name(each) for each in known[name]} & set(RUN)
    ]
    assert missing == []


def test_no_package_is_in_both_lists() -> None:
    assert set(RUN) & set(TEST) == set()


@pytest.mark.parametrize("extra", ["", *PROJECT["project"]["optional-dependencies"]])
def test_the_lists_hold_what_the_project_asks_for(extra: str) -> None:
    wanted = (
        PROJECT["project"]["optional-dependencies"][extra] if extra else PROJECT["project"]["dependencies"]
    )
    pins = RUN | TEST if extra else RUN
    for each in map(Requirement, wanted):
        assert each.specifier.contains(pins[canonicalize_name(each.name)]), each


def test_a_server_gets_no_package_of_the_tests() -> None:
    guide = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    assert set(re.findall(r"make -C \S+ (\w+)", guide)) == {"setup"}
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    for target in ("setup", "run"):
        command = ["make", "--dry-run", "--always-make", target]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert "-r requirements.txt" in done.stdout
        assert "requirements-test" not in done.stdout

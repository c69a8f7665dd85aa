"""What the documents promise is there: every setting, command and shipped mapping."""

import dataclasses
import importlib
import pkgutil

import click
import pytest

from profiles import __version__, cli
from profiles.cli import main
from profiles.errors import ProfilesError
from profiles.importing import mapping
from profiles.settings import PREFIX, ROOT, Settings, settings

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = README + "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md")))


@pytest.mark.parametrize("item", dataclasses.fields(Settings), ids=lambda item: item.name)
def test_every_setting_is_documented_with_its_default_and_help(item: dataclasses.Field[object]) -> None:
    row = f"| `{PREFIX}{item.name.upper()}` | `{item.default}` | {item.metadata['help']} |"
    assert row in README


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_help_and_is_in_the_documents(name: str) -> None:
    assert main.commands[name].help
    assert f"stalking-profiles {name}" in DOCS


def test_every_command_that_is_written_is_on_the_command_line() -> None:
    modules = [
        importlib.import_module(f"profiles.cli.{found.name}") for found in pkgutil.iter_modules(cli.__path__)
    ]
    written = {
        each for module in modules for each in vars(module).values() if isinstance(each, click.Command)
    }
    groups = [main, *(each for each in main.commands.values() if isinstance(each, click.Group))]
    assert written - {main} == {each for group in groups for each in group.commands.values()}


@pytest.mark.parametrize("name", mapping.shipped())
def test_every_shipped_mapping_is_in_the_readme_and_reads(name: str) -> None:
    assert f"`{name}`" in README
    assert mapping.read_mapping(name).about


def test_settings_come_from_the_environment_and_a_wrong_one_is_named() -> None:
    assert settings({f"{PREFIX}PORT": "9000"}).port == 9000
    assert settings({}) == Settings()
    with pytest.raises(ProfilesError, match=f"{PREFIX}PORT is 'many'"):
        settings({f"{PREFIX}PORT": "many"})


def test_the_version_is_said_once() -> None:
    assert __version__ not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.slow
def test_nothing_names_a_machine_or_a_registry() -> None:
    words = ["python" + "hosted", "py" + "pi.org", "/wo" + "rk/", "/ro" + "ot/"]
    for path in sorted(ROOT.rglob("*")):
        parts = set(path.relative_to(ROOT).parts)
        if parts & {".venv", "build", ".git", ".hypothesis"} or any(
            part.startswith(".") and part.endswith("_cache") for part in parts
        ):
            continue
        if path.is_file() and path.suffix in {".py", ".md", ".toml", ".txt", ".sql", ".json", ""}:
            text = path.read_text(encoding="utf-8", errors="ignore")
            assert [word for word in words if word in text] == [], path.name

"""Text from files reaches the terminal as text: nothing in it is obeyed, whatever command prints it."""

import ast
import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from profiles import terminal
from profiles.cli import main
from profiles.errors import ProfilesError
from profiles.settings import ROOT
from tests.desk import PROBE, laid

EVIL = "\x1b[31mred\x1b]0;title\x07\u202ereversed\u2066\x9b2J[bold]:smile:"
HARMLESS = r"\u001b[31mred\u001b]0;title\u0007\u202ereversed\u2066\u009b2J[bold]:smile:"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], catch_exceptions=False)


def obeyed(text: str) -> set[str]:
    """Characters of the text that a terminal would obey."""
    return {mark for mark in text if mark != "\n" and terminal.plain(mark) != mark}


def test_what_a_terminal_obeys_is_spelt_out() -> None:
    assert terminal.plain("O\xadrder\u180e") == "O\\u00adrder\\u180e"
    assert terminal.plain(EVIL) == HARMLESS
    assert terminal.plain("one\ntwo\rthree\u2028four\ud800") == r"one\u000atwo\u000dthree\u2028four\ud800"
    assert terminal.plain("Café – naïve, 50 % [x] Łódź") == "Café – naïve, 50 % [x] Łódź"


def test_lines_of_a_text_stay_and_what_is_spelt_out_is_the_same_in_json_and_toml() -> None:
    assert terminal.plain("a\tb\r\nc\nd\re", keeps_lines=True) == "a\tb\r\nc\nd\\u000de"
    told = json.dumps({"name": "\u202ex\u009b"}, ensure_ascii=False)
    assert json.loads(terminal.plain(told, keeps_lines=True)) == {"name": "\u202ex\u009b"}
    assert tomllib.loads(terminal.plain('name = "\u202ex"', keeps_lines=True)) == {"name": "\u202ex"}


def test_a_table_shows_marks_of_the_screen_as_letters(capsysbinary: pytest.CaptureFixture) -> None:
    terminal.say_table(["[red]name", EVIL], [["[link=http://x]y[/link]", EVIL]])
    shown = capsysbinary.readouterr().out.decode()
    assert "[red]name" in shown
    assert "[link=http://x]y[/link]" in shown
    assert shown.count(HARMLESS) == 2
    assert obeyed(shown) == set()


def test_only_one_module_prints() -> None:
    printing = []
    for path in sorted((ROOT / "profiles").rglob("*.py")):
        if path.name == "terminal.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            call = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if call in ("print", "Console") or call.startswith(
                ("click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write", "sys.stdout.buffer")
            ):
                printing.append(f"{path.name}: {call}")
    assert printing == []


@pytest.mark.slow
def test_every_command_that_prints_text_of_a_file_shows_it_as_text(tmp_path: Path) -> None:
    text = f"Ref,Day,Class,Place,{EVIL}\nC1,03/06/2024,8Q,{EVIL},x\nC2,never,8Q,Dover,x\n"
    mapping, (export,) = laid(tmp_path, PROBE, **{"crimes_[red]x": text})
    folder = tmp_path / "W"
    measure = ["measure", "stalking_crimes", "--by", "district", "--grain", "all", "--warehouse", folder]
    for arguments in (
        ["import", export, "--mapping", mapping, "--warehouse", folder],
        ["import", export, "--mapping", mapping, "--warehouse", folder, "--json"],
        ["suggest", export],
        ["check", "--warehouse", folder],
        measure,
        [*measure, "--format", "csv"],
        [*measure, "--format", "json"],
        ["measure", "stalking_crimes", "--where", f"district={EVIL}x", "--warehouse", folder],
        ["verify", tmp_path / EVIL.replace("/", "")],
        ["compare", tmp_path / "none\u202e", tmp_path / "other"],
    ):
        found = run(*arguments)
        assert obeyed(found.output) == set(), arguments
    told = run("import", export, "--mapping", mapping, "--warehouse", tmp_path / "other").output
    assert "crimes_[red]x.csv" in told
    assert f"not used: {HARMLESS}" in told
    assert "[bold]:smile:" in run(*measure).output.replace("\n", "")
    # A place that no record has counts none, and that is said.
    counted = ["measure", "stalking_crimes", "--grain", "all", "--warehouse", folder, "--where"]
    assert "No record here has the district 'Dovr'; " in run(*counted, "district=Dovr").output
    assert "No record" not in run(*counted, f"district={EVIL}").output


@pytest.mark.slow
def test_an_error_names_what_is_in_the_file_on_one_line(tmp_path: Path) -> None:
    mapping, (export,) = laid(tmp_path, PROBE, crimes='Ref,"\x1b[2J\u202eClass"\nC1,8Q\n')
    found = run("import", export, "--mapping", mapping, "--warehouse", tmp_path / "W")
    assert found.exit_code == 2
    assert r"\u001b[2J\u202eClass" in found.output
    assert obeyed(found.output) == set()
    assert len(found.output.strip().splitlines()) == 1


def test_a_sentence_keeps_its_beginning_and_its_remedy_however_long_the_names_in_it_are() -> None:
    told = str(ProfilesError(f"a.csv line 1 has {'x' * 90_000}; export it again."))
    assert len(told) < 2_010
    assert told.startswith("a.csv line 1 has xxx")
    assert told.endswith("xxx; export it again.")
    assert str(ProfilesError("a" * 2_000)) == "a" * 2_000

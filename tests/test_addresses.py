"""Addresses that ask for what is not there: the page says so until something else is picked."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from profiles.settings import PREFIX, ROOT
from profiles.ui import addresses, selecting, steering
from tests import pages, small

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("warehouse")
    small.write(folder)
    return folder


@pytest.fixture(autouse=True)
def _served(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(folder))
    yield
    st.cache_resource.clear()


def told(shown: pages.Shown) -> list[str]:
    """What the page warns of, line by line."""
    lines = [line for each in shown.app.warning for line in each.value.split("  \n")]
    return [re.sub(r"\\(.)", r"\1", line) for line in lines]


def test_what_is_not_there_is_said() -> None:
    shown = pages.opened(
        "scale_and_typology",
        basis="1",
        grain="week",
        period="2012/13",
        until="soon",
        district="dover",
        typology="Offline",
        relationship="Boss",
        risk_grade="Severe",
        team=["A", "B"],
        also="Motive: x",
        distrct="Dover",
        year="2024/25",
        **{"from": "May 1999"},
    )
    assert told(shown) == [
        "The address sets “distrct” and “year”, which are no filters of this dashboard; they are left out.",
        "The address asks for the basis “1”, which is not offered here; it is left out.",
        "The address asks for the kind of periods “week”, which is not offered here; it is left out.",
        "The address asks for the period “2012/13”, which is not offered here; it is left out.",
        "The address asks for the month “May 1999”, which is not in this data; it is left out.",
        "The address asks for the month “soon”, which is not in this data; it is left out.",
        "The address asks for the district “dover”, which is not in this data; it is left out. "
        "Did you mean “Dover”?",
        "The address asks for the type “Offline”, which is not in this data; it is left out.",
        "The address asks for the relationship “Boss”, which is not in this data; it is left out.",
        "The address asks for the risk grade “Severe”, which is not in this data; it is left out.",
        "The address asks for “A” and “B” as team, which are not in this data; they are left out.",
        "The address asks for the filter “Motive: x”, which is not in this data; it is left out.",
    ]


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        (["THANET"], " Did you mean “Thanet”?"),
        (["Thannet", "dover"], " Did you mean “Thanet” and “Dover”?"),
        (["Nowhere"], ""),
        (["Thanet 2"], ""),
        (["thanet" * 20], ""),
    ],
)
def test_a_name_that_is_near_is_asked_about(asked: list[str], question: str) -> None:
    (line,) = told(pages.opened("overview", district=asked))
    assert line.endswith(f"left out.{question}")


def test_the_rest_of_the_address_holds() -> None:
    shown = pages.opened("scale_and_typology", district=["Nowhere", "Dover"], basis="principal")
    assert told(shown) == [
        "The address asks for the district “Nowhere”, which is not in this data; it is left out."
    ]
    assert "stalking is the principal crime; each month; district: Dover." in shown.text


@pytest.mark.parametrize(
    ("name", "key", "line"),
    [
        ("definitions", "about", "the definition “x”, which is not offered here; it is left out."),
        ("data_quality", "reason", "the reason “x”, which is not in this data; it is left out."),
    ],
)
def test_what_one_page_offers_is_checked_there(name: str, key: str, line: str) -> None:
    assert told(pages.opened(name, **{key: "x"})) == [f"The address asks for {line}"]


def test_an_address_that_asks_for_what_is_there_or_for_nothing_says_nothing() -> None:
    assert told(pages.opened("overview", district=["Dover"], basis="included only", embed="true")) == []
    assert told(pages.opened("overview", district="", team="", basis="")) == []


def test_it_is_said_until_something_else_is_picked() -> None:
    shown = pages.opened("overview", district="Nowhere", team="Nobody")
    app = shown.app
    app.multiselect(key="district").set_value(["Dover"]).run()
    assert ["team" in line for line in told(shown)] == [True]
    app.button[0].click().run()
    assert told(shown) == []


def test_hostile_values_are_cut_and_stay_text() -> None:
    value = "<img src=x onerror=alert(1)> **b** :red[x] $x$ \u202egnp " + "y" * 5000
    shown = pages.opened("overview", district=value, **{"<b>": "1", "__proto__": "2", "a\nb": "3", "c": "4"})
    (warning,) = shown.app.warning
    assert len(warning.value) < 500
    assert "…”" in warning.value
    assert not re.search(r"(?<!\\)[<>*$\[\]]|\u202e", warning.value)
    assert "and 1 more, which are no filters" in told(shown)[0]


def test_every_filter_in_an_address_is_checked_said_and_known_to_its_dashboard() -> None:
    found: set[str] = set()
    for path in (ROOT / "profiles" / "ui").glob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            checked = set(re.findall(r"addresses\.check\('?(\w+)", ast.unparse(function)))
            for call in ast.walk(function):
                words = {each.arg: each.value for each in getattr(call, "keywords", ())}
                if "bind" not in words:
                    continue
                key = words["key"]
                name = str(key.value) if isinstance(key, ast.Constant) else ast.unparse(key)
                assert name in checked, f"{path.name}: {name}"
                assert "on_change" in words, f"{path.name}: {name}"
                found |= {name} if isinstance(key, ast.Constant) else set()
    known = {*selecting.NAMES, *steering.NAMES}
    assert found <= known
    assert known - found == {*selecting.FILTERS, *selecting.PICKED, "step"}
    assert not known & set(addresses.FRAME)

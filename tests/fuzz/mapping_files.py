"""Mappings whose keys, values and text nobody meant, each with a small file to import by it."""

import random
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from profiles.settings import ROOT
from tests.fuzz import mutating, tables
from tests.fuzz.importing import BUILT_SHARE, imported
from tests.fuzz.tables import Base

MAPPINGS = ROOT / "profiles" / "mappings"


@dataclass(frozen=True)
class Ready:
    """Tables, and the mappings that fit them, as text and as keys."""

    tables: tuple[Base, ...]
    texts: dict[str, str]

    def keys(self, name: str) -> dict[str, Any]:
        """The mapping's keys, to be changed."""
        return tomllib.loads(self.texts[name])


def prepared(folder: Path) -> Ready:
    """The tables and the shipped mappings."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in MAPPINGS.glob("*.toml")}
    return Ready(tables.bases(), texts)


def tried(draw: random.Random, ready: Ready, folder: Path) -> str:
    """A shipped mapping with keys changed, or with its text damaged, and a table that it fits."""
    base = tables.drawn(draw, ready.tables)
    way = draw.random()
    if way < 0.7:
        keys = ready.keys(base.mapping)
        for _ in range(draw.choice((1, 1, 1, 2, 4))):
            draw.choice((_change, _aimed))(draw, keys)
        content = _toml(keys).encode("utf-8", "surrogatepass")
    elif way < 0.9:
        content = mutating.damaged(draw, ready.texts[base.mapping].encode())
    else:
        content = _absurd(draw, ready.texts[base.mapping])
    mapping = folder / "ours.toml"
    mapping.write_bytes(content)
    path = folder / tables.name(draw, base.name)
    path.write_text("\n".join(",".join(map(_quoted, row)) for row in base.rows) + "\n", encoding="utf-8")
    return imported([path], mapping, folder / "W", is_built=draw.random() < BUILT_SHARE).outcome


def _quoted(cell: str) -> str:
    return f'"{cell}"'


def _change(draw: random.Random, keys: dict[str, Any]) -> None:
    """Change one key somewhere: another value, another name, none, or one more."""
    places = _places(keys)
    holder, key = draw.choice(places)
    way = draw.randint(0, 9)
    if way <= 4:
        holder[key] = draw.choice(VALUES)
    elif way == 5:
        value = holder[key]
        if isinstance(value, str):
            holder[key] = mutating.changed(draw, value)
        elif isinstance(value, list):
            holder[key] = [*value, draw.choice(VALUES)]
        else:
            holder[key] = draw.choice(VALUES)
    elif way == 6:
        del holder[key]
    elif way == 7 and isinstance(holder, dict):
        holder[draw.choice((mutating.text(draw), mutating.changed(draw, str(key))))] = holder.pop(key)
    elif way == 8 and isinstance(holder, dict):
        holder[draw.choice(KNOWN)] = draw.choice(VALUES)
    else:
        other, name = draw.choice(places)
        if name in other if isinstance(other, dict) else name < len(other):
            holder[key] = other[name] if not isinstance(other[name], (dict, list)) else draw.choice(VALUES)


def _aimed(draw: random.Random, keys: dict[str, Any]) -> None:
    """Give a key a value of its own kind that it cannot be meant to have."""
    if not isinstance(keys.get("table"), list) or not keys["table"]:
        return
    table = draw.choice(keys["table"])
    columns = table.get("columns") if isinstance(table, dict) else None
    if not isinstance(columns, dict) or not columns:
        return
    odd = draw.choice(PATTERNS), draw.choice(FORMS), draw.choice(GLOBS), mutating.text(draw)
    way = draw.randint(0, 11)
    if way <= 1:
        keys["extract_date"] = {"pattern": odd[0], "format": draw.choice((odd[1], "%Y%m%d", "%Y"))}
    elif way == 2:
        keys["extract_date"] = odd[3]
    elif way == 3:
        draw.choice((keys, table))["date_formats"] = [odd[1], *draw.choices(FORMS, k=draw.choice((0, 2, 60)))]
    elif way == 4:
        table["files"] = [odd[2]]
    elif way == 5:
        table["reject"] = [{"column": next(iter(columns.values())), "matches": odd[0], "reason": odd[3]}]
    elif way == 6:
        name = draw.choice(sorted(columns))
        columns[name] = draw.choice(
            ({"from": columns[name], "pattern": odd[0]}, {"template": odd[3]}, odd[2])
        )
    elif way == 7:
        name = draw.choice(sorted(columns))
        columns[name] = {"from": columns[name], "date_formats": [odd[1]]}
    elif way == 8:
        table["list"] = [{"into": "included_classifications", "columns": [odd[2]], "separators": [odd[3]]}]
    elif way == 9:
        keys[draw.choice(("targets", "blanks", "marking"))] = [odd[3], odd[3].upper(), odd[0]]
    elif way == 10:
        table["header_line"] = draw.choice((0, -1, 2, 40, 10**9, 10**18))
    else:
        table["header"] = [odd[3], odd[2]]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place below: the dictionary or list, and the key or index in it."""
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    found = [(value, key) for key, _ in pairs]
    for _, each in pairs:
        if isinstance(each, (dict, list)):
            found += _places(each)
    return found


PATTERNS = (
    *(
        r"(\d{8})?",
        r"(a+)+$",
        r"(.*)*(.*)*x",
        r"(",
        r"[",
        r"(?P<x>\d+)",
        r"\d{8}",
        r"(\d{4})(\d{4})",
        r"(?i)(\d+)",
    ),
    *(
        r"(\d{99999999999})",
        r"((((((((((\d))))))))))",
        r".*",
        r"",
        r"(?=(\d{8}))",
        r"^(.|\d|\w)*$",
        r"\Z",
        "(\\d{8})\0",
    ),
)
FORMS = (
    "%Y%",
    "%",
    "%Q",
    "%d/%m",
    "%Y%m%d%H",
    "%s",
    "%j",
    "%U %Y",
    "%y%m%d",
    "%%",
    "Y-m-d",
    "%d/%m/%Y" * 50,
    "%-d",
)
GLOBS = (
    "*",
    "**",
    "*a" * 30 + "b",
    "[",
    "[!",
    "[a-",
    "?" * 200,
    "{a,b}",
    "*.csv/..",
    "*" * 5_000,
    "[[]*",
    "\0*",
    "",
)
VALUES: tuple[Any, ...] = (
    *(
        0,
        1,
        -1,
        10**18,
        1.5,
        float("inf"),
        float("nan"),
        True,
        False,
        "",
        " ",
        "x",
        "yes",
        "crimes",
        "full",
        "delta",
    ),
    *(
        [],
        {},
        [[]],
        [{}],
        {"a": {}},
        [""],
        ["x", "x"],
        [1],
        [None][:0],
        {"": ""},
        {"pattern": "("},
        {"column": "x"},
    ),
    *({"pattern": each, "format": "%Y%m%d"} for each in PATTERNS),
    *({"pattern": r"(\d{8})", "format": each} for each in FORMS),
    *([each] for each in (*FORMS, *GLOBS)),
    *PATTERNS,
    *FORMS,
    *GLOBS,
    *(
        "2024-06-31",
        "31/12/2024",
        "9999-12-31",
        "utf-8",
        "cp1252",
        "utf-7",
        "idna",
        "rot13",
        "zlib",
        "undefined",
    ),
    *(
        "{Investigation Ref}",
        "{",
        "{}",
        "{0}",
        "{Investigation Ref",
        "{{x}}",
        "{x.__class__}",
        "{Ref!r:>{w}}",
        "a" * 9_000,
    ),
    *(
        "'; drop table x; --",
        '"',
        "\\",
        "\x1b[31m",
        "[red]x",
        "\u202e",
        "line\nbreak",
        "8Q",
        "195/12",
        "=1+1",
    ),
)
KNOWN = (
    *(
        "name",
        "about",
        "targets",
        "date_formats",
        "extract_date",
        "extract",
        "blanks",
        "marking",
        "encoding",
        "sheet",
    ),
    *(
        "header",
        "files",
        "into",
        "columns",
        "values",
        "constants",
        "separators",
        "list",
        "link",
        "table",
        "lacks",
    ),
    *(
        "declared",
        "capabilities",
        "reject",
        "unit",
        "month_first",
        "covers",
        "header_line",
        "replace",
        "principal",
    ),
)


def _absurd(draw: random.Random, told: str) -> bytes:
    """The mapping's text with something that a parser of TOML may choke on."""
    deep = draw.choice((50, 2_000, 60_000))
    head = draw.choice(
        (
            "x = " + "[" * deep,
            "x = " + "[" * deep + "]" * deep,
            "x = " + "{a=" * deep + "1" + "}" * deep,
            ".".join(["a"] * deep) + " = 1",
            "[" + ".".join(["a"] * deep) + "]",
            f"x = {'9' * 5_000}",
            f"x = 0x{'f' * 9_000}",
            f"x = 1e{'9' * 400}",
            "x = 9999-99-99",
            "x = 2024-01-01T00:00:00+99:99",
            'x = "' + "a" * 2_000_000 + '"',
            'x = "\\uD800"',
            "name = 1\nname = 2",
            "\ufeff\ufeff",
            "[[table]]\n" * 2_000,
            "x = 'a\0b'",
            "\r",
            "x = 00:00:60",
        )
    )
    text = f"{head}\n{told}" if draw.random() < 0.7 else f"{told}\n{head}"
    return text.encode(
        draw.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32")), "replace"
    )


def _toml(keys: dict[str, Any]) -> str:
    """The keys as TOML, tables within as inline ones."""
    return "".join(f"{_text(name)} = {_value(value)}\n" for name, value in keys.items())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(name)} = {_value(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return _text(value) if isinstance(value, str) else str(value)


def _text(value: str) -> str:
    plain = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in plain) + '"'

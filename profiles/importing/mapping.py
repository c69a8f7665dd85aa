"""Mapping files: how a source's layout becomes the contract's tables.

A mapping is TOML; `docs/mapping.md` describes every key. This module reads one and checks each name in
it against the contract: its `[[table]]`s by `mapping_tables`, single keys by `mapping_keys`.
"""

import datetime
import hashlib
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from profiles import contracts
from profiles.errors import BadMapping
from profiles.importing.layouts import Entry, MappingFile
from profiles.importing.mapping_keys import Keys
from profiles.importing.mapping_tables import TableReader
from profiles.importing.toml_text import read_toml

SHIPPED = Path(__file__).resolve().parent.parent / "mappings"


def shipped() -> list[str]:
    """Names of the mappings that come with the product."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def read_mapping(name_or_path: str) -> MappingFile:
    """The mapping of that shipped name, or in that TOML file.

    Raises BadMapping naming the file, the key and the remedy.
    """
    path = Path(name_or_path)
    if path.suffix.lower() != ".toml":
        path = SHIPPED / f"{name_or_path}.toml"
        if not path.exists():
            near = get_close_matches(name_or_path, shipped(), 1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise BadMapping(
                f"There is no mapping called {name_or_path!r}; {hint}Shipped are {', '.join(shipped())}; "
                f"a mapping of your own is given as a path ending in .toml."
            )
    raw, text = read_toml(path)
    # Line ends differ between checkouts; the mapping's identity does not.
    sha256 = hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()
    return _Reader(path.name).mapping(raw, path, sha256)


_TOP = (
    "name",
    "about",
    "targets",
    "date_formats",
    "extract_date",
    "extract",
    "covers",
    "blanks",
    "marking",
    "encoding",
    "capabilities",
    "table",
)


@dataclass(frozen=True)
class _Reader(Keys):
    """Turns parsed TOML into a MappingFile."""

    def mapping(self, raw: dict[str, Any], path: Path, sha256: str) -> MappingFile:
        self.known(raw, "the file", _TOP)
        tables = raw.get("table")
        if not isinstance(tables, list) or not tables:
            self.fail("has no [[table]]", "add one for each layout of file")
        name = raw.get("name", path.stem)
        if not isinstance(name, str) or not re.fullmatch(r"[\w-]+", name):
            self.fail(f"name = {name!r}", "use letters, digits, _ and -")
        extract = raw.get("extract_date", {})
        if isinstance(extract, str | datetime.date):
            extract = {"constant": extract}
        self.known(extract, "extract_date", ("pattern", "format", "constant"))
        if isinstance(extract.get("constant"), datetime.date):
            extract |= {"constant": extract["constant"].isoformat()[:10]}
        extract = {key: self.text(extract, key, "extract_date") for key in extract}
        self.regex(extract.get("pattern", ""), "extract_date.pattern")
        if bool(extract.get("pattern")) != bool(extract.get("format")):
            self.fail("extract_date", "give both pattern and format")
        capabilities = raw.get("capabilities", {})
        self.known(capabilities, "[capabilities]", tuple(contracts.CAPABILITIES))
        for key, value in capabilities.items():
            if not isinstance(value, bool):
                self.fail(f"[capabilities] {key} = {value!r}", "write true or false")
        default_extract = self.extract(raw.get("extract", ""), "the file's")
        formats = self.texts(raw.get("date_formats", []), "date_formats")
        if "covers" in raw:
            tables = [
                {"covers": raw["covers"], **item} if isinstance(item, dict) else item for item in tables
            ]
        reader = TableReader(self.file)
        entries = tuple(
            reader.entry(item, number, formats, default_extract)
            for number, item in enumerate(tables, start=1)
        )
        self.fed_once(entries)
        encoding = raw.get("encoding", "auto")
        if encoding not in ("auto", "utf-8", "cp1252"):
            self.fail(f"encoding = {encoding!r}", "use auto, utf-8 or cp1252")
        targets = self.texts(raw.get("targets", list(contracts.DEFAULT_TARGETS)), "targets")
        if not targets or not all(target.strip() for target in targets):
            self.fail("targets is empty", "name at least one classification, or leave the key out")
        return MappingFile(
            name=name,
            about=str(raw.get("about", "")),
            path=path,
            sha256=sha256,
            entries=entries,
            targets=targets,
            blanks=self.texts(raw.get("blanks", []), "blanks"),
            marking=self.texts(raw.get("marking", []), "marking"),
            extract_pattern=extract.get("pattern", ""),
            extract_format=extract.get("format", ""),
            extract_date=str(extract.get("constant", "")),
            encoding=encoding,
            capabilities=_capabilities(entries, capabilities),
        )

    def fed_once(self, entries: tuple[Entry, ...]) -> None:
        """Refuse a table that records of two kinds would feed: one would wipe the other's rows."""
        fed: dict[str, tuple[int, str]] = {}
        for number, entry in enumerate(entries, start=1):
            for table in entry.tables:
                first, main = fed.setdefault(table.name, (number, entry.main.table.name))
                if main != entry.main.table.name:
                    self.fail(
                        f"[[table]] number {first} ({main}) and number {number} ({entry.main.table.name}) "
                        f"both feed {table.name}",
                        "take it from one of them",
                    )


def _capabilities(entries: tuple[Entry, ...], declared: dict[str, bool]) -> dict[str, bool]:
    """Every capability: as declared, else whether the mapping maps the columns that carry it."""
    mapped: dict[str, set[str]] = {}
    for entry in entries:
        for fragment in (entry.main, *entry.links):
            mapped.setdefault(fragment.table.name, set()).update(item.column.name for item in fragment.fields)
        for item in entry.lists:
            mapped.setdefault(item.table.name, set()).update(item.table.names)
    found = {}
    for name, capability in contracts.CAPABILITIES.items():
        if name in declared:
            found[name] = declared[name]
        elif name == "included_classifications":
            found[name] = contracts.INCLUDED.name in mapped
        elif name == "relationship":
            found[name] = any(
                "relationship" in mapped.get(table, ()) for table in ("crimes", "crime_suspects")
            )
        else:
            found[name] = set(capability.columns) <= mapped.get(capability.feed, set())
    return found

"""Mapping files: how a source's layout becomes the contract's tables.

A mapping is TOML; `docs/mapping.md` describes every key. This module reads one, checks each name in
it against the contract and answers which `Entry` fits a file.
"""

import datetime
import hashlib
import re
import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from profiles import contracts
from profiles.errors import BadMapping
from profiles.importing.layouts import (
    COVERS,
    Entry,
    Field,
    Fragment,
    ListOf,
    MappingFile,
    Offences,
    RejectRule,
    squeezed,
)
from profiles.importing.toml_text import read_toml

MAX_PATTERN_CHARACTERS = 500
"""A longer expression is no mapping of names and cells."""
MAX_SHOWN_CHARACTERS = 200
"""Of a wrong value, in a message."""

LONGEST_DAYS = 36_600
"""A century: a longer period covered is a slip."""

MAX_HEADER_LINE = 1_000
"""Far below any title; a header further down is another table."""

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


@dataclass(frozen=True)
class _Reader:
    """Turns parsed TOML into a MappingFile; `file` is named in every complaint."""

    file: str

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
        entries = tuple(
            self.entry(item, number, formats, default_extract) for number, item in enumerate(tables, start=1)
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

    def entry(
        self, raw: dict[str, Any], number: int, formats: tuple[str, ...], default_extract: str
    ) -> Entry:
        place = f"[[table]] number {number}"
        if not isinstance(raw, dict):
            self.fail(place, "make it a table of keys")
        self.known(raw, place, _ENTRY)
        formats = self.texts(raw.get("date_formats", list(formats)), f"{place} date_formats")
        main = self.fragment(raw, place, formats, constants=True)
        place = f"{place} ({main.table.name})"
        mapped = {item.column.name for item in main.fields}
        may_lack_key = raw.get("missing_key", "") == "file:line"
        if raw.get("missing_key", "") not in ("", "file:line"):
            self.fail(f"{place} missing_key = {raw['missing_key']!r}", 'write "file:line" or leave it out')
        if may_lack_key and len(main.table.key) != 1:
            self.fail(f"{place} missing_key", "only a table with one key column can take it")
        for column in main.table.columns:
            lacks_key = may_lack_key and column.name in main.table.key
            if column.required and column.name not in mapped and not lacks_key:
                self.fail(f"{place} maps no {column.name}", "map it to a source column; it is required")
        links = tuple(
            self.link(item, f"{place} [[table.link]] number {index}", formats, main)
            for index, item in enumerate(self.sections(raw, "link", place), start=1)
        )
        lists = tuple(
            self.list_of(item, f"{place} [[table.list]] number {index}", main)
            for index, item in enumerate(self.sections(raw, "list", place), start=1)
        )
        if len({item.table.name for item in lists}) != len(lists):
            self.fail(f"{place} [[table.list]]", "give each table one list, naming all its columns there")
        offences = self.offences(raw, place, main, links) if "offences" in raw else None
        if offences and not lists:
            lists = (ListOf(contracts.INCLUDED, (), ("\n",)),)
        rejects = []
        for item in self.sections(raw, "reject", place):
            self.known(item, f"{place} reject", ("column", "matches", "reason"))
            if not all(self.text(item, key, f"{place} reject") for key in ("column", "matches", "reason")):
                self.fail(f"{place} reject", "give column, matches and reason")
            self.regex(item["matches"], f"{place} reject")
            rejects.append(RejectRule(**item))
        files = self.texts(raw.get("files", []), f"{place} files")
        header = self.texts(raw.get("header", []), f"{place} header")
        if not files and not header:
            self.fail(f"{place} has neither files nor header", "say which files it is for")
        extract = self.extract(raw.get("extract", default_extract), place)
        if extract == "replace" and not main.table.replaced_by:
            self.fail(f'{place} extract = "replace"', 'write "full"; only reference tables can be replaced')
        return Entry(
            main=main,
            files=files,
            header=header,
            links=links,
            lists=lists,
            rejects=tuple(rejects),
            is_full=extract == "full",
            replaces_all=extract == "replace",
            replaces_by_row=extract == "delta",
            may_lack_key=may_lack_key,
            sheets=self.texts(raw.get("sheet", []), f"{place} sheet"),
            header_line=self.line(raw.get("header_line", 0), place),
            covers=self.covers(raw.get("covers", ""), place),
            offences=offences,
            add_up=self.adds_up(raw, main, links, place),
        )

    def covers(self, value: object, place: str) -> str | int:
        """The period that each file covers, as a word of COVERS or a number of days; empty when not told."""
        days = value.get("days") if isinstance(value, dict) and len(value) == 1 else None
        if isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= LONGEST_DAYS:
            return days
        if value not in ("", *COVERS):
            words = ", ".join(f'"{word}"' for word in COVERS)
            self.fail(f"{place} covers = {str(value)[:40]!r}", f"write {words} or {{ days = 7 }}")
        return str(value)

    def adds_up(self, raw: dict[str, Any], main: Fragment, links: tuple[Fragment, ...], place: str) -> bool:
        value = raw.get("add_up", False)
        if not isinstance(value, bool):
            self.fail(f"{place} add_up = {value!r}", "write true or false")
        if value and (links or not main.table.adds_up):
            self.fail(f"{place} add_up", "only a table of figures without links can take it")
        return value

    def offences(
        self, raw: dict[str, Any], place: str, main: Fragment, links: tuple[Fragment, ...]
    ) -> Offences:
        place = f"{place} [table.offences]"
        given = self.section(raw, "offences", place)
        self.known(given, place, ("principal", "yes", "ranking", "sequence"))
        if main.table is not contracts.CRIMES:
            self.fail(place, "only a table into crimes can have it")
        if any(link.table is contracts.INCLUDED for link in links):
            self.fail(
                f"{place} and a [[table.link]] both feed {contracts.INCLUDED.name}", "leave the link out"
            )
        found = {key: self.texts(value, f"{place} {key}") for key, value in given.items()}
        if "yes" in found and "principal" not in found:
            self.fail(f"{place} yes", "name the column of the flag as principal")
        for key in ("principal", "ranking", "sequence"):
            if key in found and not all(item.strip() for item in found[key] or ("",)):
                self.fail(f"{place} {key} is blank", "name a column or a class, or leave the key out")
        return Offences(**found)

    def fragment(
        self, raw: dict[str, Any], place: str, formats: tuple[str, ...], constants: bool
    ) -> Fragment:
        table = self.table(raw.get("into"), place)
        columns, values = self.section(raw, "columns", place), self.section(raw, "values", place)
        for name in values:
            self.column(table, name, f"{place} [values.{name}]")
            if name not in columns:
                self.fail(
                    f"{place} has [values.{name}] and maps no {name}", "name its source column in columns"
                )
        fields = [
            self.field(table, name, spec, values.get(name, {}), formats, place)
            for name, spec in columns.items()
        ]
        for name, value in self.section(raw, "constants", place).items():
            column = self.column(table, name, f"{place} [constants]")
            if isinstance(value, dict | list):
                self.fail(f"{place} {name} = {value!r}", "write a single value")
            if any(item.column.name == name for item in fields):
                self.fail(f"{place} gives {name} both as column and as constant", "keep one")
            if not _fits(column, value):
                self.fail(f"{place} {name} = {value!r}", f"write a {KINDS[column.kind]}")
            if column.allowed and str(value) not in column.allowed:
                self.fail(f"{place} {name} = {value!r}", f"use one of {', '.join(column.allowed)}")
            fields.append(Field(column, constant=str(value), date_formats=("%Y-%m-%d",)))
        if not fields:
            self.fail(f"{place} maps no column", "add columns")
        # The contract's order decides which of several faults of a record is named.
        order = {name: index for index, name in enumerate(table.names)}
        return Fragment(table, tuple(sorted(fields, key=lambda item: order[item.column.name])))

    def link(self, raw: dict[str, Any], place: str, formats: tuple[str, ...], main: Fragment) -> Fragment:
        self.known(raw, place, _LINK)
        fragment = self.fragment(raw, place, formats, constants=True)
        if fragment.table.replaced_by:
            self.fail(
                f"{place} into = {fragment.table.name!r}",
                "give it a [[table]] of its own; a file of it takes the place of what is held",
            )
        mapped = {item.column.name for item in fragment.fields}
        inherited = [
            item
            for item in main.fields
            if item.column.name in fragment.table.key and item.column.name not in mapped
        ]
        mapped |= {item.column.name for item in inherited} | set(main.table.key)
        for column in fragment.table.columns:
            if column.required and column.name not in mapped:
                self.fail(f"{place} maps no {column.name}", "map it to a source column; it is required")
        return fragment

    def list_of(self, raw: dict[str, Any], place: str, main: Fragment) -> ListOf:
        self.known(raw, place, ("into", "columns", "separators", "values"))
        table = self.table(raw.get("into"), place)
        if table is not contracts.INCLUDED:
            self.fail(f"{place} into = {table.name!r}", f"a list can only become {contracts.INCLUDED.name}")
        if main.table is not contracts.CRIMES and all(
            item.column.name != "crime_ref" for item in main.fields
        ):
            self.fail(f"{place} is of no crime", "move it to the table that maps crime_ref")
        sources = self.texts(raw.get("columns", []), f"{place} columns")
        if not sources:
            self.fail(f"{place} has no columns", "name the column or columns of the list")
        separators = self.texts(raw.get("separators", [";", "|", "\n"]), f"{place} separators")
        if not all(separators):
            self.fail(f"{place} separators", "write at least one character for each")
        values = self.section(raw, "values", place)
        if "classification" in values and isinstance(values["classification"], dict):
            values = values["classification"]
        return ListOf(table, sources, separators, self.pairs(values, place))

    def field(
        self,
        table: contracts.Table,
        name: str,
        spec: object,
        values: object,
        formats: tuple[str, ...],
        place: str,
    ) -> Field:
        column = self.column(table, name, f"{place} [columns]")
        place = f"{place} {name}"
        options: dict[str, Any] = (
            {"from": spec} if isinstance(spec, str | list) else spec if isinstance(spec, dict) else {}
        )
        self.known(options, place, ("from", "template", "pattern", "period", "date_formats"))
        sources = self.texts(options.get("from", []), place)
        template = self.text(options, "template", place)
        if bool(sources) == bool(template):
            self.fail(place, "give a source column, a list of synonyms, or a template")
        between = re.sub(r"\{[^{}]+\}", "", template)
        if template and (between == template or re.search("[{}]", between)):
            self.fail(
                f"{place} template = {template!r}", "put the name of each column between braces, as {Name}"
            )
        pattern = options.get("pattern", "")
        self.regex(pattern, place, groups=1)
        period = options.get("period", "")
        if period not in ("", "start", "end"):
            self.fail(f"{place} period = {period!r}", "write start or end")
        formats = self.texts(options.get("date_formats", list(formats)), f"{place} date_formats")
        if column.kind in ("date", "timestamp") and not period and not formats:
            self.fail(f"{place} has no date format", 'declare date_formats, such as ["%d/%m/%Y"]')
        pairs = self.pairs(values, place)
        for seen, target in pairs:
            if column.required and target == "":
                self.fail(
                    f"{place} translates {seen!r} to a blank", "give it a value; the column is required"
                )
            if column.allowed and target not in column.allowed and target != "":
                self.fail(
                    f"{place} translates to {target!r}", f"use one of {', '.join(column.allowed)}, or blank"
                )
        return Field(column, sources, template, pattern, period, None, pairs, formats)

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

    def section(self, raw: dict[str, Any], key: str, place: str) -> dict[str, Any]:
        value = raw.get(key, {})
        if not isinstance(value, dict):
            self.fail(f"{place} {key} is no table of keys", f"write {key} as a heading with pairs below it")
        return dict(value)

    def sections(self, raw: dict[str, Any], key: str, place: str) -> list[Any]:
        value = raw.get(key, [])
        if not isinstance(value, list):
            self.fail(f"{place} {key} is no list", f"write each under its own [[table.{key}]]")
        return list(value)

    def text(self, raw: dict[str, Any], key: str, place: str) -> str:
        value = raw.get(key, "")
        if not isinstance(value, str):
            self.fail(f"{place} {key} = {value!r}", "write a text in quotes")
        return str(value)

    def table(self, name: object, place: str) -> contracts.Table:
        if isinstance(name, str) and name in contracts.TABLES:
            return contracts.TABLES[name]
        near = get_close_matches(str(name), contracts.TABLES, 1)
        remedy = f"did you mean {near[0]}?" if near else f"use one of {', '.join(contracts.TABLES)}."
        raise BadMapping(
            f"{self.file}: {place} into = {_cut(str(name))!r} is no table of the contract; {remedy}"
        )

    def column(self, table: contracts.Table, name: str, place: str) -> contracts.Column:
        try:
            return table.column(name)
        except KeyError:
            near = get_close_matches(name, table.names, 1)
            remedy = f"did you mean {near[0]}?" if near else f"use one of {', '.join(table.names)}."
            raise BadMapping(
                f"{self.file}: {place} {_cut(name)!r} is no column of {table.name}; {remedy}"
            ) from None

    def pairs(self, values: object, place: str) -> tuple[tuple[str, str], ...]:
        if not isinstance(values, dict):
            self.fail(f"{place} values", 'write pairs such as "Ex Partner" = "ex-partner"')
        for key, value in values.items():
            if isinstance(value, dict | list):
                self.fail(f"{place} translates {key!r} to {value!r}", "write a single value")
        return tuple((squeezed(str(key)), str(value)) for key, value in values.items())

    def texts(self, value: object, place: str) -> tuple[str, ...]:
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fail(f"{place} is no text or list of texts", "put each text in quotes")
        return tuple(value)

    def extract(self, value: object, place: str) -> str:
        if value not in ("", "delta", "full", "replace"):
            self.fail(f"{place} extract = {value!r}", 'write "delta", "full" or "replace"')
        return str(value)

    def line(self, value: object, place: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_HEADER_LINE:
            self.fail(f"{place} header_line = {value!r}", f"write a line from 1 to {MAX_HEADER_LINE}")
        return value

    def regex(self, pattern: object, place: str, groups: int = 0) -> None:
        if not isinstance(pattern, str):
            self.fail(f"{place} = {pattern!r}", "write a text in quotes")
        if len(pattern) > MAX_PATTERN_CHARACTERS:
            self.fail(f"{place} is longer than {MAX_PATTERN_CHARACTERS} characters", "shorten the expression")
        try:
            with warnings.catch_warnings(action="ignore"):
                found = re.compile(pattern).groups
        except (re.error, RecursionError, OverflowError) as error:
            raise BadMapping(
                f"{self.file}: {place} {pattern!r} is no regular expression ({error}); mend it."
            ) from error
        if pattern and found < groups:
            self.fail(f"{place} pattern = {pattern!r}", "put the part to keep in brackets")

    def known(self, raw: object, place: str, keys: tuple[str, ...]) -> None:
        if not isinstance(raw, dict):
            self.fail(place, "make it a table of keys")
        for key in raw:
            if key not in keys:
                near = get_close_matches(str(key), keys, 1)
                remedy = f"did you mean {near[0]}?" if near else f"known are {', '.join(keys)}."
                raise BadMapping(f"{self.file}: {place} has an unknown key {_cut(key)!r}; {remedy}")

    def fail(self, what: str, remedy: str) -> NoReturn:
        raise BadMapping(f"{self.file}: {_cut(what)}; {remedy}.")


KINDS = {"date": "day as 2024-09-30", "timestamp": "day as 2024-09-30", "integer": "whole number"} | {
    "number": "number",
    "text": "text",
}
"""What a constant of each kind is, in a remedy."""


def _fits(column: contracts.Column, value: object) -> bool:
    """Whether a constant can be a value of the column."""
    if column.kind == "text":
        return True
    text = str(value)
    if column.kind in ("date", "timestamp"):
        try:
            datetime.date.fromisoformat(text)
        except ValueError:
            return False
        return True
    form = r"[+-]?\d{1,18}" if column.kind == "integer" else r"[+-]?\d{1,15}(\.\d{1,15})?"
    return not isinstance(value, bool) and re.fullmatch(form, text) is not None


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN_CHARACTERS else f"{text[:MAX_SHOWN_CHARACTERS]} …"


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
_LINK = ("into", "columns", "constants", "values")
_ENTRY = (
    *_LINK,
    "files",
    "header",
    "extract",
    "covers",
    "date_formats",
    "missing_key",
    "reject",
    "list",
    "link",
    "sheet",
    "header_line",
    "offences",
    "add_up",
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

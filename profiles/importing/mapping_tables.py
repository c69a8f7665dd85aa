"""The `[[table]]` of a mapping file: which files it is for and what their columns become."""

import re
from dataclasses import dataclass
from typing import Any

from profiles import contracts
from profiles.importing.layouts import Entry, Field, Fragment, ListOf, Offences, RejectRule
from profiles.importing.mapping_keys import KINDS, Keys, fits

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


@dataclass(frozen=True)
class TableReader(Keys):
    """Turns one `[[table]]` of parsed TOML into an Entry."""

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
            if not fits(column, value):
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

"""The files of an import, opened: each fits a `[[table]]` of the mapping and has the day of its extract."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from profiles.errors import BadFile
from profiles.importing import extract_dates, reading, records
from profiles.importing.arriving import arrivals
from profiles.importing.coverage import Coverage
from profiles.importing.disguises import disguise
from profiles.importing.layouts import Entry, MappingFile
from profiles.importing.reading import Opened
from profiles.importing.reports import FileReport
from profiles.importing.tallies import Tally


@dataclass
class Incoming:
    """One file on its way in."""

    opened: Opened
    entry: Entry
    extract_date: datetime.date
    number: int = 0
    known: FileReport | None = None
    repeated: FileReport | None = None
    layout: records.Layout | None = None
    tally: Tally = field(default_factory=Tally)
    is_synthetic: bool = False
    coverage: dict[str, Coverage] = field(default_factory=dict)


def opened_files(
    paths: Sequence[Path],
    mapping: MappingFile,
    as_at: datetime.date | None,
    scratch: Path,
) -> tuple[list[Incoming], list[tuple[str, str]]]:
    """Files that fit the mapping, in the order given, and those skipped with the reason."""
    expected = {name for entry in mapping.entries for name in source_names(entry)} | set(mapping.marking)
    found: list[Incoming] = []
    skipped: list[tuple[str, str]] = []
    names: set[str] = set()
    for path in paths:
        if path.exists() and path.is_file() and path.suffix.lower() not in reading.SUFFIXES:
            other = f"{path.suffix or 'no ending'} is not CSV, XLSX or Parquet"
            skipped.append((path.name, disguise(path) or other))
            continue
        if re.search("[\ud800-\udfff]", path.name):
            raise BadFile(f"{path}: its name is not UTF-8; rename the file and import it again.")
        if path.name in names:
            raise BadFile(f"{path} has the same name as another file of this import; rename one.")
        names.add(path.name)

        def check(opened: Opened, entry: Entry) -> None:
            """Bad columns are refused before a record is read."""
            is_one_of_several = opened.book is not None and len(opened.book.names) > 1
            records.layout(
                mapping,
                entry,
                opened.header,
                f"{opened.file}, sheet {opened.sheet!r}," if is_one_of_several else opened.file,
                "nothing",
                datetime.date.max,
                header_line=opened.header_line,
            )

        arrived, left = arrivals(path, mapping, expected, scratch, check)
        skipped += left
        day = extract_dates.extract_date(path, mapping, as_at)
        found += [Incoming(item.opened, item.entry, day) for item in arrived]
    return found, skipped


def source_names(entry: Entry) -> set[str]:
    """Every name of a source column that the entry speaks of."""
    names = set(entry.header) | {rule.column for rule in entry.rejects}
    for fragment in (entry.main, *entry.links):
        for item in fragment.fields:
            names |= set(item.sources) | set(re.findall(r"\{([^}]*)\}", item.template))
    return names | {name for item in entry.lists for name in item.sources}

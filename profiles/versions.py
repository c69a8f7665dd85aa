"""The versions that a warehouse keeps: what each holds, and going back to an earlier one."""

from dataclasses import dataclass
from pathlib import Path

from profiles import contracts, pointers, warehouse
from profiles.errors import NoWarehouse
from profiles.settings import Settings
from profiles.warehouse import Version, publishing


@dataclass(frozen=True)
class Listed:
    """One version kept: what it holds and what the last import brought, or what is wrong with it."""

    name: str
    is_served: bool
    as_at: str = ""
    files: int = 0
    records: int = 0
    last_import: str = ""
    fault: str = ""


def listed(folder: Path) -> list[Listed]:
    """The versions kept in the folder, the newest first. Raises NoWarehouse when there is no warehouse."""
    if not pointers.stands(folder):
        warehouse.current(folder)
    served = pointers.read(folder).name or warehouse.current(folder).name
    found = [
        _told(each.version, served)
        if each.version
        else Listed(each.name, each.name == served, fault=each.fault)
        for each in warehouse.kept(folder)
    ]
    return sorted(found, key=lambda each: pointers.number(each.name), reverse=True)


def _told(version: Version, served: str) -> Listed:
    references = [table.name for table in contracts.TABLES.values() if table.is_reference]
    con = warehouse.connect(version.path)
    try:
        files, records = con.execute(
            "select count(*), coalesce(sum(rows_in), 0) from meta.files "
            "where not list_contains($references, table_name)",
            {"references": references},
        ).fetchall()[0]
        last = con.execute(
            "select file, extract_date from meta.files "
            "where import_number = (select max(import_number) from meta.files) order by file_id"
        ).fetchall()
    finally:
        con.close()
    more = f" and {len(last) - 1} more" if len(last) > 1 else ""
    brought = f"{last[0][0]}{more}, taken {max(day for _, day in last)}" if last else ""
    return Listed(version.name, version.name == served, version.as_at, files, int(records), brought)


def go_back(folder: Path, name: str | None, settings: Settings) -> tuple[str, Version]:
    """The name of the version served before, and the one served now; the next import starts from it.

    It is the one that the served was made from unless `name` says another, whole or by its number. Raises
    NoWarehouse when it is not kept, or not whole, or served already.
    """
    if not pointers.stands(folder):
        warehouse.current(folder)
    with publishing.writing(folder, settings):
        served = pointers.read(folder).name
        kept = {each.name: each for each in warehouse.kept(folder)}
        whole = [each.version for each in kept.values() if each.version]
        if name is None:
            earlier = [each for each in whole if 0 < pointers.number(each.name) < pointers.number(served)]
            if not earlier:
                raise NoWarehouse(
                    f"{folder} keeps no whole version before {served or 'the one served'}; "
                    f"`stalking-profiles versions` lists those it keeps."
                )
            current = kept[served].version if served in kept else None
            # One that was gone back from holds what the served version does not: it was undone.
            grown = [each for each in earlier if current and _imports(each) <= _imports(current)]
            chosen = max(grown or earlier, key=lambda each: pointers.number(each.name))
        else:
            found = [each for each in kept if name in (each, each.split("-")[0]) or _is_number(name, each)]
            if len(found) != 1:
                raise NoWarehouse(
                    f"{folder} keeps no version {name[:80]!r}; it keeps {', '.join(sorted(kept)) or 'none'}."
                )
            version = kept[found[0]].version
            if version is None:
                raise NoWarehouse(kept[found[0]].fault)
            chosen = version
        if chosen.name == served:
            raise NoWarehouse(
                f"{chosen.name} is served already; `stalking-profiles versions` lists the others."
            )
        publishing.serve(folder, chosen.name)
        return served, chosen


def _imports(version: Version) -> set[tuple[str, str, str]]:
    """The files that a version was made of, with the days of their extracts."""
    con = warehouse.connect(version.path)
    try:
        return set(con.execute("select sha256, file, extract_date::varchar from meta.files").fetchall())
    finally:
        con.close()


def _is_number(text: str, name: str) -> bool:
    """Whether the text is the version's number, with or without zeros before it."""
    return text.isdecimal() and text.isascii() and len(text) < 10 and int(text) == pointers.number(name) > 0

"""Units of an extract against those held: new, the same, changed, older or gone, and which leave."""

from profiles.importing import offences, replacing
from profiles.importing.extract import Extract, joined
from profiles.importing.faults import ACCEPTED, SUPERSEDED, UNCHANGED


def settle_known(extract: Extract) -> None:
    """Make `units` (unit, content, fate) and settle records that are not news."""
    # Hashed once more: the hash of several values is so made that what two rows share cancels out.
    fresh = (
        f"select {extract.unit} as unit, bit_xor(hash(fingerprint)) as content from records "
        f"where state = {ACCEPTED} group by all"
    )
    table = extract.entry.main.table.name
    # A reference table goes by what was imported last, and by who fed it.
    is_replaced = bool(extract.entry.main.table.replaced_by)
    if not extract.scalar("select count(*) from meta.units where table_name = $table", table=table):
        extract.con.execute(f"create or replace temp view units as select *, 'new' as fate from ({fresh})")
        return
    extract.con.execute("drop view if exists units")
    extract.con.execute(
        f"create or replace temp table compared as select n.unit, n.content, case "
        f"when h.unit is null then 'new' "
        f"when h.content = n.content and (not $replaced or h.source = $source) then 'same' "
        f"when h.extract_date > $date and not $replaced then 'older' else 'changed' end as fate "
        f"from ({fresh}) n left join meta.units h on h.table_name = $table and h.unit = n.unit",
        {
            "date": extract.extract_date,
            "table": table,
            "replaced": is_replaced,
            "source": extract.mapping.name,
        },
    )
    extract.con.execute("create or replace temp view units as from compared")
    extract.con.execute(
        f"update records set state = case u.fate when 'same' then {UNCHANGED} else {SUPERSEDED} end "
        f"from units u where {extract.unit} = u.unit and state = {ACCEPTED} and u.fate in ('same', 'older')"
    )
    extract.con.execute(
        "update meta.units as held set extract_date = greatest(held.extract_date, $date) "
        "from temp.units u "
        "where held.table_name = $table and held.unit = u.unit and u.fate = 'same'",
        {"date": extract.extract_date, "table": table},
    )


def make_room(extract: Extract) -> replacing.Change:
    """What a file of a reference table replaces, taken out; the rows that it gives anew stay."""
    change = replacing.found(
        extract.con,
        extract.entry,
        extract.mapping.name,
        joined([f'"{name}"' for name in extract.entry.main.table.unit]),
        extract.unit,
        [part.file for part in extract.parts],
        is_shipped=all(part.is_shipped for part in extract.parts),
        beside=extract.beside,
    )
    if change.removed:
        _delete(extract, "select unit from temp.leaving where not is_given")
    return change


def take_out_changed(extract: Extract) -> None:
    """Take out what the extract replaces; what came in with this import becomes superseded."""
    changed = "select unit from temp.units where fate = 'changed'"
    if not extract.scalar(f"select count(*) from ({changed})"):
        return
    offences.settle_lost(
        extract.con,
        extract.entry,
        extract.mapping,
        extract.extract_date,
        {part.file_id: part.file for part in extract.parts},
        _others_of_the_day(extract),
        extract.line,
        {part.file_id: extract.tallies[part.file_id].notes for part in extract.parts},
    )
    table = extract.entry.main.table.name
    moved = extract.con.execute(
        f"select file_id, sum(count_records)::bigint from taken "
        f"where table_name = $table and unit in ({changed}) group by file_id",
        {"table": table},
    ).fetchall()
    for file_id, count in moved:
        extract.tallies[file_id].accepted -= count
        extract.tallies[file_id].superseded += count
    extract.con.execute(
        f"delete from taken where table_name = $table and unit in ({changed})", {"table": table}
    )
    _delete(extract, changed)


def _others_of_the_day(extract: Extract) -> set[str]:
    """Names of other files, of this import and earlier ones, that fed this table under this day."""
    held = extract.con.execute(
        "select distinct file from meta.files where table_name = $table and extract_date = $day "
        "and not list_contains($given, sha256)",
        {
            "table": extract.entry.main.table.name,
            "day": extract.extract_date,
            "given": [part.sha256 for part in extract.parts],
        },
    ).fetchall()
    return {*extract.beside.files.values(), *(file for (file,) in held)}


def take_out_absent(extract: Extract) -> int:
    """How many units a full extract removed: held from this source, older, and absent from it.

    A unit whose record was rejected is present, if badly: what was held of it stays.
    """
    extract.con.execute(
        f"create or replace temp table absent as select unit from meta.units "
        f"where table_name = $table and source = $source and extract_date < $date "
        f"and unit not in (select {extract.unit} from records where {extract.unit} is not null)",
        {
            "table": extract.entry.main.table.name,
            "source": extract.mapping.name,
            "date": extract.extract_date,
        },
    )
    count = extract.scalar("select count(*) from absent")
    if count:
        _delete(extract, "select unit from temp.absent")
    return count


def _delete(extract: Extract, units: str) -> None:
    """Take units, with all their links, out of the raw tables and the list of units."""
    for table in extract.entry.tables:
        unit = joined([f'"{name}"' for name in extract.entry.main.table.unit])
        extract.con.execute(f"delete from raw.{table.name} where {unit} in ({units})")
    extract.con.execute(
        f"delete from meta.units where table_name = $table and unit in ({units})",
        {"table": extract.entry.main.table.name},
    )


def remember(extract: Extract) -> None:
    """Keep which accepted records each unit has, for a newer extract of the same import."""
    extract.con.execute(
        f"insert into taken select file_id, '{extract.entry.main.table.name}', {extract.unit}, count(*) "
        f"from records where state = {ACCEPTED} group by all"
    )

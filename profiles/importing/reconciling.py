"""Typed records against the warehouse: which are new, repeated, changed, older or rejected."""

import datetime

from profiles.importing import offences, replacing, totals
from profiles.importing.districts import note_districts
from profiles.importing.extract import Extract, Part
from profiles.importing.layouts import Entry, MappingFile
from profiles.importing.rejecting import reject_faults, reject_repeats, reject_strays
from profiles.importing.replacing import Beside
from profiles.importing.respelling import respell
from profiles.importing.storing import count_states, store
from profiles.importing.tallies import Tally
from profiles.importing.units import make_room, remember, settle_known, take_out_absent, take_out_changed
from profiles.warehouse import Connection


def reconcile(
    con: Connection,
    parts: list[Part],
    entry: Entry,
    mapping: MappingFile,
    extract_date: datetime.date,
    tallies: dict[int, Tally],
    is_followed: bool,
    beside: Beside,
) -> None:
    """Bring one extract's records into the raw tables and their accounts into `tallies`.

    `tallies` holds those of every file of the import: an extract may supersede records of an older
    one imported with it. `is_followed` says that a newer one of the same layout comes after it. `beside`
    are the files of other layouts that feed the same table under the same day.
    """
    extract = Extract(con, parts, entry, mapping, extract_date, tallies, beside)
    extract.unite()
    reject_faults(extract)
    notes = {part.file_id: tallies[part.file_id].notes for part in parts}
    respell(con, entry, mapping, notes, extract.reject_found)
    offences.fold(con, entry, notes, extract.reject_found)
    totals.add_up(con, entry, extract.reject_found)
    reject_strays(extract)
    has_repeats = reject_repeats(extract)
    settle_known(extract)
    change = make_room(extract) if entry.main.table.replaced_by else None
    take_out_changed(extract)
    store(extract, has_repeats)
    count_states(extract)
    note_districts(con, extract.fragments(), notes)
    if change:
        came = sum(tallies[part.file_id].accepted for part in parts)
        tallies[parts[-1].file_id].removed += change.removed
        tallies[parts[-1].file_id].replacement = change.sentence(entry.main.table, came)
        tallies[parts[-1].file_id].notes += replacing.stranded(con, entry.main.table)
        replacing.remember_given(con, entry.main.table, [part.file for part in parts])
    elif entry.is_full:
        tallies[parts[-1].file_id].removed += take_out_absent(extract)
    if is_followed:
        remember(extract)
    con.execute("drop table records")

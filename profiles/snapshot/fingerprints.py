"""A fingerprint of the definitions: it changes with all that may change what ties the counts of snapshots."""

import hashlib
import json
from pathlib import Path

from profiles.catalogue import body, catalogue
from profiles.contracts import TABLES
from profiles.selection import DIMENSIONS
from profiles.snapshot.contents import asks
from profiles.warehouse import SQL


def fingerprint(folder: Path = SQL) -> str:
    """The fingerprint of the measures, marts and staging of a folder, and of the contract.

    Titles and notes have no part in it, nor has the order in which files are read.
    """
    items = catalogue(folder).values()
    of_measures = {
        item.measure_id: [item.reads, item.date, item.time, item.shape, item.ratio, item.sql]
        for item in items
    }
    of_files = {
        str(path.relative_to(folder)): body(path.read_text(encoding="utf-8"))
        for kind in ("staging", "marts")
        for path in sorted((folder / kind).glob("*.sql"))
    }
    of_plan = sorted(
        {
            (ask.item.measure_id, ask.basis or "", ask.dimension, ask.crossed, ask.dimension_2)
            for ask in asks(folder)
        }
    )
    of_contract = {
        table.name: [
            [column.name, column.kind, column.required, column.allowed, column.minimum, column.maximum]
            for column in table.columns
        ]
        for table in TABLES.values()
    }
    of_dimensions = {name: [item.categories, item.overlaps] for name, item in DIMENSIONS.items()}
    told = json.dumps([of_measures, of_files, of_plan, of_contract, of_dimensions], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()

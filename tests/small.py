"""A small made-up warehouse on disk: 2,000 crimes over three years, the same in every run."""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from profiles import contracts, frames, measures, warehouse
from profiles.blocks.block import Source
from profiles.catalogue import measure
from profiles.settings import Settings
from profiles.warehouse import marts, publishing, raw_tables

AS_AT = date(2026, 9, 17)
"""In the middle of a month, so that the last one is a part."""
FIRST = date(2023, 10, 1)
DISTRICTS = ("Dover", "Thanet", "Medway", "Folkestone and Hythe")
SAMPLE = Path(__file__).resolve().parent.parent / "sample_data"


def crimes(count: int = 2000, seed: int = 3) -> pd.DataFrame:
    """Crimes as the contract has them: 78 in 100 with stalking as principal, 12 only as included."""
    draw = np.random.default_rng(seed)
    days = np.sort(draw.integers(0, (AS_AT - FIRST).days + 1, count))
    kind = draw.choice(["principal", "included", "other"], count, p=[0.78, 0.12, 0.10])
    pick = lambda values, p: draw.choice(np.array(values, dtype=object), count, p=p)  # noqa: E731
    return pd.DataFrame(
        {
            "crime_ref": [f"42/{number:06d}/23" for number in range(count)],
            "recorded_date": [FIRST + timedelta(days=int(each)) for each in days],
            "ho_class": np.where(kind == "principal", "8Q", np.where(kind == "included", "1", "105A")),
            "district": pick([*DISTRICTS, None], [0.3, 0.3, 0.25, 0.13, 0.02]),
            "mode": pick(["online", "both", "offline", None], [0.2, 0.1, 0.6, 0.1]),
            "domestic_abuse_flag": pick(["yes", "no", None], [0.62, 0.33, 0.05]),
            "relationship": pick(
                ["ex-partner", "acquaintance", "stranger", "unknown", None], [0.57, 0.2, 0.09, 0.06, 0.08]
            ),
            "is_included": kind == "included",
        }
    )


def write(
    folder: Path, rows: pd.DataFrame | None = None, *, as_at: date = AS_AT, lacks: Iterable[str] = ()
) -> warehouse.Version:
    """The version now served in `folder`: the rows, or `crimes()`, and the breaks of `sample_data/`."""
    rows = crimes() if rows is None else rows
    with publishing.writing(folder) as building:
        con = warehouse.connect(building / warehouse.FILE, read_only=False)
        raw_tables.create_raw(con)
        _insert(
            con,
            "crimes",
            rows.drop(columns="is_included").assign(
                source="athena", extract_date=as_at, file_id=1, line=range(len(rows))
            ),
        )
        _insert(
            con,
            "included_classifications",
            rows.loc[rows["is_included"], ["crime_ref"]].assign(
                classification="8Q", source="athena", extract_date=as_at, file_id=1, line=1
            ),
        )
        breaks = pd.read_csv(SAMPLE / "breaks.csv").rename(columns={"source": "published_by"})
        _insert(con, "breaks", breaks.assign(source="reference", extract_date=as_at, file_id=2, line=1))
        con.execute(
            "insert into meta.files (file_id, file, sha256, source, table_name, extract_date, rows_in, "
            "is_synthetic) values (1, 'crimes.csv', $content, 'athena', 'crimes', $as_at, $rows, true)",
            {
                "as_at": as_at,
                "rows": len(rows),
                "content": hashlib.sha256(f"{rows.to_csv()}{lacks}".encode()).hexdigest(),
            },
        )
        for target in contracts.DEFAULT_TARGETS:
            con.execute("insert into meta.targets values ('athena', $target)", {"target": target})
        for capability in contracts.CAPABILITIES:
            con.execute(
                "insert into meta.declared values ('athena', $name, $has)",
                {"name": capability, "has": capability not in lacks},
            )
        marts.build(con)
        return publishing.publish(con, folder, building)


def source(version: warehouse.Version) -> Source:
    """Where blocks take their figures from, without a cache."""
    con = warehouse.connect(version.path)
    return Source(
        frame=partial(measures.run, con),
        breaks=lambda name, basis: frames.breaks(measures.breaks_for(con, name, basis)),
        lacking=lambda name, selection: measures.lacking(measure(name), selection, measures.facts_of(con)),
        as_at=version.as_at,
        version=version.name,
        marking=Settings().marking,
        is_synthetic=version.is_synthetic,
        reasons=partial(measures.reasons, con),
    )


def _insert(con: warehouse.Connection, table: str, rows: pd.DataFrame) -> None:
    con.register("rows_in", rows)
    names = ", ".join(f'"{name}"' for name in rows.columns)
    con.execute(f"insert into raw.{table} ({names}) select {names} from rows_in")
    con.unregister("rows_in")

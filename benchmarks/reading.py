"""Reading, checking and reconciling crimes beside `pandas.read_csv` and DuckDB's bare `read_csv`.

Run `python benchmarks/reading.py --rows 1000000 --runs 5`; each run is a process of its own, the three
in turn, so that the ratios hold when the machine's speed drifts. Ours ends with raw tables checked,
reconciled and on disk (the marts are timed apart); DuckDB's is `create table as` into a file with
guessed types; pandas' a frame.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

MAPPING = """
name = "benchmark"
date_formats = ["%d/%m/%Y"]
extract_date = "2026-09-30"
[[table]]
into = "crimes"
files = ["crimes*.csv"]
[table.columns]
crime_ref = "Crime Number"
recorded_date = "Date Recorded"
committed_from = "Earliest Committed"
committed_to = "Latest Committed"
ho_class = "HO Class"
ho_code = "HO Code"
offence_title = "Offence Description"
record_status = "Status"
domestic_abuse_flag = "DA Flag"
mode = "Mode"
motive = "Motive"
platform = "Platform"
district = "District"
beat = "Beat"
location_type = "Location Type"
team = "OIC Team"
spo_considered = "SPO Considered"
[[table.list]]
into = "included_classifications"
columns = ["Included"]
[[table.link]]
into = "crime_victims"
[table.link.columns]
victim_id = "Victim ID"
sex = "Victim Sex"
age = "Victim Age"
[[table.link]]
into = "crime_suspects"
[table.link.columns]
suspect_id = "Suspect ID"
sex = "Suspect Sex"
age = "Suspect Age"
relationship = "Relationship"
"""


def write_crimes(path: Path, rows: int, seed: int = 1) -> None:
    """Write a CSV of so many crimes × 25 columns to `path`, the same for a seed."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv as pacsv

    rng = np.random.default_rng(seed)
    number = np.arange(rows)
    first = np.datetime64("2020-10-01")
    recorded = first + np.sort(rng.integers(0, 2190, rows))
    started = recorded - rng.integers(0, 60, rows)

    def text(values: Any, prefix: str) -> Any:
        return pa.array(np.char.add(prefix, values.astype(str)))

    def day(values: Any) -> Any:
        return pc.strftime(pa.array(values.astype("datetime64[D]")), format="%d/%m/%Y")

    def pick(values: list[str], shares: list[float] | None = None) -> Any:
        return pa.array(np.array(values, dtype=object)[rng.choice(len(values), rows, p=shares)])

    suspects = pa.array(np.char.add("S-", rng.integers(0, rows, rows).astype(str)))
    known = pa.array(rng.random(rows) < 0.7)
    pacsv.write_csv(
        pa.table(
            {
                "Crime Number": text(number, "46/"),
                "Date Recorded": day(recorded),
                "Earliest Committed": day(started),
                "Latest Committed": day(recorded),
                "HO Class": pick(["8Q", "8L", "8R", "8N", "105A", "58A", "28A"]),
                "HO Code": pick(["195/12", "8/65", "8/66", "", "", "", ""]),
                "Offence Description": pick(
                    ["Stalking", "Harassment", "Malicious communications", "Assault"]
                ),
                "Included": pick(["", "", "8L", "8Q;8R", "105A"]),
                "Status": pick(["Recorded", "Cancelled", "Transferred"], [0.97, 0.02, 0.01]),
                "DA Flag": pick(["Y", "N", ""]),
                "Mode": pick(["Online", "Offline", "Both", ""]),
                "Motive": pick(["", "", "", "Rejected"]),
                "Platform": pick(["", "", "Instagram"]),
                "District": pick(["Medway", "Thanet", "Swale", "Dover", "Folkestone and Hythe"]),
                "Beat": pick([f"Beat {index}" for index in range(120)]),
                "Location Type": pick(["Dwelling", "Street", "Workplace"]),
                "OIC Team": pick([f"Team {index}" for index in range(40)]),
                "SPO Considered": pick(["Y", "N", ""]),
                "Victim ID": text(rng.integers(0, rows, rows), "V-"),
                "Victim Sex": pick(["F", "M"]),
                "Victim Age": pa.array(rng.integers(1, 95, rows)),
                "Suspect ID": pc.if_else(known, suspects, None),
                "Suspect Sex": pick(["F", "M", ""]),
                "Suspect Age": pa.array(rng.integers(12, 80, rows)),
                "Relationship": pick(["Ex-partner", "Partner", "Family", "Acquaintance", "Stranger", ""]),
            }
        ),
        path,
    )


def memory() -> float:
    """Peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def once(what: str, path: Path, folder: Path) -> None:
    """Print seconds, seconds without the marts, and peak memory in MB of one way of reading."""
    spent, peak = 0.0, 0.0
    if what == "ours":
        from profiles import importing
        from profiles.warehouse import Connection, marts

        build = marts.build

        def timed(con: Connection) -> None:
            nonlocal spent, peak
            peak = memory()
            started = time.perf_counter()
            build(con)
            spent = time.perf_counter() - started

        marts.build = timed  # type: ignore[assignment]
        mapping = folder / "benchmark.toml"
        mapping.write_text(MAPPING, encoding="utf-8")
        begun = time.perf_counter()
        importing.import_files([path], str(mapping), folder / "warehouse")
    elif what == "duckdb":
        import duckdb

        begun = time.perf_counter()
        con = duckdb.connect(str(folder / "bare.duckdb"))
        con.execute("create table crimes as select * from read_csv(?)", [str(path)])
        con.close()
    else:
        import pandas as pd

        begun = time.perf_counter()
        pd.read_csv(path)
    total = time.perf_counter() - begun
    peak = peak or memory()
    print(f"{total:.3f} {total - spent:.3f} {peak:.0f}")


@click.command()
@click.option("--rows", default=1_000_000)
@click.option("--runs", default=5)
@click.option("--only", hidden=True)
@click.option("--path", type=Path, hidden=True)
@click.option("--folder", type=Path, hidden=True)
def main(rows: int, runs: int, only: str | None, path: Path | None, folder: Path | None) -> None:
    """Time the three in turn and print medians and ratios."""
    if only and path and folder:
        if only == "write":
            write_crimes(path, rows)
        else:
            once(only, path, folder)
        return
    found: dict[str, list[list[float]]] = {"ours": [], "duckdb": [], "pandas": []}
    with tempfile.TemporaryDirectory() as base:
        source = Path(base) / "crimes.csv"
        # In a process of its own: a child's peak memory counts what its parent held when it began.
        write = [sys.executable, __file__, "--only", "write", "--rows", str(rows), "--path", str(source)]
        subprocess.run([*write, "--folder", base], check=True)
        print(f"{rows:,} crimes x 25 columns, {source.stat().st_size / 1e6:.0f} MB, {runs} runs each")
        for _ in range(runs):
            for what, figures in found.items():
                with tempfile.TemporaryDirectory(dir=base) as work:
                    out = subprocess.run(
                        [sys.executable, __file__, "--only", what, "--path", source, "--folder", work],
                        capture_output=True,
                        text=True,
                        check=True,
                    ).stdout
                figures.append([float(cell) for cell in out.split()])
    medians = {
        what: [statistics.median(column) for column in zip(*rows_, strict=True)]
        for what, rows_ in found.items()
    }
    for what, (total, bare, peak) in medians.items():
        print(f"{what:8} {bare:7.2f} s to raw tables, {total:7.2f} s in all, peak {peak:6.0f} MB")
    print(f"time: ours / bare DuckDB = {medians['ours'][1] / medians['duckdb'][1]:.2f} (aim <= 2)")
    print(f"memory: ours / pandas = {medians['ours'][2] / medians['pandas'][2]:.2f} (aim <= 0.5)")


if __name__ == "__main__":
    main()

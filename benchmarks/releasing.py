"""A whole snapshot beside the same rows unprotected, written with plain pandas.

Run `python -m benchmarks.releasing --runs 3`; each run is a process of its own, the two in turn. The peer
asks the same measures and writes the same rows as CSV, Parquet and XLSX. It withholds nothing, judges and
projects nothing, seals nothing: the ratio says what a release costs beyond its figures.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import click

AIM_SECONDS, AIM_MIB = 90, 2048


def made(folder: Path, scale: float) -> None:
    """Make a warehouse of a synthetic force of that size in the folder."""
    from profiles import importing, synthetic

    paths = synthetic.write_sample(folder / "exports", scale=scale)
    importing.import_files(paths, "athena", folder / "warehouse")


def released(warehouse: Path, out: Path, profile: str) -> int:
    """Rows of a snapshot of the warehouse, written to the folder."""
    from profiles import snapshot
    from profiles.settings import settings

    manifest = snapshot.build(out, settings=replace(settings(), warehouse=warehouse), profile=profile)
    return int(manifest.raw["suppression"]["rows"])


def plain(folder: Path, out: Path) -> int:
    """Rows of the same measures as they are, written to the folder."""
    from profiles import warehouse
    from profiles.facts import facts_of
    from profiles.snapshot import contents

    con = warehouse.connect(warehouse.current(folder).path)
    rows, shown = contents.rows(con, facts_of(con))
    con.close()
    frame = rows.loc[shown.to_numpy(dtype=bool), list(contents.COLUMNS)]
    out.mkdir()
    frame.to_csv(out / "measures.csv", index=False)
    frame.to_parquet(out / "measures.parquet", index=False)
    frame.to_excel(out / "measures.xlsx", index=False, engine="xlsxwriter")
    return len(frame)


def once(what: str, warehouse: Path, out: Path, profile: str) -> None:
    """Print seconds, peak memory in MiB and rows of one way, as JSON."""
    begun = time.perf_counter()
    rows = plain(warehouse, out) if what == "plain" else released(warehouse, out, profile)
    seconds = time.perf_counter() - begun
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rows]))


@click.command()
@click.option("--scale", default=1.0, help="Size of the synthetic force; 1 is one of Kent's size.")
@click.option("--runs", default=3)
@click.option("--profile", type=click.Choice(["internal", "external"]), default="internal", show_default=True)
@click.option("--warehouse", type=Path, help="Use this warehouse instead of making one.")
@click.option("--only", hidden=True)
@click.option("--out", type=Path, hidden=True)
def main(
    scale: float, runs: int, profile: str, warehouse: Path | None, only: str | None, out: Path | None
) -> None:
    """Time the two in turn; print medians, ratios and the aims."""
    if only and out:
        if only == "make":
            made(out, scale)
        elif warehouse:
            once(only, warehouse, out, profile)
        return
    with tempfile.TemporaryDirectory() as base:
        command = [sys.executable, "-m", "benchmarks.releasing", "--profile", profile, "--scale", str(scale)]
        if warehouse is None:
            # In a process of its own: a child's peak memory counts what its parent held when it began.
            subprocess.run([*command, "--only", "make", "--out", base], check=True)
            warehouse = Path(base) / "warehouse"
        found: dict[str, list[list[float]]] = {"snapshot": [], "plain": []}
        for turn in range(runs):
            for what in found if turn % 2 == 0 else reversed(found):
                told = subprocess.run(
                    [*command, "--warehouse", warehouse, "--only", what, "--out", f"{base}/{what}-{turn}"],
                    stdout=subprocess.PIPE,
                    text=True,
                    check=True,
                ).stdout
                found[what].append(json.loads(told))
    medians = {
        what: [statistics.median(column) for column in zip(*each, strict=True)]
        for what, each in found.items()
    }
    print(f"{profile} profile, {runs} runs each")
    for what, (seconds, peak, rows) in medians.items():
        print(f"{what:9} {seconds:6.1f} s, peak {peak:6.0f} MiB, {rows:,.0f} rows")
    ours, theirs = found["snapshot"], found["plain"]
    for place, name in enumerate(("time", "memory")):
        ratio = statistics.median(a[place] / b[place] for a, b in zip(ours, theirs, strict=True))
        print(f"{name}: snapshot / plain, median of pairs: {ratio:.2f}")
    seconds, peak, _ = medians["snapshot"]
    print(f"aims: {seconds:.0f} s of {AIM_SECONDS}, {peak:,.0f} MiB of {AIM_MIB:,}")


if __name__ == "__main__":
    main()

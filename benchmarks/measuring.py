"""`measures.run` beside the same query written by hand, in one process, turn by turn.

Run `python benchmarks/measuring.py`. The hand-written query only counts; `measures.run` also fills
the gaps, adds exact Poisson intervals and markers. The warehouse is a synthetic force (`--scale 1`).
"""

import statistics
import tempfile
import time
from pathlib import Path

import click
import pandas as pd

from profiles import importing, synthetic, warehouse
from profiles.facts import facts_of
from profiles.measures import run
from profiles.selection import Selection

BY_HAND = """
select district as category, date_trunc('month', recorded_date)::date as period, count(*) as numerator
from marts.stalking_crimes
where source = 'athena' and recorded_date between date '2019-04-01' and date '2026-09-30'
group by all
order by all
"""


@click.command()
@click.option("--scale", default=1.0)
@click.option("--runs", default=300)
@click.option("--warehouse", "folder", type=Path, help="Use this warehouse instead of making one.")
def main(scale: float, runs: int, folder: Path | None) -> None:
    """Print medians of both and the median of the ratios pair by pair."""
    with tempfile.TemporaryDirectory() as base:
        if folder is None:
            folder = Path(base) / "warehouse"
            paths = synthetic.write_sample(Path(base) / "exports", scale=scale)
            importing.import_files(paths, "athena", folder)
        con = warehouse.connect(warehouse.current(folder).path)
        rows = con.execute("select count(*) from marts.stalking_crimes").fetchall()[0][0]
        facts = facts_of(con)
        selection = Selection(by="district")

        def by_hand() -> pd.DataFrame:
            return con.cursor().execute(BY_HAND).df()

        def measured() -> pd.DataFrame:
            return run(con.cursor(), "stalking_crimes", selection, facts=facts)

        assert by_hand()["numerator"].sum() == measured()["numerator"].sum()
        found: dict[str, list[float]] = {"by hand": [], "measures.run": []}
        for turn in range(runs + 20):
            for name, ask in (("by hand", by_hand), ("measures.run", measured)):
                begun = time.perf_counter()
                ask()
                if turn >= 20:
                    found[name].append(1000 * (time.perf_counter() - begun))
        con.close()
    print(f"{rows:,} stalking-involved crimes, by district and month, {runs} runs each")
    for name, figures in found.items():
        print(f"{name:14} median {statistics.median(figures):6.2f} ms")
    ratios = [ours / theirs for theirs, ours in zip(*found.values(), strict=True)]
    print(f"ratio, median of pairs: {statistics.median(ratios):.2f} (aim <= 1.5)")


if __name__ == "__main__":
    main()

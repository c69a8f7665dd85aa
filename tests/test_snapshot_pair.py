"""Two releases in a row, attacked together: what neither tells, both together do not tell either."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from profiles import warehouse
from profiles.catalogue import measure
from profiles.facts import facts_of
from profiles.snapshot import contents, files, manifests, protecting
from profiles.snapshot.files import Release, read_rows
from profiles.snapshot.headlines import HEADLINES
from profiles.snapshot.series import bases_of
from tests.attack_alone import Attack, together
from tests.releases import EARLIER, LATER, Releases, releases

QUARTER = "2026-06-01"
"""The month that the last whole quarter before EARLIER ends with."""
CUT = Release(pd.DataFrame(columns=contents.COLUMNS), EARLIER)
"""An earlier release that asks for nothing but the periods that it cut short."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    """The two warehouses and their snapshots."""
    return releases(tmp_path_factory)


def known_together(made: Releases, newer: Path, truths: Path) -> Attack:
    """What the earlier snapshot and a newer one tell together, where it is known which counts changed."""
    made.counted("before")[0].to_csv(truths / "before.csv", index=False)
    served = warehouse.current(made.warehouse("now"))
    con = warehouse.connect(served.path)
    contents.rows(con, facts_of(con), earlier=[CUT])[0].to_csv(truths / "now.csv", index=False)
    con.close()
    attack = together([made.built("internal").folder, newer], [truths / "before.csv", truths / "now.csv"])
    attack.propagate()
    assert not attack.contradictions()
    return attack


@pytest.mark.slow
def test_two_releases_in_a_row_tell_no_withheld_count_together(made: Releases, tmp_path: Path) -> None:
    attack = known_together(made, made.built("next").folder, tmp_path)
    attack.solve(60, say=False)
    found = attack.summary()
    assert found["withheld"] > 1500
    assert found["narrower than 5"] == found["upper below 6"] == 0


@pytest.mark.slow
def test_a_release_that_does_not_know_the_one_before_gives_counts_of_it_away(
    made: Releases, tmp_path: Path
) -> None:
    alone = protecting.released(*made.counted("now"), "internal").rows
    stamp = manifests.verified(made.built("next").folder).stamp
    newer = Path(shutil.copytree(made.built("next").folder, tmp_path / "newer"))
    (newer / "measures.csv").write_bytes(files.csv_bytes(files.measures_table(alone), stamp))
    assert known_together(made, newer, tmp_path).summary()["narrower than 5"] > 10


@pytest.mark.slow
@pytest.mark.parametrize("name", ["internal", "next"])
def test_the_year_that_a_meeting_looks_at_first_is_withheld_for_no_other_figure(
    made: Releases, name: str
) -> None:
    rows = read_rows(made.built(name).folder)
    newest = f"{LATER if name == 'next' else EARLIER:.7}-01"
    rows = rows[rows["grain"] == "rolling_year"]
    # Of a survey only rolling years that end with a quarter are given.
    is_newest = rows["period"] == rows.groupby("measure_id")["period"].transform("max")
    rows = rows[is_newest & rows["period"].isin((newest, QUARTER))]
    asked = [
        (measure_id, bases_of(measure(measure_id))[0], dimension, category)
        for measure_id, dimension, category in HEADLINES
    ]
    found = rows[rows[["measure_id", "basis", "dimension", "category"]].apply(tuple, axis=1).isin(asked)]
    assert len(found) == len(asked)
    of_survey = found.loc[found["measure_id"] == "satisfied_overall", "period"].tolist()
    assert of_survey == [newest if name == "next" else QUARTER]
    # In the month between the two releases fewer than ten answers came, which both would tell.
    withheld = ["satisfied_overall"] if name == "next" else []
    assert found.loc[found["marker"] == "[c]", "measure_id"].tolist() == withheld


@pytest.mark.slow
def test_periods_that_the_earlier_release_cut_short_are_counted_again_to_its_day(made: Releases) -> None:
    served = warehouse.current(made.warehouse("now"))
    con = warehouse.connect(served.path)
    rows, shown = contents.rows(con, facts_of(con), earlier=[CUT])
    con.close()
    cut = rows[rows[contents.UNTIL] == EARLIER]
    assert set(cut["grain"]) == {"quarter", "financial_year"}
    assert set(cut["period"]) == {"2026-07-01", "2026-04-01"}
    assert not shown[cut.index].any()
    of = ["measure_id", "basis", "dimension", "category"]
    crimes = rows[(rows["measure_id"] == "stalking_crimes") & (rows["dimension"] == "all")]
    months = crimes[(crimes["grain"] == "month") & crimes["period"].between("2026-07-01", "2026-08-01")]
    quarter = crimes[(crimes["grain"] == "quarter") & (crimes[contents.UNTIL] == EARLIER)]
    assert len(quarter) == 3
    pd.testing.assert_series_equal(
        months.groupby(of)["numerator"].sum(), quarter.set_index(of)["numerator"].sort_index()
    )

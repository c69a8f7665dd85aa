"""Titles and sentences hold of the tables below them, whatever is selected, in whatever force."""

import math
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from profiles import measures
from profiles.blocks import alerts, breakdowns, control_charts, funnels, typology
from profiles.blocks.block import Source
from profiles.catalogue import measure
from profiles.charts import backtests, projections
from profiles.frames import rows
from profiles.periods import first_day, last_day, month_number
from profiles.selection import Selection
from profiles.settings import ROOT
from profiles.verdicts import CHANGED, IMPROVING, STEADY, WORSENING
from tests import drawn, holding, made_up, small
from tests.drawn import Drawn
from tests.holding_mixes import hold_crossing, hold_overlap, hold_types
from tests.holding_series import LONGER, hold_process
from tests.made_up import Force

pytestmark = pytest.mark.slow

FORCES = tuple(made_up.forces())
EACH = 15
"""Selections of each of the twenty forces, each of which opens a page."""
STORED = 60
"""Selections of the small warehouse; of each three titles are held."""
CROSSING = "Largest share online only: {name}, {share} of {whole} crimes"


def selected(force: Force, chance: random.Random) -> Selection:
    """What a reader of the force may select: a month to all there is, any basis, a district or all.

    A reader of a snapshot picks a financial year.
    """
    if force.is_published:
        year = chance.choice((2023, 2024, 2025))
        return Selection(since=date(year, 4, 1), until=date(year + 1, 3, 31))
    until = made_up.LAST - chance.choice((0, 0, 0, 1, 8, 14))
    since = until - chance.choice((0, 2, 11, 23, 35, 59))
    where = []
    if chance.random() < 0.4:
        where.append(("district", chance.choice(made_up.NAMES["district"])))
    if chance.random() < 0.2:
        where.append(("typology", chance.choice(("online", "stranger"))))
    return Selection(
        basis=chance.choice(("any", "principal", "included_only")),
        grain=chance.choice(("month", "month", "quarter", "financial_year", "rolling_year")),
        since=first_day(max(since, made_up.FIRST)),
        until=last_day(until),
        where=tuple(where),
    )


@pytest.mark.parametrize("force", FORCES, ids=lambda each: f"{each.size}-{each.change}")
def test_what_a_block_says_holds_of_its_frame_in_every_force(force: Force) -> None:
    chance = random.Random(force.seed)
    pages = [page for page in drawn.PAGES if (page.parent.name == "steering") == force.is_published]
    source = force.source
    for number in range(EACH):
        page = pages[(number + force.seed) % len(pages)]
        found = drawn.blocks(page, source, selected(force, chance), chance)
        assert found, page
        for each in found:
            holding.hold(each)


def test_every_page_that_draws_blocks_is_opened_and_every_kind_of_block_is_held() -> None:
    told = {page: page.read_text(encoding="utf-8") for page in (ROOT / "pages").rglob("*.py")}
    asking = {page for page, text in told.items() if "ui.draw(" in text or "parts.cards(" in text}
    assert asking == set(drawn.PAGES)
    kinds: Counter[str] = Counter()
    for force in (FORCES[9], FORCES[8]):
        for page in drawn.PAGES:
            if (page.parent.name == "steering") == force.is_published:
                for each in drawn.blocks(
                    page, force.source, selected(force, random.Random(1)), random.Random(1)
                ):
                    kinds[each.builder.__name__] += 1
    assert set(kinds) == {*holding.HOLDERS, "process"}


@pytest.mark.parametrize(
    "force", [each for each in FORCES if each.size >= 12], ids=lambda each: f"{each.size}-{each.change}"
)
def test_a_change_that_was_planted_is_told_in_its_tense(force: Force) -> None:
    everything = Selection(since=made_up.DAYS[0], until=made_up.DAYS[1])
    block = control_charts.process(replace(force, is_published=False).source, "spo_applications", everything)
    said = block.title.partition(": ")[2]
    if force.change == "holds":
        assert block.now != STEADY
        assert "above" in said
    elif force.change == "ended":
        # Fifteen months ago it was over: nothing that holds now is told of it, and all of it is marked.
        assert "above" not in said
        months = block.frame[block.frame["grain"] == "month"].iloc[-26:-15]
        assert (months["signal"] != "").all()
        assert "Ended: " in block.sentence
    elif force.change == "reversed":
        assert block.now != STEADY
        assert "below" in said


PLACES = ((alerts.falls, "district"), (funnels.funnel, "district"), (funnels.funnel, "team"))


@pytest.mark.parametrize(
    "force",
    [each for each in FORCES if each.size >= 12 and each.seed % 2],
    ids=lambda each: f"{each.size}-{each.change}",
)
def test_places_that_fell_and_places_that_stand_apart_are_those_of_their_tables(force: Force) -> None:
    source = force.source
    everything = Selection(since=made_up.DAYS[0], until=made_up.DAYS[1])
    online = replace(everything, where=(("typology", "online"),))
    for measure_id, selection in (("needs_assessment_rate", everything), ("arrest_rate", online)):
        for builder, by in PLACES:
            block = builder(source, measure_id, selection, by=by)
            holding.hold(Drawn("alone", builder, (measure_id,), {"by": by}, block, source))


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return small.source(small.write(tmp_path_factory.mktemp("warehouse")))


def selections(source: Source) -> Iterator[Selection]:
    """Selections by chance, the same in every run: a month to two years, any basis, a district or all."""
    chance = random.Random(0)
    last = month_number(date.fromisoformat(source.as_at))
    districts = rows(source.frame("stalking_crimes", Selection(by="district", grain="all")))
    for _ in range(STORED):
        until = last - chance.randrange(24)
        since = until - chance.choice((0, 0, 2, 11, 23))
        where = (("district", chance.choice(districts).category),) if chance.random() < 0.5 else ()
        yield Selection(
            basis=chance.choice(("any", "principal", "included_only")),
            since=first_day(since),
            until=last_day(until),
            where=where,
        )


def test_a_superlative_holds_of_a_stored_warehouse_whatever_is_selected(stored: Source) -> None:
    named = 0
    for selection in selections(stored):
        hold_overlap(typology.overlap(stored, selection))
        hold_types(typology.shares(stored, selection))
        crossed = breakdowns.crossing(
            stored,
            "stalking_crimes",
            replace(selection, by=None),
            within="relationship",
            by="mode",
            category="online",
            says=CROSSING,
        )
        named += hold_crossing(crossed)
    assert named > STORED / 10


LEVEL = [50.0, 54.0] * 12
"""Months of average 52 and moving ranges of 4: the limits lie at about 52 ± 10.6."""
NEWEST = {
    "shift": [57.0] * 7,
    "trend": [46.0, 48.0, 50.0, 52.0, 54.0, 56.0, 58.0],
    "outside": [53.0, 80.0],
    "near": [61.8, 55.0, 61.8],
}
TELLS = {
    ("shift", 1): "above the average",
    ("shift", -1): "below the average",
    ("trend", 1): "each higher than the last",
    ("trend", -1): "each lower than the last",
    ("outside", 1): "above the upper limit",
    ("outside", -1): "below the lower limit",
    ("near", 1): "near the upper limit",
    ("near", -1): "near the lower limit",
}


def planted(values: list[float], measure_id: str) -> Source:
    """A source whose one measure has these settled months; a share has them of a hundred each."""

    def answer(name: str, selection: Selection) -> pd.DataFrame:
        item = measure(name)
        counts, sizes = np.array(values), np.full(len(values), math.nan if item.is_count else 100.0)
        labels = [first_day(made_up.LAST - place).isoformat() for place in range(len(values))][::-1]
        if selection.grain == "all":
            counts, sizes, labels = counts.sum(keepdims=True), sizes.sum(keepdims=True), ["all"]
        value, lower, upper = measures.figures(item, counts, sizes)
        columns = {"numerator": counts, "denominator": sizes, "value": value, "lower": lower, "upper": upper}
        return pd.DataFrame({"category": "all", "period": labels, **columns, "marker": ""})

    return replace(Force(1, 1.0, "none").source, frame=answer)


@pytest.mark.parametrize("measure_id", ["spo_applications", "referral_rate"])
@pytest.mark.parametrize("after", [[], [51.0, 53.0, 51.5]], ids=["holds", "ended"])
@pytest.mark.parametrize(("rule", "side"), list(TELLS))
def test_each_rule_is_told_of_its_side_and_in_its_tense(
    rule: str, side: int, after: list[float], measure_id: str
) -> None:
    newest = [52 + side * (value - 52) for value in NEWEST[rule]]
    everything = Selection(since=made_up.DAYS[0], until=made_up.DAYS[1])
    block = control_charts.process(planted([*LEVEL, *newest, *after], measure_id), measure_id, everything)
    item = measure(measure_id)
    hold_process(block, item, item.title, ())
    told = TELLS[rule, side]
    if not after:
        assert told in block.title
        better = side * LONGER[item.direction]
        assert block.now == {1: IMPROVING, -1: WORSENING, 0: CHANGED}[better]
    elif rule != "shift":
        # The average of the months after lies near that of all, so nothing holds.
        assert block.now == STEADY
        assert "no signal now" in block.title
        assert told.replace("than the last", "than the one before") in block.sentence.partition("Ended: ")[2]


def test_a_title_of_what_is_to_come_is_that_of_its_row() -> None:
    chance = random.Random(5)
    for _ in range(300):
        value = chance.choice((0.02, 3.4, 88.0, 2500.0)) * chance.random()
        spread = [value * (1 - chance.random()), value * (1 + chance.random())]
        beyond = chance.randrange(1, 4)
        ahead = pd.DataFrame(
            {
                "period": [first_day(made_up.LAST + 1 + place).isoformat() for place in range(beyond + 2)],
                "value": [1e6] * (beyond - 1) + [value] + [1e6] * 2,
                "lower_80": chance.choice((value, math.nan)),
                "lower_95": [0.0] * (beyond - 1) + [spread[0]] + [0.0] * 2,
                "upper_95": [2e6] * (beyond - 1) + [spread[1]] + [2e6] * 2,
                "is_extrapolated": [False] * beyond + [True] * 2,
            }
        )
        title = projections.projection_title("Crimes", ahead, "count")
        is_scenario = bool(ahead["lower_80"].isna().all())
        told = re.fullmatch(
            r"Crimes: (?:a scenario of ([\d,]+)|([\d,]+) projected) for (.+), "
            r"(95% interval|range) (.+) to (.+)",
            title,
        )
        assert told, title
        assert (told[1] is not None, told[4] == "range") == (is_scenario, is_scenario)
        assert (told[1] or told[2]) == f"{value:,.0f}"
        assert told[3] == f"{first_day(made_up.LAST + beyond):%B %Y}"
        for text, limit in zip((told[5], told[6]), spread, strict=True):
            assert not limit or float(re.sub(r"[^\d.]", "", text)) > 0, (title, limit)


def test_a_back_test_gives_its_error_and_that_of_repeating_last_year() -> None:
    title = backtests.errors_title("ETS", 0.6, 0.7, "Seasonal naive")
    assert title == "Forecast error 0.60; repeating last year would have been 0.70"

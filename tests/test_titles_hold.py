"""Titles and sentences hold of the tables below them, whatever is selected, in whatever force."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from profiles.charts.frames import rows
from profiles.periods import first_day, last_day, month_number
from profiles.selection import Selection
from profiles.settings import ROOT
from profiles.ui import breakdowns, processes, typology
from profiles.ui.blocks import Source
from profiles.verdicts import STEADY
from tests import drawn, holding, made_up, small
from tests.holding_mixes import hold_crossing, hold_overlap, hold_types
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
    block = processes.process(replace(force, is_published=False).source, "spo_applications", everything)
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

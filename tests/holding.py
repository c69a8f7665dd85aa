"""What a block says, held against its own frame by rules written down a second time.

Every kind of block that a page draws has a holder; a title of no form that it knows fails.
"""

import math
import re
from collections.abc import Callable

from profiles import words
from profiles.blocks.block import Block, named
from profiles.catalogue import Measure, measure
from profiles.frames import rows
from profiles.periods import first_day, last_day, month_number
from tests.drawn import Drawn
from tests.holding_courses import (
    hold_beside,
    hold_comparators,
    hold_difference,
    hold_falls,
    hold_rolling,
    hold_series,
    hold_together,
)
from tests.holding_mixes import hold_crossing, hold_funnel, hold_grid, hold_overlap, hold_ranking, hold_types
from tests.holding_sentences import (
    hold_course_sentence,
    hold_crossing_sentence,
    hold_funnel_sentence,
    hold_ranking_sentence,
)
from tests.holding_series import hold_change, hold_process
from tests.holding_words import figure, listed, shown_as


def hold_steps(d: Drawn, item: Measure, name: str) -> None:
    frame = d.block.frame
    counts = {row.category: row for row in rows(frame[frame["measure"] == "spo_steps"])}
    parts = {row.category: row for row in rows(frame[frame["measure"] == "spo_step_reached"])}
    title = d.block.title
    if title == "Steps towards an order: no figure":
        assert not max((row.value for row in counts.values() if row.value >= 0), default=0)
        return
    forms = {
        "order considered": r"(The first step loses most: an|An) order is considered for (.+?)"
        r"(?: of|) suspects",
        "order applied for": r"(O)f the suspects an order is considered for, (.+) come to an application",
        "full order granted": r"(O)f the suspects an order is applied for, (.+) get a full order",
    }
    known = {step: parts[step] for step in forms if parts[step].value >= 0}
    if not known:
        assert title == "Steps towards an order: no share of a step before is known"
        return
    (told,) = ((step, found) for step, form in forms.items() if (found := re.fullmatch(form, title)))
    step, found = told
    assert known[step].value == min(row.value for row in known.values()), title
    assert found[2] == figure(known[step], "percent"), title
    if "loses most" in title:
        lost = [parts[each].denominator - parts[each].numerator for each in known]
        assert lost[0] == max(lost) > 0, title


def hold_files(d: Drawn, item: Measure, name: str) -> None:
    table = d.block.table
    whole = table.drop(columns=["File", "Read"]).map(lambda text: float(text.replace(",", "") or 0))
    read = table["Read"].str.split().str[0].str.replace(",", "").astype(float)
    is_whole = bool((whole.sum(axis=1) == read).iloc[1:].all())
    expected = f"Every one of {table['Read'].iloc[0]} records read is accounted for"
    assert d.block.title == (expected if is_whole else "Records are missing from the account")


def hold_shares(d: Drawn, item: Measure, name: str) -> None:
    hold_types(d.block)


def hold_cards(d: Drawn, item: Measure, name: str) -> None:
    """The card of the types: the largest of them, or all that share the place; and that of the change."""
    hold_change_card(d)
    _, _, types, _ = d.with_block
    frame = d.block.frame
    shares = {
        each: rows(frame[(frame["measure"] == f"{each}_share") & (frame["grain"] == "all")])[0]
        for each in ("online", "domestic", "stranger")
    }
    known = {each: row for each, row in shares.items() if row.value >= 0}
    most = max((row.value for row in known.values()), default=0.0)
    first = [each for each, row in known.items() if row.value == most]
    if not known:
        assert types.title == "Types"
    elif not most:
        assert types.title == "Types: none is found"
    else:
        are = "is the largest type" if len(first) == 1 else "are the largest types"
        assert types.title == f"{shown_as(listed(first))} {are}"
        assert types.sentence.startswith(
            f"{known[first[0]].numerator:,.0f} of {known[first[0]].denominator:,.0f} crimes"
        )


def hold_change_card(d: Drawn) -> None:
    """The card of the change: how the last twelve whole months compare with the twelve before."""
    *_, card = d.with_block
    until = d.block.selection.until
    assert until
    newest = month_number(until) - (until != last_day(month_number(until)))
    frame = d.block.frame
    is_course = (frame["grain"] == "month") & (frame["since"] == f"{first_day(newest - 23)}")
    course = frame[is_course & (frame["measure"] == "stalking_crimes")].tail(24)
    if card.figure == "no comparison":
        assert not card.interval
        return
    told = f"the last 12 months were {card.figure} the 12 before"
    if card.figure == "no clear change":
        told = "no clear change from the 12 months before"
    hold_change(told, course, d.source.breaks("stalking_crimes", None))


def hold_tiles(d: Drawn, item: Measure, name: str) -> None:
    """A tile has the figure of its row, what it is made of, and no limit of 0 that is none."""
    names = d.block.frame["measure"].tolist()
    for tile, row, asked in zip(d.with_block, rows(d.block.frame), names, strict=True):
        unit = measure(asked).unit
        told = " ".join(filter(None, [words.number(row.value, unit), row.marker]))
        assert tile.value == (told or "none")
        if not math.isnan(row.numerator + row.denominator):
            pair = {f"{row.numerator:,.0f} {joined} {row.denominator:,.0f}" for joined in ("of", "to")}
            assert pair & set(tile.lines), tile
        zero = [line for line in tile.lines if re.match(r"95%: 0(\.0+)?%? to", line)]
        assert not zero or abs(row.lower) < 1e-12, tile


def hold_limits(block: Block) -> None:
    """A limit that is told as 0 is 0, and one told as all is all."""
    lower, upper = block.frame["lower"], block.frame["upper"]
    for column in block.table:
        if "interval" not in str(column).lower():
            continue
        cells = block.table[column].astype(str)
        if not cells.str.contains(" to ").any() or "points" in " ".join(cells):
            continue
        assert cells.str.match(r"0(\.0+)?%? to ").sum() <= (lower.abs() < 1e-12).sum(), block.title
        assert cells.str.contains(r"to 0(?:\.0+)?%?$").sum() <= (upper.abs() < 1e-12).sum(), block.title
        if "%" in " ".join(cells):
            assert cells.str.contains(r"to 100\.0%$").sum() <= (upper > 100 - 1e-9).sum(), block.title
    if not (lower.abs() < 1e-12).any() and not (block.frame["value"] == 0).any():
        assert not re.search(r"interval 0\.0+%? to", block.sentence), block.sentence
    for text in (block.title, block.sentence):
        assert not re.search(r"\bnan\b|-0\.0\b|\bNone\b(?! of these)|\{|\}", text), text


HOLDERS: dict[str, Callable[[Drawn, Measure, str], object]] = {
    "ranking": hold_ranking,
    "funnel": hold_funnel,
    "series": hold_series,
    "rolling": hold_rolling,
    "together": hold_together,
    "beside": hold_beside,
    "difference": hold_difference,
    "steps": hold_steps,
    "grid": hold_grid,
    "comparators": hold_comparators,
    "falls": hold_falls,
    "files": hold_files,
    "shares": hold_shares,
    "overlap": lambda d, item, name: hold_overlap(d.block),
    "crossing": lambda d, item, name: hold_crossing(d.block),
    "cards": hold_cards,
    "headlines": hold_tiles,
}
"""By the builder of a block; control charts are held by `holding_series`."""
SENTENCES: dict[str, Callable[[Drawn, Measure], object]] = {
    "ranking": hold_ranking_sentence,
    "funnel": hold_funnel_sentence,
    "crossing": lambda d, item: hold_crossing_sentence(d),
}


def hold(d: Drawn) -> None:
    """What the block says holds of its frame."""
    first = d.asked[0] if d.asked else d.block.asks[0][0]
    item = measure(first if isinstance(first, str) else first[0])
    name = named(item, d.block.asks[-1][1])
    kind = d.builder.__name__
    hold_limits(d.block)
    if kind == "process":
        hold_process(d.block, item, d.told.get("says") or name, d.source.breaks(item.measure_id, None))
    else:
        HOLDERS[kind](d, item, name)
    if kind in ("series", "rolling"):
        last = d.block.asks[-1][1]
        days = (d.block.frame["since"] == f"{last.since or ''}") & (
            d.block.frame["until"] == f"{last.until or ''}"
        )
        hold_course_sentence(d, item, d.block.frame[days & (d.block.frame["grain"] == last.grain)])
    elif kind in SENTENCES:
        SENTENCES[kind](d, item)

"""What a meeting is told: headlines, what to discuss and in which order, the lines of the plan."""

from dataclasses import replace

import pandas as pd
import pytest

from profiles import words
from profiles.catalogue import measure
from profiles.snapshot import judging, opened
from profiles.snapshot.opened import Release
from profiles.snapshot.places import Place
from profiles.ui import board, meeting, plan_lines, summary
from profiles.ui.meeting import COMPLETE, LOW, OVERDUE, SIGNAL
from tests.projected import made

VERDICT = {
    "measure_id": "stalking_crimes",
    "title": "Stalking-involved crimes",
    "basis": "any",
    "unit": "count",
    "last_period": "2026-09-01",
    "value": "472",
    "average": "397",
    "lower_limit": "325",
    "upper_limit": "470",
    "signal": "shift",
    "since": "2026-03-01",
    "until": "2026-09-01",
    "direction": "neutral",
    "sentence": "Since March 2026 seven months in a row lie above the average of 397; others. 39 a month.",
}

LINE = {
    "plan_ref": "13.2",
    "deadline": "2025-03-27",
    "requirement": "Officers are helped to apply",
    "owner": "Chief constable",
    "reported_position": "A toolkit is in use",
    "reported_status": "in progress",
    "percent_complete": "75",
    "measurability": "measured",
    "updated": "2024-11",
    "measure_id": "spo_applications",
    "measure_title": "Applications for an order",
    "matched": "line",
    "basis": "",
    "dimension": "all",
    "category": "all",
    "verdict": "no signal",
    "sentence": "Applications for an order: 59, the year to September 2026.",
    "to_discuss": "",
}


def with_tables(release: Release, verdicts: list[dict[str, str]], lines: list[dict[str, str]]) -> Release:
    """The release with these verdicts and lines of the plan."""
    tables = {"verdicts": pd.DataFrame(verdicts), "action_plan": pd.DataFrame(lines)}
    return replace(release, others=tables)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("shelf")
    made(folder / "2026-09-30-internal")
    (manifest,) = opened.found(folder).whole
    return opened.release(manifest)


@pytest.mark.slow
def test_signals_come_first_then_overdue_lines_then_low_bases(release: Release) -> None:
    worse = VERDICT | {"measure_id": "referral_rate", "title": "Referral", "direction": "worse"}
    done = LINE | {
        "plan_ref": "14.5",
        "reported_status": "complete",
        "to_discuss": "Reported complete; the control chart of Referral has a signal.",
    }
    rows = release.rows
    is_head = (rows["measure_id"] == "stalking_crimes") & (rows["dimension"] == "all")
    few = rows.assign(value=rows["value"].mask(is_head, 7.0), numerator=rows["numerator"].mask(is_head, 7.0))
    told = meeting.points(replace(with_tables(release, [VERDICT, worse], [LINE, done]), rows=few))
    assert [each.kind for each in told] == [SIGNAL, SIGNAL, COMPLETE, OVERDUE, LOW]
    assert "▼ worse" in told[0].subject
    assert "no direction is agreed" in told[1].subject
    assert told[1].reason == "Since March 2026 seven months in a row lie above the average of 397; others."
    assert told[2].plan_ref == "14.5"
    assert (told[3].plan_ref, told[3].reason) == ("13.2", "Due 27 March 2025; in progress, 75%.")
    assert "rests on 7 cases" in told[4].reason.lower()


def test_a_line_that_differs_in_two_figures_is_counted_once_here_and_in_the_plan(release: Release) -> None:
    done = LINE | {"plan_ref": "14.5", "reported_status": "complete"}
    lines = [
        done | {"measure_id": "referral_rate", "to_discuss": "Reported complete; Referral stands at 60.0%."},
        done | {"measure_id": "spo_refused", "to_discuss": "Reported complete; Refused stands at 9.0%."},
        done | {"measure_id": "spo_granted", "to_discuss": ""},
        done | {"plan_ref": "14.6", "to_discuss": "Reported complete; another."},
    ]
    lines += [each | {"plan_ref": "14.7"} for each in lines[:3]]
    shown = with_tables(release, [], lines)
    told = [each for each in meeting.points(shown) if each.kind == COMPLETE]
    assert [each.plan_ref for each in told] == [each.ref for each in plan_lines.differing(shown)]
    assert board._differing(shown).startswith("Figures of 3 of the lines reported complete do not show it")
    assert board._differing(with_tables(release, [], [LINE])).startswith("No line that is reported complete")
    # What two lines have in common is said once.
    assert [(each.plan_ref, each.reason) for each in told] == [
        ("14.5", "Reported complete; Referral stands at 60.0%. Refused stands at 9.0%."),
        ("14.6", "Reported complete; another."),
        ("14.7", "The same figures differ as in line 14.5."),
    ]


def test_a_district_that_stands_out_comes_before_all_other_signals(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"value": 61.0, "numerator": 61.0, "denominator": 100.0, "period": "2026-04-01", "marker": "[p]"}
    place = Place(measure("referral_rate"), "Thanet", row, {"value": 88.2})
    above = replace(place, district="Dover", row=row | {"value": 95.0})
    monkeypatch.setattr(summary, "places", lambda release: (place, above))
    first, second, third = meeting.points(with_tables(release, [VERDICT], []))[:3]
    assert first.kind == second.kind == third.kind == SIGNAL
    assert first.subject == "Referral to victim support in Thanet (▼ worse)"
    assert first.reason == "61.0% (61 of 100) in 2026/27 so far, below the 88.2% of the whole force."
    assert third.subject == "Referral to victim support in Dover (▲ better)"
    neutral = replace(above, item=measure("online_share"), district="Swale")
    for found, says in (
        ((), ""),
        ((place,), "Thanet stands apart from the force on the worse side: see what to discuss."),
        (
            (place, replace(place, district="Deal"), above, neutral),
            "Thanet and Deal stand apart from the force on the worse side; Dover on the better side; "
            "Swale where no direction is agreed: see what to discuss.",
        ),
    ):
        monkeypatch.setattr(summary, "places", lambda release, found=found: found)
        assert board._apart(release) == says


def test_the_tile_of_a_headline_names_the_districts_that_stand_apart_in_it(release: Release) -> None:
    (told,) = summary.standings(release)
    item, whole = measure("referral_rate"), {"value": 88.2}
    apart = (Place(item, "Thanet", {"value": 61.0}, whole), Place(item, "Dover <b>", {"value": 95.0}, whole))
    drawn = board._tiles([replace(told, apart=apart)])
    assert ", but</dd><dd class='verdict worse'>61.0% in Thanet, below the rest</dd>" in drawn
    assert "<dd class='verdict better'>95.0% in Dover &lt;b&gt;, above the rest</dd>" in drawn
    assert ", but" not in board._tiles([told])
    # What was recorded was recorded: only a share has its interval on the tile.
    assert told.item.is_count
    assert told.interval.startswith("95% interval")
    assert told.interval not in board._tiles([told])
    assert told.interval in board._tiles([replace(told, item=item)])


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({}, True),
        ({"until": "2026-08-01"}, False),
        ({"unit": "count", "average": "4.9"}, False),
        ({"signal": "not judged", "direction": "none"}, False),
        ({"average": "[c]", "direction": "none"}, True),
        ({"direction": "better"}, False),
        ({"signal": "none", "direction": "none", "since": "", "until": ""}, False),
        ({"basis": "principal"}, False),
    ],
)
def test_a_signal_is_for_discussion_while_it_holds(
    release: Release, changes: dict[str, str], is_told: bool
) -> None:
    told = meeting.points(with_tables(release, [VERDICT | changes], []))
    assert any(each.kind == SIGNAL for each in told) == is_told


@pytest.mark.parametrize(
    ("changes", "is_overdue"),
    [
        ({}, True),
        ({"deadline": "2026-09-30"}, False),
        ({"deadline": "2026-09-29"}, True),
        ({"deadline": ""}, False),
        ({"reported_status": "Complete"}, False),
        ({"reported_status": "not started"}, True),
    ],
)
def test_a_line_is_overdue_after_its_deadline_unless_complete(
    release: Release, changes: dict[str, str], is_overdue: bool
) -> None:
    (line,) = plan_lines.lines(with_tables(release, [], [LINE | changes]))
    assert line.is_overdue == is_overdue


def test_overdue_lines_begin_with_those_that_have_the_least_done(release: Release) -> None:
    parts = {"10.1": "50", "7.1": "50", "11.1": "25", "9.1": ""}
    lines = [LINE | {"plan_ref": ref, "percent_complete": done} for ref, done in parts.items()]
    told = [each.plan_ref for each in meeting.points(with_tables(release, [], lines)) if each.plan_ref]
    assert told == ["9.1", "11.1", "7.1", "10.1"]


def test_lines_stand_in_the_order_of_their_numbers_with_all_their_figures(release: Release) -> None:
    refs = ["10.1", "7.2", "7.10", "13.2", "13.2"]
    lines = [LINE | {"plan_ref": ref, "measure_id": f"m{place}"} for place, ref in enumerate(refs)]
    found = plan_lines.lines(with_tables(release, [], lines))
    assert [each.ref for each in found] == ["7.2", "7.10", "10.1", "13.2"]
    assert [len(each.evidence) for each in found] == [1, 1, 1, 2]


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        ("shift, better", "seven or more months on one side of the average: better"),
        ("outside", "a month outside the limits"),
        ("no signal", "no signal"),
        ("not judged", "not judged"),
        ("", "no control chart"),
    ],
)
def test_a_figure_beside_a_line_is_told_in_words(release: Release, verdict: str, told: str) -> None:
    (line,) = plan_lines.lines(with_tables(release, [], [LINE | {"verdict": verdict}]))
    (each,) = line.evidence
    assert each.chart == told
    assert (each.name, each.figure) == ("Applications for an order", "59, the year to September 2026.")


def test_a_signal_that_has_ended_is_no_verdict_and_a_district_apart_qualifies_the_whole(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = VERDICT | {
        "until": "2026-02-01",
        "sentence": "From May 2025 to February 2026 ten months in a row lay above the average of 397. More.",
    }
    low = Place(measure("stalking_crimes"), "Thanet", {"value": 61.0}, {"value": 88.2})
    other = replace(low, item=measure("referral_rate"))
    apart = (low, replace(low, district="Dover", row={"value": 95.0}), other)
    monkeypatch.setattr(summary, "places", lambda release: apart)
    (told,) = summary.standings(with_tables(release, [ended], []))
    assert told.qualified == "no signal now, but 61 in Thanet, below the rest; 95 in Dover, above"
    assert list(summary.table((told,))["Control chart"]) == [words.name(told.qualified)]
    assert (told.direction, told.sentence) == ("none", "No signal holds now.")
    said_once = replace(told, sentence="No signal now: of the newest six settled months five lie below 90%.")
    assert "<dd class='why'>Of the newest six settled months five lie below 90%.</dd>" in board._tile(
        said_once
    )
    assert board._lead([told]) == (
        "No signal now, but a district stands apart: Stalking-involved crimes (61 in Thanet, below the rest; "
        "95 in Dover, above). "
        "We checked one control chart: it shows no signal now; by chance alone fewer than 0.1 would."
    )


def test_what_differs_in_a_line_is_told_in_sentences() -> None:
    gaps = ("Reported complete; the rate stands at 60%.", "Reported complete; the control chart is worse.")
    assert plan_lines.told_once(gaps) == (
        "Reported complete; the rate stands at 60%. The control chart is worse."
    )
    assert plan_lines.told_once(()) == ""


@pytest.mark.parametrize(
    ("held", "charts", "says"),
    [
        (0, 10, "We checked 10 control charts: none shows a signal now; by chance alone about 0.3 would."),
        (
            1,
            10,
            "We checked 10 control charts: 1 shows a signal now; by chance alone about 0.3 would: "
            "chance alone can give as many.",
        ),
        (3, 10, "so many are unlikely to be chance, though one of them may be."),
        (
            1,
            1,
            "We checked one control chart: it shows a signal now; by chance alone fewer than 0.1 would: "
            "that is unlikely to be chance.",
        ),
        (0, 0, ""),
    ],
)
def test_signals_of_a_set_are_held_against_those_that_chance_would_give(
    held: int, charts: int, says: str
) -> None:
    told = judging.among(["steady"] * (charts - held) + ["changed"] * held + ["too few to say"])
    assert told.endswith(says) if says else told == ""


def test_a_line_without_a_figure_says_why(release: Release) -> None:
    (line,) = plan_lines.lines(
        with_tables(release, [], [LINE | {"measure_id": "", "sentence": "A narrative."}])
    )
    assert (line.evidence, line.nothing) == ((), "A narrative.")


def test_a_headline_tells_its_verdict_and_the_year_before(release: Release) -> None:
    (told,) = summary.standings(with_tables(release, [VERDICT], []))
    row = summary.row_of(release, told.item)
    assert row is not None
    assert told.row["value"] == row["value"]
    assert told.verdict == "changed, no direction agreed"
    assert told.direction == "neutral"
    assert "a year before" in told.change


@pytest.mark.parametrize(
    ("factor", "expected"),
    [(1.0, "no clear difference"), (2.0, "up from"), (0.4, "down from")],
)
def test_a_change_is_named_where_chance_can_hardly_explain_it(
    release: Release, factor: float, expected: str
) -> None:
    rows = release.rows.copy()
    years = (rows["grain"] == "financial_year") & (rows["measure_id"] == "stalking_crimes")
    newest = years & (rows["period"] == rows.loc[years, "period"].max())
    rows.loc[years, ["value", "numerator"]] = 4800.0
    rows.loc[newest, ["value", "numerator"]] = 4800.0 * factor
    (told,) = summary.standings(replace(with_tables(release, [], []), rows=rows))
    assert expected in told.change


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((107, 118, 94, 118), "up"), ((107, 118, 106, 118), "none"), ((50, 118, 94, 118), "down")],
)
def test_two_shares_are_compared_by_their_difference(counts: tuple[int, ...], expected: str) -> None:
    after, before = ({"numerator": a, "denominator": b, "value": 0.0} for a, b in (counts[:2], counts[2:]))
    lower, upper = summary._limits_of_change(measure("referral_rate"), after, before)
    assert ("up" if lower > 0 else "down" if upper < 0 else "none") == expected


def test_nothing_is_compared_across_a_break(release: Release) -> None:
    breaks = release.breaks.assign(effect="rebase", break_date="2025-06-01", applies_to="all").head(1)
    (told,) = summary.standings(replace(with_tables(release, [], []), breaks=breaks))
    assert "not comparable" in told.change

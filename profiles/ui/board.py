"""What the summary and the action plan of the shared dashboard draw."""

import math
import re
from collections.abc import Callable, Iterable
from datetime import date

import pandas as pd
import streamlit as st

from profiles import ui, words
from profiles.escaped import html as escape
from profiles.snapshot import judging, opened
from profiles.snapshot.opened import Release
from profiles.snapshot.places import named
from profiles.ui import addresses, markup, meeting, plan_lines, steering, summary
from profiles.ui.markup import plain
from profiles.ui.meeting import Point
from profiles.ui.plan_lines import Evidence, Line
from profiles.ui.summary import Standing
from profiles.verdicts import CHANGED, IMPROVING, STEADY, WORSENING

PLAN = "pages/steering/action_plan.py"

WHY = {
    "named by the line": "named by the plan",
    "line": "",
    "whole recommendation": "for the whole recommendation",
}
"""Why a figure stands beside a line that it is not evidence for by itself."""

LEADS = {
    WORSENING: "Worsening",
    CHANGED: "Changed, with no direction agreed",
    IMPROVING: "Improving",
}
"""How the summary begins on what holds now, in this order."""

SIDES = {
    "worse": "on the worse side",
    "better": "on the better side",
    "neutral": "where no direction is agreed",
}
"""On which side of the force a district stands apart, in this order."""

FIRST = 5
"""Points of one kind that are told at once; the others are unfolded."""

KINDS: dict[str, Callable[[Line], bool]] = {
    "all lines": lambda line: True,
    "overdue": lambda line: line.is_overdue,
    "reported complete, figures differ": lambda line: bool(line.gaps),
    "complete": lambda line: line.status.strip().lower() == plan_lines.COMPLETE,
    "with figures": lambda line: bool(line.evidence),
    "without figures": lambda line: not line.evidence,
}
"""What the lines can be narrowed to."""


def standing() -> None:
    """Draw where stalking stands: one sentence, and the headlines."""
    release = steering.shown().release
    told = summary.standings(release)
    as_at = words.day(pd.Timestamp(release.manifest.as_at).date())
    ui.title(f"Where stalking stands, {as_at}", f"{_lead(told)} {_apart(release)}".strip())
    st.html(_tiles(told))
    with st.expander("Table :gray[of the figures above, with what each is made of]"):
        st.html(_table(summary.table(told), "The headlines of the summary", 3))


def _lead(told: Iterable[Standing]) -> str:
    """What the charts say of the headlines together."""
    told = tuple(told)
    if not told:
        return "This snapshot holds none of the figures that a meeting looks at first."
    parts = [
        (said, words.listed(_headline(each) for each in told if each.now and each.now.now == now))
        for now, said in LEADS.items()
    ]
    found = [f"{said}: {names}." for said, names in parts if names]
    quiet = [each for each in told if each.now and each.now.now == STEADY and each.apart]
    if quiet:
        found.append(f"No signal now, but a district stands apart: {words.listed(map(_headline, quiet))}.")
    if not any(each.now for each in told):
        return "None of these headlines has a control chart."
    return " ".join(filter(None, (*found, judging.among(each.now.now for each in told if each.now))))


def _headline(told: Standing) -> str:
    """Its name, with the districts that stand apart in it."""
    if not told.apart:
        return told.title
    return f"{told.title} ({named(told.apart)})"


def _apart(release: Release) -> str:
    """Which districts stand apart, on which side, in a sentence; empty when none does."""
    parts: list[str] = []
    verb = ""
    for direction, side in SIDES.items():
        names = dict.fromkeys(
            place.district for place in summary.places(release) if place.direction == direction
        )
        if names:
            verb = verb or f" {'stands' if len(names) == 1 else 'stand'} apart from the force"
            parts.append(f"{words.listed(names)}{'' if parts else verb} {side}")
    return f"{'; '.join(parts)}: see what to discuss." if parts else ""


def _tiles(told: Iterable[Standing]) -> str:
    return f"<dl class='tiles standing'>{''.join(map(_tile, told))}</dl>"


def _tile(told: Standing) -> str:
    marks = "" if told.row["marker"] in ("", told.figure) else f" {told.row['marker']}"
    # What was recorded was recorded: the interval of its level stands in the table.
    interval = "" if told.item.is_count else told.interval
    lines = (told.made_of, interval, told.period, words.name(told.change))
    drawn = "".join(f"<dd>{escape(line)}</dd>" for line in lines if line)
    districts = "".join(
        f"<dd class='verdict {place.direction}'>{escape(named([place]))}</dd>" for place in told.apart
    )
    verdict = f"{words.name(told.verdict)}{', but' if told.apart else ''}"
    why = words.name(told.sentence.removeprefix(f"{words.name(told.verdict)}: "))
    return (
        f"<div><dt>{escape(told.title)}</dt><dd class='figure'>{escape(told.figure + marks)}</dd>{drawn}"
        f"<dd class='verdict {escape(told.direction or 'open')}'>{escape(verdict)}</dd>{districts}"
        f"<dd class='why'>{escape(why)}</dd></div>"
    )


def discussion() -> None:
    """Draw what to discuss, each with its reason, and the way to the plan."""
    found = meeting.points(steering.shown().release)
    with st.container(border=True, height="stretch"):
        st.header("What to discuss", anchor="discuss")
        if not found:
            st.markdown("Nothing stands out: no signal, no overdue line, no figure on few cases.")
        for kind in dict.fromkeys(each.kind for each in found):
            mine = [each for each in found if each.kind == kind]
            st.subheader(f"{kind}: {len(mine)}", anchor=False)
            if kind == meeting.SIGNAL:
                st.caption(plain(meeting.signals_among(steering.shown().release)))
            st.html(_points(mine[:FIRST]))
            if len(mine) > FIRST:
                with st.expander(f"{len(mine) - FIRST} more :gray[of: {kind}]"):
                    st.html(_points(mine[FIRST:]))
        st.page_link(PLAN, label="To the action plan, line by line", icon=":material/checklist:")


def _points(found: Iterable[Point]) -> str:
    items = (f"<li><b>{escape(each.subject)}</b> {escape(each.reason)}</li>" for each in found)
    return f"<ul class='points'>{''.join(items)}</ul>"


def changes() -> None:
    """Draw what changed since the snapshot before: headlines first, then all revisions."""
    shown = steering.shown()
    with st.container(border=True):
        st.header("What changed since the last snapshot", anchor="changed")
        if shown.before is None:
            st.markdown(
                "There is no snapshot of its kind before this one here to compare with"
                + (", leaving out those that were withdrawn." if shown.shelf.withdrawn else ".")
            )
            return
        before = shown.before
        st.caption(f"Compared with {plain(before.manifest.folder.name)}, of the same disclosure profile.")
        st.html(_points(_moved(shown.release, before)))
        with st.expander("Every revision :gray[of figures published before]", on_change="rerun") as folded:
            if folded.open:
                with st.spinner("Comparing every figure of both"):
                    found = opened.compared(before.manifest, shown.release.manifest)
                st.markdown("\n".join(f"- {plain(sentence)}" for sentence in found.summary))
            else:
                st.html(markup.NOT_COMPARED)


def _moved(release: Release, before: Release) -> list[Point]:
    """A point a headline: its figure in both snapshots."""
    old = {each.title: each for each in summary.standings(before)}
    found = []
    for each in summary.standings(release):
        was = old.get(each.title)
        if was is None:
            reason = f"{each.figure} ({each.period}); not in the last snapshot"
        elif (was.figure, was.period) == (each.figure, each.period):
            reason = f"still {each.figure} ({each.period})"
        else:
            reason = f"{was.figure} ({was.period}), now {each.figure} ({each.period})"
        found.append(Point("", each.title, words.sentence(reason)))
    return found


def plan() -> None:
    """Draw the lines of the action plan, each opening its history and its figures."""
    shown = steering.shown()
    every = plan_lines.lines(shown.release)
    if not every:
        ui.title("Action plan", "The published plan, line by line.")
        st.info("This snapshot holds no action plan: it was made before one was imported.")
        return
    done = sum(line.status.strip().lower() == plan_lines.COMPLETE for line in every)
    late = sum(line.is_overdue for line in every)
    ui.title(
        f"Action plan: {done} of {len(every)} lines reported complete, {late} overdue",
        "What is reported stands beside what is measured, and neither replaces the other. Open a line for "
        "its history, its figures and the owner's note.",
    )
    st.markdown(_differing(shown.release))
    addresses.check("show", "kind of lines", map(words.name, KINDS))
    addresses.say("show")
    picked = st.selectbox(
        "Show",
        KINDS,
        key="show",
        format_func=words.name,
        on_change=addresses.forget,
        args=("show",),
        bind="query-params",
    )
    chosen = [line for line in every if KINDS[picked](line)]
    st.caption(f"{len(chosen)} of {len(every)} lines")
    for line in chosen:
        _line(line)
    with st.expander("Table :gray[of the lines above]"):
        st.html(_table(_lines_table(chosen), "The lines of the action plan", 8))


def _differing(release: Release) -> str:
    """How many lines are reported complete that their figures do not show so."""
    gaps = len(plan_lines.differing(release))
    if not gaps:
        return "No line that is reported complete has figures that speak against it."
    return (
        f"Figures of {gaps} of the lines reported complete do not show it: these lines are to be discussed, "
        "not judged. A district stands apart where its share lies outside the 99.8% limits around that of "
        "the whole force."
    )


def _label(line: Line) -> str:
    marks = [line.standing, f"due {line.deadline_words}"]
    marks += ["overdue"] * line.is_overdue + ["figures differ"] * bool(line.gaps)
    return f"**{plain(line.ref)}** {plain(line.requirement)} — {plain(', '.join(marks))}"


def _line(line: Line) -> None:
    """Draw a line of the plan; what it opens is there while it is folded, so that it is printed."""
    with st.expander(_label(line), key=f"line-{line.ref}"):
        if line.gaps:
            st.warning(plain(line.difference), icon=":material/help:")
        pairs = [
            ("Owner", line.owner),
            ("Deadline", line.deadline_words + (" (overdue)" if line.is_overdue else "")),
            ("Status", line.standing),
            ("Position, in the owner's words", line.position or "none given"),
            ("Last update", _when(line.updated)),
            ("Measurability", _measurability(line)),
        ]
        st.html(_pairs(pairs) + _figures(line) + _history(line))


def _measurability(line: Line) -> str:
    about = plan_lines.MEASURABILITIES.get(line.measurability, "")
    return f"{line.measurability}: {about}" if about else line.measurability or "not told"


def _when(text: str) -> str:
    """A month or a day as read; any other text as it stands."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}", text):
            return words.period(f"{text}-01", "month")
        return words.day(date.fromisoformat(text))
    except ValueError:
        return text or "not told"


def _figures(line: Line) -> str:
    """The figures of a line now and in the snapshot before, as HTML."""
    shown = steering.shown()
    if not line.evidence:
        return f"<p>{escape(f'No figure: {line.nothing}')}</p>"
    before = plan_lines.earlier(shown.before, line.ref)
    missing = "no earlier snapshot" if shown.before is None else "not in it"
    table = pd.DataFrame(
        {
            "Figure of": [_named(each) for each in line.evidence],
            "This snapshot": [each.figure for each in line.evidence],
            "The last snapshot": [
                before[each.key].figure if each.key in before else missing for each in line.evidence
            ],
            "Control chart": [each.chart for each in line.evidence],
        }
    )
    return _table(table, f"Figures beside line {line.ref}", 4)


def _named(evidence: Evidence) -> str:
    why = WHY.get(evidence.matched, evidence.matched)
    return f"{evidence.name}; {why}" if why else evidence.name


def _history(line: Line) -> str:
    """Every version that was reported of a line, as HTML."""
    told = plan_lines.history(steering.shown().release, line.ref)
    if told.empty:
        return "<p>History: only the published version is known; no update was imported.</p>"
    shown = pd.DataFrame(
        {
            "Version": [each if each != "0" else "as published" for each in told["number"]],
            "Reported": [_when(each) for each in told["reported_on"]],
            "Status": told["status"],
            "Per cent": [each.removesuffix(".0") for each in told["percent_complete"]],
            "The owner's note": told["note"],
        }
    )
    return _table(shown, f"Every reported version of line {line.ref}, the newest first", 5)


def _lines_table(lines: Iterable[Line]) -> pd.DataFrame:
    lines = list(lines)
    return pd.DataFrame(
        {
            "Line": [line.ref for line in lines],
            "Requirement": [line.requirement for line in lines],
            "Owner": [line.owner for line in lines],
            "Deadline": [line.deadline_words for line in lines],
            "Status": [line.status for line in lines],
            "Per cent": ["" if math.isnan(line.percent) else f"{line.percent:.0f}" for line in lines],
            "Measurability": [line.measurability for line in lines],
            "To discuss": [line.difference or ("Overdue." if line.is_overdue else "") for line in lines],
        }
    )


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    told = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in pairs)
    return f"<dl class='pairs entry'>{told}</dl>"


def _table(frame: pd.DataFrame, label: str, texts: int) -> str:
    """A table of words, its headers tied to their cells."""
    return markup.words_table(frame, label, texts)


__all__ = ["changes", "discussion", "plan", "standing"]

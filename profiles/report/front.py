"""The first sections: terms of reference, key findings, definitions and data quality."""

from collections.abc import Iterator
from datetime import date

import pandas as pd

from profiles import words
from profiles.report import tables
from profiles.report.courses import sentence, verdict_of
from profiles.report.figures import breakdown
from profiles.report.model import Blank, Block, Cell, Fact, Heading, Line, Points, Table, Text
from profiles.report.reading import Source, figure, limits, newest
from profiles.report.tables import head, plain
from profiles.selection import BASES
from profiles.snapshot.judging import among, told, usual
from profiles.snapshot.places import among_places, standing_out
from profiles.verdicts import CHANGED, IMPROVING, STEADY, TOO_FEW, WORSENING

HEADLINES = (
    *("stalking_crimes", "stalking_rate", "included_only_share", "domestic_share", "online_share"),
    *("stranger_share", "risk_assessed_24h", "arrest_rate", "charge_rate", "victim_does_not_support"),
    *("spo_considered", "spo_applications", "referral_rate", "needs_assessment_rate"),
)
"""Measures of the first table."""

VERDICTS = {
    IMPROVING: "a change for the better",
    WORSENING: "a change for the worse",
    CHANGED: "a change",
    STEADY: "no signal now",
    TOO_FEW: "too few to say",
}
"""What holds at the newest settled month, in the words of a table."""

SIDES = {
    "worse": "the worse side",
    "better": "the better side",
    "neutral": "no direction is agreed",
}
"""On which side of the force a district stands apart."""

MOST = 6
"""Signals told among the findings; all are listed under Hypotheses."""

BASIS = {"": "–", "fixed": "compares both"}

PROFILES = {
    "internal": "internal, for partners under a sharing agreement: counts of 1 to 4 are withheld, and so are "
    "those that would give them away",
    "external": "external, for publication: counts of 1 to 4 are withheld, and so are those that would give "
    "them away; counts are rounded to 5, and rates and intervals are made of rounded counts",
}


def terms(source: Source) -> Iterator[Block]:
    """Terms of reference: what the snapshot can say of them, and blanks."""
    manifest = source.manifest
    yield Heading(1, "Terms of reference", "terms-of-reference")
    yield Text(
        (
            "This problem profile follows the order of the National Intelligence Model. It describes "
            "recorded stalking, the response to it and what is not known, as recommendation 11.1 of the 2024 "
            "report “The police response to stalking” asks. Figures and charts are filled in from one "
            "protected release; what only an analyst can judge is left as a marked box.",
        )
    )
    made_up = (
        "SYNTHETIC: the data are invented and hold no real record." if manifest.synthetic != "no" else "No."
    )
    pairs = (
        ("Figures as at", tables.day(source)),
        ("Handling marking", manifest.marking),
        ("Synthetic data", made_up),
        ("Disclosure profile", words.sentence(PROFILES.get(manifest.profile, manifest.profile))),
        ("Snapshot", manifest.folder.name),
        ("SHA-256 of its manifest", manifest.sha256),
        ("Made by", f"stalking-profiles {manifest.version}, warehouse {manifest.warehouse_version}"),
    )
    yield Table(
        "What this document rests on",
        ("Item", "Value"),
        tuple((head(label), plain(text)) for label, text in pairs),
        (0.28, 0.72),
    )
    yield Table(
        "To be agreed",
        ("Item", "To be filled in"),
        tuple(
            (head(label), tables.open_cell(text))
            for label, text in (
                ("Force and area", "[Analyst to write: name of the force]"),
                ("Commissioned by", "[Analyst to write: name, role, date]"),
                ("Purpose and questions", "[Analyst to write: what is to be decided with this profile]"),
                ("Scope", "[Analyst to write: offences, areas and dates in and out of scope]"),
                ("Author and reviewer", "[Analyst to write: names, date of review]"),
                ("Circulation", "[Analyst to write: who receives it, under which agreement]"),
            )
        ),
        (0.28, 0.72),
    )


def findings(source: Source) -> Iterator[Block]:
    """Key findings: the headline figures, and what their control charts say."""
    yield Heading(1, "Key findings", "key-findings")
    rows, met = [], []
    for name in HEADLINES:
        found = newest(source.whole(name, "rolling_year")) or newest(source.whole(name, "financial_year"))
        if not found:
            continue
        met.append(found)
        interval = limits(found)
        verdict = verdict_of(source, name, found["basis"])
        said = VERDICTS[told(verdict).now] if verdict else "no control chart"
        made: Line = (figure(found, "numerator"), " of ", figure(found, "denominator"))
        rows.append(
            (
                head(source.title(name)),
                Cell(((BASIS.get(found["basis"], tables.basis_words(found["basis"])),),)),
                Cell(((words.period(found["period"], found["grain"]),),)),
                Cell(((figure(found),),), is_number=True),
                Cell(((interval or "–",),), is_number=True),
                Cell((made if found["denominator"] == found["denominator"] else ("–",),), is_number=True),
                plain(said),
            )
        )
    if rows:
        yield Table(
            "Headline figures",
            ("Measure", "Basis", "Period", "Figure", "95% interval", "Made of", "Months"),
            tuple(rows),
            (0.23, 0.11, 0.17, 0.08, 0.15, 0.14, 0.12),
            (
                "The newest 12 months that are settled. “Months” says what the control chart of the "
                "monthly figures shows at the newest settled month; better or worse only where a direction "
                "is agreed. What each "
                f"counts is in the annex. As at {tables.day(source)}.",
                *tables.marker_note(met),
            ),
        )
    else:
        yield Text(("No headline figure can be given: all are withheld or not available.",))
    held = signals(source)
    if held:
        yield Heading(3, "What the control charts show now", "")
        yield Points(
            tuple(
                (f"{line['title']}{_aside(line['basis'])}: ", sentence(line, is_short=True))
                for line in held[:MOST]
            )
        )
        yield Text((among(said.now for _, _, said in usual(pd.DataFrame(source.table("verdicts")))),))
    apart = standing_out(source.rows)
    if apart:
        yield Heading(3, "Districts that stand apart", "")
        yield Points(
            tuple(
                (
                    f"{place.item.title} in {place.district}: ",
                    *(figure(place.row), " (", figure(place.row, "numerator"), " of "),
                    *(figure(place.row, "denominator"), f") in {place.year}, {place.where} the "),
                    *(figure(place.whole), f" of the whole force: {SIDES[place.direction]}."),
                )
                for place in apart
            )
        )
        yield Text((f"{among_places(source.rows)} What is withheld is not looked at.",))
    yield Blank(
        "three to five findings in plain words, and what follows from each",
        "Say what is known, how sure it is, and what it means for victims. Keep to the figures given here.",
    )


def signals(source: Source, *, worse_only: bool = False) -> list[dict[str, str]]:
    """The verdicts with a signal that holds at the newest settled month: worse first, then the newest."""
    found = [
        (said.now, line)
        for line in source.table("verdicts")
        if source.holds(line["measure_id"]) and line["basis"] == source.usual(line["measure_id"])
        for said in (told(line),)
        if said.now == WORSENING or (said.now in (IMPROVING, CHANGED) and not worse_only)
    ]
    order = {WORSENING: 0, IMPROVING: 1}
    return [line for _, line in sorted(found, key=lambda each: order.get(each[0], 2))]


def _aside(basis: str) -> str:
    return f" (basis {tables.basis_words(basis)})" if basis not in ("", "fixed") else ""


def definitions(source: Source) -> Iterator[Block]:
    """What is counted, what the markers mean, which breaks there are, how complete the records are."""
    yield Heading(1, "Definitions and data quality", "definitions-and-data-quality")
    yield Table(
        "Bases: which crimes are counted",
        ("Basis", "Meaning"),
        tuple((head(name.replace("_", " ")), plain(words.sentence(text))) for name, text in BASES.items()),
        (0.2, 0.8),
        ("National figures are principal only: they are never put beside any.",),
    )
    yield Table(
        "Markers: what stands beside or in place of a figure",
        ("Marker", "Meaning"),
        tuple((head(name), plain(words.sentence(text))) for name, text in words.MARKERS.items()),
        (0.2, 0.8),
        (
            f"{tables.BREAK} A break of the series falls into the period. A withheld figure is part of every "
            "total: what is shown may add up to less. Intervals are 95% intervals: the range that chance "
            "alone would leave for a figure of that size.",
        ),
    )
    breaks = [line for line in source.table("breaks") if line["break_date"] <= source.manifest.as_at]
    if breaks:
        yield Table(
            "Breaks: changes that part a series or mark it",
            ("Date", "Change", "What changed", "Effect on series"),
            tuple(
                (
                    head(words.day(date.fromisoformat(line["break_date"]))),
                    plain(line["title"]),
                    plain(words.sentence(line["explanation"])),
                    plain(_effect(line)),
                )
                for line in breaks
            ),
            (0.17, 0.23, 0.38, 0.22),
            ("Trends run on the recorded date. No line crosses a break after which a series begins anew.",),
        )
    yield from _records(source)
    yield from breakdown(source, "field_not_recorded", "field", "Fields that are not recorded", first="Field")
    yield from _recorded(source)


def _effect(line: dict[str, str]) -> str:
    series = line["applies_to"].replace("_", " ").replace(";", ", ")
    return f"{'begins anew' if line['effect'] == 'rebase' else 'marked only'}: {series}"


def _records(source: Source) -> Iterator[Block]:
    """How many records were read, rejected and marked."""
    lines = [
        line
        for line in source.table("data_quality")
        if line["measure_id"] in ("records_read", "records_rejected", "records_marked")
    ]
    if not lines:
        return
    yield Table(
        "Records behind the figures",
        ("What", "Which", "Records"),
        tuple(
            (
                head(line["title"]),
                plain("all" if line["category"] == "all" else words.name(line["category"])),
                Cell(((_quality(line, "value"),),), is_number=True),
            )
            for line in lines
        ),
        (0.42, 0.42, 0.16),
        (
            "Of everything that was loaded, whatever its days. "
            f"A marked record is counted, and worth a second look. As at {tables.day(source)}.",
        ),
    )


def _recorded(source: Source) -> Iterator[Block]:
    """How often what the types rest on is recorded, on every basis."""
    names = ("mode_recorded_share", "domestic_recorded_share", "relationship_recorded_share")
    lines = [line for line in source.table("data_quality") if line["measure_id"] in names]
    if not lines:
        return
    yield Table(
        "How often the types can be told",
        ("What", "Basis", "Year", "Share", "95% interval", "Counted", "Out of"),
        tuple(
            (
                head(line["title"]),
                plain(tables.basis_words(line["basis"])),
                plain(line["period"]),
                *(
                    Cell(((_quality(line, part),),), is_number=True)
                    for part in ("value", "interval", "numerator", "denominator")
                ),
            )
            for line in lines
        ),
        (0.28, 0.14, 0.11, 0.11, 0.16, 0.1, 0.1),
        (f"Share of stalking-involved crimes. As at {tables.day(source)}.",),
    )


def _quality(line: dict[str, str], part: str) -> Fact:
    """One figure of data_quality.csv as it is shown."""
    place = tuple(line[name] for name in ("measure_id", "basis", "dimension", "category"))
    try:
        if part == "interval":
            text = words.interval(float(line["lower"]), float(line["upper"]), line["unit"])
        else:
            text = words.number(float(line[part]), line["unit"] if part == "value" else "count")
    except ValueError:
        text = line["marker"] or "–"
    return Fact(text, "data_quality", place, part)

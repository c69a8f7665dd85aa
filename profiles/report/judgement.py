"""The last sections: hypotheses, intelligence gaps, recommendations, evaluation, and what measures count."""

from collections.abc import Iterator, Mapping
from typing import Any

from profiles import words
from profiles.report import tables
from profiles.report.courses import sentence
from profiles.report.figures import Found
from profiles.report.front import VERDICTS, signals
from profiles.report.model import Blank, Block, Cell, Heading, Line, Points, Table, Text
from profiles.report.reading import Source, at, figure, has_figure, last_year
from profiles.report.tables import head, open_cell, plain
from profiles.snapshot.judging import told

MUCH = 10.0
"""Per cent not recorded from which a field is a gap."""

MOST_FIELDS = 3
"""Of these so many are evidence of a recommendation."""

NOT_HELD = (
    ("Repeat and serial suspects", "who offends again, and against whom", "a count by pseudonymous suspect"),
    (
        "Hour, weekday and type of place",
        "when and where to be",
        "a breakdown of the snapshot by these fields",
    ),
    ("Age, sex and other characteristics", "who is harmed and who offends", "breakdowns that counts allow"),
    (
        "Stalking in crimes with no stalking classification",
        "how much is missed altogether",
        "screening of similar crimes by the same people",
    ),
    ("Offending before and after by the same suspect", "whether it escalates", "links between crimes"),
    ("Harm", "which stalking does most harm", "verified weights of harm"),
    ("Aggravated stalking under class 8M", "how much is counted elsewhere", "its codes, which are not known"),
    (
        "What partners know: advocacy, health, probation",
        "the stalking never reported",
        "counts from partners",
    ),
)
"""What the snapshot cannot tell: what, why it matters, what would close the gap."""

SARA = (
    ("Scanning", "Key findings; scale and trend; typology; what is not recorded"),
    ("Analysis", "Victims; offenders; locations and time; linked offences; comparison; hypotheses"),
    ("Response", "Response; recommendations with owner and date; the lines of the action plan"),
    ("Assessment", "Control charts of the monthly figures; the next snapshot, compared with this one"),
)

TRIANGLE = (
    ("Victim", "Victims: numbers, repeats, referral, satisfaction", "who could protect, and does"),
    ("Offender", "Offenders; response: arrest, outcomes, protection orders", "who could restrain, and does"),
    ("Location", "Locations and time; online stalking", "who manages the place or platform"),
)


def hypotheses(source: Source) -> Iterator[Block]:
    """A form for hypotheses with confidence, and the signals that they should account for."""
    yield Heading(1, "Hypotheses with confidence", "hypotheses")
    yield Text(
        (
            "A hypothesis says what may cause what is seen, so that it can be proved wrong. Give each a "
            "confidence of low, moderate or high, and what would change it. Figures here show association "
            "and no cause.",
        )
    )
    rows = tuple(
        (
            head(str(number)),
            open_cell("[Analyst to write: hypothesis]"),
            open_cell("[for]"),
            open_cell("[against, or another explanation]"),
            open_cell("[low, moderate or high]"),
        )
        for number in range(1, 6)
    )
    yield Table(
        "Hypotheses",
        ("No.", "Hypothesis", "Evidence for", "Evidence against", "Confidence"),
        rows,
        (0.07, 0.33, 0.22, 0.22, 0.16),
    )
    held = signals(source)
    if held:
        yield Text(("A set of hypotheses should account for these signals of the monthly series:",))
        by: dict[str, list[str]] = {}
        for line in held:
            by.setdefault(VERDICTS[told(line).now], []).append(line["title"])
        yield Points(tuple((f"{words.name(said)}: {words.listed(mine)}.",) for said, mine in by.items()))


def gaps(source: Source) -> Iterator[Block]:
    """What is not known: from the data, from the plan, from what the product does not hold; and a form."""
    yield Heading(1, "Intelligence gaps", "intelligence-gaps")
    yield Text(("The first three tables are filled in from the snapshot and from what it cannot hold.",))
    yield Table(
        "What this product does not hold",
        ("Gap", "Why it matters", "What would close it"),
        tuple(
            (head(gap), plain(words.sentence(why)), plain(words.sentence(how))) for gap, why, how in NOT_HELD
        ),
        (0.34, 0.33, 0.33),
    )
    yield from _blank_fields(source)
    yield from _absent(source)
    yield Table(
        "Further gaps",
        ("Gap", "How it is known", "Who can close it", "By when"),
        tuple((open_cell("[Analyst to write: gap]"), *(open_cell() for _ in range(3))) for _ in range(3)),
        (0.4, 0.24, 0.2, 0.16),
    )


def _blank_fields(source: Source) -> Iterator[Block]:
    much = _much(source)
    if not much:
        return
    label = words.period(much[0]["period"], "financial_year")
    yield Table(
        f"Fields not recorded in a tenth of crimes or more, {label}",
        ("Field", "Not recorded", "Counted", "Out of"),
        tuple(
            (
                head(words.name(row["category"])),
                *(
                    Cell(((figure(row, part),),), is_number=True)
                    for part in ("value", "numerator", "denominator")
                ),
            )
            for row in much
        ),
        (0.4, 0.2, 0.2, 0.2),
        (tables.rests_on(source, "field_not_recorded", much[0]["basis"], label), *tables.marker_note(much)),
    )


def _much(source: Source) -> list[dict[str, Any]]:
    """The fields that are often not recorded, in the newest whole financial year, the worst first."""
    found: Found = source.broken_down("field_not_recorded", "financial_year", "field")
    period = last_year(found)
    rows = [row for mine in found.values() if (row := at(mine, period))]
    much = [row for row in rows if has_figure(row) and row["value"] >= MUCH]
    return sorted(much, key=lambda row: -row["value"])


def _absent(source: Source) -> Iterator[Block]:
    """Measures without a figure in any period, and lines of the plan without evidence."""
    rows = []
    for name, mine in source.by_measure.items():
        if mine["value"].isna().all():
            kinds = set(mine["marker"].tolist())
            why = (
                "[x] not available" if kinds <= {"[x]", "[z]"} else "withheld or on too low a base throughout"
            )
            needs = source.definitions.get(name, {}).get("needs", "").replace("_", " ")
            rows.append((head(source.title(name)), plain(why), plain(f"needs {needs}" if needs else "–")))
    lines = {
        line["plan_ref"]: line
        for line in source.table("action_plan")
        if line["measurability"] == "needs a feed" and not line["value"]
    }
    for ref, line in lines.items():
        rows.append(
            (head(f"Action plan {ref}: {line['requirement']}"), plain("no figure shows it"), plain("a feed"))
        )
    if rows:
        yield Table(
            "Measures and lines of the action plan without figures",
            ("What", "State", "What would close it"),
            tuple(rows),
            (0.46, 0.27, 0.27),
        )
    else:
        yield Text(
            (
                "Every measure of the snapshot has figures in some period, and so has every line that needs "
                "a feed.",
            )
        )


def recommendations(source: Source) -> Iterator[Block]:
    """A form for recommendations, evidence filled in where the snapshot points at something."""
    yield Heading(1, "Recommendations with owner and date", "recommendations")
    yield Text(
        (
            "Where the figures point at something, the evidence is filled in: signals for the worse first, "
            "then what lines of the action plan and their figures do not agree on, then fields that are "
            "often not recorded. What to do, who owns it and by when are for people to decide.",
        )
    )
    evidence: list[Line] = [
        (f"{line['title']}: ", sentence(line, is_short=True)) for line in signals(source, worse_only=True)
    ]
    differing: dict[str, dict[str, None]] = {}
    for line in source.table("action_plan"):
        if line.get("to_discuss"):
            differing.setdefault(line["plan_ref"], {})[words.sentence(line["to_discuss"])] = None
    evidence += [(f"Action plan {ref}: {' '.join(told)}",) for ref, told in differing.items()]
    evidence += [
        (f"Not recorded: {row['category']}, in ", figure(row), " of cases.")
        for row in _much(source)[:MOST_FIELDS]
    ]
    rows = [
        (
            head(str(number)),
            Cell((told,)),
            open_cell("[Analyst to write: recommendation]"),
            open_cell("[owner]"),
            open_cell("[date]"),
        )
        for number, told in enumerate(evidence[:8], start=1)
    ]
    rows += [
        (
            head(str(number)),
            open_cell("[evidence]"),
            open_cell("[Analyst to write: recommendation]"),
            open_cell("[owner]"),
            open_cell("[date]"),
        )
        for number in range(len(rows) + 1, len(rows) + 4)
    ]
    yield Table(
        "Recommendations",
        ("No.", "Evidence", "Recommendation", "Owner", "Due"),
        tuple(rows),
        (0.06, 0.4, 0.3, 0.13, 0.11),
    )


def evaluation(source: Source) -> Iterator[Block]:
    """Forms: SARA, and victim, offender, location."""
    yield Heading(1, "Evaluation", "evaluation")
    yield Text(
        (
            f"How it will be known whether it worked. Baseline: this document, as at {tables.day(source)}; "
            "the next snapshot can be compared with the one it rests on, figure by figure.",
        )
    )
    yield Table(
        "SARA: scanning, analysis, response, assessment",
        ("Step", "Where this document speaks of it", "What is to be done, and how it is judged"),
        tuple((head(step), plain(where), open_cell("[Analyst to write]")) for step, where in SARA),
        (0.16, 0.42, 0.42),
    )
    yield Table(
        "Victim, offender, location",
        ("Side", "Where this document speaks of it", "Who can act"),
        tuple(
            (head(side), plain(where), open_cell(f"[Analyst to write: {who}]"))
            for side, where, who in TRIANGLE
        ),
        (0.16, 0.42, 0.42),
    )
    yield Blank(
        "when this profile is reviewed, by whom, and which figures decide whether the response worked"
    )


def annex(source: Source, names: list[str]) -> Iterator[Block]:
    """What each measure of the report counts, and out of what."""
    yield Heading(1, "Annex: what each measure counts", "annex")
    rows = []
    for name in names:
        said = source.definitions.get(name)
        if said:
            rows.append(
                (
                    head(said.get("title", name)),
                    Cell(
                        tuple(
                            (each,)
                            for each in filter(None, (_counts(said), words.sentence(said.get("note", ""))))
                        )
                    ),
                )
            )
    if rows:
        yield Table(
            "Measures of this document",
            ("Measure", "What it counts, and what to know of it"),
            tuple(rows),
            (0.28, 0.72),
            ("From definitions.csv of the snapshot, which says more of each.",),
        )


def _counts(said: Mapping[str, str]) -> str:
    if not said.get("denominator"):
        return words.sentence(said["numerator"])
    return f"{words.sentence(said['numerator'])} Out of {said['denominator'].rstrip('.')}."

"""Definitions: complete over what the code declares, true to the SQL, and plain about what is not known."""

import csv
import dataclasses
import fnmatch
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from profiles import catalogue, contracts, definitions, warehouse, words
from profiles.definitions import Code, described
from profiles.errors import ProfilesError
from profiles.importing import faults
from profiles.importing.tallies import Tally
from profiles.selection import DIMENSIONS
from profiles.settings import ROOT
from profiles.snapshot import contents, protecting
from tests.tables import filled, stalking

FOUND = definitions.definitions()
MEASURES = catalogue.catalogue()
COLUMNS = {name: allowed for name, allowed in definitions.ALLOWED.items() if name.count(".") == 1}


def values(list_id: str) -> set[str]:
    return {code.value for code in FOUND.code_list(list_id).codes}


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_every_value_that_a_column_may_hold_has_a_meaning(name: str) -> None:
    lists = [each for each in FOUND.code_lists if name in each.columns]
    assert len(lists) == 1
    assert all(lists[0].meaning(value) for value in COLUMNS[name])


@pytest.mark.parametrize("name", [name for name, each in DIMENSIONS.items() if each.categories])
def test_every_category_of_a_breakdown_has_a_meaning(name: str) -> None:
    categories = DIMENSIONS[name].categories
    of_it = [each for each in FOUND.code_lists if each.dimension == name]
    if not of_it:
        # A breakdown by other fields with the same values, such as flags.
        of_it = [each for each in FOUND.code_lists if set(categories) <= {code.value for code in each.codes}]
    assert of_it
    assert all(of_it[0].meaning(category) for category in categories)


def test_every_capability_and_marker_has_a_meaning() -> None:
    assert values("capability") == set(contracts.CAPABILITIES)
    assert values("marker") >= {"[p]", "[z]", "[x]", "[c]"}
    assert values("basis") == {"principal", "included_only", "any"}


def test_words_are_there_for_every_value_of_a_header() -> None:
    assert set(definitions.INTERVALS) == set(catalogue.CHOICES["interval"])
    assert set(definitions.DIRECTIONS) == set(catalogue.CHOICES["direction"])
    assert set(definitions.BREAKS) == set(catalogue.LISTS["breaks"])
    assert set(definitions.UNPLACED) == set(catalogue.CHOICES["time"]) - {"flow"}
    assert set(definitions.SMALL_COUNTS) == set(catalogue.CHOICES["sensitivity"])


@pytest.mark.slow
def test_the_groups_of_outcomes_are_those_of_the_sql() -> None:
    codes = FOUND.code_list("outcome_code").codes
    rows = "\n".join(f"A | 2024-02-05 | {code.value}" for code in codes)
    con = filled(
        crimes=stalking("A"), outcomes=f"crime_ref | outcome_date | outcome_code\n{rows}\nA | 2024-02-05 | 23"
    )
    found = dict(con.execute("select outcome_code, outcome_group from staging.stg_outcomes").fetchall())
    assert found == {code.value: code.group for code in codes} | {"23": "unknown code"}
    assert values("outcome_group") == set(found.values())
    assert {code.value for code in codes} == {*map(str, range(23)), "1a", "2a", "3a"}


@pytest.mark.slow
def test_the_checks_are_those_of_the_sql() -> None:
    text = (warehouse.SQL / "marts" / "findings.sql").read_text(encoding="utf-8")
    tree = sqlglot.parse_one(text, dialect="duckdb")
    [marked] = [each.this for each in tree.find_all(exp.CTE) if each.alias == "found"]
    firsts = [each.expressions[0] for each in marked.find_all(exp.Select)]
    conditions = {id(text) for first in firsts for each in first.find_all(exp.EQ) for text in each.flatten()}
    literals = {
        each.this for first in firsts for each in first.find_all(exp.Literal) if id(each) not in conditions
    }
    assert literals == values("check")


def test_reasons_and_fates_of_records_are_those_of_the_import() -> None:
    constants = ("MISSING", "NOT_A_DATE", "AMBIGUOUS", "NOT_A_NUMBER", "NOT_ALLOWED", "OUT_OF_RANGE")
    more = ("AFTER_EXTRACT", "CODE_IS_DATE", "CODE_IS_ERROR", "REPEATED", "WRONG_CELLS")
    assert values("reject_reason") == {getattr(faults, name) for name in constants + more}
    counts = {field.name for field in dataclasses.fields(Tally) if field.type == "int" or field.type is int}
    assert values("fate") == counts - {"rows_in"}


def test_target_classifications_are_listed_and_verified_and_practice_is_said_to_be_practice() -> None:
    classes, codes = FOUND.code_list("home_office_class"), FOUND.code_list("home_office_code")
    every = {code.value: code for code in classes.codes + codes.codes}
    assert {"8Q", *values("home_office_code")} == set(contracts.DEFAULT_TARGETS)
    assert all(every[target].is_verified for target in contracts.DEFAULT_TARGETS)
    assert [value for value, code in every.items() if not code.is_verified] == ["8U", "66"]


def sentences(text: str) -> int:
    return len(re.findall(r"[.!?](?=\s|$)", text))


def texts() -> Iterator[tuple[str, str]]:
    for term in FOUND.terms:
        yield term.name, term.text
    for each in FOUND.code_lists:
        yield each.list_id, each.about
        yield from ((f"{each.list_id}: {code.value}", code.meaning) for code in each.codes)
    for gap in FOUND.gaps:
        yield from ((gap.title, text) for text in (gap.text, gap.effect, gap.closes))


def test_every_text_is_one_or_two_plain_sentences_and_that_of_a_gap_at_most_three() -> None:
    gaps = {gap.title for gap in FOUND.gaps}
    assert [
        (name, text)
        for name, text in texts()
        if not re.fullmatch(r"[A-Z0-9].*\w[%)\]]?\.", text) or sentences(text) > 2 + (name in gaps)
    ] == []


def test_every_entry_names_its_source() -> None:
    sources = [term.source for term in FOUND.terms] + [each.source for each in FOUND.code_lists]
    assert all(source.strip() for source in (*sources, *(gap.source for gap in FOUND.gaps)))


def test_every_abbreviation_is_in_the_glossary() -> None:
    known = {word for term in FOUND.terms for name in (term.name, *term.also) for word in name.split()}
    told = [text for _, text in texts()]
    told += [path.read_text(encoding="utf-8") for path in sorted((ROOT / "sample_data").glob("a*_plan.csv"))]
    with (ROOT / "sample_data" / "breaks.csv").open(encoding="utf-8") as file:
        told += [f"{row['title']} {row['explanation']}" for row in csv.DictReader(file)]
    for item in MEASURES.values():
        told += [item.title, item.note, item.numerator, item.denominator]
    found = {word.removesuffix("s") for text in told for word in re.findall(r"\b[A-Z][A-Z-]*[A-Z]s?\b", text)}
    assert {"SPO", "CPS", "MASIP", "ONS"} <= found
    assert found - known == set()


@pytest.mark.parametrize("word", ["basis", "rolling year", "atom", "warehouse version", "DA flag", "[p]"])
def test_jargon_of_the_pages_is_in_the_glossary(word: str) -> None:
    assert [term for term in FOUND.terms if word in (term.name, *term.also)]


def test_every_link_leads_to_one_place() -> None:
    anchors = [term.anchor for term in FOUND.terms] + [each.anchor for each in FOUND.code_lists]
    anchors += [gap.anchor for gap in FOUND.gaps]
    anchors += [definitions.anchor("measure", name) for name in MEASURES]
    assert len(anchors) == len(set(anchors))
    assert all(re.fullmatch(r"[a-z]+-[a-z0-9]+(-[a-z0-9]+)*", each) for each in anchors)
    assert definitions.anchor("measure", "online_share") == "measure-online-share"


def test_a_gap_touches_the_measures_it_names_and_those_of_the_marts_it_names() -> None:
    aggravated = next(gap for gap in FOUND.gaps if "8M" in gap.title)
    assert set(aggravated.measures) == {
        name for name, item in MEASURES.items() if item.reads == "stalking_crimes"
    }
    assert {"stalking_crimes", "stalking_rate", "online_share"} <= set(aggravated.measures)
    population = [gap.title for gap in FOUND.gaps_of("residents")]
    assert population == ["One year of population"]


def test_the_gap_on_breaks_tells_those_that_are_not_verified() -> None:
    gap = next(gap for gap in FOUND.gaps if gap.title == "Breaks that are not fully verified")
    with (ROOT / "sample_data" / "breaks.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["verified"] != "yes"]
    months = {"01": "January", "04": "April", "06": "June"}
    told = [f"{months[row['date'][5:7]]} {row['date'][:4]}" for row in rows]
    assert re.findall(r"[A-Z][a-z]+ \d{4}", gap.text) == told


def test_the_gap_on_population_tells_the_one_year_there_is() -> None:
    gap = next(gap for gap in FOUND.gaps if gap.title == "One year of population")
    with (ROOT / "sample_data" / "kent_district_population.csv").open(encoding="utf-8") as file:
        years = {row["year"] for row in csv.DictReader(file)}
    assert years == {"mid-2019"}
    assert years.pop() in gap.text


def test_a_measure_is_described_from_its_header() -> None:
    assert described(MEASURES["stranger_share"]) == (
        (
            "Counts",
            "Stalking-involved crimes in which every suspect whose relationship is known is a stranger.",
        ),
        ("Out of", "Stalking-involved crimes."),
        ("Unit", "Per cent."),
        ("Basis", "Any, unless principal or included only is chosen."),
        ("Placed in time by", "The day the crime was recorded."),
        (
            "Interval",
            "95 % by Wilson: the percentages that fit the records, given that figures differ by chance.",
        ),
        (
            "Broken down by",
            "Basis, source, district, beat, team, type of place, principal class, principal offence, "
            "relationship, online or offline, domestic abuse flag, typology, overlap of types, motive, "
            "platform, risk grade, outcome group, order considered, suspect identified, repeat victim and "
            "specialist advocate involved.",
        ),
        ("Needs", "Stalking is a class of its own; the relationship is recorded."),
        ("Evidence for", "Line 11.1 of the action plan."),
        ("Direction", "Neither more nor less is better in itself."),
        ("Part of", "Stalking-involved crimes."),
        (
            "In a snapshot",
            "The force as a whole, and by district and typology each financial year; on the basis principal "
            "or included only for each financial year alone.",
        ),
        (
            "Small counts",
            "1 to 4 are withheld in a snapshot, and other counts that would give them away.",
        ),
        ("Breaks", "Those of every stalking series, and those of the basis."),
        (
            "Note",
            "By the closest relationship of any suspect; unknown is not stranger; crimes without a "
            "relationship stay in the denominator; relationship_recorded_share says how many have one.",
        ),
    )


@pytest.mark.parametrize(
    ("name", "label", "text"),
    [
        ("included_uplift", "Basis", "Compares principal with included only."),
        ("included_uplift", "Unit", "Number for every 100."),
        (
            "included_uplift",
            "Breaks",
            "Those of every stalking series, those of principal crimes and those of included-only crimes.",
        ),
        ("recorded_crimes", "Basis", "None."),
        ("recorded_crimes", "Breaks", "None."),
        ("with_included_share", "Breaks", "Those of included-only crimes."),
        (
            "residents",
            "Placed in time by",
            "Nothing: it is what there is in a period, and is never summed over time.",
        ),
        ("records_read", "Placed in time by", "Nothing: it is of all that is loaded, whatever its days."),
        ("stalking_rate", "Given for", "Each financial year, each year and rolling 12 months."),
        ("stalking_rate", "Needs", "Stalking is a class of its own; rows of the table population."),
        (
            "published_crimes",
            "Broken down by",
            "Published series, series, area, Home Office class and publisher; never pooled, so by published "
            "series or series or area or Home Office class or publisher, or for one published series.",
        ),
        ("stalking_crimes", "Evidence for", "Lines 7.1, 7.2 and 11.1 of the action plan."),
        (
            "outcomes_recorded",
            "In a snapshot",
            "The force as a whole, and by outcome group, district and typology each quarter and each "
            "financial year; by outcome group and online or offline together; on the basis principal or "
            "included only for each financial year alone.",
        ),
        (
            "spo_withdrawn",
            "In a snapshot",
            "The force as a whole only; for each financial year.",
        ),
        (
            "satisfied",
            "In a snapshot",
            "By stage of the survey within each survey; for no month, which has too few answers, and rolling "
            "12 months, to the end of each quarter alone.",
        ),
        (
            "satisfied",
            "Small counts",
            "Counts of answers may be small, but a snapshot gives no share of fewer than 10.",
        ),
        ("residents", "Small counts", "None is withheld: all of it is published elsewhere."),
        (
            "spo_granted",
            "Small counts",
            "1 to 4 of a part are withheld in a snapshot, and others that would give them away; the force as "
            "a whole is told as it is, except in a snapshot for publication.",
        ),
        ("spo_granted_to_date", "Adds up", "Full orders granted."),
    ],
)
def test_what_is_particular_to_a_measure_is_told(name: str, label: str, text: str) -> None:
    assert dict(described(MEASURES[name]))[label] == text


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_what_is_in_a_snapshot_is_what_its_plan_asks(name: str) -> None:
    asked = [ask for ask in contents.asks() if ask.item.measure_id == name and ask.is_released]
    told = dict(described(MEASURES[name]))["In a snapshot"]
    rare = [ask for ask in asked if ask.dimension != "all" and DIMENSIONS[ask.dimension].is_rare]
    asked = [ask for ask in asked if ask not in rare]
    assert {(ask.grain, ask.basis) for ask in rare} <= {("financial_year", asked[0].basis)}
    alone = dict.fromkeys(ask.dimension for ask in asked if ask.dimension != "all" and not ask.dimension_2)
    pairs = dict.fromkeys((ask.dimension, ask.dimension_2) for ask in asked if ask.dimension_2)
    titles = {key: each.title for key, each in DIMENSIONS.items()}
    of = dict.fromkeys(ask.grain for ask in asked if ask.dimension != "all" and not ask.dimension_2)
    is_usual = MEASURES[name].released_for or MEASURES[name].apart or MEASURES[name].time == "standing"
    when = "" if is_usual else f" {words.listed(words.GRAINS[each] for each in of)}"
    by = [f"by {words.listed(titles[each] for each in alone)}{when}"] if alone else []
    if rare:
        by[-1] += (
            f", and by {words.listed(titles[ask.dimension] for ask in rare)} {words.GRAINS['financial_year']}"
        )
    if MEASURES[name].apart:
        by += [f"by {titles[second]} within each {titles[first]}" for first, second in pairs]
        expected = "; ".join(by)
    else:
        whole = ", and ".join(["the force as a whole", *by]) if by else "the force as a whole only"
        expected = "; ".join([whole, *(f"by {titles[a]} and {titles[b]} together" for a, b in pairs)])
    assert re.split(r"; for |; on |; broken |\.$", told)[0] == words.sentence(expected).removesuffix(".")
    usual = [ask for ask in asked if ask.basis == asked[0].basis]
    grains = {ask.grain: words.TO_QUARTERS if ask.is_by_quarter else words.GRAINS[ask.grain] for ask in usual}
    fewer = set(contents.WHOLE) - set(grains)
    # On another basis there is less: of all but one measure whatever is given, of that one its breakdowns.
    others = [ask for ask in asked if ask.basis != asked[0].basis]
    if "; broken down on the basis" in told:
        assert {ask.grain for ask in others if ask.dimension == "all"} == set(grains)
        others = [ask for ask in others if ask.dimension != "all"]
    is_fewer = {ask.grain for ask in others} not in (set(), set(grains))
    assert is_fewer == told.endswith(" for each financial year alone.")
    assert not is_fewer or {ask.grain for ask in others} == {"financial_year"}
    told = re.sub(r"; (broken down )?on the basis .*", ".", told)
    if "; for no month" in told:
        assert fewer == {"month"}
        assert told.endswith(f", and {grains['rolling_year']} alone.")
    elif "; for " in told:
        assert told.endswith(f"; for {words.listed(grains.values())}.")
    else:
        # Where nothing is said, a snapshot has all that the measure is given for.
        assert fewer == {
            each for each in contents.WHOLE if each not in (MEASURES[name].grains or contents.WHOLE)
        }


def test_the_least_answers_are_those_of_the_protection() -> None:
    assert definitions.LEAST_ANSWERS == protecting.LEAST_BASE
    assert all(
        item.least == definitions.LEAST_ANSWERS
        for item in MEASURES.values()
        if item.sensitivity == "answers" and item.denominator
    )


def test_a_day_that_is_no_column_of_the_contract_is_told_by_its_name() -> None:
    granted = dataclasses.replace(MEASURES["stalking_crimes"], date="granted_date")
    assert dict(described(granted))["Placed in time by"] == "Its granted date."


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_every_measure_is_described_in_sentences(name: str) -> None:
    pairs = described(MEASURES[name])
    labels = [label for label, _ in pairs]
    assert len(labels) == len(set(labels))
    wanted = {"Counts", "Unit", "Basis", "Placed in time by", "Interval", "Direction", "Breaks", "Note"}
    wanted |= {"In a snapshot", "Small counts"}
    assert wanted <= set(labels)
    assert ("Out of" in labels) == bool(MEASURES[name].denominator)
    assert all(text.endswith(".") and "_" not in label for label, text in pairs)


GOOD = """
not_recorded = "Blank."
[[term]]
name = "b"
text = "B."
source = "s"
[[term]]
name = "A"
also = ["c"]
text = "A."
source = "s"
[[code_list]]
id = "sex"
title = "Sex"
about = "Sex."
column = "crime_victims.sex"
source = "s"
codes = [
    { value = "female", meaning = "F." },
    { value = "male", meaning = "M.", verified = false },
    { value = "other", meaning = "O." },
]
[[gap]]
title = "G"
text = "T."
effect = "E."
measures = ["online_share"]
closes = "C."
source = "s"
"""


def test_a_good_file_is_read_terms_by_name(tmp_path: Path) -> None:
    path = tmp_path / "d.toml"
    path.write_text(GOOD, encoding="utf-8")
    found = definitions.definitions(path)
    assert [term.name for term in found.terms] == ["A", "b"]
    assert found.code_list("sex").codes == (
        Code("female", "F."),
        Code("male", "M.", is_verified=False),
        Code("other", "O."),
    )
    assert found.code_list("sex").columns == ("crime_victims.sex", "crime_suspects.sex")
    assert found.code_list("sex").meaning("nothing") == ""
    assert found.gaps[0].measures == ("online_share",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('not_recorded = "Blank."', "", "d.toml lacks a text for not_recorded; add"),
        ('name = "b"', 'name = "b', "d.toml is not valid TOML"),
        ('[[gap]]\ntitle = "G"', '[[gaps]]\ntitle = "G"', "unknown key 'gaps'; did you mean gap"),
        ('name = "b"', 'name = ""', "d.toml: term '' lacks a text for name"),
        ('text = "B."\n', "", "term 'b' lacks a text for text; add text"),
        ('name = "b"', 'name = "b"\nalsoo = ["x"]', "term 'b' has an unknown key 'alsoo'; did you mean also"),
        ('also = ["c"]', 'also = "c"', "term 'A' has a also that is no list"),
        ('also = ["c"]', 'also = ["B"]', "term 'b' is there twice"),
        ('"online_share"', '"online_shares"', "gap 'G' has an unknown name 'online_shares' in measures; did"),
        ('measures = ["online_share"]', 'reads = ["stalking"]', "unknown name 'stalking' in reads"),
        ("crime_victims.sex", "crime_victims.age", "unknown column 'crime_victims.age'"),
        ('column = "crime_victims.sex"', 'dimension = "gender"', "unknown dimension 'gender'"),
        ('column = "crime_victims.sex"', 'from = "sexes"', "unknown from 'sexes'"),
        ('column = "crime_victims.sex"', 'from = "markers"', "describes 'female', which the code does not"),
        ('    { value = "other", meaning = "O." },\n', "", "code_list 'sex' lacks a meaning of 'other'; add"),
        ('value = "other"', 'value = "male"', "code_list 'sex' has a value twice"),
        ('meaning = "O." },', 'meaning = "O." },\n{ value = "x", meaning = "X." },', "describes 'x', which"),
        ("verified = false", 'verified = "no"', "code 'male' has a verified that is no bool"),
        ('meaning = "F."', 'meaning = ""', "code 'female' lacks a text for meaning"),
        ('column = "crime_victims.sex"', 'column = "crimes.mode"\nfrom = "bases"', "describes 'female'"),
    ],
)
def test_a_fault_names_the_file_the_entry_and_the_remedy(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert GOOD.count(old) >= 1
    path = tmp_path / "d.toml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProfilesError, match=re.escape(message)) as caught:
        definitions.definitions(path)
    assert "d.toml" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfilesError, match=r"none\.toml cannot be read"):
        definitions.definitions(tmp_path / "none.toml")


def test_the_file_is_read_once_and_is_in_the_package() -> None:
    assert definitions.definitions() is FOUND
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = patterns["tool"]["setuptools"]["package-data"]["profiles"]
    assert [each for each in shipped if fnmatch.fnmatch(definitions.PATH.name, each)]

"""Victims' voice by example: small tables of answers in, literal answers out."""

import pytest

from profiles import warehouse
from tests.tables import asked, by_category, filled, only, stalking

ANSWERS = """
response_id | survey         | surveyed_date | stage            | score | no_answer  | district
R1          | stalking       | 2024-02-01    | first contact    | 7     |            |
R1          | stalking       | 2024-02-01    | treatment        | 4     |            | Dover
R1          | stalking       | 2024-02-01    | whole experience | 5     |            | Dover
R2          | stalking       | 2024-02-10    | first contact    |       | don't know | Thanet
R2          | stalking       | 2024-02-10    | whole experience | 4     |            | Thanet
R3          | stalking       | 2024-03-10    | first contact    | 5     |            | Thanet
R3          | stalking       | 2024-03-10    | whole experience |       | refused    | Thanet
R4          | stalking       | 2024-03-11    | first contact    | 4     |            |
R4          | stalking       | 2024-03-11    | treatment        |       |            |
R1          | domestic abuse | 2024-02-01    | first contact    | 1     |            | Dover
R1          | domestic abuse | 2024-02-01    | whole experience | 6     |            | Dover
"""
CRIMES = """
crime_ref | recorded_date | ho_class | district
A         | 2024-02-05    | 8Q       | Dover
B         | 2024-03-05    | 8Q       | Thanet
C         | 2024-03-05    | 8Q       | Thanet
"""
VICTIMS = """
crime_ref | victim_id | victim_type
A         | V1        |
A         | V2        |
B         | V3        |
B         | V4        |
B         | V5        |
B         | SHOP      | organisation
C         | V3        |
C         | V6        |
C         | V7        |
"""
ALL = {"since": "2024-02-01", "until": "2024-03-31", "grain": "all"}
VOICE = (
    "satisfied",
    "satisfied_overall",
    "survey_no_answer",
    "survey_responses",
    "stalking_survey_responses",
)


def force() -> warehouse.Connection:
    return filled(crimes=CRIMES, crime_victims=VICTIMS, survey_answers=ANSWERS)


def parts(measure_id: str, **chosen: object) -> tuple[float, float]:
    row = only(asked(force(), measure_id, **ALL, **chosen))
    return row["numerator"], row["denominator"]


@pytest.mark.slow
def test_scores_of_five_and_more_are_satisfied_and_who_gives_none_leaves_the_denominator() -> None:
    chosen = {"survey": "stalking", "stage": "first contact"}
    # 7, 5 and 4; R2 did not know.
    assert parts("satisfied", where=chosen) == (2, 3)
    # R1 5 and R2 4; R3 refused.
    assert parts("satisfied_overall", where={"survey": "stalking"}) == (1, 2)
    assert parts("satisfied_overall", where={"survey": "domestic abuse"}) == (1, 1)


def test_stages_and_surveys_are_never_pooled() -> None:
    assert only(asked(force(), "satisfied", **ALL))["marker"] == "[z]"
    assert only(asked(force(), "satisfied", where={"survey": "stalking"}, **ALL))["marker"] == "[z]"
    assert only(asked(force(), "satisfied", where={"stage": "treatment"}, **ALL))["marker"] == "[z]"
    for measure_id in ("satisfied_overall", "survey_no_answer", "survey_responses"):
        assert only(asked(force(), measure_id, **ALL))["marker"] == "[z]", measure_id
        assert set(asked(force(), measure_id, by="district", **ALL)["marker"]) == {"[z]"}, measure_id
    both = (("survey", "stalking"), ("survey", "domestic abuse"))
    assert only(asked(force(), "satisfied_overall", where=both, **ALL))["marker"] == "[z]"
    frame = asked(force(), "satisfied", by="stage", where={"survey": "stalking"}, **ALL)
    found = {row.category: (row.numerator, row.denominator) for row in frame.itertuples() if row.denominator}
    assert found == {"first contact": (2, 3), "treatment": (0, 1), "whole experience": (1, 2)}


def of_many(satisfied: int, count: int) -> warehouse.Connection:
    """So many answers about the whole experience, some of them satisfied."""
    rows = "\n".join(
        f"R{number} | stalking | 2024-02-10 | whole experience | {5 if number < satisfied else 4}"
        for number in range(count)
    )
    return filled(survey_answers=f"response_id | survey | surveyed_date | stage | score\n{rows}")


@pytest.mark.slow
@pytest.mark.parametrize(("count", "marker"), [(9, "[u]"), (10, "[u]"), (29, "[u]"), (30, "")])
@pytest.mark.parametrize("measure_id", ["satisfied", "satisfied_overall", "survey_no_answer"])
def test_fewer_than_ten_have_no_percentage_and_fewer_than_thirty_are_a_low_base(
    measure_id: str, count: int, marker: str
) -> None:
    chosen = {"survey": "stalking"}
    if measure_id != "satisfied_overall":
        chosen["stage"] = "whole experience"
    row = only(asked(of_many(8, count), measure_id, where=chosen, grain="all"))
    assert (row["denominator"], row["marker"]) == (count, marker)
    assert row[["value", "lower", "upper"]].isna().tolist() == [count < 10] * 3


def test_eight_of_ten_has_the_interval_of_wilson() -> None:
    row = only(asked(of_many(8, 10), "satisfied_overall", where={"survey": "stalking"}, grain="all"))
    assert (row["value"], round(row["lower"]), round(row["upper"])) == (100 * 8 / 10, 49, 94)


def test_answers_without_a_score_are_out_of_all_asked() -> None:
    # Nine answers to the stalking survey: one did not know, one refused, one is blank.
    assert parts("survey_no_answer", where={"survey": "stalking"}) == (3, 9)
    assert parts("survey_no_answer", where={"survey": "domestic abuse"}) == (0, 2)
    found = force().execute("select no_answer, count(*) from marts.survey_answers group by no_answer")
    assert dict(found.fetchall()) == {"scored": 8, "don't know": 1, "refused": 1, "not recorded": 1}


def test_a_response_counts_once_in_each_survey() -> None:
    found = by_category(asked(force(), "survey_responses", by="survey", **ALL))
    assert found == {"stalking": 4, "domestic abuse": 1}
    assert only(asked(force(), "stalking_survey_responses", **ALL))["value"] == 4
    frame = asked(
        force(), "survey_responses", where={"survey": "stalking"}, since="2024-02-01", until="2024-03-31"
    )
    assert frame["value"].tolist() == [2, 2]


@pytest.mark.slow
def test_a_response_has_the_district_of_any_of_its_answers() -> None:
    found = by_category(asked(force(), "stalking_survey_responses", by="district", **ALL))
    assert found == {"Dover": len(["R1"]), "Thanet": len(["R2", "R3"]), "not recorded": len(["R4"])}
    con = filled(survey_answers=ANSWERS.replace("Dover", "shire"))
    found = by_category(asked(con, "stalking_survey_responses", by="district", **ALL))
    assert found == {"shire": len(["R1"]), "Thanet": len(["R2", "R3"]), "not recorded": len(["R4"])}


def test_coverage_is_stalking_responses_for_every_hundred_victims() -> None:
    row = only(asked(force(), "survey_coverage", **ALL))
    # V1 to V7, of whom V3 in two crimes; no shop, and no answer about domestic abuse.
    assert (row["numerator"], row["denominator"], row["value"]) == (4, 8, 100 * 4 / 8)
    frame = asked(force(), "survey_coverage", by="district", **ALL)
    assert only(frame, category="Dover")["value"] == 100 * 1 / 2
    assert only(frame, category="Thanet")["value"] == 100 * 2 / 6
    assert only(frame, category="not recorded")["marker"] == "[z]"


@pytest.mark.slow
def test_without_a_survey_there_is_no_figure_rather_than_zero() -> None:
    con = filled(crimes=CRIMES, crime_victims=VICTIMS)
    for measure_id in (*VOICE, "survey_coverage"):
        assert set(asked(con, measure_id, **ALL)["marker"]) == {"[x]"}, measure_id
    assert set(asked(con, "survey_responses", by="survey", **ALL)["marker"]) == {"[x]"}
    con = filled(crimes=stalking("A"), survey_answers=ANSWERS)
    assert set(asked(con, "survey_coverage", **ALL)["marker"]) == {"[x]"}


def test_before_the_first_interview_there_is_no_figure() -> None:
    frame = asked(force(), "stalking_survey_responses", since="2024-01-01", until="2024-02-29", grain="month")
    assert frame["marker"].tolist() == ["[x]", ""]

"""Support of victims by example: small tables in, literal answers out."""

import pytest

from profiles import warehouse
from tests.tables import asked, by_category, empty, figures, filled, loaded, only

pytestmark = pytest.mark.slow

CRIMES = """
crime_ref | recorded_date | ho_class | reported_at         | district | relationship
A         | 2024-02-05    | 8Q       |                     | Dover    | ex-partner
B         | 2024-02-09    | 8Q       |                     | Dover    | stranger
C         | 2024-03-28    | 8Q       |                     | Dover    | ex-partner
D         | 2024-02-10    | 8Q       |                     | Thanet   |
E         | 2024-02-14    | 8Q       | 2024-02-12 23:50:00 | Thanet   | partner
F         | 2024-02-20    | 8Q       |                     | Thanet   | partner
G         | 2024-02-20    | 8Q       |                     | Thanet   | partner
H         | 2024-02-20    | 8Q       |                     |          | partner
I         | 2024-02-21    | 8Q       |                     | Thanet   | family
J         | 2024-02-21    | 8Q       |                     | Thanet   | family
K         | 2024-02-21    | 8L       |                     | Thanet   | family
L         | 2024-02-26    | 19C      |                     | Thanet   | family
"""
INCLUDED = """
crime_ref | position | classification
L         | 1        | 8Q
"""
VICTIMS = """
crime_ref | victim_id | victim_type
A         | V1        |
A         | V2        | person
B         | V3        | person
B         | SHOP      | organisation
C         | V1        | person
D         | V5        | person
E         | V6        | person
F         | V7        | person
G         | V8        | person
H         | V9        | person
I         | V10       | person
J         | V11       | person
K         | V12       | person
L         | V13       | person
"""
# V9 has no row; V10 was referred the day before the report; the referral of V11 has no day.
SUPPORT = """
crime_ref | victim_id | needs_assessment | care_card | referral_status   | referral_date | specialist_referral
A         | V1        | yes              | yes       | referred          | 2024-02-05    | yes
A         | V2        | no               | yes       | opted out         |               | no
B         | V3        | yes              | no        | referred          | 2024-02-12    | no
B         | SHOP      | yes              | yes       | referred          | 2024-02-09    | yes
C         | V1        | yes              |           | referred          | 2024-04-02    | yes
D         | V5        |                  |           | referred          | 2024-02-12    |
E         | V6        | yes              | yes       | referred          | 2024-02-15    | no
F         | V7        | no               | no        | unsafe to contact |               | no
G         | V8        | yes              | yes       | not transferred   |               | no
I         | V10       | yes              | yes       | referred          | 2024-02-20    | no
J         | V11       | yes              | no        | referred          |               | no
K         | V12       | yes              | yes       | referred          | 2024-02-21    | yes
L         | V13       | no               | no        | referred          | 2024-02-28    | no
"""
ALL = {"since": "2024-02-01", "until": "2024-04-30", "grain": "all"}
SUPPORT_MEASURES = (
    *("needs_assessment_rate", "care_card_rate", "referral_rate", "referral_rate_of_eligible"),
    *("referral_rate_specialist", "support_declined", "referral_days", "referred_in_two_days"),
)


def force() -> warehouse.Connection:
    return filled(crimes=CRIMES, included_classifications=INCLUDED, crime_victims=VICTIMS, support=SUPPORT)


def test_a_victim_counts_once_a_crime_and_organisations_are_none() -> None:
    # A 2, B 1 beside a shop, C to J one each (V1 again in C), L 1; K is no stalking.
    assert only(asked(force(), "stalking_victims", **ALL))["value"] == 2 + 1 + 8 + 1
    assert only(asked(force(), "stalking_victims", basis="principal", **ALL))["value"] == 11
    assert only(asked(force(), "stalking_victims", basis="included_only", **ALL))["value"] == len(["V13"])
    months = asked(force(), "stalking_victims", since="2024-02-01", until="2024-03-31")
    assert figures(months) == {"2024-02-01": 11, "2024-03-01": 1}


def test_victims_take_what_is_known_of_their_crime_and_a_blank_referral_is_not_recorded() -> None:
    assert by_category(asked(force(), "stalking_victims", by="referral_status", **ALL)) == {
        "referred": 8,
        "opted out": 1,
        "unsafe to contact": 1,
        "not transferred": 1,
        "not recorded": len(["V9"]),
    }
    assert by_category(asked(force(), "stalking_victims", by="district", **ALL)) == {
        "Dover": 4,
        "Thanet": 7,
        "not recorded": 1,
    }
    found = asked(force(), "referral_rate", where={"relationship": "ex-partner"}, **ALL)
    assert (only(found)["numerator"], only(found)["denominator"]) == (2, 3)
    # V2 in Dover opted out; V7 in Thanet is unsafe to contact and did not.
    found = asked(force(), "support_declined", by="district", **ALL)
    assert by_category(found) == {"Dover": 100 * 1 / 4, "Thanet": 0, "not recorded": 0}


@pytest.mark.parametrize(
    ("measure_id", "numerator", "denominator"),
    [
        # Opted out, unsafe, not transferred and not recorded stay in; so do faults of the day.
        ("referral_rate", 8, 12),
        # V2 opted out and V7 is unsafe to contact; V8 and V9 stay in.
        ("referral_rate_of_eligible", 8, 10),
        ("support_declined", len(["V2"]), 12),
        ("referral_rate_specialist", len(["V1", "V1"]), 12),
        ("needs_assessment_rate", len(["V1", "V3", "V1", "V6", "V8", "V10", "V11"]), 12),
        ("care_card_rate", len(["V1", "V2", "V6", "V8", "V10"]), 12),
        # V6 after three working days; V10 before the report and V11 without a day are in neither part.
        ("referred_in_two_days", len(["V1", "V3", "V1", "V5", "V13"]), 6),
    ],
)
def test_rates_are_of_person_victims_and_crimes(measure_id: str, numerator: int, denominator: int) -> None:
    row = only(asked(force(), measure_id, **ALL))
    assert (row["numerator"], row["denominator"]) == (numerator, denominator)
    assert row["value"] == 100 * numerator / denominator


def test_referral_days_are_working_days_after_the_report() -> None:
    con = force()
    found = con.execute(
        "select crime_ref, days_to_referral from marts.stalking_victims where days_to_referral is not null"
    ).fetchall()
    assert dict(found) == {
        "A": 0,  # the same day
        "B": 1,  # Friday to Monday
        "C": 1,  # Thursday to Tuesday over Good Friday and Easter Monday
        "D": 1,  # Saturday to Monday
        "E": 3,  # from the report on Monday, two days before it was recorded
        "L": 2,
    }
    row = only(asked(con, "referral_days", **ALL))
    assert (row["denominator"], row["value"], row["lower"], row["upper"]) == (6, 1, 1, 1.75)


@pytest.mark.parametrize("measure_id", SUPPORT_MEASURES)
def test_a_month_is_provisional_until_28_days_after_its_end(measure_id: str) -> None:
    # February ended on the 29th.
    for extract, marker in (("2024-03-27", "[p]"), ("2024-03-28", "")):
        con = loaded(
            empty(),
            {"crimes": CRIMES, "crime_victims": VICTIMS, "support": SUPPORT},
            as_at=extract,
        )
        frame = asked(con, measure_id, since="2024-02-01", until="2024-02-29", grain="month")
        assert frame["marker"].tolist() == [marker], extract


def test_without_records_of_support_there_is_no_rate_and_victims_still_count() -> None:
    con = filled(crimes=CRIMES, included_classifications=INCLUDED, crime_victims=VICTIMS)
    for measure_id in SUPPORT_MEASURES:
        assert set(asked(con, measure_id, **ALL)["marker"]) == {"[x]"}, measure_id
    assert only(asked(con, "stalking_victims", **ALL))["value"] == 12
    assert set(asked(con, "stalking_victims", by="referral_status", **ALL)["marker"]) == {"[x]"}


def test_without_victims_there_is_no_figure_rather_than_zero() -> None:
    con = filled(crimes=CRIMES)
    for measure_id in ("stalking_victims", *SUPPORT_MEASURES):
        assert set(asked(con, measure_id, **ALL)["marker"]) == {"[x]"}, measure_id


def test_a_record_of_support_belongs_to_the_victim_of_its_own_source_and_crime() -> None:
    con = filled(
        crimes="""
        source | crime_ref | recorded_date | ho_class
        athena | A         | 2024-02-05    | 8Q
        niche  | A         | 2024-02-05    | 8Q
        """,
        crime_victims="source | crime_ref | victim_id\nathena | A | V1\nathena | A | V2\nniche | A | V1",
        support="""
        source | crime_ref | victim_id | referral_status
        athena | A         | V1        | referred
        athena | A         | V3        | referred
        niche  | A         | V2        | referred
        """,
    )
    frame = asked(con, "referral_rate", by="source", **ALL)
    assert {row.category: (row.numerator, row.denominator) for row in frame.itertuples()} == {
        "athena": (1, 2),
        "niche": (0, 1),
    }


def test_before_the_feed_of_support_begins_there_is_no_figure_rather_than_zero() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class
        EARLY     | 2024-01-10    | 8Q
        LATER     | 2024-03-10    | 8Q
        """,
        crime_victims="""
        crime_ref | victim_id
        EARLY     | V1
        LATER     | V2
        """,
        support="""
        crime_ref | victim_id | referral_status | referral_date
        LATER     | V2        | referred        | 2024-03-12
        """,
    )
    frame = asked(con, "referral_rate", since="2024-01-01", until="2024-03-31")
    assert frame["marker"].tolist() == ["[x]", "[x]", ""]
    assert frame["value"].tolist()[2] == 100 * 1 / 1

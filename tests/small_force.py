"""A small force as text: every table, two sources, a little of everything that later rules look at."""

TABLES: dict[str, str] = {
    "crimes": """
    crime_ref | recorded_date | ho_class | ho_code | domestic_abuse_flag | mode    | relationship | district
    A1        | 2022-01-10    | 8Q       | 195/12  | yes                 | online  | ex-partner   | Dover
    A2        | 2022-06-15    | 8Q       | 8/65    | no                  | offline | stranger     | Thanet
    A3        | 2023-02-03    | 19C      |         | yes                 |         |              | Dover
    A4        | 2023-02-20    | 8L       |         |                     |         |              | Dover
    A6        | 2024-01-31    | 8Q       |         |                     | both    | unknown      |
    A7        | 2024-12-05    | 8Q       |         | no                  | offline | acquaintance | Thanet

    crime_ref | recorded_date | ho_class | record_status | offence_title | team | spo_considered | motive
    A5        | 2023-07-01    | 8Q       | cancelled     | Stalking      | CID  | yes            | rejected
    A8        | 2023-08-01    | 8Q       | recorded      | Stalking      | CID  | no             |

    crime_ref | recorded_date | ho_class | reported_at         | committed_from | committed_to | beat
    A9        | 2023-08-02    | 8Q       | 2023-08-02 10:00:00 | 2023-07-01     | 2023-08-01   | D1

    crime_ref | recorded_date | ho_class | reported_at         | spo_considered | impact_statement | district
    A10       | 2023-03-10    | 8Q       | 2023-03-10 10:00:00 | yes            | yes              | Dover

    source    | crime_ref | recorded_date | ho_class | district
    police_uk | P1        | 2024-01-01    | Burglary | Dover
    police_uk | P2        | 2024-01-01    | Drugs    | Lewisham
    """,
    "included_classifications": """
    crime_ref | position | classification
    A1        | 1        | 8Q
    A3        | 1        | 8/66
    A4        | 1        | 58D
    """,
    "crime_victims": """
    crime_ref | victim_id | victim_type  | sex    | age
    A1        | V1        |              | female | 30
    A3        | V1        | person       | female | 31
    A6        | V2        | organisation |        |
    A7        | V3        | person       | male   | 50
    A10       | V4        | person       | female | 22
    A10       | V5        | person       | female | 21
    """,
    "crime_suspects": """
    crime_ref | suspect_id | victim_id | sex  | relationship | arrest_date
    A1        | S1         | V1        | male | ex-partner   | 2022-01-11
    A3        | S1         |           | male | partner      |

    crime_ref | suspect_id | identified_date | arrest_date | relationship
    A10       | S2         | 2023-03-10      | 2023-03-12  | ex-partner
    A7        | S3         | 2024-10-05      |             | acquaintance
    """,
    "risk_assessments": """
    crime_ref | assessed_at         | risk_tool | risk_grade
    A1        | 2022-01-10 12:00:00 | DARA      | high
    A1        | 2022-02-10 12:00:00 |           | medium
    A3        | 2023-02-04 12:00:00 | DARA      |
    A10       | 2023-03-10 12:00:00 | DARA      | high
    """,
    "outcomes": """
    crime_ref | outcome_date | outcome_code
    A1        | 2022-05-01   | 16
    A1        | 2022-09-01   | 1
    A2        | 2022-10-01   | 99
    A3        | 2023-09-01   | 17
    A10       | 2023-04-01   | 1
    A9        | 2023-09-01   | 16
    """,
    "allocations": """
    crime_ref | allocated_date | team    | is_specialist
    A2        | 2022-06-16     | Area    | no
    A2        | 2022-06-20     | Stalker | yes
    A10       | 2023-03-11     | Stalker | yes
    """,
    "supervisor_reviews": """
    crime_ref | due_date   | reviewed_date
    A1        | 2022-02-10 | 2022-02-09
    """,
    "support": """
    crime_ref | victim_id | needs_assessment | care_card | referral_status | referral_date
    A1        | V1        | yes              | yes       | referred        | 2022-01-11

    crime_ref | victim_id | needs_assessment | referral_status | referral_date | specialist_referral
    A10       | V4        | yes              | referred        | 2023-03-13    | yes
    A10       | V5        | no               | opted out       |               | no
    """,
    "spo_orders": """
    order_id | crime_ref | suspect_id | district | expiry_date | contested | victim_supports | reason
    O1       | A1        | S1         | Dover    | 2024-06-30  | no        | yes             |
    O2       | A10       | S2         | Dover    | 2025-02-28  | no        | yes             |
    O3       | A7        |            |          |             | yes       |                 | Not necessary
    O4       |           |            | Thanet   |             |           | no              | Victim safety
    """,
    "spo_events": """
    order_id | event_date | event
    O1       | 2022-02-01 | considered
    O1       | 2022-06-30 | granted
    O1       | 2023-01-05 | breached
    O2       | 2023-03-12 | applied
    O2       | 2023-03-14 | interim granted
    O2       | 2023-04-10 | granted
    O3       | 2024-12-10 | applied
    O3       | 2024-12-20 | refused
    O4       | 2023-05-10 | applied
    O4       | 2023-05-20 | withdrawn
    """,
    "survey_answers": """
    response_id | survey   | surveyed_date | stage         | score | no_answer  | district
    R1          | stalking | 2023-03-01    | first contact | 6     |            | Dover
    R1          | stalking | 2023-03-01    | treatment     |       | don't know | Dover

    response_id | survey   | surveyed_date | stage            | score | district
    R1          | stalking | 2023-03-01    | whole experience | 7     | Dover
    R2          | stalking | 2024-03-01    | whole experience | 2     | Thanet
    """,
    "calls": """
    call_id | call_date  | call_type | crime_ref | district
    K1      | 2023-04-01 | stalking  | A3        | Dover
    """,
    "partner_referrals": """
    referral_id | crime_ref | forum | referral_date | district
    M1          | A1        | MASIP | 2022-01-20    | Dover
    """,
    "training": """
    role      | course | counted_date | eligible | completed
    constable | SPO    | 2024-11-30   | 10       | 7
    """,
    "action_plan": """
    ref  | requirement                | owner | position | status   | measurability
    13.2 | An order is always thought of |    | In place | complete | measured
    """,
    "action_plan_updates": """
    ref  | updated_on | status      | percent_complete | note
    13.2 | 2025-03-01 | in progress | 60               | Begun
    13.2 | 2025-06-01 | complete    | 100              |
    """,
    "breaks": """
    date       | effect   | applies_to               | title
    2020-01-20 | annotate | orders                   | Protection orders begin
    2020-04-01 | rebase   | all                      | Former partners presumed stalking
    2023-06-01 | rebase   | principal;included_only  | One principal crime again
    """,
    "comparators": """
    series   | area    | period  | period_start | period_end | basis     | value | unit   | published_by
    stalking | Kent    | 2022/23 | 2022-04-01   | 2023-03-31 | principal | 400   | crimes | Press
    stalking | England | 2022/23 | 2022-04-01   | 2023-03-31 | principal | 9000  | crimes | Press
    orders   | England | 2023    | 2023-01-01   | 2023-12-31 |           | 456   | orders | Press

    series | area | period | period_end | value | unit | published_by
    full SPOs granted (cumulative) | Kent | 2022 | 2022-12-31 | 100 | n | Press
    victims referred to services (rolling 12 months) | Kent | 2023 | 2023-12-31 | 90 | rate | Press

    series   | area | class | period | period_start | period_end | basis     | value | unit   | published_by
    recorded | Kent | 8Q    | 23 Q1  | 2023-04-01   | 2023-06-30 | principal | 101   | crimes | Home Office
    recorded | Kent | 8Q    | 23 Q2  | 2023-07-01   | 2023-09-30 | principal | 102   | crimes | Home Office
    recorded | Kent | 8Q    | 23 Q3  | 2023-10-01   | 2023-12-31 | principal | 103   | crimes | Home Office
    recorded | Kent | 8Q    | 23 Q4  | 2024-01-01   | 2024-03-31 | principal | 104   | crimes | Home Office
    recorded | Kent | 8L    | 23 Q1  | 2023-04-01   | 2023-06-30 | principal | 900   | crimes | Home Office
    """,
    "population": """
    district | lad_code  | year | residents
    Dover    | E07000108 | 2022 | 1000
    Thanet   | E07000114 | 2022 | 2000
    Dover    | E07000108 | 2024 | 1100
    """,
    "files": """
    file_id | source    | file       | rows_in | accepted | unchanged | superseded | rejected | import_number
    1       | athena    | crimes.csv | 13      | 9        | 1         | 1          | 2        | 1
    2       | police_uk | street.csv | 2       | 2        | 0         | 0          | 0        | 2
    """,
    "rejects": """
    file_id | file       | line | column_name | value      | reason
    1       | crimes.csv | 3    | HO Code     | 01/08/1965 | code became a date
    1       | crimes.csv | 9    |             | 3 cells    | wrong number of cells
    """,
}

LACKS = {
    "police_uk": ["stalking_class", "included_classifications", "mode", "domestic_abuse_flag", "relationship"]
}

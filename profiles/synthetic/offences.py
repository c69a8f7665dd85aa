"""The catalogue of recorded crime that the made-up force has: classes, levels over time, what goes with them.

Levels are recorded crimes a month at scale 1. Sub-codes are given for stalking only: those of the
other classes are not known here and stay blank.
"""

from dataclasses import dataclass

from profiles import contracts
from profiles.synthetic.draws import Knots

STALKING, HARASSMENT, AGGRAVATED, COMMUNICATIONS, CONTROL, ORDERS, DAMAGE = range(7)
COMMON_ASSAULT, ASSAULT, THREATS, WOUNDING, RAPE, BURGLARY, ROBBERY = range(7, 14)

_ATHENA = {"ex-partner": "Ex Partner", "family": "Family Member"}
RELATIONSHIPS = ("", *(_ATHENA.get(name, name.capitalize()) for name in contracts.RELATIONSHIPS))
"""As the export writes them, closest first; the first place is blank."""
PARTNER, EX_PARTNER, FAMILY, ACQUAINTANCE, STRANGER, UNKNOWN = range(1, 7)

KIN = {
    # partner, ex-partner, family, acquaintance, stranger, unknown
    "stalking": (2.7, 62.3, 5.2, 18.2, 7.0, 4.6),
    "harassment": (4, 34, 12, 36, 9, 5),
    "communications": (2, 30, 9, 34, 15, 10),
    "control": (45, 45, 10, 0, 0, 0),
    "orders": (6, 72, 10, 10, 1, 1),
    "violence": (16, 17, 14, 27, 18, 8),
    "property": (3, 9, 5, 20, 21, 42),
}
"""Weights of a relationship when a victim and a suspect first meet in the data.

Those of stalking lie a little above what is aimed at: some stalking continues a case that began as
something else.
"""


@dataclass(frozen=True)
class Offence:
    """One class: its level, and the habits of the crimes recorded under it.

    `hides` is its weight in hiding stalking as an included classification; `online` the share with an
    online part (that of stalking is `ONLINE`); `returns` the chances that a crime continues a stalking
    case, or another one; `listed` scales the chance of an included classification and `company` are
    those it may be.
    """

    ho_class: str
    titles: tuple[str, ...]
    monthly: Knots
    kin: str
    online: float
    female_victim: float
    identified: float
    organisation: float
    returns: tuple[float, float]
    listed: float
    company: tuple[str, ...]
    hides: float = 0.0


OFFENCES: tuple[Offence, ...] = (
    Offence(
        "8Q",
        ("Stalking",),
        (
            ("2019-04-01", 72), ("2020-03-31", 80), ("2020-04-01", 364), ("2021-04-01", 372),
            ("2023-05-31", 390), ("2023-06-01", 332), ("2024-11-01", 352), ("2026-09-30", 368),
        ),
        kin="stalking", online=0.0, female_victim=0.82, identified=1.0, organisation=0.003,
        returns=(0.255, 0.11), listed=1.15, company=("8L", "8R", "58C", "105A", "66", "8U", "8N"),
    ),
    Offence(
        "8L",
        ("Harassment",),
        (("2019-04-01", 1140), ("2020-03-31", 1180), ("2020-04-01", 985), ("2023-05-31", 1040),
         ("2026-09-30", 1065)),
        kin="harassment", online=0.27, female_victim=0.62, identified=0.94, organisation=0.005,
        returns=(0.04, 0.22), listed=0.9, company=("8R", "58C", "105A", "8M"),
    ),
    Offence(
        "8M",
        ("Racially or religiously aggravated harassment",),
        (("2019-04-01", 36), ("2026-09-30", 41)),
        kin="harassment", online=0.12, female_victim=0.50, identified=0.85, organisation=0.01,
        returns=(0.01, 0.08), listed=0.9, company=("8R", "58C", "105A", "9A"),
    ),
    Offence(
        "8R",
        ("Malicious communications",),
        (
            ("2019-04-01", 650), ("2020-04-01", 780), ("2021-06-30", 800), ("2024-01-30", 800),
            ("2024-01-31", 725), ("2026-09-30", 710),
        ),
        kin="communications", online=0.86, female_victim=0.64, identified=0.84, organisation=0.008,
        returns=(0.05, 0.18), listed=0.7, company=("8L", "58C", "105A", "8M"),
    ),
    Offence(
        "8U",
        ("Controlling or coercive behaviour",),
        (("2019-04-01", 45), ("2026-09-30", 112)),
        kin="control", online=0.14, female_victim=0.93, identified=1.0, organisation=0.0,
        returns=(0.06, 0.25), listed=1.4, company=("8L", "8R", "105A", "58C", "8N"),
    ),
    Offence(
        "66",
        (
            "Breach of restraining order",
            "Breach of non-molestation order",
            "Breach of stalking protection order",
        ),
        (("2019-04-01", 118), ("2026-09-30", 242)),
        kin="orders", online=0.24, female_victim=0.86, identified=1.0, organisation=0.0,
        returns=(0.42, 0.30), listed=1.0, company=("8L", "8R", "58C", "105A"),
    ),
    Offence(
        "58C",
        ("Criminal damage to a vehicle", "Criminal damage to a dwelling", "Other criminal damage"),
        (("2019-04-01", 640), ("2020-03-15", 630), ("2020-04-01", 520), ("2021-06-30", 570),
         ("2026-09-30", 560)),
        kin="property", online=0.0, female_victim=0.46, identified=0.45, organisation=0.03,
        returns=(0.04, 0.12), listed=0.5, company=("8L", "8R", "105A", "66"),
    ),
    Offence(
        "105A",
        ("Assault without injury",),
        (("2019-04-01", 440), ("2020-03-15", 440), ("2020-04-01", 385), ("2021-06-30", 430),
         ("2026-09-30", 418)),
        kin="violence", online=0.0, female_victim=0.55, identified=0.82, organisation=0.0,
        returns=(0.03, 0.12), listed=0.85, company=("8L", "58C", "8R", "66"),
    ),
    Offence(
        "8N",
        ("Assault with injury",),
        (("2019-04-01", 415), ("2020-03-15", 412), ("2020-04-01", 340), ("2021-06-30", 400),
         ("2026-09-30", 378)),
        kin="violence", online=0.0, female_victim=0.52, identified=0.80, organisation=0.0,
        returns=(0.03, 0.10), listed=1.1, company=("105A", "8L", "58C", "8R"),
    ),
    Offence(
        "3B",
        ("Threats to kill",),
        (("2019-04-01", 58), ("2026-09-30", 72)),
        kin="violence", online=0.25, female_victim=0.58, identified=0.92, organisation=0.0,
        returns=(0.04, 0.10), listed=1.4, company=("8L", "8R", "58C", "105A", "66"), hides=0.38,
    ),
    Offence(
        "5D",
        ("Wounding or assault with intent to cause serious harm",),
        (("2019-04-01", 72), ("2026-09-30", 80)),
        kin="violence", online=0.0, female_victim=0.34, identified=0.78, organisation=0.0,
        returns=(0.03, 0.08), listed=1.4, company=("8N", "105A", "58C", "8L", "66"), hides=0.20,
    ),
    Offence(
        "19C",
        ("Rape of a female aged 16 or over",),
        (("2019-04-01", 55), ("2026-09-30", 85)),
        kin="violence", online=0.06, female_victim=0.99, identified=0.90, organisation=0.0,
        returns=(0.03, 0.08), listed=1.4, company=("8N", "105A", "8U", "8L", "66"), hides=0.22,
    ),
    Offence(
        "28E",
        ("Burglary in a dwelling",),
        (("2019-04-01", 215), ("2020-03-15", 205), ("2020-04-01", 140), ("2021-06-30", 160),
         ("2026-09-30", 120)),
        kin="property", online=0.0, female_victim=0.50, identified=0.35, organisation=0.04,
        returns=(0.02, 0.04), listed=0.9, company=("58C", "105A", "8L", "8N", "66"), hides=0.12,
    ),
    Offence(
        "34B",
        ("Robbery of personal property",),
        (("2019-04-01", 62), ("2020-03-15", 60), ("2020-04-01", 40), ("2026-09-30", 46)),
        kin="property", online=0.0, female_victim=0.32, identified=0.45, organisation=0.02,
        returns=(0.02, 0.03), listed=1.0, company=("8N", "105A", "58C", "8L", "66"), hides=0.08,
    ),
)  # fmt: skip

STALKING_CODES = ("", "195/12", "8/65", "8/66")
STALKING_TITLES = (
    "Stalking",
    "Stalking",
    "Stalking involving fear of violence",
    "Stalking involving serious alarm or distress",
)
STALKING_ITEMS = ("8Q", "195/12", "8/65", "8/66")
"""How an included list names stalking: by its class or by a sub-code."""

UPLIFT: Knots = (
    ("2019-04-01", 0.03),
    ("2020-03-31", 0.03),
    ("2020-04-01", 0.035),
    ("2023-05-31", 0.042),
    ("2023-06-01", 0.145),
    ("2024-11-01", 0.185),
    ("2025-03-01", 0.205),
    ("2026-09-30", 0.24),
)
"""Crimes with stalking only as an included classification, over crimes with stalking as the principal."""

LISTED: Knots = (
    ("2019-04-01", 0.31),
    ("2023-05-31", 0.35),
    ("2023-06-01", 0.38),
    ("2024-11-01", 0.39),
    ("2025-03-01", 0.44),
    ("2026-09-30", 0.46),
)
"""Chance of at least one included classification, before each class's own habit."""

ONLINE: Knots = (("2013-07-01", 0.0), ("2046-10-01", 0.9975))
"""Share of stalking with an online part, of all its crimes: 0.30 in mid 2023, 0.03 more a year."""

WEEKDAYS = (1.12, 1.06, 1.03, 1.01, 1.00, 0.90, 0.88)
"""Recording by day of the week, Monday first."""
SEASON = 0.035
"""Height of the summer above the mean."""

OFF_DISTRICT = (1.30, 0.85, 1.15, 0.95, 0.75, 1.05, 1.20, 0.90, 1.00, 1.10, 0.80, 0.95, 1.05)
"""How readily each district uses the included field, in the order of the districts file."""

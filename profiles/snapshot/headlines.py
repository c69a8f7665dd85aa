"""The headlines: what a meeting looks at first, and what protection therefore takes last."""

from profiles.periods import ALL

HEADLINES: tuple[tuple[str, str, str], ...] = (
    ("stalking_crimes", ALL, ALL),
    ("included_only_share", ALL, ALL),
    ("online_share", ALL, ALL),
    ("domestic_share", ALL, ALL),
    ("stranger_share", ALL, ALL),
    ("risk_assessed_24h", ALL, ALL),
    ("spo_applications", ALL, ALL),
    ("spo_granted", ALL, ALL),
    ("referral_rate", ALL, ALL),
    ("satisfied_overall", "survey", "stalking"),
)
"""Measure, on its usual basis; where it is of one category alone, its dimension and that."""

LASTING = ("stalking_crimes", "any")
"""Measure and basis of what is projected and judged before all else: a month less would end both."""

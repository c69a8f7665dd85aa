"""What a team is for: where its cases are of one kind, it stands apart by what is allocated to it.

A team that takes nothing but high-risk cases differs from the others in what it is given, and a comparison
with them would tell of the allocation, not of what the team does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from profiles import contracts, stats, words
from profiles.blocks.block import Source, fit
from profiles.catalogue import Measure, measure
from profiles.periods import ALL
from profiles.selection import NOT_RECORDED, Selection

TEAM, GRADE = "team", "risk_grade"
COUNTED = "stalking_crimes"

ONE_KIND = 0.95
"""A team with this share of its cases of one kind is one for that kind."""
FEWEST = 10
"""Of fewer cases nobody can tell what a team is for."""

NAMED = 6
"""Teams that a sentence names; more are counted, and the table shows which."""
APART = 1.5
"""A share so many times that of the others is one of other cases."""

HIDDEN = "crimes in which stalking is an included classification"
PRINCIPAL = "crimes in which stalking is the principal crime"


@dataclass(frozen=True)
class Mix:
    """How many cases each team has in all, and how many of each kind."""

    cases: Mapping[str, float]
    kinds: Mapping[str, Mapping[str, float]]

    def share(self, kind: str, team: str) -> float:
        """The share of the team's cases that is of the kind; nan where it has none."""
        cases = self.cases.get(team, 0.0)
        return self.kinds[kind].get(team, 0.0) / cases if cases > 0 else float("nan")

    def share_of_all(self, kind: str) -> float:
        """The share of all cases that is of the kind; nan where there are none."""
        cases = sum(self.cases.values())
        return sum(self.kinds[kind].values()) / cases if cases > 0 else float("nan")

    def is_apart(self, kind: str, team: str) -> bool:
        """Whether the team's share is far above that of all others, by more than chance explains (95 %)."""
        mine = self.cases.get(team, 0.0), self.kinds.get(kind, {}).get(team, 0.0)
        others = sum(self.cases.values()) - mine[0], sum(self.kinds.get(kind, {}).values()) - mine[1]
        if min(mine[0], others[0]) < FEWEST:
            return False
        _, lower, _ = stats.newcombe(mine[1], mine[0], others[1], others[0])
        return bool(lower > 0 and mine[1] / mine[0] >= APART * others[1] / others[0])

    def only(self) -> dict[str, str]:
        """The one kind that a team takes, where those of all teams are not of one kind, by its name."""
        mixed = [kind for kind in self.kinds if self.share_of_all(kind) < ONE_KIND]
        found: dict[str, str] = {}
        for team, cases in self.cases.items():
            for kind in mixed:
                if cases >= FEWEST and self.share(kind, team) >= ONE_KIND:
                    found.setdefault(team, kind)
        return found


def of_one_kind(source: Source, item: Measure, selection: Selection) -> dict[str, str]:
    """The teams that are for one kind of case, each with that kind in words.

    That a team takes principal crimes alone is usual; it sets a team apart only in what compares the bases.
    """
    found = _grades(source, selection).only()
    if selection.basis in (None, "any") or item.is_fixed:
        for team, kind in _bases(source, selection).only().items():
            if kind == HIDDEN or item.is_fixed:
                found.setdefault(team, kind)
    return found


def given(source: Source, selection: Selection, teams: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each of the teams that is given clearly more high-risk cases than the others."""
    mix, high = _grades(source, selection), _named(contracts.RISK_GRADES[-1])
    average = mix.share_of_all(high)
    return tuple(
        f"{words.name(team)} is given more high-risk cases than most: of those with a risk grade, "
        f"{words.number(100 * mix.share(high, team), 'percent')} of its cases, against "
        f"{words.number(100 * average, 'percent')} of all. That it stands apart may come of this, and not of "
        "what it does."
        for team in teams
        if mix.is_apart(high, team)
    )


def left_out(only: Mapping[str, str]) -> tuple[str, ...]:
    """Sentences on the teams that are not compared, with what they are for; none where there are none."""
    return tuple(
        f"{_teams(teams)} {'takes' if len(teams) == 1 else 'take'} "
        f"nothing but {kind}: in the table only and not in the average, for what is allocated would set "
        f"{'it' if len(teams) == 1 else 'them'} apart, not what is done."
        for kind in dict.fromkeys(only.values())
        for teams in [[team for team, each in only.items() if each == kind]]
    )


def _teams(names: list[str]) -> str:
    """The teams by name; of many, how many there are."""
    return words.listed(map(words.name, names)) if len(names) <= NAMED else f"{len(names)} teams"


def _grades(source: Source, selection: Selection) -> Mix:
    """The cases with a risk grade by team, and those of each grade; none where a grade is selected."""
    if selection.values(GRADE):
        return Mix({}, {})
    kinds = {
        _named(grade): _counted(source, replace(selection, where=(*selection.where, (GRADE, grade))))
        for grade in contracts.RISK_GRADES
    }
    teams = dict.fromkeys(team for kind in kinds.values() for team in kind)
    return Mix({team: sum(kind.get(team, 0.0) for kind in kinds.values()) for team in teams}, kinds)


def _bases(source: Source, selection: Selection) -> Mix:
    """The cases by team, and those of each basis."""
    cases, hidden = (_counted(source, replace(selection, basis=basis)) for basis in ("any", "included_only"))
    principal = {team: cases[team] - hidden.get(team, 0.0) for team in cases}
    return Mix(cases, {HIDDEN: hidden, PRINCIPAL: principal})


def _named(grade: str) -> str:
    return f"{grade}-risk cases"


def _counted(source: Source, selection: Selection) -> dict[str, float]:
    """Cases by team in the whole period; no team where the data do not tell."""
    asked = fit(measure(COUNTED), replace(selection, by=TEAM, grain=ALL))
    frame = source.frame(COUNTED, asked)
    known = frame[~frame["category"].isin((ALL, NOT_RECORDED)) & frame["value"].notna()]
    return dict(zip(known["category"].tolist(), known["value"].tolist(), strict=True))

"""What is known about a warehouse before any measure is asked: feeds, capabilities, as-at date."""

from dataclasses import dataclass, field
from datetime import date

from profiles import contracts
from profiles.periods import month_start
from profiles.spans import Span, doubted, uncovered
from profiles.warehouse import Connection, get_meta
from profiles.warehouse.feeds import extracts_of

ANY = "any"
"""Stands for every table: the feed of a mart that holds what became of imported records."""


@dataclass(frozen=True)
class Feed:
    """First day (None for a table without dates) and newest extract of one source's table."""

    first_date: date | None
    as_at: date | None


@dataclass(frozen=True)
class Gap:
    """Months, by number and in order, of one of the source's tables: those that no extract of it covers."""

    source: str
    table: str
    months: tuple[int, ...]


@dataclass(frozen=True)
class Facts:
    """Feeds by source and table, capabilities by source, and the as-at date of the warehouse.

    `coverage` holds the days that extracts cover, by source and table; of a feed that is not in it nothing
    is known to be missing. `gaps` by what was asked, `doubts`, `columns` of marts, `categories` of open
    dimensions and first days of `fields` are remembered as they are asked for: a published version never
    changes, so one `Facts` a version serves every query.
    """

    feeds: dict[tuple[str, str], Feed]
    capabilities: dict[str, frozenset[str]]
    as_at: date | None
    coverage: dict[tuple[str, str], tuple[Span, ...]] = field(default_factory=dict)
    gaps: dict[object, tuple[int, ...]] = field(default_factory=dict, compare=False)
    doubts: dict[None, tuple[Gap, ...]] = field(default_factory=dict, compare=False)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    categories: dict[object, tuple[str, ...]] = field(default_factory=dict, compare=False)
    fields: dict[tuple[str, str], date] = field(default_factory=dict, compare=False)

    def sources(self, table: str) -> tuple[str, ...]:
        """Sources that feed the table."""
        return tuple(sorted({source for source, name in self.feeds if table in (name, ANY)}))

    def lacking(
        self, source: str, needs: tuple[str, ...], dimension_needs: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        """Which of the needed capabilities and tables the source does not have.

        What a dimension needs of crimes is asked only of sources that feed crimes: a tracker of
        orders, or a table of residents, has its own districts.
        """
        held = self.capabilities.get(source, frozenset())
        has_crimes = (source, "crimes") in self.feeds
        asked = [
            need for need in dimension_needs if has_crimes or contracts.CAPABILITIES[need].feed != "crimes"
        ]
        return tuple(
            need
            for need in dict.fromkeys((*needs, *asked))
            if not (need in held or (need in contracts.TABLES and (source, need) in self.feeds))
        )

    def bounds(
        self, table: str, needs: tuple[str, ...], sources: tuple[str, ...]
    ) -> tuple[date | None, date | None]:
        """First day of the month in which the data begin, and their newest extract.

        The data of a source begin when the table and every feed behind `needs` have begun.
        """
        feeds = [
            table,
            *(contracts.CAPABILITIES[need].feed for need in needs if need in contracts.CAPABILITIES),
        ]
        beginnings = []
        for source in sources:
            first = [self.feeds[source, name].first_date for name in feeds if (source, name) in self.feeds]
            known = [month_start(day) for day in first if day]
            if known:
                beginnings.append(max(known))
        newest = [
            feed.as_at
            for (source, name), feed in self.feeds.items()
            if source in sources and table in (name, ANY)
        ]
        return min(beginnings, default=None), max((day for day in newest if day), default=None)

    def uncovered(self, table: str, needs: tuple[str, ...], sources: tuple[str, ...]) -> tuple[int, ...]:
        """Numbers of the months, in order, that the data leave out between their first day and their last.

        A month is left out when any of the sources covers it in part or not at all, in the table or in a feed
        behind `needs`: a sum over the other sources would be too small.
        """
        key = (table, needs, sources)
        if key not in self.gaps:
            # A need may be a capability, a table, or both: included classifications are.
            behind = [contracts.CAPABILITIES[need].feed for need in needs if need in contracts.CAPABILITIES]
            feeds = {table, *behind, *(need for need in needs if need in contracts.TABLES)}
            found: set[int] = set()
            for source in sources:
                for name in feeds:
                    found |= self._left_out(source, table, name)
            self.gaps[key] = tuple(sorted(found))
        return self.gaps[key]

    def left_out(self) -> tuple[Gap, ...]:
        """What the extracts leave out, by source and table: to its own last day and to that of the crimes."""
        found = []
        for source, table in self.coverage:
            months = self._left_out(source, table, table) | self._left_out(source, "crimes", table)
            found += [Gap(source, table, tuple(sorted(months)))] if months else []
        return tuple(found)

    def _left_out(self, source: str, table: str, name: str) -> frozenset[int]:
        """Months of the source's table in which its feed `name` is not covered."""
        whole, part = self.feeds.get((source, table)), self.feeds.get((source, name))
        if not whole or not part or not whole.first_date or not whole.as_at:
            return frozenset()
        spans = self.coverage.get((source, name))
        begins = max(whole.first_date, part.first_date or whole.first_date)
        return uncovered(spans, begins, whole.as_at) if spans is not None else frozenset()


def doubtful(con: Connection, facts: Facts) -> tuple[Gap, ...]:
    """The months, by source and table, that count as covered though it cannot be told whether they are."""
    if None in facts.doubts:
        return facts.doubts[None]
    found = []
    for (source, table), told in extracts_of(con.cursor()).items():
        months = doubted(*told)
        found += [Gap(source, table, tuple(sorted(months)))] if months else []
    facts.doubts[None] = tuple(found)
    return facts.doubts[None]


def columns_of(con: Connection, facts: Facts, mart: str) -> tuple[str, ...]:
    """Names of the mart's columns, asked for once."""
    if mart not in facts.columns:
        described = con.execute(f"select * from marts.{mart} limit 0").description
        facts.columns[mart] = tuple(column[0] for column in described)
    return facts.columns[mart]


def fields_of(con: Connection, facts: Facts) -> dict[tuple[str, str], date]:
    """First day of the crimes that should have a field, by source and field it keeps; asked for once."""
    if not facts.fields:
        found = con.execute("select source, field, begins_date from marts.fields").fetchall()
        facts.fields.update({(source, name): day for source, name, day in found})
    return facts.fields


_versions: dict[tuple[tuple[str, str], ...], Facts] = {}
_KEPT = 4


def facts_of(con: Connection) -> Facts:
    """The facts of the warehouse behind the connection; of a published version, read only once."""
    meta = get_meta(con)
    # All of the meta table, so that two warehouses that share a version name are told apart.
    version = tuple(sorted(meta.items()))
    if version in _versions:
        return _versions[version]
    feeds = con.execute(
        "select source, table_name, first_date, as_at from meta.feeds order by all"
    ).fetchall()
    available = con.execute("select source, capability from meta.capabilities where is_available").fetchall()
    spans: dict[tuple[str, str], list[Span]] = {}
    for source, table, *span in con.execute("select * from meta.coverage order by all").fetchall():
        spans.setdefault((source, table), []).append((span[0], span[1]))
    as_at = meta.get("as_at")
    facts = Facts(
        {(source, table): Feed(first_date, newest) for source, table, first_date, newest in feeds},
        {
            source: frozenset(name for other, name in available if other == source)
            for source in {source for source, _ in available}
        },
        date.fromisoformat(as_at) if as_at else None,
        {key: tuple(each) for key, each in spans.items()},
    )
    if meta.get("version"):
        while len(_versions) >= _KEPT:
            del _versions[next(iter(_versions))]
        _versions[version] = facts
    return facts

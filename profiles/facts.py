"""What is known about a warehouse before any measure is asked: feeds, capabilities, as-at date."""

from dataclasses import dataclass, field
from datetime import date

from profiles import contracts
from profiles.periods import month_start
from profiles.warehouse import Connection, get_meta

ANY = "any"
"""Stands for every table: the feed of a mart that holds what became of imported records."""


@dataclass(frozen=True)
class Feed:
    """First day (None for a table without dates) and newest extract of one source's table."""

    first_date: date | None
    as_at: date | None


@dataclass(frozen=True)
class Facts:
    """Feeds by source and table, capabilities by source, and the as-at date of the warehouse.

    `columns` of marts, `categories` of open dimensions and first days of `fields` are remembered as
    they are asked for: a published version never changes, so one `Facts` a version serves every query.
    """

    feeds: dict[tuple[str, str], Feed]
    capabilities: dict[str, frozenset[str]]
    as_at: date | None
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
    as_at = meta.get("as_at")
    facts = Facts(
        {(source, table): Feed(first_date, newest) for source, table, first_date, newest in feeds},
        {
            source: frozenset(name for other, name in available if other == source)
            for source in {source for source, _ in available}
        },
        date.fromisoformat(as_at) if as_at else None,
    )
    if meta.get("version"):
        while len(_versions) >= _KEPT:
            del _versions[next(iter(_versions))]
        _versions[version] = facts
    return facts

"""Definitions: the glossary, the codes and the known gaps of `definitions.toml`, and a measure in words."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from profiles import contracts, words
from profiles.catalogue import Measure, catalogue, marts, measure
from profiles.errors import ProfilesError
from profiles.measures import LOW_BASE
from profiles.selection import BASES, DIMENSIONS, NOT_RECORDED, nearest
from profiles.warehouse import SQL

PATH = Path(__file__).with_name("definitions.toml")

INTERVALS = {
    "none": "none",
    "wilson": "95 % by Wilson: the percentages that fit the records, given that figures differ by chance",
    "poisson": "95 %, exact Poisson: the levels that fit the count, given that figures differ by chance",
    "odds": "95 %: the Wilson interval of the share that the first is of both together, turned into odds",
    "quartiles": "lower and upper quartile: half of the cases lie between them",
}
DIRECTIONS = {
    "neutral": "neither more nor less is better in itself",
    "more_is_better": "more is better",
    "less_is_better": "less is better",
}
BREAKS = {
    "all": "those of every stalking series",
    "principal": "those of principal crimes",
    "included_only": "those of included-only crimes",
    "orders": "those of protection orders",
    "none": "none",
}
UNPLACED = {
    "stock": "nothing: it is what there is in a period, and is never summed over time",
    "standing": "nothing: it is of all that is loaded, whatever its days",
}
SMALL_COUNTS = {
    "person": "1 to 4 are withheld in a snapshot, and other counts that would give them away",
    "process": (
        "1 to 4 of a part are withheld in a snapshot, and others that would give them away; the force as a "
        "whole is told as it is, except in a snapshot for publication"
    ),
    "answers": "counts of answers may be small, but a snapshot gives no share of fewer than {least}",
    "open": "none is withheld: all of it is published elsewhere",
}
"""These by the values that a header may give."""

LEAST_ANSWERS = 10
"""Answers that a share needs in a snapshot."""

DESCRIBED: dict[str, Mapping[str, str]] = {
    "bases": BASES,
    "markers": words.MARKERS,
    "capabilities": {name: item.about for name, item in contracts.CAPABILITIES.items()},
}
"""Values whose meaning the code itself says, by the name that `from` gives them."""

ALLOWED = {
    f"{table.name}.{column.name}": column.allowed
    for table in contracts.TABLES.values()
    for column in table.columns
    if column.allowed
}
"""What a column of the contract may hold, by table.column."""

KEYS: dict[str, tuple[tuple[str, ...], dict[str, type]]] = {
    "term": (("name", "text", "source"), {"also": list}),
    "gap": (("title", "text", "effect", "closes", "source"), {"measures": list, "reads": list}),
    "code_list": (
        ("id", "title", "about", "source"),
        {"column": str, "dimension": str, "from": str, "codes": list},
    ),
    "code": (("value", "meaning"), {"group": str, "verified": bool}),
}
"""Texts that an entry must have, and what else it may have."""


def anchor(kind: str, name: str) -> str:
    """The fragment of a link to an entry of the page: `anchor("measure", "online_share")`."""
    return f"{kind}-{re.sub('[^a-z0-9]+', '-', name.casefold()).strip('-')}"


@dataclass(frozen=True)
class Term:
    """One word of the glossary, what else it is called, and what it means."""

    name: str
    also: tuple[str, ...]
    text: str
    source: str

    @property
    def anchor(self) -> str:
        """The fragment of a link to it."""
        return anchor("term", self.name)


@dataclass(frozen=True)
class Code:
    """One value and its meaning; `group` is what charts put it under, empty where there are no groups."""

    value: str
    meaning: str
    group: str = ""
    is_verified: bool = True


@dataclass(frozen=True)
class CodeList:
    """The values of one kind. `columns` are those of the contract that hold them, as table.column."""

    list_id: str
    title: str
    about: str
    source: str
    columns: tuple[str, ...]
    dimension: str
    codes: tuple[Code, ...]

    @property
    def anchor(self) -> str:
        """The fragment of a link to it."""
        return anchor("codes", self.list_id)

    def meaning(self, value: str) -> str:
        """What the value means; empty when it is not listed."""
        return next((code.meaning for code in self.codes if code.value == value), "")


@dataclass(frozen=True)
class Gap:
    """Something that is not known: what it does to the figures, to which, and what would close it."""

    title: str
    text: str
    effect: str
    measures: tuple[str, ...]
    closes: str
    source: str

    @property
    def anchor(self) -> str:
        """The fragment of a link to it."""
        return anchor("gap", self.title)


@dataclass(frozen=True)
class Definitions:
    """All entries: code lists and gaps in the order of the file, terms by name."""

    code_lists: tuple[CodeList, ...]
    gaps: tuple[Gap, ...]
    terms: tuple[Term, ...]

    def code_list(self, list_id: str) -> CodeList:
        """The list of that id; KeyError when there is none."""
        return {each.list_id: each for each in self.code_lists}[list_id]

    def gaps_of(self, measure_id: str) -> tuple[Gap, ...]:
        """The gaps that touch the measure."""
        return tuple(gap for gap in self.gaps if measure_id in gap.measures)


@lru_cache(maxsize=8)
def definitions(path: Path = PATH, folder: Path = SQL) -> Definitions:
    """The definitions in the file, checked against the code and the measures of `folder`.

    Raises ProfilesError naming the file, the entry and the remedy.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ProfilesError(f"{path} cannot be read as UTF-8 text ({error}); restore it.") from error
    except tomllib.TOMLDecodeError as error:
        raise ProfilesError(f"{path.name} is not valid TOML ({error}); mend that line.") from error
    file, measures = path.name, catalogue(folder)
    # The file as a whole is checked as an entry is.
    kinds = dict.fromkeys(("code_list", "gap", "term"), list)
    _check(raw, ("not_recorded",), kinds, file)
    terms = [
        Term(entry["name"], tuple(entry.get("also", ())), entry["text"], entry["source"])
        for entry, _ in _entries(raw, "term", file)
    ]
    found = Definitions(
        tuple(
            _code_list(entry, where, raw["not_recorded"]) for entry, where in _entries(raw, "code_list", file)
        ),
        tuple(_gap(entry, where, measures) for entry, where in _entries(raw, "gap", file)),
        tuple(sorted(terms, key=lambda term: term.name.casefold())),
    )
    _once(f"{file}: code_list", (each.list_id for each in found.code_lists))
    _once(f"{file}: gap", (gap.title for gap in found.gaps))
    _once(f"{file}: term", (name for term in found.terms for name in (term.name, *term.also)))
    return found


def described(item: Measure, folder: Path = SQL) -> tuple[tuple[str, str], ...]:
    """What a reader should know of a measure: pairs of a label and a sentence, in the order to be read."""
    dimensions = words.listed(DIMENSIONS[name].title for name in item.dimensions)
    for group in item.apart:
        titles = [DIMENSIONS[name].title for name in group]
        dimensions += f"; never pooled, so by {' or '.join(titles)}, or for one {titles[0]}"
    pairs = (
        ("Counts", item.numerator),
        ("Out of", item.denominator),
        ("Unit", words.UNITS[item.unit]),
        ("Basis", _basis(item)),
        ("Placed in time by", _placed(item, folder)),
        ("Counts only", f"what lies {item.matures} or more before the as-at date" if item.matures else ""),
        ("Settles", f"a period is provisional until {item.settles} after its end" if item.settles else ""),
        (
            "Least base",
            f"no figure on fewer than {item.least}, low base below {LOW_BASE}" if item.least else "",
        ),
        ("Interval", INTERVALS[item.interval]),
        ("Broken down by", dimensions),
        ("Given for", words.listed(words.GRAINS[grain] for grain in item.grains)),
        ("Needs", "; ".join(_need(name) for name in item.needs)),
        ("Evidence for", _lines(item.recommendations)),
        ("Direction", DIRECTIONS[item.direction]),
        ("Part of", measure(item.part_of, folder).title if item.part_of else ""),
        ("Adds up", measure(item.cumulates, folder).title if item.cumulates else ""),
        ("In a snapshot", _released(item)),
        ("Small counts", SMALL_COUNTS[item.sensitivity].format(least=item.least or LEAST_ANSWERS)),
        ("Breaks", _breaks(item)),
        ("Note", item.note),
    )
    return tuple((label, words.sentence(text)) for label, text in pairs if text)


def _basis(item: Measure) -> str:
    if item.is_fixed:
        return "compares principal with included only"
    first, *others = (basis.replace("_", " ") for basis in item.bases or ("none",))
    return f"{first}, unless {' or '.join(others)} is chosen" if others else first


def _placed(item: Measure, folder: Path) -> str:
    if item.time in UNPLACED:
        return UNPLACED[item.time]
    table = contracts.TABLES.get(marts(folder)[item.reads].feed)
    if table and item.date in table.names:
        return f"the {table.column(item.date).about.split(';')[0]}"
    return f"its {item.date.replace('_', ' ')}"


def _released(item: Measure) -> str:
    """What a snapshot tells of the measure: by what, and for which periods where those are few."""
    if item.apart:
        # Its kinds are never pooled, so there is no whole: those of the first group, by those of the second.
        told = f"by {' within each '.join(DIMENSIONS[group[0]].title for group in reversed(item.apart[:2]))}"
    else:
        usual, rare = (
            words.listed(
                DIMENSIONS[name].title for name in item.released_by if DIMENSIONS[name].is_rare == is_rare
            )
            for is_rare in (False, True)
        )
        when = words.listed(words.GRAINS[grain] for grain in _broken_down_for(item))
        titles = usual or rare
        by = f"by {usual} {when}".strip()
        if rare:
            by += f", and by {rare} {words.GRAINS['financial_year']}"
        told = f"the force as a whole, and {by}" if titles else "the force as a whole only"
    for pair in item.crossed:
        told += f"; by {' and '.join(DIMENSIONS[name].title for name in pair)} together"
    if item.released_for:
        of_each = words.GRAINS | ({} if "month" in item.released_for else {"rolling_year": words.TO_QUARTERS})
        told += f"; for {words.listed(of_each[grain] for grain in item.released_for)}"
    elif item.sensitivity == "answers":
        told += f"; for no month, which has too few answers, and {words.TO_QUARTERS} alone"
    others = [basis.replace("_", " ") for basis in item.bases[1:]]
    if others and not item.apart and item.released_for != ("financial_year",):
        what = "broken down " if item.is_by_basis else ""
        told += f"; {what}on the basis {' or '.join(others)} for each financial year alone"
    return told


def _broken_down_for(item: Measure) -> tuple[str, ...]:
    """The periods of its breakdowns, where they are not those of the whole."""
    if item.time == "standing" or item.released_for:
        return ()
    return tuple(grain for grain in item.broken_down_for if grain in (item.grains or item.broken_down_for))


def _need(name: str) -> str:
    capability = contracts.CAPABILITIES.get(name)
    return capability.about if capability else f"rows of the table {name.replace('_', ' ')}"


def _lines(recommendations: tuple[str, ...]) -> str:
    lines = "lines" if len(recommendations) > 1 else "line"
    return f"{lines} {words.listed(recommendations)} of the action plan" if recommendations else ""


def _breaks(item: Measure) -> str:
    series = item.breaks or (("all", "principal", "included_only") if item.is_fixed else ())
    if not series:
        return f"{BREAKS['all']}, and those of the basis" if item.bases else BREAKS["none"]
    return words.listed(BREAKS[name] for name in series)


Entry = Mapping[str, Any]


def _fault(where: str, what: str, remedy: str) -> ProfilesError:
    return ProfilesError(f"{where} {what}; {remedy}")


def _check(entry: Entry, required: tuple[str, ...], optional: Mapping[str, type], where: str) -> None:
    for key in required:
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise _fault(where, f"lacks a text for {key}", f'add {key} = "…".')
    for key, value in entry.items():
        if key not in (*required, *optional):
            raise _fault(where, f"has an unknown key {key!r}", nearest(key, (*required, *optional)))
        if key in optional and not isinstance(value, optional[key]):
            raise _fault(
                where, f"has a {key} that is no {optional[key].__name__}", "write it as its neighbours."
            )


def _entries(raw: Entry, kind: str, where: str) -> Iterator[tuple[Entry, str]]:
    """Each entry of a kind, checked, and where it stands."""
    for number, entry in enumerate(raw.get(kind, []), start=1):
        if not isinstance(entry, dict):
            raise _fault(where, f"has a {kind} that is no entry", f"begin each with [[{kind}]].")
        name = f"{where}: {kind} {entry.get(KEYS[kind][0][0], number)!r}"
        _check(entry, *KEYS[kind], name)
        yield entry, name


def _gap(entry: Entry, where: str, measures: Mapping[str, Measure]) -> Gap:
    known = {"measures": sorted(measures), "reads": sorted({item.reads for item in measures.values()})}
    for key, names in known.items():
        for name in entry.get(key, ()):
            if name not in names:
                raise _fault(where, f"has an unknown name {name!r} in {key}", nearest(f"{name}", names))
    touched = tuple(
        name
        for name, item in measures.items()
        if name in entry.get("measures", ()) or item.reads in entry.get("reads", ())
    )
    return Gap(entry["title"], entry["text"], entry["effect"], touched, entry["closes"], entry["source"])


def _code_list(entry: Entry, where: str, blank: str) -> CodeList:
    codes = [
        Code(each["value"], each["meaning"], each.get("group", ""), each.get("verified", True))
        for each, _ in _entries({"code": entry.get("codes", [])}, "code", where)
    ]
    found = {code.value: code for code in codes}
    if len(found) < len(codes):
        raise _fault(where, "has a value twice", "take one of them out.")
    dimension = entry.get("dimension", "")
    for key, known in (("from", DESCRIBED), ("dimension", DIMENSIONS), ("column", ALLOWED)):
        if entry.get(key) and entry[key] not in known:
            raise _fault(where, f"has an unknown {key} {entry[key]!r}", nearest(entry[key], known))
    if "from" in entry:
        said = DESCRIBED[entry["from"]]
        found = {name: Code(name, words.sentence(text)) for name, text in said.items()} | found
        values = tuple(said)
    else:
        declared = DIMENSIONS[dimension].categories if dimension else ALLOWED.get(entry.get("column", ""), ())
        values = declared or tuple(found)
    if NOT_RECORDED in values:
        found.setdefault(NOT_RECORDED, Code(NOT_RECORDED, blank))
    for value in values:
        if value not in found:
            raise _fault(where, f"lacks a meaning of {value!r}", "add it to its codes.")
    for value in found:
        if value not in values:
            raise _fault(where, f"describes {value!r}, which the code does not have", nearest(value, values))
    held = ALLOWED.get(entry.get("column", ""), ())
    for value in held:
        if value not in values:
            raise _fault(where, f"lacks {value!r}, which its column may hold", "name another column.")
    return CodeList(
        list_id=entry["id"],
        title=entry["title"],
        about=entry["about"],
        source=entry["source"],
        columns=tuple(name for name, allowed in ALLOWED.items() if held and allowed == held),
        dimension=dimension,
        codes=tuple(found[value] for value in values),
    )


def _once(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if anchor("", name) in seen:
            raise _fault(f"{what} {name!r}", "is there twice", "take one of them out.")
        seen.add(anchor("", name))

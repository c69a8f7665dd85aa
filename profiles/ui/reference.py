"""What the page Definitions shows: measures, breaks, codes, known gaps and the glossary, as HTML."""

from collections.abc import Iterable
from functools import lru_cache

from profiles import words
from profiles.catalogue import Measure, catalogue
from profiles.definitions import CodeList, Gap, Term, definitions, described
from profiles.escaped import html as escape
from profiles.frames import Breaks


@lru_cache(maxsize=1)
def entries() -> dict[str, str]:
    """Every measure, list of codes, gap and term by its title, as HTML; a measure before its namesakes."""
    known = definitions()
    found = {item.title: _measure(item) for item in catalogue().values()}
    for title, text in (
        *((each.title, _codes(each)) for each in known.code_lists),
        *((gap.title, _gap(gap)) for gap in known.gaps),
        *((words.name(term.name), _term(term)) for term in known.terms),
    ):
        found.setdefault(title, text)
    return dict(sorted(found.items(), key=lambda pair: pair[0].casefold()))


def measures() -> str:
    """All measures, each folded, under their titles."""
    return _folded((item.title, _measure(item)) for item in catalogue().values())


def codes() -> str:
    """All lists of codes, each folded."""
    return _folded((each.title, _codes(each)) for each in definitions().code_lists)


def gaps() -> str:
    """All known gaps, open: a gap that is folded is not known."""
    return "".join(f"<h3>{escape(gap.title)}</h3>{_gap(gap)}" for gap in definitions().gaps)


def glossary() -> str:
    """All terms by name."""
    return f"<dl class='entry'>{''.join(map(_line, definitions().terms))}</dl>"


def breaks(known: Breaks) -> str:
    """The breaks as a table, each with what it does to a series."""
    head = "".join(f"<th scope='col' class='text'>{name}</th>" for name in ("Day", "What changed", "Effect"))
    body = "".join(
        f"<tr><th scope='row' class='text'>{words.day(each.day)}</th>"
        f"<td class='text'><b>{escape(each.title)}</b>. {escape(words.sentence(each.explanation))}</td>"
        f"<td class='text'>{'the series starts anew' if each.is_rebase else 'marked only'}</td></tr>"
        for each in known
    )
    return _table(head, body)


def _folded(titled: Iterable[tuple[str, str]]) -> str:
    return "".join(
        f"<details class='entry'><summary>{escape(title)}</summary>{text}</details>" for title, text in titled
    )


def _measure(item: Measure) -> str:
    pairs = [(label, escape(text)) for label, text in described(item)]
    pairs += [
        ("Known gap", escape(words.sentence(gap.title))) for gap in definitions().gaps_of(item.measure_id)
    ]
    pairs.append(("Command", f"<code>stalking-profiles measure {item.measure_id}</code>"))
    return _pairs(pairs)


def _codes(known: CodeList) -> str:
    groups = any(code.group for code in known.codes)
    head = ["Code", "Meaning", *(["Group"] if groups else [])]
    rows = "".join(
        f"<tr><th scope='row' class='text'>{escape(code.value)}</th><td class='text'>{escape(code.meaning)}"
        f"{'' if code.is_verified else ' <em>Not verified.</em>'}</td>"
        f"{f'<td class=text>{escape(code.group)}</td>' if groups else ''}</tr>"
        for code in known.codes
    )
    headed = "".join(f"<th scope='col' class='text'>{name}</th>" for name in head)
    return (
        f"<p>{escape(words.sentence(known.about))} Source: {escape(words.sentence(known.source))}</p>"
        f"{_table(headed, rows)}"
    )


def _table(head: str, body: str) -> str:
    return (
        f"<div class='twin reference' tabindex='0'><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _gap(gap: Gap) -> str:
    titles = words.listed(catalogue()[name].title for name in gap.measures)
    pairs = [
        ("Not known", gap.text),
        ("What it does", gap.effect),
        ("Figures it touches", titles),
        ("What would close it", gap.closes),
        ("Source", gap.source),
    ]
    return _pairs((label, escape(words.sentence(text))) for label, text in pairs if text)


def _term(term: Term) -> str:
    also = f" Also: {escape(words.listed(term.also))}." if term.also else ""
    return f"<p>{escape(term.text)}{also} <small>Source: {escape(words.sentence(term.source))}</small></p>"


def _line(term: Term) -> str:
    return f"<dt id='{term.anchor}'>{escape(words.name(term.name))}</dt><dd>{_term(term)}</dd>"


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    told = "".join(f"<dt>{escape(label)}</dt><dd>{text}</dd>" for label, text in pairs)
    return f"<dl class='entry pairs'>{told}</dl>"

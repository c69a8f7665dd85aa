"""The whole report: its sections in the order of the National Intelligence Model."""

from collections.abc import Callable, Iterator

from profiles.report import demand, front, judgement, people, response
from profiles.report.model import Block, Document, facts
from profiles.report.reading import Source

TITLE = "Stalking problem profile"

SECTIONS: tuple[Callable[[Source], Iterator[Block]], ...] = (
    front.terms,
    front.findings,
    front.definitions,
    demand.scale,
    demand.typology,
    people.victims,
    people.offenders,
    people.places,
    people.linked,
    response.response,
    response.comparison,
    judgement.hypotheses,
    judgement.gaps,
    judgement.recommendations,
    judgement.evaluation,
)


def document(source: Source) -> Document:
    """The report on a snapshot, with an annex on every measure that it shows."""
    manifest = source.manifest
    blocks = tuple(block for section in SECTIONS for block in section(source))

    def whole(blocks: tuple[Block, ...]) -> Document:
        return Document(TITLE, manifest.folder.resolve().name, manifest.stamp, manifest.sha256, blocks)

    used = {fact.key[0] for fact in facts(whole(blocks))}
    names = [name for name in source.by_measure if name in used]
    return whole((*blocks, *judgement.annex(source, names)))

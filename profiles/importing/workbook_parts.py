"""The parts of a workbook's archive, read piece by piece as XML, under limits that hold before all else."""

import posixpath
import re
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from profiles.errors import BadFile
from profiles.importing.text_files import MAX_CELL_CHARACTERS

MAX_PARTS = 10_000
MAX_UNPACKED_BYTES = 1 << 30
MAX_RATIO = 300
"""Unpacked bytes for one packed byte, of a part of more than `SMALL_PART_BYTES`; tables stay below 60."""
SMALL_PART_BYTES = 10_000_000
MAX_DEPTH = 100
MAX_ELEMENTS = 200_000
"""Relations, sheets and formats that a part describes."""
MAX_DESCRIPTION_BYTES = 30_000_000
"""Of a part that describes sheets, relations or formats."""
MAX_SECONDS = 600.0
CHUNK_BYTES = 1 << 18


class Archive:
    """The parts of a workbook's file, found by name in any case and with either slash."""

    def __init__(self, path: Path, copy: Path) -> None:
        self.path = path
        self.deadline = time.monotonic() + MAX_SECONDS
        try:
            self.packed = zipfile.ZipFile(copy)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            self.damaged(str(error), error)
        self.parts: dict[str, zipfile.ZipInfo] = {}
        for info in self.packed.infolist():
            name = info.filename.replace("\\", "/").lstrip("/").lower()
            if name in self.parts:
                self.damaged(f"it holds {info.filename!r} twice")
            self.parts[name] = info
        self._check()

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self.packed.close()

    def __contains__(self, part: str) -> bool:
        return part.lower() in self.parts

    def _check(self) -> None:
        """Raise BadFile when the archive says that it unpacks to more than the limits allow."""
        if len(self.parts) > MAX_PARTS:
            self.refuse(f"has {len(self.parts):,} parts; at most {MAX_PARTS:,} are read")
        total = sum(info.file_size for info in self.parts.values())
        if total > MAX_UNPACKED_BYTES:
            self.refuse(
                f"unpacks to {total / 1e6:,.0f} MB; at most {MAX_UNPACKED_BYTES / 1e6:,.0f} MB are read"
            )
        for info in self.parts.values():
            if info.file_size > max(SMALL_PART_BYTES, MAX_RATIO * info.compress_size):
                self.refuse(
                    f"unpacks {info.filename} to {info.file_size / max(info.compress_size, 1):,.0f} times "
                    f"its size; at most {MAX_RATIO} times is read"
                )

    def refuse(self, what: str) -> NoReturn:
        """Raise BadFile naming the limit."""
        raise BadFile(f"{self.path} {what}; keep the table alone in the workbook, or export it as CSV.")

    def damaged(self, why: str, cause: Exception | None = None) -> NoReturn:
        """Raise BadFile saying that the workbook is damaged."""
        raise BadFile(f"{self.path} is not a readable workbook ({why}); save it again as .xlsx.") from cause

    def size(self, part: str) -> int:
        """How many bytes the part unpacks to; 0 when it is missing."""
        info = self.parts.get(part.lower())
        return info.file_size if info else 0

    def chunks(self, part: str) -> Iterator[bytes]:
        """The bytes of that part."""
        info = self.parts.get(part.lower())
        if info is None:
            self.damaged(f"{part} is missing")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
            self.damaged(f"{part} is packed in a way that workbooks do not use")
        try:
            with self.packed.open(info) as handle:
                while chunk := handle.read(CHUNK_BYTES):
                    if time.monotonic() > self.deadline:
                        self.refuse(f"takes longer than {MAX_SECONDS:.0f} seconds to read")
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            self.damaged(f"{part}: {error}", error)

    def counted(self, part: str, element: str, most: int = MAX_UNPACKED_BYTES) -> int:
        """About how many elements of that name a part holds, counted until there are more than `most`."""
        pattern = re.compile(rb"<(?:\w+:)?" + element.encode() + rb"[\s/>]")
        count = 0
        for chunk in self.chunks(part):
            count += len(pattern.findall(chunk))
            if count > most:
                break
        return count

    def tags(self, part: str, most: int) -> int:
        """About how many opening and closing tags a part holds, counted until there are more than `most`."""
        count = 0
        for chunk in self.chunks(part):
            count += chunk.count(b"<")
            if count > most:
                break
        return count

    def parsed(self, part: str, handler: "Handler") -> Iterator[None]:
        """Give the part's XML to `handler`; yields after each piece."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = handler.start
        parser.EndElementHandler = handler.end
        parser.CharacterDataHandler = handler.characters

        def declared(*_: object) -> None:
            self.damaged(f"{part} declares entities, which no workbook does")

        parser.StartDoctypeDeclHandler = declared
        try:
            for chunk in self.chunks(part):
                parser.Parse(chunk, False)
                yield
            parser.Parse(b"", True)
            yield
        except (expat.ExpatError, LookupError, ValueError) as error:
            self.damaged(f"{part}: {error}", error)

    def elements(self, part: str, *names: str) -> list[tuple[str, dict[str, str]]]:
        """The elements of those names in a part, with their attributes, in their order."""
        if self.size(part) > MAX_DESCRIPTION_BYTES:
            self.refuse(
                f"unpacks {part} to {self.size(part):,} bytes; at most {MAX_DESCRIPTION_BYTES:,} are read"
            )
        found: list[tuple[str, dict[str, str]]] = []
        handler = Handler(self)
        for name in names:
            handler.starts[name] = lambda attributes, name=name: found.append((name, attributes))
        for _ in self.parsed(part, handler):
            if len(found) > MAX_ELEMENTS:
                self.refuse(f"describes more than {MAX_ELEMENTS:,} things in {part}")
        return found

    def related(self, part: str) -> list[tuple[str, str, str]]:
        """What a part (blank: the archive itself) refers to: identifier, kind, and the other part's name."""
        folder, name = posixpath.split(part)
        found = self.elements(posixpath.join(folder, "_rels", f"{name}.rels"), "Relationship")
        return [
            (
                item.get("Id", ""),
                posixpath.basename(item.get("Type", "")),
                _joined(folder, item.get("Target", "")),
            )
            for _, item in found
        ]


def _joined(folder: str, target: str) -> str:
    """The name of a part that another one in `folder` refers to."""
    return posixpath.normpath(posixpath.join("/", folder, target.replace("\\", "/"))).lstrip("/")


class _ByName(dict[str, Callable[..., None]]):
    """What to do with each element; a prefix that some programs write is passed over: x:row is row."""

    def __missing__(self, tag: str) -> Callable[..., None] | None:
        return self.get(tag.rpartition(":")[2])


class Handler:
    """What is done with the elements of a part, by name at the start and at the end.

    Text is kept in `pieces` while `is_kept`.
    """

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.starts, self.ends = _ByName(), _ByName()
        self.depth = self.length = 0
        self.pieces: list[str] = []
        self.is_kept = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.archive.damaged("its elements lie too deep in one another")
        if (found := self.starts[tag]) is not None:
            found(attributes)

    def end(self, tag: str) -> None:
        self.depth -= 1
        if (found := self.ends[tag]) is not None:
            found()

    def characters(self, text: str) -> None:
        if self.is_kept:
            self.pieces.append(text)
            self.length += len(text)
            if self.length > MAX_CELL_CHARACTERS:
                self.archive.refuse(f"holds a cell of more than {MAX_CELL_CHARACTERS:,} characters")

    def keep(self, _: dict[str, str]) -> None:
        """Keep the text from here on."""
        self.is_kept = True

    def stop(self) -> None:
        """Keep no more text."""
        self.is_kept = False

    def forget(self, _: dict[str, str] | None = None) -> None:
        """Forget the text that was kept: another cell begins."""
        self.pieces.clear()
        self.length = 0

    def keep_texts(self) -> None:
        """Keep the text of t, save where it only says how another is pronounced (rPh)."""

        def skip(_: dict[str, str]) -> None:
            self.starts.pop("t", None)

        def resume() -> None:
            self.starts["t"] = self.keep

        self.starts |= {"t": self.keep, "rPh": skip}
        self.ends |= {"t": self.stop, "rPh": resume}

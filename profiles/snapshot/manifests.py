"""The manifest of a snapshot: its files, from what they were made, and whether they still are as released."""

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from profiles import disk
from profiles.errors import BadSnapshot, DiskFull, ProfilesError
from profiles.snapshot.files import Stamp
from profiles.writing import json_text

NAME = "manifest.json"

FORMAT = 1
"""Layout of a snapshot that this code writes and reads."""

LARGEST = 20_000_000
"""Bytes of a manifest beyond which it is none."""

INPUT_KEYS = {"file", "table", "as_at", "sha256", "rows"}

REMEDY = "take the snapshot anew from where it was released, or build it again"


@dataclass(frozen=True)
class Manifest:
    """A manifest that was verified with its folder; `raw` is all of it, `sha256` that of its file.

    The seal inside guards against damage, not against a forger, who could make a new one: compare `sha256`
    with the one that was told when the snapshot was released.
    """

    folder: Path
    raw: Mapping[str, Any]
    as_at: str
    marking: str
    synthetic: str
    version: str
    warehouse_version: str
    profile: str
    sha256: str

    @property
    def stamp(self) -> Stamp:
        """The stamp of its files."""
        return Stamp(
            self.as_at, self.marking, self.synthetic, self.version, self.warehouse_version, self.profile
        )

    @property
    def files(self) -> tuple[str, ...]:
        """Names of its files, in order, without the manifest itself."""
        return tuple(self.raw["files"])


def written(
    folder: Path,
    *,
    stamp: Stamp,
    inputs: Iterable[Mapping[str, Any]],
    settings: Mapping[str, Any],
    thresholds: Mapping[str, Any],
    cost: Mapping[str, Any],
    crossed: Iterable[Iterable[str]] = (),
    begins: Mapping[str, str] | None = None,
    previous: Manifest | None = None,
    beside: Manifest | None = None,
) -> dict[str, Any]:
    """The manifest, after it was written to the folder: size and SHA-256 of every file that is there.

    `inputs` are the extracts (file, table, as_at, sha256, rows), `cost` is what was suppressed, `crossed` are
    the two-way breakdowns (measure and both dimensions), `begins` has the first day (ISO) of the first month
    of data of each measure. Nothing in it depends on the clock or the machine:
    `generated_at` is the as-at date. Raises BadSnapshot when the folder has a manifest, no file, or a folder
    or link in it.
    """
    found = _files(folder)
    if NAME in found:
        raise BadSnapshot(f"{folder / NAME} is there already; write a snapshot to a new folder.")
    if not found:
        raise BadSnapshot(f"{folder} has no file to release; write the tables first.")
    content = {
        "format": FORMAT,
        **asdict(stamp),
        "generated_at": stamp.as_at,
        "inputs": [_input(item) for item in inputs],
        "settings": dict(settings),
        "thresholds": dict(thresholds),
        "suppression": dict(cost),
        "two_way": [list(item) for item in crossed],
        "begins": dict(begins or {}),
        "previous": {"as_at": previous.as_at, "sha256": previous.sha256} if previous else None,
        "beside": {"as_at": beside.as_at, "sha256": beside.sha256} if beside else None,
        "files": {name: _measured(folder / name) for name in found},
    }
    # Through JSON and back: what is returned is what will be read.
    sealed: dict[str, Any] = json.loads(json_text(content | {"seal": _seal(content)}))
    try:
        (folder / NAME).write_text(json_text(sealed), encoding="utf-8", newline="")
        with open(folder / NAME, "rb") as file:
            os.fsync(file.fileno())
    except OSError as error:
        if disk.is_full(error):
            raise DiskFull(disk.sentence(folder)) from error
        raise BadSnapshot(
            f"{folder / NAME} cannot be written ({error.strerror}); name a folder that can be."
        ) from error
    return sealed


def verified(folder: Path) -> Manifest:
    """The manifest of the folder, when every file is there as it was written, and no other.

    Raises BadSnapshot naming the folder, the file and the remedy: a file that is missing, added, changed, a
    folder or a link; a manifest that is damaged or of a newer version.
    """
    found = _files(folder)
    if NAME not in found:
        raise BadSnapshot(
            f"{folder} has no {NAME}, so it is no snapshot; choose another folder, or {REMEDY}."
        )
    content = _read(folder / NAME, LARGEST)
    raw = _parsed(content, folder)
    listed: dict[str, dict[str, Any]] = raw["files"]
    # Only names that the folder itself gave are opened: a path out of it in the manifest is never followed.
    missing, added = sorted(set(listed) - set(found)), sorted(set(found) - set(listed) - {NAME})
    if missing or added:
        told = [f"lacks {', '.join(missing)}"] if missing else []
        told += [f"has {', '.join(added)}, which the manifest does not list"] if added else []
        raise BadSnapshot(f"{folder} {' and '.join(told)}; {REMEDY}.")
    for name, expected in listed.items():
        if _measured(folder / name) != expected:
            raise BadSnapshot(f"{folder / name} is not the file that was released; {REMEDY}.")
    return Manifest(
        folder=folder,
        raw=raw,
        **{name: raw[name] for name in Stamp.__dataclass_fields__},
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _files(folder: Path) -> list[str]:
    """Names of what lies in the folder, sorted. Raises BadSnapshot when something is no plain file."""
    try:
        entries = sorted(folder.iterdir())
        kinds = {entry.name: entry.lstat().st_mode for entry in entries}
    except OSError as error:
        raise BadSnapshot(
            f"{folder} cannot be read as a snapshot ({error.strerror}); name the folder of one."
        ) from error
    for name, mode in kinds.items():
        if not stat.S_ISREG(mode):
            raise BadSnapshot(f"{folder / name} is no plain file; take it out of the snapshot, or {REMEDY}.")
    return list(kinds)


def _read(path: Path, most: int = -1) -> bytes:
    """The content of the file, at most so many bytes. Raises BadSnapshot."""
    try:
        with path.open("rb") as source:
            return source.read(most)
    except OSError as error:
        raise BadSnapshot(f"{path} cannot be read ({error.strerror}); {REMEDY}.") from error


def _measured(path: Path) -> dict[str, Any]:
    """Size and SHA-256 of the file."""
    try:
        with path.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            return {"bytes": source.tell(), "sha256": digest}
    except OSError as error:
        raise BadSnapshot(f"{path} cannot be read ({error.strerror}); {REMEDY}.") from error


def _input(item: Mapping[str, Any]) -> dict[str, Any]:
    """The input, when it is described as it must be and names a file, not where it lay."""
    if set(item) != INPUT_KEYS or "/" in item["file"] or "\\" in item["file"]:
        raise ProfilesError(
            f"The input {item.get('file')!r} of the manifest needs {', '.join(sorted(INPUT_KEYS))}, "
            "and its file without a folder; give those."
        )
    return dict(item)


def _seal(content: Mapping[str, Any]) -> str:
    """SHA-256 of the manifest's text without its seal."""
    return hashlib.sha256(
        json_text({key: content[key] for key in content if key != "seal"}).encode()
    ).hexdigest()


def _parsed(content: bytes, folder: Path) -> dict[str, Any]:
    """The manifest, when this code reads its format and every byte is as written. Raises BadSnapshot."""
    damaged = BadSnapshot(f"{folder / NAME} is damaged; {REMEDY}.")
    try:
        raw = json.loads(content.decode())
    # Text that is deeply nested exhausts the parser.
    except (ValueError, RecursionError) as error:
        raise damaged from error
    if not isinstance(raw, dict):
        raise damaged
    found = raw.get("format")
    if isinstance(found, int) and found > FORMAT:
        raise BadSnapshot(
            f"{folder} is a snapshot of format {found}, made by version {raw.get('version')}; this version "
            f"reads format {FORMAT}: update stalking-profiles."
        )
    try:
        is_whole = raw["seal"] == _seal(raw) and content == json_text(raw).encode()
    except (KeyError, ValueError, RecursionError) as error:
        raise damaged from error
    if not is_whole or found != FORMAT or type(found) is not int or not _is_complete(raw):
        raise damaged
    return raw


def _is_complete(raw: Mapping[str, Any]) -> bool:
    """Whether the manifest says all that is read from it, in the types it should."""
    texts = [raw.get(name) for name in Stamp.__dataclass_fields__]
    files = raw.get("files")
    return (
        all(isinstance(text, str) for text in texts)
        and isinstance(files, dict)
        and all(isinstance(item, dict) and set(item) == {"bytes", "sha256"} for item in files.values())
    )

"""A snapshot is what its manifest says, to the byte; whatever is not is refused by name."""

import hashlib
import json
import os
import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from profiles.errors import BadSnapshot, DiskFull, ProfilesError
from profiles.snapshot import manifests
from profiles.snapshot.manifests import FORMAT, NAME, verified, written
from profiles.writing import json_text
from tests.snapshot_rows import COST, INPUT, LIMITS, ROWS, STAMP, release

FILES = ("datapackage.json", "definitions.csv", "measures.csv", "measures.parquet", "measures.xlsx")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release(tmp_path_factory.mktemp("released") / "a")


@pytest.fixture
def folder(released: Path, tmp_path: Path) -> Path:
    """A copy of the release that a test may spoil."""
    return Path(shutil.copytree(released, tmp_path / "copy"))


def refused(folder: Path, *named: str) -> None:
    """Check that the folder is refused in one sentence that names all of that and a remedy."""
    with pytest.raises(BadSnapshot) as caught:
        verified(folder)
    told = str(caught.value)
    for word in (str(folder), *named):
        assert word in told
    assert told.endswith(".")
    assert re.search("take the snapshot anew|build it again|update stalking-profiles|name the folder", told)


def sealed(folder: Path, **changed: Any) -> None:
    """Write the manifest with other content and a seal that fits it, as a forger would."""
    raw = json.loads((folder / NAME).read_text(encoding="utf-8")) | changed
    raw["seal"] = manifests._seal(raw)
    (folder / NAME).write_text(json_text(raw), encoding="utf-8", newline="")


def test_a_release_is_verified_and_says_from_what_it_was_made(released: Path) -> None:
    found = verified(released)
    assert found.folder == released
    assert found.stamp == STAMP
    assert (found.as_at, found.profile, found.version) == ("2024-12-31", "internal", "0.1.0")
    assert found.files == FILES
    assert found.sha256 == hashlib.sha256((released / NAME).read_bytes()).hexdigest()
    raw = found.raw
    assert raw["generated_at"] == raw["as_at"] == "2024-12-31"
    assert raw["inputs"] == [INPUT]
    assert raw["settings"] == {"marking": "OFFICIAL-SENSITIVE"}
    assert raw["thresholds"] == LIMITS
    assert raw["suppression"] == COST
    assert raw["two_way"] == [["stalking_crimes", "district", "mode"]]
    assert raw["previous"] is None
    for name in FILES:
        content = (released / name).read_bytes()
        assert raw["files"][name] == {
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }


def test_two_releases_of_the_same_rows_are_the_same_to_the_byte(released: Path, tmp_path: Path) -> None:
    again = release(tmp_path / "elsewhere", ROWS.copy())
    for path in (*released.iterdir(), *again.iterdir()):
        assert (released / path.name).read_bytes() == (again / path.name).read_bytes()
    assert str(tmp_path) not in (again / NAME).read_text(encoding="utf-8")


def test_the_manifest_is_sorted_json_and_what_is_returned_is_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x\r\n")
    found = written(
        tmp_path, stamp=STAMP, inputs=[INPUT], settings={"b": (1, 2), "a": "é"}, thresholds={}, cost={}
    )
    text = (tmp_path / NAME).read_text(encoding="utf-8")
    assert found == json.loads(text) == dict(verified(tmp_path).raw)
    assert text == json.dumps(found, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def test_a_release_names_the_one_before_by_its_hash(released: Path, tmp_path: Path) -> None:
    found = verified(release(tmp_path / "b", previous=released, as_at="2025-01-31"))
    assert found.raw["previous"] == {
        "as_at": "2024-12-31",
        "sha256": hashlib.sha256((released / NAME).read_bytes()).hexdigest(),
    }


@pytest.mark.parametrize("name", [*FILES, NAME])
def test_one_changed_byte_is_caught_wherever_it_is(folder: Path, name: str) -> None:
    path = folder / name
    content = path.read_bytes()
    chance = random.Random(name)
    places = {0, len(content) // 2, len(content) - 1, *(chance.randrange(len(content)) for _ in range(20))}
    for place in sorted(places):
        for flip in (1, 1 << chance.randrange(1, 8)):
            spoilt = bytearray(content)
            spoilt[place] ^= flip
            path.write_bytes(bytes(spoilt))
            refused(folder, *([name] if name != NAME else []))
    path.write_bytes(content)
    assert verified(folder)


@pytest.mark.slow
def test_every_byte_of_the_manifest_counts(folder: Path) -> None:
    path = folder / NAME
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(BadSnapshot):
            verified(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_an_added_a_renamed_and_a_truncated_file_are_named(folder: Path, name: str) -> None:
    path = folder / name
    content = path.read_bytes()
    path.rename(folder / f"{name}.bak")
    refused(folder, f"lacks {name}", f"has {name}.bak")
    (folder / f"{name}.bak").unlink()
    refused(folder, f"lacks {name}")
    path.write_bytes(content[:-1])
    refused(folder, name)
    path.write_bytes(b"")
    refused(folder, name)
    path.write_bytes(content + b"\n")
    refused(folder, name)
    path.write_bytes(content)
    assert verified(folder)


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "notes.txt", "manifest.json.sig"])
def test_a_file_too_many_is_refused_a_hidden_one_too(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")
    refused(folder, name)


def test_two_files_that_change_places_are_refused(folder: Path) -> None:
    a, b = folder / "measures.csv", folder / "definitions.csv"
    a.rename(folder / "x")
    b.rename(a)
    (folder / "x").rename(b)
    refused(folder, "definitions.csv")


def test_a_folder_a_link_and_a_pipe_are_refused_though_what_they_hold_is_right(
    folder: Path, released: Path
) -> None:
    path = folder / "measures.csv"
    path.unlink()
    path.symlink_to(released / "measures.csv")
    refused(folder, "measures.csv", "no plain file")
    path.unlink()
    path.mkdir()
    refused(folder, "measures.csv", "no plain file")
    path.rmdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(path)
        refused(folder, "measures.csv", "no plain file")
        path.unlink()
    shutil.copyfile(released / "measures.csv", path)
    (folder / "sub").mkdir()
    refused(folder, "sub", "no plain file")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b'"text"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"format": 1}',
        b'{"format": true}',
        b'{"format": 1, "seal": "x", "files": {}}',
        b'{"format": 1, "x": 1e999}',
        b'{"format": 1, "x": "\\ud800"}',
        b'{"format": ' + b"9" * 5000 + b"}",
    ],
    ids=range(14),
)
def test_what_is_no_manifest_is_refused(folder: Path, content: bytes) -> None:
    (folder / NAME).write_bytes(content)
    refused(folder, NAME)


def test_the_same_manifest_written_otherwise_is_refused(folder: Path) -> None:
    raw = json.loads((folder / NAME).read_text(encoding="utf-8"))
    for text in (
        json.dumps(raw),
        json.dumps(raw, indent=1, sort_keys=True),
        json.dumps(dict(reversed(raw.items())), indent=1) + "\n",
        json.dumps(raw, indent=1, sort_keys=True) + "\r\n",
    ):
        (folder / NAME).write_text(text, encoding="utf-8", newline="")
        refused(folder, NAME)


def test_a_manifest_whose_seal_does_not_fit_is_refused(folder: Path) -> None:
    raw = json.loads((folder / NAME).read_text(encoding="utf-8"))
    (folder / NAME).write_text(json_text(raw | {"profile": "external"}), encoding="utf-8", newline="")
    refused(folder, NAME)


@pytest.mark.parametrize(
    "changed",
    [
        {"profile": 1},
        {"files": []},
        {"files": {"measures.csv": "x"}},
        {"format": 0},
        {"format": "1"},
        {"format": True},
    ],
)
def test_a_sealed_manifest_that_lacks_what_is_read_is_refused(folder: Path, changed: dict[str, Any]) -> None:
    sealed(folder, **changed)
    refused(folder, NAME)


def test_a_newer_format_is_refused_by_name_and_says_which_version_made_it(folder: Path) -> None:
    sealed(folder, format=FORMAT + 1, version="9.9.9")
    refused(folder, f"format {FORMAT + 1}", "9.9.9", "update stalking-profiles")


@pytest.mark.parametrize("name", ["../outside.csv", "/etc/hostname", "sub/measures.csv", "..", "."])
def test_a_path_out_of_the_folder_is_never_followed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    outside = folder.parent / "outside.csv"
    outside.write_bytes(b"x")
    described = {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    listed = json.loads((folder / NAME).read_text(encoding="utf-8"))["files"]
    sealed(folder, files=listed | {name: described})
    opened: list[Path] = []
    measured = manifests._measured

    def watched(path: Path) -> dict[str, Any]:
        opened.append(path)
        return measured(path)

    monkeypatch.setattr(manifests, "_measured", watched)
    refused(folder, f"lacks {name}")
    assert opened == []


def test_what_is_no_snapshot_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    refused(empty, f"no {NAME}")
    refused(tmp_path / "nowhere", "No such file")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    refused(tmp_path / "file", "Not a directory")


def test_a_manifest_is_not_written_over_another_nor_over_nothing_nor_beside_a_folder(
    folder: Path, tmp_path: Path
) -> None:
    def write(target: Path, *inputs: dict[str, Any]) -> None:
        written(target, stamp=STAMP, inputs=inputs, settings={}, thresholds={}, cost={})

    before = (folder / NAME).read_bytes()
    with pytest.raises(BadSnapshot, match="there already"):
        write(folder)
    assert (folder / NAME).read_bytes() == before
    target = tmp_path / "new"
    target.mkdir()
    with pytest.raises(BadSnapshot, match="no file to release"):
        write(target)
    (target / "a.csv").write_bytes(b"x")
    for wrong in ({"file": "in/crimes.csv"}, {"file": r"C:\crimes.csv"}, {"extra": 1}):
        with pytest.raises(ProfilesError, match="without a folder"):
            write(target, INPUT | wrong)
    assert not (target / NAME).exists()
    (target / "sub").mkdir()
    with pytest.raises(BadSnapshot, match="sub is no plain file"):
        write(target)


def test_a_file_that_cannot_be_read_or_a_manifest_that_cannot_be_written_is_a_refusal(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a.csv").write_bytes(b"x")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.raises(DiskFull, match=r"The disk of .* is full"):
            written(tmp_path / "new", stamp=STAMP, inputs=[], settings={}, thresholds={}, cost={})
    monkeypatch.setattr(Path, "open", full)
    refused(folder, "cannot be read")

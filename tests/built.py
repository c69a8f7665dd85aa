"""Builds of a snapshot of a few rows: done, refused, and done again."""

from pathlib import Path
from typing import Any

import pytest

from profiles import snapshot
from profiles.errors import ProfilesError
from profiles.settings import Settings
from profiles.snapshot import manifests
from tests.releases import FILES

SETTINGS = Settings(warehouse=Path("nowhere"))


def names(folder: Path) -> list[str]:
    """All that lies in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def build(out: Path, **options: Any) -> manifests.Manifest:
    return snapshot.build(out, settings=SETTINGS, **options)


def refused(out: Path, told: str, **options: Any) -> None:
    """Check that the build is refused in just that sentence."""
    with pytest.raises(ProfilesError) as caught:
        build(out, **options)
    assert str(caught.value) == told


def again(out: Path) -> None:
    """Check that the next build works, and leaves nothing but the snapshot."""
    others = [name for name in names(out.parent) if name not in (f".{out.name}.part", f".{out.name}.lock")]
    build(out)
    assert names(out.parent) == sorted([*others, out.name])
    assert names(out) == sorted(FILES)
    assert manifests.verified(out)

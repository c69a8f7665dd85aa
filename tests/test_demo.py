"""The demonstration: made-up data, a warehouse and a snapshot where there is none, and how to see both."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from profiles import cli, snapshot, warehouse
from profiles.cli import dashboards
from profiles.cli.command import USER_FAULT
from profiles.settings import PREFIX, Settings
from tests.snapshot_rows import release


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """Where snapshots were built: a small one is written there, for building one takes minutes."""
    found: list[Path] = []

    def build(out: Path, *, settings: Settings, **_: Any) -> None:
        assert warehouse.current(settings.warehouse).is_synthetic
        found.append(out)
        release(out)

    monkeypatch.setattr(snapshot, "build", build)
    monkeypatch.setenv(f"{PREFIX}SNAPSHOTS", str(tmp_path / "shelf"))
    return found


def demo(folder: Path) -> Result:
    found = CliRunner().invoke(
        cli.main, ["demo", "--no-serve", "--scale", "0.01", "--warehouse", str(folder)]
    )
    assert found.exit_code == 0, found.output
    return found


@pytest.mark.slow
def test_it_makes_a_warehouse_and_a_snapshot_of_it_once(built: list[Path], tmp_path: Path) -> None:
    first = demo(tmp_path / "warehouse")
    assert built == [tmp_path / "shelf" / "2026-09-30-internal"]
    assert "SYNTHETIC exports" in first.stdout
    assert f"serve --role steering --snapshots {tmp_path / 'shelf'} --port 8502" in first.stdout
    second = demo(tmp_path / "warehouse")
    assert len(built) == 1
    assert "Using the warehouse in" in second.stdout
    assert "serve --role steering" in second.stdout


def test_a_folder_of_snapshots_that_cannot_be_made_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(f"{PREFIX}SNAPSHOTS", str(tmp_path / "file" / "shelf"))
    monkeypatch.setattr(dashboards, "_demo_warehouse", lambda *_: None)
    version = warehouse.Version(tmp_path / "warehouse.duckdb", "0001", "2026-09-30", True)
    monkeypatch.setattr(warehouse, "current", lambda folder: version)
    found = CliRunner().invoke(cli.main, ["demo", "--no-serve"])
    assert found.exit_code == USER_FAULT
    assert "cannot be" in found.stderr
    assert "STALKING_PROFILES_SNAPSHOTS" in found.stderr

"""Odd forces: what is withheld of them cannot be worked out either, by an attack that shares nothing."""

from pathlib import Path

import pytest

from profiles.snapshot import contents
from tests import odd_forces, releases

pytestmark = pytest.mark.slow

SECONDS = 8
"""As long as the attack looks for, after one sum after the other."""


FEW = {
    "four hundred districts": ("stalking_crimes", "charge_rate"),
    "three crimes a month": (
        *("stalking_crimes", "outcomes_recorded", "charge_rate", "spo_applications", "spo_granted"),
        *("spo_active", "spo_expiring", "spo_granted_to_date"),
    ),
}
"""Measures of a force in which almost every count is small: to protect more of them takes minutes."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of a usual force, of which one crime in four is kept."""
    return releases.releases(tmp_path_factory).warehouse("before")


@pytest.mark.parametrize("name", list(odd_forces.CHANGES))
def test_nothing_withheld_of_an_odd_force_can_be_worked_out(
    served: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "asks", odd_forces.asked)
    if name in FEW:
        monkeypatch.setattr(odd_forces, "MEASURES", FEW[name])
    force = odd_forces.odd(served, name, keep=4)
    found, attack, narrow = odd_forces.attacked(force, tmp_path / "a", "internal", SECONDS)
    assert len(found.rows) > 500
    assert narrow == []
    if name == "no stalking":
        assert found.cost["primary"] == found.cost["secondary"] == 0
        return
    assert len(attack.targets) > 20

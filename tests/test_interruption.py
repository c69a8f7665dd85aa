"""An import that is killed changes nothing: the served version answers, the next import succeeds."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from profiles import importing, warehouse
from profiles.settings import ROOT
from tests.test_importing import HEADER, MAPPING, PLAIN

pytestmark = pytest.mark.slow

RUN = """
import sys
from pathlib import Path
from profiles import importing
print("begun", flush=True)
importing.import_files([Path(sys.argv[1])], sys.argv[2], Path(sys.argv[3]))
"""


def crimes(path: Path, count: int) -> Path:
    """An export of so many crimes."""
    lines = (PLAIN.replace("C1", f"C{number}").replace("V1", f"V{number}") for number in range(count))
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def started(path: Path, mapping: Path, folder: Path) -> subprocess.Popen[str]:
    """An import in a process of its own, past its imports of Python modules."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, path, mapping, folder], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def ended(process: subprocess.Popen[str]) -> int:
    """Its exit status, once it has ended."""
    with process:
        return process.wait()


def count(folder: Path) -> int:
    """Crimes in the served version."""
    con = warehouse.connect(warehouse.current(folder).path)
    try:
        return con.execute("select count(*) from raw.crimes").fetchall()[0][0]
    finally:
        con.close()


def test_killed_at_ten_moments_the_served_version_answers_and_the_next_import_succeeds(
    tmp_path: Path,
) -> None:
    mapping = tmp_path / "toy.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    folder = tmp_path / "warehouse"
    importing.import_files([crimes(tmp_path / "crimes_20240630.csv", 100)], str(mapping), folder)
    bigger = crimes(tmp_path / "crimes_20240731.csv", 60_000)
    begun = time.perf_counter()
    whole = started(bigger, mapping, tmp_path / "elsewhere")
    assert ended(whole) == 0
    duration = time.perf_counter() - begun
    moments = random.Random(20240731)
    killed = 0
    for _ in range(10):
        process = started(bigger, mapping, folder)
        time.sleep(moments.uniform(0, 0.9) * duration)
        process.kill()
        killed += ended(process) != 0
        assert count(folder) in (100, 60_000)
        if count(folder) == 60_000:
            # It got through before it was killed: the next one must have something to do again.
            bigger = crimes(tmp_path / "crimes_20240801.csv", 60_000 - killed)
    assert killed >= 5
    final = crimes(tmp_path / "crimes_20240901.csv", 60_001)
    assert ended(started(final, mapping, folder)) == 0
    assert count(folder) == 60_001
    left = {path.name for path in folder.iterdir()}
    assert left == {warehouse.POINTER, "LOCK", "versions"}
    assert len(list((folder / "versions").iterdir())) <= 3

"""Whether every figure is the same in two checkouts: for changes that move or reword and must not count anew.

    python tests/unchanged.py capture CHECKOUT OUT   # all figures of the sample force, by its code
    python tests/unchanged.py compare OLD NEW        # exit 1 and the first differences where any differs

It imports nothing of the product: it drives the command line, as pyproject.toml names it, and the pages,
through app.py, and takes down what they hand to Streamlit. Words (titles, notes, headings, descriptions) may
differ; numbers, periods, categories, markers, shapes, addresses and exit codes may not.
"""

import contextlib
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

AS_AT = "2026-09-30"
ROLES = {"analyst": "overview", "steering": "summary"}
VIEWS: tuple[dict[str, list[str]], ...] = (
    {},
    {"basis": ["principal"], "grain": ["quarter"]},
    {"district": ["Thanet"], "period": ["last 12 months"]},
    {"basis": ["included only"], "grain": ["financial year"], "period": ["all data"]},
)
"""Addresses under which every page of the analyst is taken down; the shared dashboard is as it opens."""
DIMENSIONS = (
    *("source", "district", "beat", "team", "location_type", "principal_class", "offence_title"),
    *("relationship", "mode", "domestic", "typology", "atom", "motive", "platform", "risk_grade"),
    *("outcome_group", "spo_considered", "suspect_identified", "repeat_victim", "advocate"),
    *("referral_status", "order_length", "order_reason", "contested", "victim_supports", "step", "survey"),
    *("stage", "no_answer", "forum", "call_type", "role", "course", "check_name", "table_name"),
    *("column_name", "file", "import_number", "fate", "reason", "field", "comparator", "series", "area"),
    *("class", "published_by", "unit"),
)
"""What a measure may be broken down by; one that it does not allow ends with a code of its own."""
WORDS = (
    "title",
    "text",
    "name",
    "hovertemplate",
    "hovertext",
    "ticktext",
    "legendgroup",
    "annotations",
    "alt",
)
"""Keys of a figure that hold words. Numbers in them stand in the table as well."""
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


# ---- capturing: runs in the checkout's own Python


def capture(checkout: Path, out: Path) -> None:
    """Take everything down into `out`, by the code of the checkout and its own Python."""
    out.mkdir(parents=True)
    python = checkout / ".venv" / "bin" / "python"
    env = os.environ | {
        "PYTHONPATH": str(checkout),
        "STALKING_PROFILES_WAREHOUSE": str(out / "warehouse"),
        "STALKING_PROFILES_SNAPSHOTS": str(out / "snapshots"),
        "STALKING_PROFILES_ACCESS_LOG": str(out / "access.jsonl"),
    }
    for role in ("commands", *ROLES):
        subprocess.run(
            [str(python), __file__, "inside", role, str(out)],
            cwd=checkout,
            env=env | ({"STALKING_PROFILES_ROLE": role} if role in ROLES else {}),
            check=True,
        )


def noted(path: Path, found: dict[str, Any]) -> None:
    """Write what was found, a line each, in order."""
    lines = (json.dumps([name, found[name]], sort_keys=True, default=str) for name in sorted(found))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def entry() -> Callable[..., Any]:
    """The command line, as the checkout's pyproject.toml names it."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, name = project["scripts"]["stalking-profiles"].split(":")
    found: Callable[..., Any] = getattr(__import__(module, fromlist=[name]), name)
    return found


def ran(*words: object) -> tuple[int, str]:
    """Exit code and output of one command, run in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    code = 0
    sys.argv = ["stalking-profiles", *map(str, words)]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            entry()()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    out.flush()
    return code, out.buffer.getvalue().decode()


def of_commands(out: Path) -> None:
    """Sample data, warehouse, every measure by every breakdown, both snapshots, and what fails."""
    codes: dict[str, Any] = {}
    exports, snapshots = out / "exports", out / "snapshots"
    snapshots.mkdir()
    codes["sample"] = ran("sample", "--out", exports)[0]
    paths = sorted(exports.glob("*.csv"))
    codes["import"] = ran("import", *paths, "--mapping", "athena")[0]
    codes["import again"] = ran("import", *paths, "--mapping", "athena")[0]
    codes["import nothing"] = ran("import", out / "no such file.csv", "--mapping", "athena")[0]
    codes["check"] = ran("check")[0]
    noted(out / "measures.jsonl", dict(measured(codes)))
    for profile in ("internal", "external"):
        folder = snapshots / f"{AS_AT}-{profile}"
        codes[f"snapshot {profile}"] = ran("snapshot", "--out", folder, "--profile", profile)[0]
        codes[f"snapshot {profile} again"] = ran("snapshot", "--out", folder, "--profile", profile)[0]
        code, text = ran("snapshot-audit", folder)
        codes[f"snapshot-audit {profile}"] = [code, NUMBER.findall(text.replace(str(folder), ""))]
        codes[f"verify {profile}"] = ran("verify", folder)[0]
        codes[f"report {profile}"] = ran("report", "--snapshot", folder, "--out", out / f"report-{profile}")[
            0
        ]
    both = [snapshots / f"{AS_AT}-{profile}" for profile in ("internal", "external")]
    codes["compare"] = ran("compare", *both)[0]
    codes["measure of no name"] = ran("measure", "no_such_measure")[0]
    codes["no such command"] = ran("no-such-command")[0]
    noted(out / "codes.jsonl", codes)
    noted(out / "files.jsonl", {name: cells for folder in both for name, cells in of_folder(folder)})


def measured(codes: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every measure by every breakdown that it allows, by month and over all years."""
    for name in names_of():
        for by in ("", *DIMENSIONS):
            for grain in ("all", "month", "financial_year"):
                words = ["measure", name, "--grain", grain, "--format", "csv", *(["--by", by] if by else [])]
                code, text = ran(*words)
                codes[f"{name} by {by or 'all'} by {grain}"] = code
                if code and grain == "all":
                    break
                if code == 0:
                    yield f"{name} by {by or 'all'} by {grain}", hashlib.sha256(text.encode()).hexdigest()


def names_of() -> list[str]:
    """Every measure: a file each."""
    return sorted(path.stem for path in Path("sql/measures").glob("*.sql"))


def of_folder(folder: Path) -> Iterator[tuple[str, Any]]:
    """What the files of a snapshot hold: the cells of each table, of the workbook each sheet's."""
    import csv

    for path in sorted(folder.iterdir()):
        if path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as source:
                rows = list(csv.DictReader(source))
            kept = [{key: cell for key, cell in row.items() if not is_words(key)} for row in rows]
            yield f"{folder.name}/{path.name}", [len(rows), digest(kept)]
        elif path.suffix == ".xlsx":
            yield f"{folder.name}/{path.name}", numbers_in_workbook(path.read_bytes())


def is_words(column: str) -> bool:
    """Whether a column holds sentences or titles, which may be worded anew."""
    return any(
        each in column for each in ("title", "note", "sentence", "words", "definition", "about", "why")
    )


def digest(value: Any) -> str:
    """A short name of the value that differs where it does."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:20]


def numbers_in_workbook(content: bytes) -> list[Any]:
    """How many numbers each sheet holds, and a digest of them in their order."""
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in sorted(each for each in book.namelist() if each.startswith("xl/worksheets/")):
            cells = re.findall(r"<c [^>]*?(?<!t=\"s\")><v>([^<]*)</v>", book.read(name).decode())
            found.append([name, len(cells), digest(cells)])
    return found


# ---- pages


class Cells(HTMLParser):
    """The cells of the tables in a piece of HTML, and what else holds figures: the tiles."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A cell begins."""
        if tag in ("td", "th", "dd", "dt"):
            self.inside += 1
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        """A cell ends."""
        if tag in ("td", "th", "dd", "dt"):
            self.inside -= 1

    def handle_data(self, data: str) -> None:
        """Text inside a cell."""
        if self.inside:
            self.cells[-1] += data


def of_pages(role: str, out: Path) -> None:
    """Every page of a role: addresses, charts, tables, files and the controls with their choices."""
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    found: dict[str, Any] = {}
    pages: dict[str, str] = {}
    here: list[str] = [""]
    taken: list[tuple[str, Any]] = []

    def recording(name: str, keep: Callable[..., Any]) -> None:
        asked = getattr(st, name)

        def called(*args: Any, **named: Any) -> Any:
            kept = keep(*args, **named)
            if kept is not None:
                taken.append((name, kept))
            return asked(*args, **named)

        setattr(st, name, called)

    def of_page(page: Any, *_: Any, **named: Any) -> None:
        pages[str(page)] = named.get("url_path", "")

    recording("Page", of_page)
    recording("plotly_chart", lambda figure, *_, **__: shape_of(figure))
    recording("html", lambda text, *_, **__: cells_of(text))
    recording("download_button", lambda label, data, *_, **named: of_download(data, named))
    for name in ("selectbox", "radio", "segmented_control", "multiselect", "pills"):
        recording(name, lambda label, options=(), *_, **named: [named.get("key"), len(list(options))])

    def drawn(query: dict[str, list[str]], path: str) -> None:
        app = AppTest.from_file(str(Path("app.py").resolve()), default_timeout=180)
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        if path != here[0]:
            app.switch_page(path)
        taken.clear()
        app.run()
        name = f"{role} {pages[path]} {json.dumps(query)}"
        assert not app.exception, (name, [each.value for each in app.exception])
        for number, (kind, value) in enumerate(taken):
            found[f"{name} {number:03} {kind}"] = value

    AppTest.from_file(str(Path("app.py").resolve()), default_timeout=180).run()
    here[0] = next(path for path in pages if path.endswith(f"{ROLES[role]}.py"))
    found[f"{role} addresses"] = sorted(each for each in pages.values() if each)
    for path in [each for each in pages if each.endswith(".py")]:
        for query in VIEWS if role == "analyst" else VIEWS[:1]:
            drawn(query, path)
    noted(out / f"pages-{role}.jsonl", found)


def shape_of(figure: Any) -> Any:
    """The figure without its words: a digest of each trace and of the layout."""
    value = figure if isinstance(figure, dict) else json.loads(figure.to_json())
    bare = without_words(value)
    return [[trace.get("type"), digest(trace)] for trace in bare.get("data", [])] + [
        digest(bare.get("layout"))
    ]


def without_words(value: Any) -> Any:
    """The value without the keys that hold words; packed numbers are unpacked by nobody, and stay equal."""
    if isinstance(value, dict):
        return {key: without_words(each) for key, each in value.items() if key not in WORDS}
    if isinstance(value, list | tuple):
        return [without_words(each) for each in value]
    return value


def cells_of(text: str) -> Any:
    """The figures in the cells of a table; None of a piece without any."""
    parser = Cells()
    parser.feed(text)
    cells = [NUMBER.findall(cell) for cell in parser.cells]
    return [len(cells), digest(cells)] if cells else None


def of_download(data: Any, named: dict[str, Any]) -> Any:
    """Name and figures of a file that is offered."""
    content = data() if callable(data) else data
    content = content.encode() if isinstance(content, str) else bytes(content)
    name = str(named.get("file_name"))
    if name.endswith(".xlsx"):
        return [name, numbers_in_workbook(content)]
    return [name, len(content), digest(NUMBER.findall(content.decode("utf-8", "replace")))]


# ---- comparing


def compare(old: Path, new: Path) -> int:
    """How many figures differ; the first are printed, and how many were compared of each kind."""
    differing = 0
    for path in sorted(old.glob("*.jsonl")):
        if path.name == "access.jsonl":
            continue
        before, after = (
            dict(json.loads(line) for line in (folder / path.name).read_text(encoding="utf-8").splitlines())
            for folder in (old, new)
        )
        wrong = [name for name in sorted(before | after) if before.get(name) != after.get(name)]
        print(f"{path.stem}: {len(before):,} compared, {len(wrong):,} differ")
        for name in wrong[:10]:
            print(f"  {name}: {before.get(name)} | {after.get(name)}"[:400])
        differing += len(wrong)
    return differing


def main(asked: list[str]) -> int:
    """The exit code."""
    what, *paths = asked
    if what == "inside":
        (of_commands if paths[0] == "commands" else lambda out: of_pages(paths[0], out))(Path(paths[1]))
        return 0
    if what == "capture":
        capture(*(Path(each).resolve() for each in paths))
        return 0
    return int(bool(compare(*map(Path, paths))))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

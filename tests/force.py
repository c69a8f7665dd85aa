"""A made-up force on disk, imported once in a run of tests; what commands print of it and pandas counts."""

import csv
import io
import json
import os
import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from filelock import FileLock

from profiles import warehouse
from profiles.cli import main

SCALE = 0.05
COLUMNS = ["category", "period", "numerator", "denominator", "value", "lower", "upper", "marker"]


@dataclass(frozen=True)
class Force:
    """A folder of exports, the warehouse they were all imported into, and what that import printed."""

    exports: Path
    warehouse: Path
    printed: bytes

    @property
    def account(self) -> dict[str, Any]:
        """What the import printed."""
        return json.loads(self.printed)

    @property
    def truth(self) -> dict[str, Any]:
        """What the generator says it put in."""
        return json.loads((self.exports / "truth.json").read_text(encoding="utf-8"))


def force(factory: pytest.TempPathFactory) -> Force:
    """The force that `sample --seed 7` makes, only to be read; workers that run side by side share it."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "force"
    made = Force(folder / "exports", folder / "warehouse", b"")
    account = folder / "account.json"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        if not account.exists():
            command("sample", "--seed", 7, "--scale", SCALE, "--out", made.exports)
            account.write_bytes(imported(made.warehouse, *sorted(made.exports.iterdir())))
    return Force(made.exports, made.warehouse, account.read_bytes())


def command(*arguments: object) -> bytes:
    """What the command prints on standard output; it must succeed."""
    found = CliRunner().invoke(main, [str(each) for each in arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.stderr
    return found.stdout_bytes


def imported(folder: Path, *files: Path, mapping: str = "athena", as_at: str = "") -> bytes:
    """What an import of the files prints with --json."""
    dated = ("--as-at", as_at) if as_at else ()
    return command("import", *files, "--mapping", mapping, *dated, "--warehouse", folder, "--json")


def measured(folder: Path, *arguments: object) -> list[dict[str, str]]:
    """The rows of `measure … --format csv`."""
    printed = command("measure", *arguments, "--format", "csv", "--warehouse", folder)
    assert printed.count(b"\r\n") == printed.count(b"\n")
    reader = csv.DictReader(io.StringIO(printed.decode("utf-8"), newline=""))
    assert reader.fieldnames == COLUMNS
    return list(reader)


def asked(folder: Path, sql: str) -> list[tuple]:
    """The rows of a question put to the served version itself, for what no command prints."""
    con = warehouse.connect(warehouse.current(folder).path)
    try:
        return con.execute(sql).fetchall()
    finally:
        con.close()


def lines(path: Path) -> dict[int, list[str]]:
    """The cells of every record of a file by the line it begins on; the header is line 1."""
    found, begins = {}, 1
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle)
        for cells in reader:
            if cells:
                found[begins] = cells
            begins = reader.line_num + 1
    return found


# --- a small force whose exports break every rule of a tidy file --------------------------------

MESSY_DAYS = ("20240331", "20240630", "20240917")
MESSY_HEADER = (
    "Investigation Ref", "Date Recorded", "HO Class", "HO Code", "Included Classifications", "Status",
    "DA Flag", "Internet Involved", "Motive", "District", "OIC Team", "Relationship", "SPO Considered",
    "Platform", "Victim ID", "Victim Type", "Victim Sex", "Victim Age", "Suspect ID", "Suspect Sex",
    "Suspect Relationship", "Date Identified", "Marking",
)  # fmt: skip
MESSY: dict[str, list[str]] = {
    "HO Class": ["8Q", "8Q", "8q", "8L", "3B", "19C", "66", "58C"],
    "HO Code": ["", "", "", "195/12", "8/65", "8/66", "8/30"],
    "Status": ["Recorded", "", "recorded", "No Crime", "Transferred Out", "CANCELLED"],
    "DA Flag": ["Y", "Y", "yes", "N", "No", "", "Not Recorded", "n/a"],
    "Internet Involved": ["Y", "N", "N", "Partly", "Online", "both", "", "NOT RECORDED"],
    "Motive": ["", "", "Rejected", "intimacy seeker"],
    "District": ["Dover", "Thanet", "Medway", "Folkestone and Hythe", "Bexley", "", "N/A"],
    "OIC Team": ["CID North", "Local Policing Team Medway", ""],
    "Relationship": ["", "", "Partner", "Ex  Partner", "former partner", "Family", "Colleague", "Stranger",
                     "Unknown"],
    "SPO Considered": ["", "Y", "N"],
    "Platform": ["", "Facebook", "WhatsApp"],
    "Victim Type": ["Person", "person", "", "Organisation"],
    "Victim Sex": ["F", "m", "Female", ""],
    "Victim Age": ["30", "007", "0", "120", ""],
    "Suspect Sex": ["M", "f", ""],
}  # fmt: skip
MESSY["Suspect Relationship"] = MESSY["Relationship"]
INCLUDED = ["8Q", "8q", "8/65", "195/12", "8L", "58C", "3B", "8R"]
FAULTS = {
    "Investigation Ref": ["", "  "],
    "Date Recorded": ["", "31/02/2024", "06/13/2024", "01/01/1999", "18/09/2024", "soon"],
    "HO Class": ["", "Not Recorded"],
    "HO Code": ["Aug-65", "01/08/1965", "1965-08-01", "8-Aug"],
    "Included Classifications": ["8L;Aug-66", "01/08/1966 | 8Q"],
    "DA Flag": ["Maybe"], "Internet Involved": ["?"], "Relationship": ["Landlord"], "Status": ["Lost"],
    "Victim Age": ["121", "-1", "thirty", "30.5"], "Suspect Relationship": ["Landlord"],
    "Date Identified": ["yesterday", "01/01/2025"],
}  # fmt: skip


@lru_cache(maxsize=1)
def messy(base: Path) -> Force:
    """A force of 600 crimes in three extracts, the newest in the middle of a month, made afresh in `base`."""
    draw = random.Random("messy")
    folder = base / "messy"
    folder.mkdir()
    crimes: dict[int, list[dict[str, str]]] = {}
    for place, day in enumerate(MESSY_DAYS):
        extract = pd.Timestamp(day)
        old = draw.sample(sorted(crimes), len(crimes) // 3)
        again = [number for number in old if draw.random() < 0.3]
        for number in [*set(old).difference(again), *range(200 * place, 200 * place + 200)]:
            crimes[number] = messy_crime(draw, number, extract)
        sent = [dict(row) for number in sorted({*old, *range(200 * place, 200 * place + 200)})
                for row in crimes[number]]  # fmt: skip
        rows = []
        for row in sent:
            if draw.random() < 0.05:
                name = draw.choice(list(FAULTS))
                row[name] = draw.choice(FAULTS[name])
            rows.append([dressed(draw, name, row[name]) for name in MESSY_HEADER])
            chance = draw.random()
            if chance < 0.04:
                name = draw.choice(["District", "DA Flag", "Victim Age", "Suspect Sex"])
                rows.append([*rows[-1]])
                rows[-1][MESSY_HEADER.index(name)] = draw.choice(MESSY[name])
            elif chance < 0.06:
                rows.append([*rows[-1]])
            elif chance < 0.08 and not any("\n" in cell for cell in rows[-1]):
                rows.append(rows[-1][: draw.randrange(1, len(MESSY_HEADER))])
        with (folder / f"SYNTHETIC_crimes_{day}.csv").open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows([MESSY_HEADER, *rows])
    files = sorted(folder.iterdir())
    return Force(folder, base / "warehouse", imported(base / "warehouse", *files))


def messy_crime(draw: random.Random, number: int, extract: pd.Timestamp) -> list[dict[str, str]]:
    """The rows of one crime: one for each victim and suspect."""
    crime = {name: draw.choice(values) for name, values in MESSY.items()}
    recorded = extract - pd.Timedelta(days=draw.randrange(800))
    crime["Investigation Ref"] = f"M/{number:05d}/24"
    crime["Date Recorded"] = f"{recorded:%d/%m/%Y}"
    crime["Date Identified"] = f"{min(recorded + pd.Timedelta(days=draw.randrange(90)), extract):%d/%m/%Y}"
    mark = draw.choice([";", " ; ", "|", "\n", ";;", " | "])
    crime["Included Classifications"] = mark.join(draw.sample(INCLUDED, draw.choice([0, 0, 1, 2, 3])))
    crime["Marking"] = "SYNTHETIC"
    rows = []
    for victim in range(draw.choice([1, 1, 1, 2, 3])):
        about = {name: draw.choice(MESSY[name]) for name in ABOUT_VICTIM}
        about["Victim ID"] = draw.choice(["", *[f"V-{draw.randrange(300) + 1000 * victim}"] * 9])
        for suspect in range(draw.choice([1, 1, 1, 2])):
            whose = {name: draw.choice(MESSY[name]) for name in ("Suspect Sex", "Suspect Relationship")}
            whose["Suspect ID"] = draw.choice(["", *[f"S-{draw.randrange(300) + 1000 * suspect}"] * 4])
            rows.append(crime | about | whose)
    return rows


def dressed(draw: random.Random, name: str, text: str) -> str:
    """The same cell in another way of writing it."""
    if name == "Date Recorded" and text[2:3] == "/" and draw.random() < 0.3:
        text = "-".join(reversed(text.split("/"))) + draw.choice(["", "", " 23:59"])
    if name in WORDS and draw.random() < 0.3:
        text = draw.choice([text.upper(), text.lower()])
    return draw.choice([text, text, text, f" {text}", f"{text}  "])


# --- its exports recounted in pandas, by rules written down a second time ------------------------

NONE = "not recorded"
TARGETS = {"8Q", "195/12", "8/65", "8/66"}

YES_NO = dict.fromkeys(["y", "yes", "true", "1"], "yes") | dict.fromkeys(["n", "no", "false", "0"], "no")
SEX = {"f": "female", "female": "female", "m": "male", "male": "male", "other": "other"}
RELATIONSHIP = {
    "partner": "partner", "ex partner": "ex-partner", "ex-partner": "ex-partner",
    "former partner": "ex-partner", "family member": "family", "family": "family",
    "acquaintance": "acquaintance", "colleague": "acquaintance", "neighbour": "acquaintance",
    "stranger": "stranger", "unknown": "unknown",
}  # fmt: skip
CLOSEST = ["partner", "ex-partner", "family", "acquaintance", "stranger", "unknown", NONE]
MOTIVES = ["rejected", "resentful", "intimacy seeker", "incompetent suitor", "predatory"]
GRADES = ["standard", "medium", "high"]

WORDS = {
    "Status": {
        "recorded": "recorded", "no crime": "cancelled", "cancelled": "cancelled",
        "transferred out": "transferred", "transferred": "transferred",
    },
    "DA Flag": YES_NO,
    "Internet Involved": {
        "y": "online", "n": "offline", "partly": "both", "online": "online", "offline": "offline",
        "both": "both",
    },
    "Relationship": RELATIONSHIP,
    "Motive": {word: word for word in MOTIVES},
    "SPO Considered": YES_NO, "FOUR": YES_NO, "VPS Recorded": YES_NO, "Screened": YES_NO,
    "Victim Type": {"person": "person", "organisation": "organisation"},
    "Victim Sex": SEX, "Suspect Sex": SEX,
    "Suspect Relationship": RELATIONSHIP,
    "Risk Grade": {word: word for word in GRADES},
    "Specialist Team": YES_NO,
}  # fmt: skip
EARLIEST = {"Earliest Committed": "1900-01-01", "Latest Committed": "1900-01-01"}
DAYS = [
    "Date Recorded", "Date Reported", "Earliest Committed", "Latest Committed", "Date Identified",
    "Date Arrested", "Date Dealt With", "Outcome Date", "Assessment Date", "Allocated Date",
]  # fmt: skip
MOMENTS = {"Date Reported", "Assessment Date"}
FORMS = ["%d/%m/%Y", "%d/%m/%Y %H:%M", "%Y-%m-%d", "%Y-%m-%d %H:%M"]
AGES = ["Victim Age", "Suspect Age"]
REQUIRED = ["Investigation Ref", "Date Recorded", "HO Class", "Outcome Date", "Outcome Code",
            "Assessment Date", "Allocated Date"]  # fmt: skip
CODES = ["HO Class", "HO Code", "Outcome Code"]
BECAME_DATE = (
    r"(?i)(\d{1,2}[-/ ])?[a-z]{3,9}[-/ .]\d{2,4}|\d{1,2}[-/ ][a-z]{3,9}|\d{4}-\d\d-\d\d.*|\d+/\d+/\d{4}"
)
LIST_MARKS = r"[;|\n]"

ABOUT_VICTIM = ["Victim Type", "Victim Sex", "Victim Age"]
ABOUT_SUSPECT = ["Suspect Sex", "Suspect Age", "Suspect Relationship", "Date Identified", "Date Arrested",
                 "Date Dealt With"]  # fmt: skip
LINKED = {*ABOUT_VICTIM, *ABOUT_SUSPECT}
"""Columns of linked people: an odd cell there is a blank one."""
REF = "Investigation Ref"


def usable(path: Path) -> pd.DataFrame:
    """The records of one file that hold no fault, by line, each cell read; blanks are empty texts or NaT.

    An odd cell of a linked person is a blank one.
    """
    found = lines(path)
    header = found.pop(1)
    whole = {line: cells for line, cells in found.items() if len(cells) == len(header)}
    text = pd.DataFrame(list(whole.values()), index=list(whole), columns=header)
    text = text.apply(lambda column: column.str.strip())
    text = text.mask(text.apply(lambda column: column.str.lower()).isin(["not recorded", "n/a"]), "")
    found, good = text.copy(), pd.Series(True, index=text.index)
    extract = pd.Timestamp(path.stem[-8:])
    for name in text.columns.intersection(WORDS.keys()):
        spoken = text[name].str.lower().str.replace(r"\s+", " ", regex=True)
        found[name] = spoken.map({"": "", **WORDS[name]})
        if name in LINKED:
            found[name] = found[name].fillna("")
        good &= found[name].notna()
    for name in text.columns.intersection(DAYS):
        days = [pd.to_datetime(text[name], format=form, errors="coerce") for form in FORMS]
        found[name] = days[0].fillna(days[1]).fillna(days[2]).fillna(days[3])
        if name not in MOMENTS:
            found[name] = found[name].dt.normalize()
        inside = found[name].dt.normalize().between(pd.Timestamp(EARLIEST.get(name, "2000-01-01")), extract)
        if name in LINKED:
            found[name] = found[name].where(inside)
        else:
            good &= inside | (text[name] == "")
    for name in text.columns.intersection(AGES):
        found[name] = pd.to_numeric(text[name], errors="coerce")
        found[name] = found[name].where(found[name].between(0, 120) & (found[name] % 1 == 0))
    for name in text.columns.intersection(CODES):
        good &= ~text[name].str.fullmatch(BECAME_DATE)
    if "Included Classifications" in text:
        listed = text["Included Classifications"].str.split(LIST_MARKS, regex=True)
        good &= ~listed.explode().str.strip().str.fullmatch(BECAME_DATE).groupby(level=0).any()
    for name in text.columns.intersection(REQUIRED):
        good &= text[name] != ""
    return found[good].drop(columns="Marking").assign(extract=extract)


def first_kept(frame: pd.DataFrame, key: list[str], values: list[str]) -> pd.DataFrame:
    """The rows without those that give a key other values than the first row that has it.

    Rows whose last part of the key is blank say nothing of it.
    """
    same = frame.groupby(values, dropna=False).ngroup()
    first = same.groupby([frame[name] for name in key]).transform("first")
    return frame[(same == first) | (frame[key[-1]] == "")]


def taken(path: Path) -> pd.DataFrame:
    """The records of one file that are not rejected, by line."""
    frame = usable(path)
    if "HO Class" not in frame:
        return frame
    others = {"Victim ID", "Suspect ID", "extract", *ABOUT_VICTIM, *ABOUT_SUSPECT}
    names = [str(name) for name in frame]
    victim, suspect = ([name for name in names if name in about] for about in (ABOUT_VICTIM, ABOUT_SUSPECT))
    frame = first_kept(frame, [REF], [name for name in names if name not in others])
    frame = first_kept(frame, [REF, "Victim ID"], victim)
    return first_kept(frame, [REF, "Victim ID", "Suspect ID"], suspect)


def newest(folder: Path, feed: str) -> pd.DataFrame:
    """The rows of one kind of file that hold in the end: of each reference those of its newest extract."""
    frames = [taken(path).drop_duplicates() for path in sorted(folder.glob(f"*_{feed}_*.csv"))]
    every = pd.concat(frames, ignore_index=True)
    return every[every["extract"] == every.groupby(REF)["extract"].transform("max")]


def last_of(frame: pd.DataFrame, date: str, name: str) -> pd.Series:
    """For each reference what its newest row says."""
    return frame.sort_values(date, kind="stable").groupby(REF)[name].last()


def group_of(code: str) -> str:
    """The group of a Home Office outcome."""
    groups = {
        "charged": "1 1a", "out of court, formal": "2 2a 3 3a 6", "out of court, informal": "7 8",
        "taken into consideration": "4", "diversionary": "22", "not in the public interest (police)": "21",
        "evidential difficulties, victim supports": "15", "no suspect": "18",
        "evidential difficulties, victim does not support": "14 16", "passed to another body": "19 20",
        "prevented or not in the public interest": "5 9 10 11 12 13 17", "not yet assigned": "0",
    }  # fmt: skip
    return next((group for group, codes in groups.items() if code.lower() in codes.split()), "unknown code")


def is_repeat(crimes: pd.DataFrame, wide: pd.DataFrame, begins: pd.Timestamp) -> pd.Series:
    """For each stalking crime whether a person hurt by it was hurt by an earlier one within 12 months."""
    people = wide[(wide["Victim ID"] != "") & (wide["Victim Type"] != "organisation")]
    people = (
        people[[REF, "Victim ID"]].drop_duplicates().merge(crimes[["day"]], left_on=REF, right_index=True)
    )
    pairs = people.merge(people, on="Victim ID", suffixes=("", " before"))
    earlier = (pairs["day before"] < pairs["day"]) | (
        (pairs["day before"] == pairs["day"]) & (pairs[f"{REF} before"] < pairs[REF])
    )
    close = pairs["day before"] >= pairs["day"] - pd.DateOffset(months=12)
    again = set(pairs.loc[earlier & close, REF])
    found = pd.Series("no", index=crimes.index)
    found[crimes["day"] - pd.DateOffset(months=12) < begins] = "not known"
    found[~crimes.index.isin(people[REF])] = "not known"
    found[crimes.index.isin(again)] = "yes"
    return found


def follow(stalking: pd.DataFrame, folder: Path) -> None:
    """Give each crime its latest risk grade and outcome, and a team where it names none itself."""
    risk = newest(folder, "risk")
    grades = last_of(risk[risk["Risk Grade"] != ""], "Assessment Date", "Risk Grade")
    stalking["risk_grade"] = grades.reindex(stalking.index).fillna(NONE)
    outcomes = last_of(newest(folder, "outcomes"), "Outcome Date", "Outcome Code")
    stalking["outcome_group"] = outcomes.map(group_of).reindex(stalking.index).fillna("not yet assigned")
    teams = last_of(newest(folder, "allocations"), "Allocated Date", "Team").replace("", NONE)
    latest = teams.reindex(stalking.index).fillna(NONE)
    stalking["team"] = stalking["team"].mask(stalking["team"] == NONE, latest)


@dataclass(frozen=True)
class Counted:
    """The crimes that count, one a row by reference; those that involve stalking; the days they cover."""

    crimes: pd.DataFrame
    stalking: pd.DataFrame
    begins: pd.Timestamp
    as_at: pd.Timestamp


@lru_cache(maxsize=2)
def recounted(folder: Path) -> Counted:
    """What pandas finds in the exports of that folder."""
    wide = newest(folder, "crimes")
    every = wide.drop_duplicates(REF).set_index(REF).sort_index()
    every["day"] = every["Date Recorded"]
    crimes = every[every["Status"].isin(["", "recorded"])].copy()
    listed = crimes["Included Classifications"].str.upper().str.split(LIST_MARKS, regex=True)
    listed = listed.map(lambda items: {item.strip() for item in items} - {""})
    principal = [{row[0].upper(), row[1].upper()} for row in crimes[["HO Class", "HO Code"]].to_numpy()]
    own = pd.Series(principal, index=crimes.index)
    crimes["with_included"] = [bool(items - codes) for items, codes in zip(listed, own, strict=True)]
    is_principal = own.map(lambda codes: bool(codes & TARGETS))
    crimes["basis"] = np.where(is_principal, "principal", "included_only")
    names = {
        "District": "district", "OIC Team": "team", "HO Class": "principal_class", "Beat": "beat",
        "Offence Description": "offence_title", "Location Type": "location_type", "Platform": "platform",
        "DA Flag": "domestic", "Internet Involved": "mode", "Motive": "motive",
        "SPO Considered": "spo_considered",
    }  # fmt: skip
    for source, name in names.items():
        crimes[name] = crimes[source].replace("", NONE) if source in crimes else NONE
    crimes["principal_class"] = crimes["principal_class"].where(
        crimes["principal_class"] == NONE, crimes["principal_class"].str.upper()
    )
    stalking = crimes[is_principal | listed.map(lambda items: bool(items & TARGETS))].copy()

    suspects = wide[wide["Suspect ID"] != ""]
    said = pd.concat([stalking["Relationship"], suspects.set_index(REF)["Suspect Relationship"]])
    place = said.replace("", NONE).map(CLOSEST.index).groupby(level=0).min()
    stalking["relationship"] = place.reindex(stalking.index).map(lambda number: CLOSEST[number])
    stalking["suspect_identified"] = np.where(stalking.index.isin(suspects[REF]), "yes", "no")
    stalking["repeat_victim"] = is_repeat(stalking, wide, every["day"].min())

    if any(folder.glob("*_risk_*")):
        follow(stalking, folder)

    stalking["online"] = stalking["mode"].isin(["online", "both"])
    stalking["domestic abuse"] = stalking["domestic"] == "yes"
    stalking["stranger"] = stalking["relationship"] == "stranger"
    is_known = (stalking[["mode", "domestic", "relationship"]] != NONE).all(axis=1)
    flags = stalking[["online", "domestic abuse", "stranger"]].to_numpy().tolist()
    types = [
        [name for name, is_so in zip(("online", "domestic", "stranger"), row, strict=True) if is_so]
        for row in flags
    ]
    rest = np.where(is_known, "none of these", NONE)
    stalking["typology"] = [found or [other] for found, other in zip(types, rest, strict=True)]
    stalking["atom"] = [
        f"{found[0]} only" if len(found) == 1 else " + ".join(found) or other
        for found, other in zip(types, rest, strict=True)
    ]
    begins = every["day"].min().to_period("M").start_time
    return Counted(crimes, stalking, begins, wide["extract"].max())

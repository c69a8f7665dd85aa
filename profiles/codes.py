"""Classification and outcome codes as exports write them: what a cell certainly says, and what is near.

A code in another spelling (`008/65`, `195 / 12`, `8Q - Stalking`, `="8Q"`) is read as the code. One that a
spreadsheet made a date or a day's number (`Aug-65`, `23955`) is lost. A cell in which a target code can
be seen without its being certain (`see 8Q`, `19512`) stays as it is and is reported.
"""

import datetime
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Kind = Literal["plain", "respelt", "near", "mangled"]

_CODE = r"\d{1,3}(?:[A-Z]{1,2}| ?/ ?\d{1,3})"
_BEFORE, _AFTER = r"(?<![0-9A-Z/.])", r"(?![0-9A-Z/]|\.\d)"
_TOKEN = re.compile(rf"{_BEFORE}0*{_CODE}{_AFTER}")
_SEQUENCE = re.compile(rf"0*(?:{_CODE}|\d{{1,3}})(?:(?:[ ,;|&+_-]|\bAND\b)+0*(?:{_CODE}|\d{{1,3}}))+")
_TITLED = re.compile(rf"0*({_CODE}) ?(?:[-:,;.(\[] ?|(?<= )).*[A-Z]{{2}}.*")
_NEXT = re.compile(rf"[,;|&+\n\t]\s*(?=0*{_CODE}{_AFTER})", re.IGNORECASE)
_NEGATED = re.compile(
    r"\b(NOT?|NON|NEVER|CANCEL\w*|DELET\w*|REMOV\w*|WITHDRAWN|EX|FORMERLY|WAS|INSTEAD|RULED OUT|EXCLU\w*"
    r"|RE-?CLASS\w*|ERRORS?|MISTAKE\w*|CONSIDER\w*|DISMISS\w*|REFUT\w*|DISPROV\w*|UNFOUNDED|NEGATIVE)\b"
)
_FLOAT = re.compile(r"(\d{1,3})[,.' ]?(\d{3})(?:[.,]0+)?|(\d\.\d{1,5})0*E\+?0?4")
"""A number of days as programs write it: 23955.0, 23,955 and 2.3955E+04 are 23955."""
_QUOTIENT = re.compile(r"(\d{1,3})[.,](\d{2,17})")
_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA|#+)")
_SURE_DECIMALS = 4
"""So many decimals of 0.1231 tell that a spreadsheet divided 8 by 65; 16.25 may be another code."""
_STATUTE = re.compile(r"\b(?:SECTIONS?|SECT?|S|PART|PARA|SCHEDULE|ACT|OF)\.? ?\d+[A-Z]*(?:\(\w+\))*")
_MONTHS = (
    "JANUARY|FEBRUARY|MARCH|APRIL|MAY|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER"
    "|JAN|FEB|MAR|APR|JUN|JUL|AUG|SEPT?|OCT|NOV|DEC"
    "|JANVIER|JANV|FEVRIER|FEVR?|MARS|AVRIL|AVR|MAI|JUIN|JUILLET|JUIL|AOUT|SEPTEMBRE|OCTOBRE|NOVEMBRE|DECEMBRE"
    "|JANUAR|FEBRUAR|MARZ|MRZ|JUNI|JULI|OKTOBER|OKT|DEZEMBER|DEZ"
    "|ENERO|ENE|FEBRERO|MARZO|ABRIL|ABR|MAYO|JUNIO|JULIO|AGOSTO|AGO|SEPTIEMBRE|SET|OCTUBRE|NOVIEMBRE|DICIEMBRE|DIC"
    "|GENNAIO|GEN|FEBBRAIO|APRILE|MAGGIO|MAG|GIUGNO|GIU|LUGLIO|LUG|SETTEMBRE|OTTOBRE|OTT|DICEMBRE"
    "|IONAWR|ION|CHWEFROR|CHWE|MAWRTH|EBRILL|EBR|MEHEFIN|MEH|GORFFENNAF|GOR|AWST|MEDI|HYDREF|HYD|TACHWEDD|TACH"
    "|RHAGFYR|RHAG|STYCZNIA|STY|LUTEGO|LUT|MARCA|KWIETNIA|KWI|MAJA|CZERWCA|CZE|LIPCA|LIP|SIERPNIA|SIE|WRZESNIA"
    "|WRZ|PAZDZIERNIKA|PAZ|LISTOPADA|LIS|GRUDNIA|GRU"
)
_CLOCK = r"(?:(?:T|,? )\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:[AP]M|Z|UTC|GMT|BST|[+-]\d{2}:?\d{2}))?)?"
_MONTH_DAY = re.compile(
    rf"(?:\d{{1,2}}(?:ST|ND|RD|TH)?[-/. ]{{0,2}})?(?:{_MONTHS})"
    rf"(?:\.?[-/. ]\d{{1,2}}(?:ST|ND|RD|TH)?, ?\d{{4}}|\.?[-/., ']{{0,2}}\d{{2,4}})?{_CLOCK}"
)
_WEEKDAY = re.compile(r"(?:MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z]{0,6}[,.]? (?=.*\d)")
_MONTH_YEAR = re.compile(r"(?:0?[1-9]|1[0-2])[-/. ](?:19|20)\d\d|(?:19|20)\d\d[-/. ](?:0?[1-9]|1[0-2])")
_DAY = re.compile(rf"(\d{{1,4}})([-/.])(\d{{1,2}})\2(\d{{1,4}}){_CLOCK}")
_PLAIN = re.compile(r"[1-9]\d{0,2}(?:[A-Z]{0,2}|/\d{2})")
PLAIN_LIST = r"[1-9]\d{0,2}([A-Z]{0,2}|/\d{2})([;|\n][1-9]\d{0,2}([A-Z]{0,2}|/\d{2}))*"
"""A cell of codes in their usual spelling: most cells are."""

_TITLE = re.compile(r"\bSTALK(?:S|ED|ER|ERS|ING)?\b")
_TITLED_CODES = ("8Q", "195/12", "8/65", "8/66")
"""Codes of which the title names what no other class does."""
_PLAIN_MARKS = {"-": "‐‑‒–—―−﹘﹣", "/": "⁄∕╱⧸\\", '"': "“”„«»", "'": "‘’‚`´", "Q": "Ԛԛ"}
_FOLDED = str.maketrans({odd: plain for plain, marks in _PLAIN_MARKS.items() for odd in marks})
_WRAPPED = re.compile(r"\((.*)\)|\[(.*)\]|<(.*)>")
MAX_CODE_CHARACTERS = 200
"""A longer cell is a text in which a code can only be near."""
LONG_TEXT_CHARACTERS = 10_000
_EPOCHS = (datetime.date(1899, 12, 30), datetime.date(1904, 1, 1))
"""Day 0 of the two calendars of spreadsheets."""

_OUTCOMES = {*map(str, range(23)), "1a", "2a", "3a"}
_OUTCOME = re.compile(
    r"(?:OUTCOME|TYPE|CODE|OC|NO\.?)?[ :#]*0*(\d{1,2}A?)(?:\.0+)?(?: ?[-:.] ?[A-Z].*| [A-Z]{3}.*)?"
)


@dataclass(frozen=True)
class Reading:
    """What a cell says: the items it holds in their normal spelling, and how sure that is.

    `near` and `mangled` leave the text as it is.
    """

    kind: Kind
    items: tuple[str, ...]


@dataclass(frozen=True)
class Targets:
    """The target codes of a mapping, ready to be looked for in cells."""

    codes: tuple[str, ...]

    @cached_property
    def spelling(self) -> dict[str, str]:
        """Each target's normal spelling by its key."""
        found = {}
        for code in self.codes:
            seen = visible(code)
            found[_key(seen)] = _unpadded(seen) if _TOKEN.fullmatch(seen) else code.strip()
        return found

    @cached_property
    def exact(self) -> frozenset[str]:
        """The targets as every version of the product knew them: apart from case and blanks around."""
        return frozenset(code.strip().upper() for code in self.codes)

    @cached_property
    def day_numbers(self) -> frozenset[str]:
        """The numbers of days that a spreadsheet makes of the targets: 8/65 is 1 August 1965, 23955."""
        days: set[datetime.date] = set()
        for key in self.spelling:
            found = re.fullmatch(r"(\d+)/(\d+)", key)
            if found:
                days |= set(_days(int(found[1]), int(found[2])))
        return frozenset(str((day - epoch).days) for day in days for epoch in _EPOCHS)

    @cached_property
    def suspects(self) -> str:
        """An expression for a cell of plain codes in which a target may have been torn or run together.

        8/65 without its slash is 865, and cut at it 8 and 65.
        """
        parts = [re.fullmatch(r"(\d{1,3})/(\d{1,3})", key) for key in self.spelling]
        shapes = [f"{part[1]}[;|\\n]?{part[2]}" for part in parts if part]
        return f"(^|[;|\\n])({'|'.join(shapes)})($|[;|\\n])" if shapes else "^$"

    @cached_property
    def _suspected(self) -> re.Pattern[str]:
        return re.compile(self.suspects)

    def holds(self, token: str) -> bool:
        """Whether the code is a target, however it is spelt."""
        return _key(token) in self.spelling

    def normal(self, token: str) -> str:
        """The code in its normal spelling: a target's own, else without padding and blanks."""
        return self.spelling.get(_key(token)) or _unpadded(token)

    def reading(self, text: str) -> Reading:
        """What a cell with one code says."""
        if _PLAIN.fullmatch(text):
            return Reading("near" if self._suspected.fullmatch(text) else "plain", (text,))
        if text.strip().upper() in self.exact:
            return Reading("plain", (self.normal(visible(text)),))
        if len(text) > MAX_CODE_CHARACTERS:
            held = any(
                self.holds(match[0]) for match in _TOKEN.finditer(visible(text[:LONG_TEXT_CHARACTERS]))
            )
            return Reading("near" if held else "plain", (text,))
        seen = visible(text)
        whole = self._whole(seen)
        if whole is not None:
            return whole
        if self.is_mangled(seen):
            return Reading("mangled", (text,))
        parted = _parted(seen)
        listed = _listed(parted)
        if listed:
            known = [self.holds(token) for token in listed]
            if all(known):
                return Reading("respelt", (self.normal(listed[0]),))
            return Reading("near" if any(known) or self._is_seen_within(seen) else "plain", (text,))
        if any(self.is_mangled(piece) for piece in re.split(r" ?[,;|&+] ?", seen)[1:]):
            return Reading("mangled", (text,))
        tokens = [match[0] for match in _TOKEN.finditer(_STATUTE.sub(" ", parted))]
        targets = [self.holds(token) for token in tokens]
        titled = _TITLED.fullmatch(parted)
        if titled and self.holds(titled[1]) and all(targets) and not _NEGATED.search(parted):
            return Reading("respelt", (self.normal(titled[1]),))
        anywhere = any(self.holds(match[0]) for match in _TOKEN.finditer(parted))
        if anywhere or self._is_run_together(seen) or self._is_seen_within(seen):
            return Reading("near", (text,))
        if self._quotient(seen) or (not _TOKEN.search(parted) and self.is_title(seen)):
            return Reading("near", (text,))
        return Reading("plain", (text,))

    def list_reading(self, text: str, separators: Iterable[str], translated: Iterable[str] = ()) -> Reading:
        """What a cell with several codes says; items of `translated`, in lower case, stay as they are."""
        if len(text) > LONG_TEXT_CHARACTERS:
            return Reading("plain", (text,))
        splitter = "|".join(re.escape(mark) for mark in separators)
        kind: Kind = "plain"
        items: list[str] = []
        for item in re.split(splitter, text):
            if " ".join(item.split()).lower() in translated:
                items.append(item)
                continue
            # An empty list is written [] by some programs, and nothing as -.
            if not re.search(r"[^\W_]|#", item):
                continue
            # Most items are one code in its usual spelling.
            for piece in [item] if _PLAIN.fullmatch(item) else self._pieces(item):
                reading = self.reading(piece)
                if reading.kind == "mangled":
                    return Reading("mangled", (text,))
                if reading.kind == "near" or (reading.kind == "respelt" and kind == "plain"):
                    kind = reading.kind
                items += reading.items
        before = [item.strip() for item in re.split(splitter, text) if item.strip()]
        if kind == "plain" and len(items) > len(before) and any(map(self.holds, items)):
            kind = "respelt"
        if kind == "plain" and self._suspected.search(text):
            kind = "near"
        return Reading(kind, tuple(items))

    def is_mangled(self, seen: str) -> bool:
        """Whether a spreadsheet made a date, the number of a day or an error of a code."""
        if _ERROR.fullmatch(seen):
            return True
        number = _FLOAT.fullmatch(seen)
        if number:
            whole = number[1] + number[2] if number[1] else number[3].replace(".", "").ljust(5, "0")
            seen = whole if whole in self.day_numbers else seen
        if seen in self.day_numbers or self._quotient(seen) >= _SURE_DECIMALS:
            return True
        seen = _WEEKDAY.sub("", seen, count=1)
        if _MONTH_YEAR.fullmatch(seen):
            return True
        letters = "".join(
            mark for mark in unicodedata.normalize("NFD", seen) if not unicodedata.combining(mark)
        )
        if re.search(r"\d", seen) and _MONTH_DAY.fullmatch(letters):
            return True
        found = _DAY.fullmatch(seen)
        if not found:
            return False
        first, second, last = int(found[1]), int(found[3]), int(found[4])
        if len(found[1]) == 4:
            return second <= 12 and last <= 31
        return len(found[1]) < 3 and min(first, second) <= 12 and max(first, second) <= 31

    def is_title(self, seen: str) -> bool:
        """Whether the text, in capitals, names what the targets are without any code."""
        return bool(_TITLE.search(seen)) and any(map(self.holds, _TITLED_CODES))

    def _quotient(self, seen: str) -> int:
        """How many decimals the text has, where it is what a division makes of a target; else 0."""
        if not _QUOTIENT.fullmatch(seen):
            return 0
        decimals = len(re.split("[.,]", seen)[1])
        value = float(seen.replace(",", "."))
        parts = (key.split("/") for key in self.spelling if re.fullmatch(r"\d+/\d*[1-9]\d*", key))
        return decimals if any(abs(int(a) / int(b) - value) < 10**-decimals for a, b in parts) else 0

    def _whole(self, seen: str) -> Reading | None:
        """The reading of a cell that is one code and nothing else; None when it is more."""
        if _key(seen) in self.spelling:
            return Reading("respelt", (self.spelling[_key(seen)],))
        if re.fullmatch(r"[1-9]\d{0,2}", seen) and not self._suspected.fullmatch(seen):
            return Reading("plain", (seen,))
        if _TOKEN.fullmatch(seen):
            return Reading("plain", (_unpadded(seen),))
        found = re.fullmatch(r"0*(\d{1,3}) ?[-._:/ ] ?([A-Z]{1,2})", seen)
        if found and self.holds(found[1] + found[2]):
            return Reading("respelt", (self.normal(found[1] + found[2]),))
        found = re.fullmatch(r"0*(\d{1,3}) ?([-_:./]) ?0*(\d{1,3})(?:\.0+)?", seen)
        if not found:
            return None
        token = f"{found[1]}/{found[3]}"
        if found[2] == ".":
            # A number has lost the zeros at its end: 8.6 may be 8/6 or 8/60.
            may_be = [f"{found[1]}/{found[3]}{zeros}" for zeros in ("", "0", "00")]
            if len(found[3]) < 2:
                return Reading("near" if any(map(self.holds, may_be)) else "plain", (seen,))
        return Reading("respelt", (self.normal(token),)) if self.holds(token) else None

    def _pieces(self, item: str) -> list[str]:
        """The codes of an item that holds several in a row, each with its title where it has one."""
        # A list may itself be wrapped, as ["8L","8Q"] or ="8L, 8Q".
        bare = re.sub(r"^ *\(([^()]*)\) *$", r"\1", unicodedata.normalize("NFKC", item))
        bare = re.sub(r"[\[\]{}\"']|^ *=", " ", bare)
        pieces = [piece.strip() for piece in _NEXT.split(re.sub(r" +(?=[,;|&+])|(?<=[,;|&+]) +", "", bare))]
        if len(pieces) > 1:
            return pieces
        seen = visible(item)
        if self._whole(seen) is None and not self.is_mangled(seen):
            listed = _listed(_parted(seen))
            # The 1 of 8Q-1 is no further class.
            is_doubtful = any(token.isdigit() for token in listed) and not re.search("[,;|&+]", seen)
            held = any(map(self.holds, listed))
            # Nor are 195 and 12A, where 195/12 is a target, two classes.
            is_torn = not held and self._is_seen_within(seen)
            return [item] if (is_doubtful and held) or is_torn else listed or [item]
        return [item]

    @cached_property
    def _within(self) -> re.Pattern[str]:
        """The targets with anything, or nothing, between their parts, and with anything stuck to them."""
        shapes = []
        for key in self.spelling:
            parted = re.fullmatch(r"(\d{1,3})(?:/(\d{1,3})|([A-Z]{1,2}))", key)
            if parted and parted[2]:
                shapes.append(rf"(?<!\d)0*{parted[1]}[^0-9A-Z]{{1,3}}0*{parted[2]}0*(?!\d)")
            elif parted:
                shapes.append(rf"(?<!\d)0*{parted[1]}[^0-9A-Z]{{0,3}}{parted[3]}(?!\d?$|[A-Z]$)")
                shapes.append(rf"(?<=[A-Z./])0*{parted[1]}{parted[3]}$|^{parted[3]}{parted[1]}$")
        return re.compile("|".join(shapes) or r"(?!)")

    def _is_seen_within(self, seen: str) -> bool:
        """Whether a target can be made out in the text: `8QSTALKING`, `8 65`, `8/65/8/66`, `8Q195/12`."""
        return bool(self._within.search(seen))

    def _is_run_together(self, seen: str) -> bool:
        found = re.fullmatch(r"(\d{1,3}?)0?(\d{2})(?:[.,]0+)?(?: .*)?", seen.lstrip("0"))
        return bool(found and self.holds(f"{found[1]}/{found[2]}")) or bool(
            re.search(r"\d \d", seen) and self.holds(seen.replace(" ", ""))
        )


def holds_error(text: str) -> bool:
    """Whether the cell, or an item of the list in it, is an error of a spreadsheet such as #N/A."""
    return any(_ERROR.fullmatch(visible(item)) for item in re.split(r"[;|,\n]", text))


def visible(text: str) -> str:
    """What a reader sees of the text, in capitals, plain letters and single spaces, unwrapped."""
    kept = "".join(mark for mark in text if not unicodedata.decomposition(mark).startswith("<super>"))
    folded = unicodedata.normalize("NFKC", kept.translate(_FOLDED)).translate(_FOLDED).upper()
    seen = " ".join("".join(_seen(mark) for mark in folded).split())
    while True:
        bare = re.sub(r"^[='\"]+ *| *['\"]+$|[ ,;.]+$|^[,; ]+", "", seen)
        wrapped = _WRAPPED.fullmatch(bare)
        if wrapped:
            bare = next(filter(None, wrapped.groups()), "")
        if bare == seen:
            return seen
        seen = bare


def _seen(mark: str) -> str:
    category = unicodedata.category(mark)
    if category == "Nd":
        return str(unicodedata.decimal(mark))
    if mark in "\t\n\r\x85" or category.startswith("Z"):
        return " "
    return "" if category in ("Cf", "Cc", "Mn", "Me") else mark


def outcome(text: str) -> str:
    """A Home Office outcome's number as it is normally written; the text itself when it is none."""
    found = _OUTCOME.fullmatch(visible(text))
    if found and found[1].lower() in _OUTCOMES:
        return found[1].lower()
    return text


def shown(text: str) -> str:
    """The code-like part of a cell for a message; words and long numbers, which may be anything, become …"""
    plain = visible(text)[:60].replace("[", "(").replace("]", ")")
    # A word can be anything, but for the title of a target that stands without a code.
    kept = _TITLE.findall(plain) if not re.search(r"\d", plain) else []
    seen = re.sub(
        r"(?<![0-9])[A-Z]{2,}|\d{6,}|[^ -~]", lambda found: found[0] if found[0] in kept else "…", plain
    )
    seen = re.sub(r"…(?:[ .,'-]*(?:…|\b[A-Z]\b))*", "…", seen)
    return seen[:24]


def _key(token: str) -> str:
    found = re.fullmatch(r"0*(\d{1,3}) ?/ ?0*(\d{1,3})(?:\.0+)?", token)
    if found:
        return f"{found[1]}/{found[2]}"
    found = re.fullmatch(r"0*(\d{1,3} ?[A-Z]{0,2})", token)
    return found[1].replace(" ", "") if found else token


def _unpadded(token: str) -> str:
    found = re.fullmatch(r"0*(\d{1,3}) ?/ ?(\d{1,3})", token)
    if found:
        return f"{found[1]}/{found[2]}"
    found = re.fullmatch(r"0*(\d{1,3}[A-Z]{1,2})", token)
    return found[1] if found else token


def _parted(seen: str) -> str:
    """The text with a bar for each slash that stands between codes instead of within one."""
    return re.sub(r"(?<=[A-Z]) ?/ ?(?=\d)|(?<=\d) ?/ ?(?=0*\d{1,3}[A-Z]{1,2}(?![A-Z0-9]))", " | ", seen)


def _listed(parted: str) -> list[str]:
    """The codes of a text that holds nothing but codes, two or more; none when it holds more."""
    if not _SEQUENCE.fullmatch(parted):
        return []
    found = [match[0] for match in re.finditer(rf"0*(?:{_CODE}|\d{{1,3}})", parted)]
    return found if any(_TOKEN.fullmatch(token) for token in found) else []


def _days(first: int, second: int) -> Iterable[datetime.date]:
    """The days that a spreadsheet may make of `first/second`: month and year, or day and month."""
    if first <= 12 and second < 100:
        yield datetime.date(second + (2000 if second < 30 else 1900), first, 1)
    for day, month in ((first, second), (second, first)):
        if month <= 12 and day <= 31:
            for year in range(1990, 2050):
                try:
                    yield datetime.date(year, month, day)
                except ValueError:
                    continue

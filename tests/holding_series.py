"""What titles and sentences say of a course, held against its frame by rules written down a second time."""

import math
import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from profiles import words
from profiles.blocks.block import Block
from profiles.catalogue import Measure
from profiles.frames import Breaks
from profiles.periods import month_number

COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
SCALES = {"percent": 100.0, "per_100": 100.0, "per_1000": 1000.0}
LENGTHS = {"month": 1, "three months": 3, "12 months": 12}
MONTH = r"(?:the (?:three|twelve) months to )?[A-Z][a-z]+ \d{4}"
NUMBER = r"(?:[a-z]+|[\d,]+)"
NOUN = r"(?:months?|periods? of (?:three|twelve) months)"
LONGER = {"more_is_better": 1, "less_is_better": -1, "neutral": 0}


def count_of(text: str) -> int:
    """A small number as a word, or a larger one in digits."""
    return COUNTS.index(text) if text in COUNTS else int(text.replace(",", ""))


def level(value: float, unit: str) -> str:
    """An average or a limit as it is read."""
    if unit == "count" and 0.05 <= value < 100:
        return f"{value:.1f}"
    return words.number(value, unit)


@dataclass
class Course:
    """The settled points since the last rebase: what each is called, its value, average and reach."""

    labels: list[str]
    values: list[float]
    centre: float
    reach: float

    def side(self, place: int) -> int:
        beside = self.values[place] - self.centre
        return 0 if abs(beside) <= 1e-9 * abs(self.centre) or math.isnan(beside) else int(np.sign(beside))

    def run(self) -> int:
        """How many points at the end lie on the side of the last one."""
        last, many = self.side(-1), 0
        while last and many < len(self.values) and self.side(-1 - many) == last:
            many += 1
        return many

    def steps(self) -> tuple[int, int]:
        """How many points at the end rise or fall, and 1 where they rise."""
        signs = np.sign(np.diff(self.values))[::-1]
        many = 0
        while many < len(signs) and signs[many] == signs[0] and signs[0] in (1, -1):
            many += 1
        return many + 1, int(signs[0]) if many else 0

    def is_outside(self) -> bool:
        return abs(self.values[-1] - self.centre) > self.reach

    def is_near(self, place: int) -> bool:
        beside = abs(self.values[place] - self.centre)
        return self.reach * 2 / 3 < beside <= self.reach

    def two_of_three(self) -> bool:
        """Whether the last point is one of two near a limit in three on its side."""
        sides = [self.side(place) for place in (-3, -2, -1)] if len(self.values) > 2 else []
        near = [self.is_near(place) for place in (-3, -2, -1)] if sides else []
        return bool(sides) and near[-1] and sum(near) >= 2 and abs(sum(sides)) == 3

    @property
    def is_signal(self) -> bool:
        return self.run() >= 7 or self.steps()[0] >= 7 or self.is_outside() or self.two_of_three()


def settled(frame: pd.DataFrame) -> pd.Series:
    """Which months have a figure that does not change any more."""
    return frame["value"].notna() & (frame["marker"] != "[p]")


def last_stretch(frame: pd.DataFrame, known: Breaks) -> pd.DataFrame:
    """The months from the last rebase on that has a settled one after it."""
    cuts = [each.day.isoformat() for each in known if each.is_rebase]
    newest = frame.loc[settled(frame), "period"].max()
    since = max([cut for cut in cuts if cut <= newest], default="")
    after = min([cut for cut in cuts if cut > newest], default="9")
    return frame[(frame["period"] >= since) & (frame["period"] < after)]


def course_of(frame: pd.DataFrame, item: Measure, length: int) -> Course:
    """The points of so many months of a stretch, counted back from the newest settled month."""
    frame = frame.reset_index(drop=True)
    is_known = settled(frame)
    last = int(np.flatnonzero(is_known)[-1])
    labels: list[str] = []
    values: list[float] = []
    end = last
    while end - length + 1 >= int(np.flatnonzero(is_known)[0]):
        mine = frame.iloc[end - length + 1 : end + 1]
        value = math.nan
        if is_known[mine.index].all():
            value = mine["value"].sum()
            if item.unit in SCALES and length > 1:
                size = mine["denominator"].sum()
                value = SCALES[item.unit] * mine["numerator"].sum() / size if size else math.nan
        month = words.period(frame["period"].iloc[end], "month")
        together = {1: "", 3: "the three months to ", 12: "the 12 months to "}[length]
        labels.insert(0, f"{together}{month}")
        values.insert(0, float(value))
        end -= length
    figures = np.array(values)
    moved = np.abs(np.diff(figures))
    return Course(labels, values, float(np.nanmean(figures)), 2.66 * float(np.nanmean(moved)))


SIGNALS = {
    "shift": rf"since (?P<first>{MONTH}), (?P<many>{NUMBER}) {NOUN} (?P<side>above|below) the average of "
    r"(?P<level>\S+)",
    "trend": rf"since (?P<first>{MONTH}), (?P<many>{NUMBER}) {NOUN} each (?P<side>higher|lower) "
    r"than the last",
    "outside": rf"(?P<value>.+) in (?P<first>{MONTH}), (?P<side>above|below) the (?:upper|lower) limit of "
    r"(?P<level>.+)",
    "near": r"(?P<named>.+) near the (?P<side>upper|lower) limit of (?P<level>.+)",
}
NO_SIGNAL = (
    r"no signal now, (?P<level>.+) (?:a month|in (?:three|twelve) months) on average"
    rf"(?: since {MONTH})?"
)


def hold_process(block: Block, item: Measure, name: str, known: Breaks) -> None:
    """What a control chart says now, and what it says was before."""
    frame = block.frame[block.frame["grain"] == "month"].reset_index(drop=True)
    assert block.title.startswith(f"{name}: "), block.title
    said = block.title.removeprefix(f"{name}: ")
    if not frame["value"].notna().any() and not (frame["marker"] == "[c]").any():
        assert said == "no figure", block.title
        return
    if said == "not judged, for a month is confidential":
        assert (frame["marker"] == "[c]").any()
        assert block.now == "too few to say"
        return
    if not settled(frame).any():
        assert said in ("no settled month", "no figure"), block.title
        return
    stretch = last_stretch(frame, known)
    assert not (stretch["marker"] == "[c]").any(), block.title
    if said.startswith("too few"):
        hold_too_few(said, stretch, item)
        assert block.now == "too few to say"
        return
    found = re.search(r"three months|12 months", said)
    length = LENGTHS[found[0]] if found else 1
    course = course_of(stretch, item, length)
    quiet = re.fullmatch(NO_SIGNAL, said)
    if quiet:
        assert not course.is_signal, (block.title, course)
        assert quiet["level"] == level(course.centre, item.unit), (block.title, course.centre)
        assert block.now == "steady"
    else:
        side = hold_signal(said, course, item)
        better = side * LONGER[item.direction]
        allowed = {1: ("improving", "changed"), -1: ("worsening", "changed"), 0: ("changed",)}[better]
        assert block.now in allowed, (block.title, block.now)
    hold_sentence(block.sentence, course, stretch, item, is_quiet=bool(quiet))


def hold_too_few(said: str, stretch: pd.DataFrame, item: Measure) -> None:
    mine = stretch[settled(stretch)]
    if said == "too few months to say whether it changed":
        assert len(mine) < 13
        return
    assert said == "too few a month to say whether it changed", said
    counted = mine["value"] if item.unit == "count" else mine["numerator"]
    others = math.inf if item.unit == "count" else (mine["denominator"] - counted).mean()
    if item.unit not in ("count", "percent"):
        others = mine["denominator"].mean()
    assert min(counted.mean(), others) < 5, said


def hold_signal(said: str, course: Course, item: Measure) -> int:
    """A signal as the title tells it is one of the newest point; 1 where it is high or rising."""
    forms = {rule: found for rule, form in SIGNALS.items() if (found := re.fullmatch(form, said))}
    assert forms, f"a title of no known form: {said}"
    rule, told = next(iter(forms.items()))
    side = 1 if told["side"] in ("above", "higher", "upper") else -1
    newest = course.labels[-1]
    if rule == "shift":
        many = count_of(told["many"])
        assert many == course.run() >= 7, (said, course)
        assert course.side(-1) == side, (said, course)
        assert told["first"] == course.labels[-many]
        assert told["level"] == level(course.centre, item.unit)
    elif rule == "trend":
        many = count_of(told["many"])
        assert (many, side) == course.steps(), (said, course)
        assert many >= 7
        assert told["first"] == course.labels[-many]
    else:
        assert course.side(-1) == side, (said, course)
        limit = course.centre + side * course.reach
        ceiling = 100.0 if item.unit == "percent" else math.inf
        assert told["level"] == level(min(max(limit, 0.0), ceiling), item.unit), (said, limit)
        if rule == "outside":
            assert course.is_outside(), (said, course)
            assert told["first"] == newest
            assert told["value"] == words.number(course.values[-1], item.unit)
        else:
            assert course.two_of_three(), (said, course)
            named = re.findall(MONTH, told["named"])
            assert named[-1] == newest
            places = [course.labels.index(each) for each in named]
            assert all(course.is_near(place) and course.side(place) == side for place in places), said
    return side


def hold_sentence(
    sentence: str, course: Course, stretch: pd.DataFrame, item: Measure, *, is_quiet: bool
) -> None:
    """The tense of what is told, and the newest month."""
    parts = re.split(r"(?<=\.) (?=[A-Z])", sentence)
    newest = course.labels[-1]
    for part in parts:
        if part.startswith("Ended: "):
            assert " lie " not in part, sentence
            assert " lies " not in part, sentence
            for told in part.removeprefix("Ended: ").rstrip(".").split("; "):
                ends = re.search(rf"to ({MONTH}), {NUMBER} {NOUN}", told)
                if ends:
                    assert ends[1] != newest, sentence
                elif "near" in told or "limit" in told:
                    named = re.findall(MONTH, told)
                    assert named, sentence
                    assert newest not in named, sentence
        elif "chance alone" not in part and not part.startswith("From "):
            assert " lay " not in part, sentence
    last = stretch[settled(stretch)].iloc[-1]
    told = f"({words.number(last['value'], item.unit)})"
    noun = f"Newest settled month: {words.period(last['period'], 'month')} {told}."
    assert sentence.endswith(noun), (sentence, noun)
    assert sentence.startswith("No signal now") == is_quiet, sentence
    among = re.match(
        rf"No signal now: of the newest ({NUMBER}) settled {NOUN} ({NUMBER}) lies? (above|below)", sentence
    )
    if among:
        places = [place for place in range(len(course.values)) if not math.isnan(course.values[place])]
        sides = [course.side(place) for place in places[-count_of(among[1]) :]]
        mine = 1 if among[3] == "above" else -1
        assert sides.count(mine) == count_of(among[2]), (sentence, course)
        assert sides.count(mine) >= sides.count(-mine), sentence


def hold_change(told: str, frame: pd.DataFrame, known: Breaks) -> None:
    """How the last twelve whole months compare with the twelve before."""
    whole = frame.groupby("period")["value"].agg(lambda each: each.sum(skipna=False))
    parts = set(frame.loc[frame["marker"] != "", "period"])
    months = {
        month_number(date.fromisoformat(str(period))): value
        for period, value in whole.items()
        if period not in parts
    }
    last = max(months)
    after = sum(months[month] for month in range(last - 11, last + 1))
    before = sum(months[month] for month in range(last - 23, last - 11))
    cuts = [month_number(each.day) for each in known if each.is_rebase]
    assert not any(last - 23 < cut <= last for cut in cuts), told
    size, z = after + before, 1.959964
    share = after / size if size else math.nan
    spread = z * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size)) if size else math.nan
    middle = share + z * z / (2 * size) if size else math.nan
    low, high = (
        ((middle + each * spread) / (1 + z * z / size) for each in (-1, 1)) if size else (math.nan,) * 2
    )
    is_clear = before > 0 and (low > 0.5 or high < 0.5)
    if told == "no clear change from the 12 months before":
        assert not is_clear, (told, after, before)
        return
    found = re.fullmatch(r"the last 12 months were (?:under )?([\d,]+)% (above|below) the 12 before", told)
    assert found, told
    assert is_clear, (told, after, before)
    assert found[2] == ("above" if after > before else "below"), (told, after, before)
    assert abs(float(found[1].replace(",", "")) - abs(100 * after / before - 100)) <= 1, told

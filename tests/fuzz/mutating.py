"""Odd texts, cells and bytes, drawn at random."""

import random
from collections.abc import Sequence

LINE_ENDS = ("\n", "\r\n", "\r", "\r\r\n", "\n\r", "\v", "\f", "\x85", "\u2028", "\u2029", "\x1e", "\0")

HIDDEN = ("\u200b", "\ufeff", "\u00ad", "\u2060", "\u200e", "\u200f", "\u202e", "\u2066", "\u00a0", "\u3000")
"""Characters that are not seen."""

ODD_TEXTS = (
    *(
        "",
        " ",
        "\t",
        "  x  ",
        '"',
        '""',
        "'",
        ",",
        ";",
        "|",
        "\\",
        "\\N",
        "NULL",
        "null",
        "None",
        "nan",
        "NaN",
    ),
    *("NA", "N/A", "#N/A", "#REF!", "#DIV/0!", "-", "--", "?", "unknown", "Not Recorded", "TRUE", "false"),
    *(
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "=cmd|' /C calc'!A0",
        "\uff1d1+1",
        "\uff0bA1",
        "'8Q",
        '="8Q"',
        '="8/65"',
    ),
    *(
        "8Q",
        "8q",
        " 8Q ",
        "8Q;",
        "8Q,8L",
        "8Q - Stalking",
        "008/65",
        "8/65",
        "195/12",
        "08-May",
        "8-Q",
        "Aug-65",
    ),
    *("8Q\u200b", "\u202e8Q", "8\u00a0Q", "\uff18\uff31", "8Q\n8L", "8Q/8L", "8Q:8L", "[8Q]", "8Q\0"),
    *(
        "0",
        "1",
        "-0",
        "00",
        "1.0",
        "1,000",
        "1.234,5",
        "12,5",
        "0,5",
        "1e5",
        "1e300",
        "1E400",
        "-1e-400",
        "inf",
    ),
    *(
        "-inf",
        "1" * 25,
        "9" * 400,
        "0x10",
        "1_000",
        "\u0661\u0662",
        "\u00bd",
        "\u00b2",
        "45%",
        "100 %",
        "\u00a312",
    ),
    *("2147483648", "-2147483649", "9223372036854775808", "1.7976931348623157e309", "4.9e-325", "1.5", "150"),
    *("31/02/2024", "29/02/2023", "2024-02-30", "1/2/24", "13/13/2024", "2024-13-01", "0000-00-00", "45200"),
    *(
        "9999-12-31",
        "31/12/9999",
        "10000-01-01",
        "01/01/0001",
        "1899-12-30",
        "2024-06-31",
        "2024-6-3",
        "2024",
    ),
    *("2024-06-03T12:00:00Z", "2024-06-03 25:61", "03/06/2024 24:00", "03/06/2024 01:30+05:30", "June 2024"),
    *("infinity", "-infinity", "epoch", "today", "now", "290309-12-22 (BC)", "294247-01-10", "3 Jun 2024"),
    *("\u202e3202/60/30", "03/06/2024\u200b", "\u0660\u0663/06/2024", "2024-06-03\n", "1e9/1/1"),
    *(
        "\x1b[31mred\x1b[0m",
        "\x1b]0;title\x07",
        "\x1b]8;;http://x\x07link\x1b]8;;\x07",
        "\x9b31m",
        "\x08\x08\x08",
    ),
    *(
        "[bold]x[/bold]",
        "[/]",
        "[link=x]y[/link]",
        ":material/home:",
        "# title",
        "text\n===",
        "www.example.org",
    ),
    *(
        "$HOME",
        "`id`",
        "${x}",
        "%s%n",
        "{0}",
        "{{x}}",
        "../../etc/passwd",
        "C:\\x",
        "<script>",
        "&amp;",
        "-->",
    ),
    *(
        "a\u0301",
        "\u00e9",
        "e\u0301",
        "\u00df",
        "\u017f",
        "\u212a",
        "\ud7ff",
        "\ufffd",
        "\ufffe",
        "\U0010ffff",
        "\U0001f600",
    ),
    *("a" * 5_000, "x" * 300, "\u200b" * 300, "\u0301" * 300, " " * 2_000, '"' * 99, "'" * 99, "; " * 500),
)


def text(draw: random.Random) -> str:
    """A text that nobody expects in a cell."""
    chosen = draw.choice(ODD_TEXTS)
    if draw.random() < 0.1:
        place = draw.randint(0, len(chosen))
        chosen = chosen[:place] + draw.choice(HIDDEN + LINE_ENDS) + chosen[place:]
    return chosen


def changed(draw: random.Random, told: str) -> str:
    """The text with a small change, such as a sound system makes of it somewhere."""
    place = draw.randint(0, len(told))
    ways = (
        lambda: told[:place] + draw.choice(HIDDEN) + told[place:],
        lambda: told[:place] + draw.choice(LINE_ENDS) + told[place:],
        lambda: told[:place] + draw.choice("\"',;|\t=\\/ ") + told[place:],
        lambda: told[:place] + told[place + 1 :],
        lambda: told[::-1],
        told.upper,
        told.lower,
        lambda: f" {told}  ",
        lambda: f'="{told}"',
        lambda: f"'{told}",
        lambda: told * draw.randint(2, 20),
        lambda: told.translate({each: each + 0xFEE0 for each in range(0x21, 0x7F)}),
        lambda: text(draw),
    )
    return draw.choice(ways)()


def damaged(draw: random.Random, content: bytes, most: int = 4) -> bytes:
    """The bytes with some of them flipped, taken out, put in, repeated, or all after a place cut off."""
    found = bytearray(content)
    for _ in range(draw.randint(1, most)):
        place = draw.randint(0, len(found))
        length = draw.choice((1, 1, 2, 4, 8, 64))
        way = draw.randint(0, 7)
        if way == 0 and place < len(found):
            found[place] ^= 1 << draw.randint(0, 7)
        elif way == 1:
            del found[place : place + length]
        elif way == 2:
            found[place:place] = draw.randbytes(length)
        elif way == 3:
            found[place : place + length] = bytes([draw.choice((0, 255, 127, 128, 10, 13, 34, 44))]) * length
        elif way == 4:
            found[place:place] = found[place : place + length * 8]
        elif way == 5 and draw.random() < 0.4:
            del found[place:]
        elif way == 6:
            found[place:place] = draw.choice(SPLICES)
        elif len(found) > 2:
            other = draw.randint(0, len(found) - 1)
            found[place : place + length] = found[other : other + length]
    return bytes(found)


SPLICES: Sequence[bytes] = (
    *(
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\0",
        b"\0\0\0",
        b"\r",
        b"\r\r\n",
        b'"',
        b'""',
        b'"\n',
        b'\n"',
    ),
    *(
        b"\x1a",
        b"\x1b[2J",
        b"\xc3",
        b"\xe2\x80\xae",
        b"\xa0",
        b"\x92",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
    ),
    *(b"\xff" * 8, b"\x7f\xff\xff\xff", b"\0" * 64, b"," * 64, b"\n" * 64, b"PK\x03\x04", b"PAR1"),
)

"""From what a person typed to the value that stands in JSON.

Standard library only. Only what cannot be understood at all is refused here; whether an answer holds, the core says.
"""

import re
import unicodedata
from datetime import date

_BIDI_AND_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_AMERICAN_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_WHOLE_NUMBER = re.compile(r"[+-]?(\d{1,9}|\d{1,3}(,\d{3}){1,2})", re.ASCII)


class NotUnderstood(ValueError):
    """What was typed is no such value; the message says what to enter."""


def long_text(typed: str) -> str:
    """Several lines, trimmed, each ending in a line feed, without control and invisible characters."""
    text = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = _BIDI_AND_INVISIBLE.sub("", text)
    text = "".join(
        letter
        for letter in text
        if letter == "\n" or (unicodedata.category(letter) not in ("Cc", "Cs") and not _is_noncharacter(letter))
    )
    return unicodedata.normalize("NFC", text).strip()


def _is_noncharacter(letter: str) -> bool:
    """Whether Unicode keeps this place free for ever: XML, and so letters and sheets, cannot carry it."""
    return ord(letter) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(letter) <= 0xFDEF


def text(typed: str) -> str:
    """One line, trimmed: line breaks become spaces."""
    return " ".join(long_text(typed).split("\n")).strip()


def whole_number(typed: str) -> int:
    """`1,200` is 1200. Raises `NotUnderstood`."""
    found = text(typed)
    if found.isascii() and found.isdecimal() and len(found) > 9:
        raise NotUnderstood("This number is too large")
    if not _WHOLE_NUMBER.fullmatch(found):
        raise NotUnderstood("Enter a whole number, like 12")
    return int(found.replace(",", ""))


def iso_date(typed: str) -> str:
    """`2026-11-23` and `11/23/2026` are 2026-11-23. Raises `NotUnderstood`."""
    found = text(typed)
    if iso := _ISO_DATE.fullmatch(found):
        year, month, day = iso.groups()
    elif american := _AMERICAN_DATE.fullmatch(found):
        month, day, year = american.groups()
    else:
        raise NotUnderstood("Enter a date like 11/23/2026")
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise NotUnderstood("Enter a date that is in the calendar, like 11/23/2026") from None

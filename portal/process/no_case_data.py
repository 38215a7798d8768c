"""What looks like a social security number in a text: found, to be refused; removed, before anything is logged.

"No case data": nothing about a child support case belongs in the portal. A number counts when it is written 3-2-4 with
dashes, dots, slashes or spaces, or as nine digits that stand alone; in any script's digits and with any of Unicode's
dashes. Telephone numbers, ZIP+4, dates, the portal's ids and checksums are written otherwise and don't count.

Standard library only.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

REMOVED = "[removed]"
"""What stands in a text where a number was."""

_DASH = r"[ ]{0,2}[-/_][ ]{0,2}|[ ]{1,3}"
_LOOKS_LIKE_SSN = re.compile(
    # Dots only with dots: "45 CFR 302.35 2008" is a citation. After a plus sign it is a telephone number from abroad.
    rf"(?<![\d+])\d{{3}}(?:(?:{_DASH})\d{{2}}(?:{_DASH})|\.\d{{2}}\.)\d{{4}}(?!\d)"
    # Letters on either side make it a part of something else, a checksum for one; but "SSN123456789" is plain.
    r"|(?:(?<![^\W_])(?<!\+)|(?<=ssn))\d{9}(?![^\W_])",
    re.IGNORECASE | re.ASCII,
)


def find_ssn(text: str) -> bool:
    """Whether something in the text looks like a social security number."""
    plain, _ = _plain(text)
    return _LOOKS_LIKE_SSN.search(plain) is not None


def redact(text: str) -> str:
    """The text with `[removed]` in place of everything that looks like a social security number; else as it was."""
    plain, places = _plain(text)
    kept, done = [], 0
    for match in _LOOKS_LIKE_SSN.finditer(plain):
        kept += [text[done : places[match.start()]], REMOVED]
        done = places[match.end() - 1] + 1
    return "".join([*kept, text[done:]])


def find_ssn_in(value: object) -> list[str]:
    """Where in nested dictionaries and lists such a number stands, as dotted paths: `users.0.name`.

    Texts, whole numbers and the dictionaries' own keys are looked at; a key that holds one is redacted in the path.
    The path of the value itself is "".
    """
    return [".".join(path) for path in _paths(value, ())]


def _paths(value: object, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    if isinstance(value, Mapping):
        found = []
        for key, inner in value.items():
            here = (*path, redact(str(key)))
            found += [here] if find_ssn(str(key)) else []
            found += _paths(inner, here)
        return found
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return [place for number, inner in enumerate(value) for place in _paths(inner, (*path, str(number)))]
    if isinstance(value, str | int) and find_ssn(str(value)):
        return [path]
    return []


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """The text with every digit, dash and space in its plainest form, and where each character came from."""
    if text.isascii():
        return text.replace("\t", " "), range(len(text))
    plain, places = [], []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFKC", character):
            simple = _simple(part)
            plain.append(simple)
            places += [place] * len(simple)
    return "".join(plain), places


def _simple(character: str) -> str:
    """A digit as 0-9, a dash as "-", a raised dot as ".", a space as " "; nothing for what cannot be seen."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    category = unicodedata.category(character)
    if category == "Pd" or character == "\N{MINUS SIGN}":
        return "-"
    if character in "\N{MIDDLE DOT}\N{BULLET}\N{DOT OPERATOR}":
        return "."
    if category == "Zs" or character == "\t":
        return " "
    return "" if category == "Cf" else character

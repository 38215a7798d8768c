"""What PostgreSQL's jsonb would refuse or give back otherwise than it was given.

It has no NUL character, and knows numbers by their value: 1e16 would come back as a whole number, -0.0 as 0.0. No
document of ours holds such a thing; one that does is refused, so that what comes back is always what was kept.
"""

import math
import re

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_PERHAPS = re.compile(rb"[:\[,]-?(?:[0-9.]+[eE]|0\.0)")
_WHOLE_FROM = 1e16
"""From here on a number is written with an exponent, and has no fraction."""


def refuse_what_jsonb_changes(content: bytes, value: object) -> None:
    """Returns when jsonb gives back exactly this; `content` is the value as JSON. Raises ValueError."""
    if _NUL.search(content):
        raise ValueError("a document cannot hold the character NUL (\\u0000)")
    if _PERHAPS.search(content):
        _refuse_numbers(value)


def _refuse_numbers(value: object) -> None:
    if isinstance(value, dict):
        for inner in value.values():
            _refuse_numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_numbers(inner)
    elif isinstance(value, float) and (abs(value) >= _WHOLE_FROM or (value == 0 and math.copysign(1, value) < 0)):
        raise ValueError(f"a document cannot hold the number {value!r}: PostgreSQL would give it back as another")

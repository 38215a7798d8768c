"""A line of the access log: how it is written, hashed over the line before, and searched."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from portal.store.port import Json

FIRST_PREVIOUS = "0" * 64
"""What stands as `previous` in the first line."""


def canonical(line: Json) -> bytes:
    """The one way in which a line is written, and hashed without its `hash`: sorted keys, no spaces, UTF-8.

    What UTF-8 cannot carry becomes a question mark: a line about a strange request is to be kept, not refused.
    """
    text = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode(errors="replace")


def line_hash(line: Json) -> str:
    """The SHA-256 of a line, over everything in it but its own `hash`."""
    return hashlib.sha256(canonical({key: value for key, value in line.items() if key != "hash"})).hexdigest()


def numbered(line: Json, seq: int, previous: str) -> Json:
    """The line as it is kept at this place: with `seq`, `previous` and `hash`."""
    told = json.loads(canonical({**line, "seq": seq, "previous": previous}))
    return {**told, "hash": line_hash(told)}


def words_of(line: Json) -> str:
    """What is searched: every value of the line but its hashes, a row for each, without upper case."""
    told = {key: line[key] for key in sorted(line) if key not in ("hash", "previous")}
    return "\n".join(texts(told)).casefold()


def texts(value: Any) -> Iterator[str]:
    """Every value in the line, as text."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif value is not None:
        yield str(value)

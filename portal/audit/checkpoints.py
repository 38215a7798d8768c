"""Checkpoints: up to which line the log goes, and with which hash, signed, to be kept elsewhere [O8.2].

Whoever may change everything here can also work out every hash anew, so that the chain holds. What a checkpoint says
that is kept on another machine they cannot change.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from portal.audit.access_log import AccessLog, Act
from portal.audit.signing import Signer, is_signed
from portal.process.document import Json, at_utc
from portal.store.errors import Damaged
from portal.store.port import Store

KIND = "log-checkpoints"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log goes up to line `seq`, whose hash is this, and has so many lines, at this time (UTC); signed by `key`."""

    seq: int
    hash: str
    lines: int
    at: str
    key: str
    signature: str = ""

    @property
    def signed_text(self) -> str:
        """What the signature is over: everything else, as JSON with its keys in order and no spaces."""
        told = {key: value for key, value in asdict(self).items() if key != "signature"}
        return json.dumps(told, sort_keys=True, separators=(",", ":"))

    @property
    def as_line(self) -> str:
        """The checkpoint in one line of JSON, as it is sent."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @property
    def is_signed(self) -> bool:
        """Whether its signature is that of its key."""
        return is_signed(self.signed_text.encode(), self.signature, self.key)


class NoCheckpoint(ValueError):
    """A text holds no checkpoint where one is expected."""


class Checkpoints:
    """Checkpoints of a store's log, as records of the store itself; `portal.sending` sends them elsewhere."""

    def __init__(self, store: Store, log: AccessLog, signer: Signer, clock: Callable[[], datetime]) -> None:
        self._store, self._log, self.signer, self._clock = store, log, signer, clock
        self._known: Checkpoint | None = None
        """One that was made before: counting goes on from it, be there newer ones or not."""

    def make(self) -> Checkpoint:
        """A checkpoint of the log, kept. Raises `Unavailable`, `Damaged`: also when it ends before the last one."""
        self._log.write(Act("", "sign a checkpoint of the log"))
        before = self._known or next(reversed(self.all()), None)
        lines, newest = (before.lines if before else 0), None
        for line in self._store.log_lines(before.seq if before else 0):
            lines, newest = lines + 1, line
        if newest is None:
            raise Damaged("access log", "its end", "lies before what the last checkpoint says")
        blank = Checkpoint(newest["seq"], newest["hash"], lines, at_utc(self._clock()), self.signer.public_key)
        made = Checkpoint(**{**asdict(blank), "signature": self.signer.sign(blank.signed_text.encode())})
        self._store.put_record(KIND, f"{made.seq:012d}", {**asdict(made), "sent_to": []})
        self._known = made
        return made

    def all(self) -> list[Checkpoint]:
        """Every checkpoint that is kept here, the oldest first."""
        return [_from(kept) for _, kept in self._store.records(KIND)]

    def owed(self, where: Iterable[str]) -> list[tuple[Checkpoint, str]]:
        """Which checkpoints are still to be sent to which of these places."""
        places = list(where)
        if not places:
            return []
        kept = [record for _, record in self._store.records(KIND)]
        return [(_from(record), place) for record in kept for place in places if place not in record["sent_to"]]

    def note_sent(self, checkpoint: Checkpoint, place: str) -> None:
        """It has been sent to this place. Raises `Conflict` when another process notes something at the same time."""
        key = f"{checkpoint.seq:012d}"
        kept = self._store.get_record(KIND, key)
        if kept is not None and place not in kept["sent_to"]:
            self._store.put_record(KIND, key, {**kept, "sent_to": [*kept["sent_to"], place]}, kept["revision"])


def _from(record: Json) -> Checkpoint:
    return Checkpoint(*(record[name] for name in ("seq", "hash", "lines", "at", "key", "signature")))


def read(text: str) -> list[Checkpoint]:
    """The checkpoints in a text that was kept elsewhere: a file, mails, a syslog. Raises `NoCheckpoint`.

    Each stands in a line of its own, whatever stands before it. Lines without one are passed over; a text without any
    is an error, and so is a line that begins like a checkpoint and is none.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if match := re.search(r'\{"at":"[^"]*","hash":.*\}', line):
            try:
                found.append(_from(json.loads(match[0])))
            except (ValueError, KeyError, TypeError) as error:
                raise NoCheckpoint(f"line {number} is no whole checkpoint") from error
    if not found:
        raise NoCheckpoint("there is no checkpoint in it")
    return found

"""Changing a record of the store without losing what somebody else wrote at the same moment."""

import random
import time
from collections.abc import Callable

from portal.process.document import Json
from portal.store.errors import Conflict, Unavailable
from portal.store.port import Store

_TRIES = 40


def change_record(store: Store, kind: str, key: str, change: Callable[[Json | None], Json]) -> Json:
    """Keeps what `change` makes of the record (None: there is none) and returns it as kept.

    `change` is asked again, with the record as it is then, whenever another write came between; it may raise to refuse.
    Raises `Unavailable` when others keep coming between.
    """
    for attempt in range(_TRIES):
        record = store.get_record(kind, key)
        changed = change(record)
        try:
            return store.put_record(kind, key, changed, expected_revision=record["revision"] if record else 0)
        except Conflict:
            time.sleep(random.uniform(0, 0.002 * (attempt + 1)))  # noqa: S311  (spreads the writers; nothing secret)
    raise Unavailable(f"{kind} {key} is being written by too many at once")

"""Locks by name, held until the transaction ends: on what has no row to be locked, or none yet."""

import hashlib
from collections.abc import Iterable

from portal.store.postgres.connections import Session


def number_of(name: str) -> int:
    """The number under which PostgreSQL knows the lock: 64 bits of the name's SHA-256."""
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def lock(session: Session, *names: str) -> None:
    """Waits until this transaction holds all of these, in one order for everybody."""
    session.rows("SELECT pg_advisory_xact_lock(number) FROM unnest(%s::bigint[]) AS number", [_numbers(names)])


def lock_shared(session: Session, name: str) -> None:
    """Waits until nobody else holds it alone; others may share it."""
    session.rows("SELECT pg_advisory_xact_lock_shared(%s)", [number_of(name)])


def _numbers(names: Iterable[str]) -> list[int]:
    return sorted({number_of(name) for name in names})

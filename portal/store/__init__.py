"""The store: where documents, records, files and the access log are kept, and how they are found again.

The store knows documents, not steps. It may import the standard library and its own drivers; each driver is
imported by one file alone. `port.py` says what every store promises; the tests of that contract run on each.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.store.port import Store


def open_store(url: str, data: Path) -> "Store":
    """The store that `PORTAL_STORE` names.

    `tinydb:` keeps everything under `data`, `tinydb:/srv/portal` there; `postgresql://...` in a database.
    Raises ValueError when the URL names no store, `Unavailable` when the store cannot be opened.
    """
    # Imported here, so that a portal with one store needs no other store's driver.
    if url == "tinydb:" or url.startswith("tinydb:/"):
        from portal.store.tinydb_store import TinyDBStore

        return TinyDBStore(Path(url.removeprefix("tinydb:") or data))
    if url.startswith(("postgresql://", "postgres://")):
        from portal.store.postgres_store import PostgresStore

        return PostgresStore(url)
    # Only the part before the colon is named: the rest may hold a password.
    raise ValueError(
        "PORTAL_STORE is 'tinydb:' (documents under PORTAL_DATA), 'tinydb:/a/folder' or 'postgresql://...', "
        f"not '{url.partition(':')[0]}:...'"
    )

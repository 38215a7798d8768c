"""A log that really cannot be written, on either store, and what a portal keeps besides it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg

from tests.conftest import House

_BREAK = """
CREATE FUNCTION portal.no_space() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER disk_full BEFORE INSERT ON portal.access_log FOR EACH ROW EXECUTE FUNCTION portal.no_space();
"""
_MEND = "DROP TRIGGER disk_full ON portal.access_log; DROP FUNCTION portal.no_space()"


@contextmanager
def log_that_cannot_be_written(house: House) -> Iterator[None]:
    """Within the block the disk is full for the access log, and for nothing else."""
    url = house.portal.settings.store
    if url.startswith("postgresql:"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_BREAK)
            yield
            connection.execute(_MEND)
        return
    folder = house.portal.settings.data / "access-log"
    newest = max(folder.iterdir(), default=folder / f"{datetime.now(UTC):%Y-%m}.jsonl")
    aside = folder / "aside"
    newest.touch()
    newest.rename(aside)
    os.symlink("/dev/full", newest)
    yield
    newest.unlink()
    aside.rename(newest)


def everything_but_the_log(house: House) -> dict[str, Any]:
    """Every document, record and file of the house, but for the counts of tries at a password."""
    store = house.portal.store
    return {
        "documents": {document_id: store.get(document_id) for document_id in store.document_ids()},
        "records": {
            (kind, key): record
            for kind in store.record_kinds()
            if kind != "sign-in-tries"
            for key, record in store.records(kind)
        },
        "numbers": list(store.ids_given()),
    }

"""A database whose tables an older version of the portal made has today's after it was opened, and keeps what was in it."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from portal.store import open_store
from portal.store.log_line import FIRST_PREVIOUS, canonical, numbered, words_of
from portal.store.port import LogSearch

SAMPLES = Path(__file__).parent / "samples"

_COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
    " WHERE table_schema = 'portal' ORDER BY 1, 2"
)
_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'portal' ORDER BY 1"


def tables_of(url: str) -> tuple[list, list, list]:
    """Columns, indexes and version."""
    with psycopg.connect(url) as connection:
        return tuple(
            connection.execute(asked).fetchall()
            for asked in (_COLUMNS, _INDEXES, "SELECT version FROM portal.schema_version")
        )


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("postgres-version-*.sql")), ids=lambda path: path.stem)
def test_an_older_database_is_brought_to_todays_tables(
    new_database: Callable[[], str], tmp_path: Path, sample: Path
) -> None:
    fresh, old = new_database(), new_database()
    open_store(fresh, tmp_path).close()
    line = numbered({"at": "2026-11-20T18:00:00Z", "who": "ana@kern.example", "did": "signed in"}, 1, FIRST_PREVIOUS)
    with psycopg.connect(old, autocommit=True) as connection:
        connection.execute(sample.read_text())
        connection.execute(
            "INSERT INTO portal.access_log (seq, hash, words, line) VALUES (1, %s, %s, %s::json)",
            [line["hash"], words_of(line), canonical(line).decode()],
        )
    store = open_store(old, tmp_path)
    try:
        assert tables_of(old) == tables_of(fresh)
        assert store.log_found(LogSearch(values={"who": "ana@kern.example"})) == [line]
        assert list(store.log_lines()) == [line]
        assert store.append_log({"at": "2026-11-25T18:00:00Z", "who": "ana@kern.example"})["seq"] == 2
    finally:
        store.close()
    open_store(old, tmp_path).close()
    assert tables_of(old) == tables_of(fresh)

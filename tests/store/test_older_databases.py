"""A database whose tables an older version of the portal made has today's after it was opened, and keeps what was in it."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from portal.store import open_store
from portal.store.log_line import FIRST_PREVIOUS, canonical, numbered, words_of
from portal.store.port import LogSearch, Search

SAMPLES = Path(__file__).parent / "samples"

_COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
    " WHERE table_schema = 'portal' ORDER BY 1, 2"
)
_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'portal' ORDER BY 1"

# As a portal of that version wrote them.
_LINE = {
    1: "INSERT INTO portal.access_log (seq, hash, words, line) VALUES (1, %s, %s, %s::json)",
    2: "INSERT INTO portal.access_log (seq, hash, words, line, at, who, did)"
    " VALUES (1, %s, %s, %s::json, '2026-11-20T18:00:00Z', 'ana@kern.example', 'signed in')",
}
_DOCUMENT = """
    INSERT INTO portal.documents (id, revision, process, lcsa, organization, status, changed_at, body, seal)
    SELECT *, portal.seal_of(id, revision::text, process, lcsa, organization, status, changed_at, body::text)
    FROM (VALUES ('TPA-2026-0001', 1, 'third-party-access', 'Kern', 'Kern IV-A', 'invited', '',
        '{"id":"TPA-2026-0001","revision":1}'::json
    )) AS kept (id, revision, process, lcsa, organization, status, changed_at, body);
    INSERT INTO portal.document_counts VALUES ('third-party-access', 'Kern', 'invited', 0, 1);
"""
_WORDS = """
    INSERT INTO portal.words (document_id, process, lcsa, organization, words)
    VALUES ('TPA-2026-0001', 'third-party-access', 'Kern', 'Kern IV-A', E'tpa-2026-0001\nkern\nkern iv-a')
"""
_WORDS_WITH_STATUS = """
    INSERT INTO portal.words
    VALUES ('TPA-2026-0001', 'third-party-access', 'Kern', 'Kern IV-A', E'tpa-2026-0001\nkern\nkern iv-a', 'invited')
"""


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
        version = connection.execute("SELECT version FROM portal.schema_version").fetchone()[0]
        connection.execute(_LINE[min(version, 2)], [line["hash"], words_of(line), canonical(line).decode()])
        connection.execute(_DOCUMENT)
        connection.execute(_WORDS if version < 3 else _WORDS_WITH_STATUS)
    store = open_store(old, tmp_path)
    try:
        assert tables_of(old) == tables_of(fresh)
        for status, found in (("invited", ["TPA-2026-0001"]), ("active", [])):
            page = store.listed(Search(words=("iv-a",), statuses=(status,)))
            assert [one.id for one in page.rows] == found
        assert store.log_found(LogSearch(values={"who": "ana@kern.example"})) == [line]
        assert list(store.log_lines()) == [line]
        assert store.append_log({"at": "2026-11-25T18:00:00Z", "who": "ana@kern.example"})["seq"] == 2
    finally:
        store.close()
    open_store(old, tmp_path).close()
    assert tables_of(old) == tables_of(fresh)

"""Files by the SHA-256 of what is in them: letters and signed papers, so that any web machine can serve them."""

import hashlib
import re
from collections.abc import Iterator

from portal.store.errors import Damaged, NotFound
from portal.store.postgres.connections import Connections

_SHA256 = re.compile(r"[0-9a-f]{64}")
_AT_A_TIME = 10_000


class ContentFiles:
    """The files in `portal.files`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put(self, content: bytes) -> str:
        """As `Store.put_file`. Inside a block of writing it is kept with it, or not at all."""
        sha256 = hashlib.sha256(content).hexdigest()
        with self._connections.session() as session:
            # Asked first: twenty megabytes need not go to the server a second time.
            if session.row(_IS_WHOLE, [sha256]) != (True,):
                session.rows(_PUT, [sha256, content])
        return sha256

    def get(self, sha256: str) -> bytes:
        """As `Store.get_file`."""
        if not _SHA256.fullmatch(sha256):
            raise NotFound("file", sha256)
        with self._connections.session() as session:
            content = session.bytes_of("SELECT content FROM portal.files WHERE sha256 = %s", [sha256])
        if content is None:
            raise NotFound("file", sha256)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Damaged("file", sha256, "it is not what was kept: its checksum differs")
        return content

    def ids(self) -> Iterator[str]:
        """As `Store.file_ids`, in several questions."""
        last = ""
        while True:
            with self._connections.session() as session:
                rows = session.rows(_IDS, [last, _AT_A_TIME])
            for (sha256,) in rows:
                yield sha256
            if len(rows) < _AT_A_TIME:
                return
            last = rows[-1][0]


_IDS = "SELECT sha256 FROM portal.files WHERE sha256 > %s ORDER BY sha256 LIMIT %s"
_IS_WHOLE = "SELECT encode(sha256(content), 'hex') = sha256 FROM portal.files WHERE sha256 = %s"
_PUT = (
    "INSERT INTO portal.files (sha256, content) VALUES (%s, %b)"
    " ON CONFLICT (sha256) DO UPDATE SET content = excluded.content"
)

"""A ZIP that is sent while it is made: no more of it than one file stands in memory."""

import hashlib
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, cast

_READABLE = 0o644 << 16
"""A plain file that everybody may read, as ZIP notes it."""


class _Outgoing:
    """What the ZIP wrote and nobody has taken yet. It cannot be gone back in."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, content: bytes) -> int:
        """Adds to what is to be taken."""
        self._written += content
        return len(content)

    def flush(self) -> None:
        """Nothing: what is written can be taken at once."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        content = bytes(self._written)
        self._written.clear()
        return content


class ZipStream:
    """A ZIP in the making. `sums` has the SHA-256 of each file that is in it, by its path.

    Files carry `at`, the moment with its zone as which they are dated.
    """

    def __init__(self, at: datetime) -> None:
        self.sums: dict[str, str] = {}
        self._outgoing = _Outgoing()
        self._zip = zipfile.ZipFile(cast(IO[bytes], self._outgoing), "w", zipfile.ZIP_DEFLATED)
        self._at = at.timetuple()[:6]

    def file(self, path: str, content: bytes) -> Iterator[bytes]:
        """Adds a file; gives the ZIP's bytes as far as they are made. Raises ValueError for a path that is taken."""
        if path in self.sums:
            raise ValueError(f"{path} is in the package already")
        entry = zipfile.ZipInfo(path, self._at)
        entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _READABLE, 3
        self._zip.writestr(entry, content)
        self.sums[path] = hashlib.sha256(content).hexdigest()
        yield self._outgoing.taken()

    def end(self) -> Iterator[bytes]:
        """The rest of the ZIP: its list of files."""
        self._zip.close()
        yield self._outgoing.taken()

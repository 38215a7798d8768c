"""The file `changes`: how processes that share a data folder tell each other which documents they wrote.

Lines are only added, and only by the holder of the writers' lock: `begin ID` before a document's file is replaced,
`end ID` after, `given ID` when an id was handed out. A reader asks for the file's size, which costs microseconds, and
reads what was added. A `begin` without its `end` is a write that is under way, or whose writer was killed.

After a power cut everybody reads the documents anew, so `begin` and `end` need no syncing. `given` does: an id that was
given, and under which nothing was kept, stands nowhere else.
"""

import errno
import os
from pathlib import Path

from portal.store.durable_file import TEMPORARY, sync_folder, write_all

BEGIN, END, GIVEN = "begin", "end", "given"
_WORDS = (BEGIN, END, GIVEN)

LONGEST = 1_000_000
"""Bytes from which the file is begun anew."""


class Changes:
    """This process's place in the file. Not safe for threads: its owner has a lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._inode = 0
        self._offset = 0
        self._name_lasts = False  # whether we have seen the file's name reach the disk

    def unread(self) -> list[tuple[str, str]]:
        """What was added since the last call: (word, id). Raises OSError."""
        found: list[tuple[str, str]] = []
        while True:
            try:
                now = os.stat(self._path)
            except FileNotFoundError:
                return found
            if self._descriptor is None:
                self._open()
                continue
            if now.st_ino == self._inode:
                if now.st_size != self._offset:
                    found += self._read()
                return found
            # Begun anew by another process. Nobody adds to the old file any more, and we still have it open.
            found += self._read()
            self.close()

    def add(self, word: str, document_id: str) -> None:
        """Adds a line; the caller holds the writers' lock and has read all before it. Raises OSError."""
        line = f"{word} {document_id}\n".encode()
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o660)
        try:
            if os.fstat(descriptor).st_size > self._offset:
                # Half a line of a writer that was killed: whoever reads only takes whole ones.
                os.ftruncate(descriptor, self._offset)
            if os.write(descriptor, line) != len(line):
                os.ftruncate(descriptor, self._offset)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if word == GIVEN:
                os.fsync(descriptor)
                self._keep_name()
        finally:
            os.close(descriptor)
        if self._descriptor is None:
            self._open()
        self._offset += len(line)

    @property
    def is_long(self) -> bool:
        """Whether it is time to begin the file anew."""
        return self._offset > LONGEST

    def begin_anew(self, given: list[str]) -> None:
        """A new file with these ids as given; the caller holds the writers' lock. Raises OSError."""
        content = "".join(f"{GIVEN} {document_id}\n" for document_id in given).encode()
        beside = self._path.with_name(f"{TEMPORARY}changes")
        written = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o660)
        try:
            write_all(written, content)
            os.fsync(written)
        finally:
            os.close(written)
        # Opened before it takes the other's place: after that nothing may fail, or our place in it would be lost.
        descriptor = os.open(beside, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.rename(beside, self._path)
        except OSError:
            os.close(descriptor)
            raise
        self.close()
        self._descriptor, self._inode, self._offset = descriptor, os.fstat(descriptor).st_ino, len(content)
        self._keep_name()

    def close(self) -> None:
        """Lets go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor, self._inode, self._offset = None, 0, 0
        self._name_lasts = False

    def _keep_name(self) -> None:
        if not self._name_lasts:
            sync_folder(self._path.parent)
            self._name_lasts = True

    def _open(self) -> None:
        self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        self._inode = os.fstat(self._descriptor).st_ino

    def _read(self) -> list[tuple[str, str]]:
        if self._descriptor is None:
            return []
        added = bytearray()
        while more := os.pread(self._descriptor, 1 << 20, self._offset + len(added)):
            added += more
        whole = added[: added.rfind(b"\n") + 1]
        self._offset += len(whole)
        lines = (line.split(" ") for line in whole.decode(errors="replace").splitlines())
        return [(line[0], line[1]) for line in lines if len(line) == 2 and line[0] in _WORDS]

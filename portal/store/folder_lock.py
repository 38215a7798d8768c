"""One at a time, across threads and processes that share a data folder. Standard library only."""

import errno
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.store.durable_file import unavailable_when_failing
from portal.store.errors import Unavailable

PATIENCE = 30.0
"""Seconds to wait for the lock."""

PAUSE = 0.001
"""Seconds between two tries."""


class FolderLock:
    """A lock on a file: the kernel lets go of it when its holder ends, however it ends.

    The file must be on a disk of this machine; on network file systems `flock` is not to be relied on.
    """

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self._path, self._patience = path, patience
        self._threads = threading.Lock()
        self._holder: int | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """A block that nobody else is in. Raises RuntimeError when nested, `Unavailable` after 30 seconds."""
        me = threading.get_ident()
        if self._holder == me:
            raise RuntimeError("this thread is writing already: blocks of writing are not to be nested")
        until = time.monotonic() + self._patience
        if not self._threads.acquire(timeout=self._patience):
            raise self._busy()
        try:
            self._holder = me
            # Opened anew each time: a descriptor that is shared with a forked process would share the lock.
            with unavailable_when_failing("the lock cannot be opened"):
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
            try:
                self._take(descriptor, until)
                yield
            finally:
                os.close(descriptor)
        finally:
            self._holder = None
            self._threads.release()

    def _take(self, descriptor: int, until: float) -> None:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except OSError as error:
                if error.errno not in (errno.EWOULDBLOCK, errno.EINTR):
                    raise Unavailable(f"the lock cannot be taken: {error.strerror}") from error
            if time.monotonic() > until:
                raise self._busy()
            time.sleep(PAUSE)

    def _busy(self) -> Unavailable:
        return Unavailable(f"others have been writing for {self._patience:g} seconds")

"""Writing a file so that it is there whole or not at all: beside, synced, renamed, its folder synced.

A reader never sees half a file, a kill leaves at most a stray temporary one, and what was acknowledged survives a
power cut. Standard library only.
"""

import errno
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from portal.store.errors import Unavailable

TEMPORARY = ".writing-"
"""How the names of temporary files begin; nothing else in the store's folders begins so."""

LEFTOVER_AGE = 3600.0
"""Seconds after which a temporary file cannot be somebody's who is still writing."""


@contextmanager
def unavailable_when_failing(what: str) -> Iterator[None]:
    """Turns an error of the operating system (disk full, read-only, broken) into `Unavailable`, naming the try."""
    try:
        yield
    except OSError as error:
        raise Unavailable(f"{what}: {error.strerror or error}") from error


def sync_folder(folder: Path) -> None:
    """Returns when the folder's names are on the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_lasting: set[Path] = set()
"""Folders whose names this process has seen reach the disk."""


def make_folder(folder: Path) -> None:
    """The folder is there, and stays there after a power cut. Raises OSError."""
    was_there = folder.is_dir()
    if was_there and folder in _lasting:
        return
    if not was_there:
        make_folder(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o770)
    # Also of one that was there: who made it may have been killed before the disk had its name, or not be that far yet.
    try:
        sync_folder(folder.parent)
    except PermissionError:
        if not was_there:
            raise
        # Where we may not look it was not one of us who made it: somebody did by hand, long before.
    _lasting.add(folder)


def write_all(descriptor: int, content: bytes) -> None:
    """Writes every byte. Raises OSError: a disk that takes only a part is full."""
    rest = memoryview(content)
    while rest:
        written = os.write(descriptor, rest)
        if written == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        rest = rest[written:]


def write_durably(path: Path, content: bytes, beside: Path | None = None) -> None:
    """The file has this content and keeps it. Raises OSError; then the file is as it was before.

    `beside` is the folder for the temporary file, on the same disk; the file's own folder unless given.
    """
    token = secrets.token_hex(8)
    folder = beside or path.parent
    temporary, kept_aside = folder / f"{TEMPORARY}{token}", folder / f"{TEMPORARY}{token}-before"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o660)
        try:
            write_all(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        # A second name for the old content: if the folder cannot be synced after the rename, it is put back.
        existed = _second_name(path, kept_aside)
        os.rename(temporary, path)
        try:
            sync_folder(path.parent)
        except OSError:
            _put_back(path, kept_aside if existed else None)
            raise
    finally:
        for leftover in (temporary, kept_aside):
            # What cannot be removed now is removed at a later start (`remove_leftovers`).
            with suppress(OSError):
                os.unlink(leftover)


def _second_name(path: Path, other: Path) -> bool:
    try:
        os.link(path, other)
    except FileNotFoundError:
        return False
    return True


def _put_back(path: Path, kept_aside: Path | None) -> None:
    # If this fails too, the caller's error says so already; whoever reads the file sees what really is there.
    with suppress(OSError):
        if kept_aside:
            os.rename(kept_aside, path)
        else:
            os.unlink(path)


def remove_durably(path: Path) -> None:
    """The file is no more, and does not come back after a power cut; no error if it never was. Raises OSError."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    sync_folder(path.parent)


def read_file(path: str | Path) -> bytes:
    """All of a file. Raises OSError. (A third of the time that `Path.read_bytes` takes, which counts with 10,000.)"""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(descriptor).st_size
        content = os.read(descriptor, size + 1)
        while len(content) < size and (more := os.read(descriptor, size)):
            content += more
        return content
    finally:
        os.close(descriptor)


def read_if_there(path: Path, what: str) -> bytes | None:
    """All of a file; None when there is none. Raises `Unavailable`, naming what was to be read."""
    try:
        return read_file(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unavailable(f"{what} cannot be read: {error.strerror or error}") from error


def remove_leftovers(folder: Path) -> None:
    """Removes temporary files that a killed writer left behind more than an hour ago."""
    oldest = time.time() - LEFTOVER_AGE
    with os.scandir(folder) as entries:
        for entry in entries:
            # Somebody else may remove the same one, or the disk may be read-only: neither is a reason not to start.
            with suppress(OSError):
                if entry.name.startswith(TEMPORARY) and entry.stat(follow_symlinks=False).st_mtime < oldest:
                    os.unlink(entry.path)

"""The operating system's calls as this process makes them through `os`: for tests that watch them, or let them fail."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Call = Callable[..., Any]

CHANGING = ("open", "write", "ftruncate", "truncate", "fsync", "fdatasync", "mkdir", "link", "unlink", "rename")
"""The calls with which a folder is changed, and the changes made to last."""

NEED_ROOM = ("open", "write", "mkdir", "link")
"""Those that a full disk refuses."""

SHORT = -1
"""In place of an error's number: a write that takes half of the bytes, and says so."""

_TO_WRITE = os.O_WRONLY | os.O_RDWR


@contextmanager
def in_place_of(names: Iterable[str], make: Callable[[str, Call], Call]) -> Iterator[None]:
    """Until the block ends, each of these functions of `os` is what `make` makes of its name and of the real one."""
    real = {name: getattr(os, name) for name in names}
    for name, call in real.items():
        setattr(os, name, make(name, call))
    try:
        yield
    finally:
        for name, call in real.items():
            setattr(os, name, call)


def parts_within(folder: str, path: Any) -> tuple[str, ...] | None:
    """The path from the folder on; None for one that is elsewhere. `folder` is whole, and no link."""
    whole = os.path.abspath(os.fspath(path))
    if whole == folder:
        return ()
    if not whole.startswith(folder + os.sep):
        return None
    return tuple(whole[len(folder) + 1 :].split(os.sep))


class FailingDisk:
    """Fails the nth call (from 0) that changes the folder, or makes its changes last, with this error.

    Once, unless `on` says that every later one fails that needs room: the disk is full, and stays so.
    """

    def __init__(self, folder: Path, nth: int, error: int, on: bool = False) -> None:
        self._folder = str(folder.resolve())
        self._left, self._error, self._on = nth, error, on
        self._names = ("write",) if error == SHORT else NEED_ROOM if on else CHANGING
        self.failed: list[str] = []
        """What was failed: `fsync documents`."""

    @contextmanager
    def failing(self) -> Iterator["FailingDisk"]:
        """Within the block."""
        with in_place_of(self._names, self._failing):
            yield self

    def _failing(self, name: str, real: Call) -> Call:
        def call(*arguments: Any, **keys: Any) -> Any:
            where = self._where(name, arguments)
            if where is None or not self._is_its_turn():
                return real(*arguments, **keys)
            self.failed.append(f"{name} {where}")
            if self._error == SHORT:
                return real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
            raise OSError(self._error, os.strerror(self._error))

        return call

    def _where(self, name: str, arguments: tuple[Any, ...]) -> str | None:
        """The part of the folder that the call changes, or makes last; None for any other call."""
        what = arguments[1] if name in ("link", "rename") else arguments[0]
        if name == "open" and not arguments[1] & (os.O_CREAT if self._on else _TO_WRITE | os.O_DIRECTORY):
            return None
        if isinstance(what, int):
            what = os.readlink(f"/proc/self/fd/{what}")
        parts = parts_within(self._folder, what)
        if parts is None:
            return None
        if name == "open" and self._on and os.path.exists(what):
            return None  # it is there already: to open it takes no room
        return parts[0] if parts else "."

    def _is_its_turn(self) -> bool:
        self._left -= 1
        return self._left < 0 if self._on else self._left == -1

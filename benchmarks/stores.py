"""The two kinds of store, each with a place for every number of applications: a folder, or a database of its own.

PostgreSQL is the tests' own (`tools/postgres.py`), started for the benchmarks and stopped after them.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from psycopg import sql

from tools.postgres import Server, find

Place = tuple[Path, str]
"""The data folder, and the store as PORTAL_STORE names it."""


class Stores(Protocol):
    """Places of one kind of store, by name. What is finished is kept for the next run."""

    title: str

    def finished(self, name: str) -> Place | None:
        """The place of this name, if it was finished once."""

    def begun(self, name: str, like: Place | None) -> Place:
        """A new place, unfinished: empty, or a copy of that one, which nobody uses."""

    def finish(self, name: str) -> Place:
        """The place that was begun is whole."""

    def remove(self, name: str) -> None:
        """The place that was begun is no more."""


class _InFolders:
    """Data folders, side by side."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _url(self, name: str) -> str:
        return "tinydb:"

    def finished(self, name: str) -> Place | None:
        data = self._folder / name
        return (data, self._url(name)) if data.exists() else None

    def begun(self, name: str, like: Place | None) -> Place:
        self.remove(name)
        data = self._folder / _unfinished(name)
        if like is None:
            data.mkdir()
        else:
            shutil.copytree(like[0], data)
        return data, self._url(_unfinished(name))

    def finish(self, name: str) -> Place:
        data = (self._folder / _unfinished(name)).rename(self._folder / name)
        return data, self._url(name)

    def remove(self, name: str) -> None:
        shutil.rmtree(self._folder / _unfinished(name), ignore_errors=True)


class TinyDB(_InFolders):
    """A data folder each."""

    title = "TinyDB"


class PostgreSQL(_InFolders):
    """A database each, and a data folder for what a portal keeps beside its store."""

    title = "PostgreSQL"

    def __init__(self, folder: Path, server: Server) -> None:
        super().__init__(folder)
        self._server = server

    def _url(self, name: str) -> str:
        return self._server.url(name)

    def begun(self, name: str, like: Place | None) -> Place:
        place = super().begun(name, like)
        self._server.new_database(like[1] if like else "", name=_unfinished(name))
        return place

    def finish(self, name: str) -> Place:
        names = sql.Identifier(_unfinished(name)), sql.Identifier(name)
        self._server.run(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))
        # Its statistics and its map of what is visible to all come by themselves in time: here at once.
        self._server.run("VACUUM ANALYZE", name)
        return super().finish(name)

    def remove(self, name: str) -> None:
        super().remove(name)
        self._server.run(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(_unfinished(name))))


def _unfinished(name: str) -> str:
    return f"unfinished-{name}"


@contextmanager
def stores_of(kind: str, folder: Path) -> Iterator[Stores]:
    """The stores of a kind, `tinydb` or `postgresql`, in this folder. Raises `NoPostgres`."""
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "tinydb":
        yield TinyDB(folder)
        return
    server = Server(find(), folder.with_name(f"{folder.name}-server"))
    try:
        server.start()
        yield PostgreSQL(folder, server)
    finally:
        server.stop()

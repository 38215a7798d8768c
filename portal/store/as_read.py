"""A store whose documents pass through a function as they are read: the one place where old ones become new ones.

The store knows no steps and no versions; the function does. Whoever changes such a document writes back what was read.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from portal.store.errors import Damaged
from portal.store.port import Json, Page, Search, Store, Writing

Reading = Callable[[Json], Json]
"""What makes a document of this version of one that was kept. Raises ValueError for one that it cannot read."""


def read_as(store: Store, reading: Reading) -> Store:
    """The same store, its documents as `reading` makes them; those that it cannot read are `Damaged`."""
    return cast(Store, _ReadAs(store, reading))


def as_kept(store: Store) -> Store:
    """The store whose documents are as they are kept, to the letter: for copying them."""
    return store.kept if isinstance(store, _ReadAs) else store


class _ReadAs:
    def __init__(self, store: Store, reading: Reading) -> None:
        self.kept, self._reading = store, reading

    def __getattr__(self, name: str) -> Any:
        return getattr(self.kept, name)

    def get(self, document_id: str) -> Json:
        return self._read(self.kept.get(document_id))

    def search(self, search: Search, offset: int = 0, limit: int = 50) -> Page[Json]:
        page = self.kept.search(search, offset, limit)
        return Page(list(self._readable(page.rows)), page.offset, page.total, page.more)

    def every(self, search: Search) -> Iterator[Json]:
        return self._readable(self.kept.every(search))

    def _readable(self, documents: Any) -> Iterator[Json]:
        for document in documents:
            try:
                yield self._read(document)
            except Damaged:
                continue  # left out, as the store leaves out its own

    def _read(self, document: Json) -> Json:
        try:
            return self._reading(document)
        except ValueError as error:
            raise Damaged("document", document["id"], str(error)) from error

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        with self.kept.writing() as writing:
            yield cast(Writing, _WritingAs(writing, self._read))


class _WritingAs:
    def __init__(self, writing: Writing, read: Reading) -> None:
        self._writing, self._read = writing, read

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writing, name)

    def get(self, document_id: str) -> Json:
        return self._read(self._writing.get(document_id))

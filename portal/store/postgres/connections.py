"""Connections to PostgreSQL: two pools, transactions, and what becomes of errors. The only file that imports psycopg.

A connection that the server has closed is noticed before it is used, and the pool makes a new one: when the server is
back after a restart the portal goes on by itself. Until then everything raises `Unavailable`.
"""

import os
import select
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Self

import orjson
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool, PoolTimeout

from portal.store.errors import OutcomeUnknown, Unavailable

Row = tuple[Any, ...]
Statement = tuple[str, Sequence[Any]]
_Connection = psycopg.Connection[Row]
_Pool = ConnectionPool[_Connection]

PATIENCE = 3.0
"""Seconds to wait for a connection, when all are in use or the server is away."""

_SETTINGS = {
    "synchronous_commit": "on",  # what is acknowledged is on the disk, whatever the server's own setting
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",  # of a machine that vanished in mid-write: its locks go
    "default_transaction_isolation": "read committed",
    "TimeZone": "UTC",
    "jit": "off",  # compiling takes longer than any of our queries
    "application_name": "third-party-access",
}
_FAILURES = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.InternalError,
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.UndefinedTable,
)


class Session:
    """One connection in use."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._first: list[Statement] = []  # what goes before the next statement, on the same way to the server
        self.last: list[Statement] = []
        """What is to be run last before the commit, on the same way to the server."""
        self.is_spent = False
        """Whether statements that were sent together failed: psycopg may then take some for prepared that the server
        passed over, and the connection is not to be used by anybody else.
        """

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """The rows that the statement returns; none for one that returns nothing. Raises `Unavailable`."""
        if self._first:
            return self.together([(query, values)])[0]
        with unavailable_when_failing():
            cursor = self._connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def rows_planned_anew(self, query: str, values: Sequence[Any]) -> list[Row]:
        """As `rows`, for a statement whose best plan depends on its values: none is kept. Raises `Unavailable`."""
        if self._first:
            self.together([])
        with unavailable_when_failing():
            return self._connection.execute(query, values, prepare=False).fetchall()

    def row(self, query: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row, or None. Raises `Unavailable`."""
        return next(iter(self.rows(query, values)), None)

    def bytes_of(self, query: str, values: Sequence[Any]) -> bytes | None:
        """The first value of the first row as it is, not as text: half the bytes on the way. Raises `Unavailable`."""
        if self._first:
            self.together([])
        with unavailable_when_failing():
            found = self._connection.execute(query, values, binary=True).fetchone()
            return None if found is None else bytes(found[0])

    def together(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """The rows of each statement, all sent at once: one way to the server and back. Raises `Unavailable`."""
        first, self._first = self._first, []
        with unavailable_when_failing():
            try:
                with self._connection.pipeline():
                    for query, values in first:
                        self._connection.execute(query, values or None)
                    cursors = [self._connection.execute(query, values or None) for query, values in statements]
            except psycopg.Error:
                self.is_spent = True
                raise
            return [cursor.fetchall() if cursor.description else [] for cursor in cursors]

    def begin(self) -> None:
        """A transaction begins, with the next statement."""
        self._first = [("BEGIN", [])]

    def commit(self) -> None:
        """Everything since `begin` is kept. Raises `Unavailable` when not, `OutcomeUnknown` when nobody can tell."""
        if not self._first and self._connection.info.transaction_status != TransactionStatus.INTRANS:
            # After an error PostgreSQL answers a commit by taking everything back, and does not call that an error.
            self.roll_back()
            raise Unavailable("the transaction failed, and nothing of it was kept")
        try:
            self.together([*self.last, ("COMMIT", [])])
        except Unavailable as error:
            self.roll_back()
            if self._connection.broken or self._connection.closed:
                # The commit may have been done, and the connection lost before that was said.
                raise OutcomeUnknown(str(error)) from error
            raise

    def roll_back(self) -> None:
        """Everything since `begin` is as if it had not been."""
        if self._first:
            self._first = []  # nothing was sent
            return
        # A connection that is lost has taken everything back already.
        with suppress(Unavailable):
            self.rows("ROLLBACK")


@contextmanager
def unavailable_when_failing() -> Iterator[None]:
    """Turns what the server or the way to it may do (away, stopped, full, locked too long) into `Unavailable`."""
    try:
        yield
    except _FAILURES as error:
        raise Unavailable(_in_words(error)) from error


def _in_words(error: Exception) -> str:
    return f"PostgreSQL: {' '.join(str(error).split()) or type(error).__name__}"


class Connections:
    """The pools of this process: one for everything, and a small one for what is kept at once though in mid-write.

    Whoever holds a connection of the small pool never waits for another, so the two cannot wait for each other.
    """

    def __init__(self, url: str, most: int = 12) -> None:
        self._url, self._most = url, most
        self._lock = threading.Lock()
        self._process = 0
        self._pools: tuple[_Pool, _Pool] | None = None
        self._inherited: list[tuple[_Pool, _Pool]] = []
        self._worked_at = self._failed_at = 0.0
        self._failure = ""
        self._of_thread = threading.local()

    def reach(self) -> None:
        """Returns when the server lets us in. Raises `Unavailable` at once, with its reason, which a pool would keep
        to itself; ValueError for a URL that is none.
        """
        try:
            conninfo_to_dict(self._url)
        except psycopg.ProgrammingError:
            # Without the driver's words, which may hold a part of the password.
            raise ValueError("PORTAL_STORE begins like the URL of a PostgreSQL database, but is none") from None
        with unavailable_when_failing():
            psycopg.connect(self._url, connect_timeout=5).close()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A connection on which each statement is kept by itself; within `transaction`, that one's. Raises
        `Unavailable`.
        """
        inside: Session | None = getattr(self._of_thread, "session", None)
        if inside is not None:
            yield inside
            return
        with self._borrowed(self._of_process()[0]) as session:
            yield session

    @property
    def is_in_transaction(self) -> bool:
        """Whether this thread is inside `transaction`."""
        return getattr(self._of_thread, "session", None) is not None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction, this thread's until the block ends: kept then, or not at all after an error. Raises
        `Unavailable`; RuntimeError when nested.
        """
        if self.is_in_transaction:
            raise RuntimeError("a block of writing is not to be nested")
        with self._borrowed(self._of_process()[0]) as session:
            session.begin()
            self._of_thread.session = session
            try:
                yield session
            except BaseException:
                session.roll_back()
                raise
            finally:
                self._of_thread.session = None
            session.commit()

    @contextmanager
    def aside(self) -> Iterator[Session]:
        """A transaction beside the one that this thread may be in: what is written here is kept when the block ends."""
        with self._borrowed(self._of_process()[1]) as session:
            session.begin()
            try:
                yield session
            except BaseException:
                session.roll_back()
                raise
            session.commit()

    def close(self) -> None:
        """Closes what this process opened."""
        with self._lock:
            if self._pools is not None and self._process == os.getpid():
                for pool in self._pools:
                    pool.close()
            self._pools = None

    def _of_process(self) -> tuple[_Pool, _Pool]:
        """The pools, made by the process that uses them: a server may open the store first, and fork after that."""
        with self._lock:
            if self._pools is None or self._process != os.getpid():
                if self._pools is not None:
                    # The parent's. Kept, for letting go of them here would end them there.
                    self._inherited.append(self._pools)
                self._pools = self._pool("portal", self._most), self._pool("portal-aside", 3)
                self._process = os.getpid()
            return self._pools

    def _pool(self, name: str, most: int) -> _Pool:
        return ConnectionPool(
            self._url,
            connection_class=_noting(self._note_failure),
            kwargs={"autocommit": True, "connect_timeout": 5},
            min_size=0,
            max_size=most,
            name=name,
            reconnect_timeout=2.0,
            configure=_configure,
            num_workers=1,
            open=True,
        )

    @contextmanager
    def _borrowed(self, pool: _Pool) -> Iterator[Session]:
        connection = self._connection_of(pool)
        session = Session(connection)
        try:
            yield session
        finally:
            if session.is_spent:
                connection.close()
            pool.putconn(connection)

    def _connection_of(self, pool: _Pool) -> _Connection:
        """A connection that the server has not closed. Raises `Unavailable`."""
        began = time.monotonic()
        if self._failed_at > max(began - 1.0, self._worked_at) and not pool.get_stats().get("pool_available"):
            # Somebody has just tried in vain. A page asks several times: it need not wait each time.
            raise Unavailable(self._failure)
        while True:
            try:
                connection = pool.getconn(0.25)
            except PoolTimeout as error:
                if self._failed_at > max(began, self._worked_at):
                    raise Unavailable(self._failure) from error
                if time.monotonic() - began > PATIENCE:
                    raise Unavailable("PostgreSQL: every connection is in use") from error
                continue
            except psycopg.Error as error:
                raise Unavailable(_in_words(error)) from error
            if not _was_closed(connection):
                self._worked_at = time.monotonic()
                return connection
            connection.close()
            pool.putconn(connection)
            pool.drain()  # those that wait in the pool are as old as this one, or older

    def _note_failure(self, error: Exception) -> None:
        self._failed_at, self._failure = time.monotonic(), _in_words(error)


def _noting(note: Callable[[Exception], None]) -> type[_Connection]:
    """Connections that tell why they cannot be made: the pool tries again and again, and keeps the reason to itself."""

    class Noting(psycopg.Connection[Row]):
        @classmethod
        def connect(cls, conninfo: str = "", **kwargs: Any) -> Self:
            try:
                return super().connect(conninfo, **kwargs)
            except psycopg.Error as error:
                note(error)
                raise

    return Noting


def _configure(connection: _Connection) -> None:
    set_json_loads(orjson.loads, connection)
    settings = [value for setting in _SETTINGS.items() for value in setting]
    chosen = ", ".join(["set_config(%s, %s, false)"] * len(_SETTINGS))
    connection.execute(f"SELECT {chosen}", settings)


def _was_closed(connection: _Connection) -> bool:
    """Whether the server has hung up. Costs no way to the server: a goodbye would lie ready to be read."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if not poll.poll(0):
        return False
    try:
        connection.execute("")  # it may have said something else: that a setting was changed, for one
    except psycopg.Error:
        return True
    return False

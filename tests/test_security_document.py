"""docs/security.md and the tests say the same: what is promised, what asks for it, and which test shows it."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "security.md"

REQUIREMENT = re.compile(r"ASVS \d+\.\d+\.\d+|NIST [A-Z]{2}-\d+(\(\d+\))?")
"""As OWASP ASVS 5.0.0 and NIST SP 800-53, revision 5, number them."""

MARK = "@pytest.mark.requirement("


def rows() -> list[list[str]]:
    """The cells of each promise: the promise, what asks for it, the tests that show it."""
    promises = DOCUMENT.read_text(encoding="utf-8").split("\n## ")[1]
    assert promises.startswith("What is promised\n")
    lines = [line for line in promises.splitlines() if re.match(r"\|(?! Promise \|| ---)", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def promised() -> dict[str, set[str]]:
    """Every test that the document names, with the requirements of its rows."""
    named: dict[str, set[str]] = {}
    for _, requirements, tests in rows():
        for test in re.findall(r"`([^`]+)`", tests):
            named.setdefault(test, set()).update(requirements.split(", "))
    return named


def requirements_of(test: ast.FunctionDef) -> set[str]:
    """What the marks on a test name."""
    calls = (mark for mark in test.decorator_list if isinstance(mark, ast.Call))
    marks = (call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "requirement")
    return {ast.literal_eval(name) for mark in marks for name in mark.args}


@cache
def marked() -> dict[str, set[str]]:
    """Every test of every file, with the requirements that it is marked with."""
    return {
        f"{file.relative_to(ROOT)}::{test.name}": requirements_of(test)
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
        for test in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_")
    }


def test_every_promise_names_what_asks_for_it_and_a_test_that_shows_it() -> None:
    assert len(rows()) > 50
    for promise, requirements, tests in rows():
        assert re.fullmatch(r"`[^`]+`( `[^`]+`)*", tests), promise
        assert all(REQUIREMENT.fullmatch(name) for name in requirements.split(", ")), (promise, requirements)


def test_every_test_that_the_document_names_is_there() -> None:
    assert promised().keys() - marked().keys() == set()


def test_a_test_carries_what_its_rows_name_and_no_more() -> None:
    ours = {test: names for test, names in marked().items() if names}
    assert ours == {test: names for test, names in promised().items() if test in marked()}


def test_a_mark_stands_on_a_test_alone() -> None:
    """On a module or a class it would count for pytest, and not here."""
    for file in sorted((ROOT / "tests").rglob("*.py")):
        lines = file.read_text(encoding="utf-8").splitlines()
        found = [line for line in lines if "mark.requirement" in line and file != Path(__file__)]
        assert all(line.startswith(MARK) for line in found), file

"""The rules of the house, read from the code: who may import whom, and what stands where."""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PORTAL = ROOT / "portal"

DRIVERS = {
    "tinydb": "tinydb",
    "psycopg": "psycopg",
    "psycopg_pool": "psycopg",
    "docx": "docx",
    "docxtpl": "docx",
    "smtplib": "smtplib",
    "xlsxwriter": "xlsxwriter",
    "openpyxl": "openpyxl",
    "pypdf": "pypdf",
    "PIL": "pillow",
    "defusedxml": "defusedxml",
    "clamav_client": "clamav-client",
    "argon2": "argon2",
    "cryptography": "cryptography",
    "zxcvbn": "zxcvbn",
    "authlib": "authlib",
    "joserfc": "authlib",
    "pyotp": "pyotp",
    "segno": "segno",
}
"""Everything that reaches outside the portal, and the name under which it counts as one driver."""


TEMPLATE_SOURCES = "portal/letters/source/"
"""What makes the Word templates that the portal starts with, by hand and beforehand: no part of the running portal."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import: the file it stands in, the line, and the whole name of what it brings."""

    file: str
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.name}"

    def is_of(self, *packages: str) -> bool:
        return any(self.name == package or self.name.startswith(f"{package}.") for package in packages)


def python_files(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found, f"{folder} holds no Python: the rule below would hold of nothing"
    return found


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(file: Path) -> Iterator[Import]:
    """Every import, inside functions too; `from a import b` brings `a.b`."""
    place = str(file.relative_to(ROOT))
    package = module_name(file) if file.name == "__init__.py" else module_name(file).rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (Import(place, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
            start = ".".join(part for part in (above if node.level else "", node.module or "") if part)
            yield from (Import(place, node.lineno, f"{start}.{alias.name}") for alias in node.names)


def imports_in(folder: str) -> list[Import]:
    return [found for file in python_files(folder) for found in imports_of(file)]


def is_standard(found: Import) -> bool:
    return found.name.split(".")[0] in sys.stdlib_module_names


def is_outside(found: Import) -> bool:
    return not is_standard(found) and not found.is_of("portal")


def no_breach(breaches: list[Import] | list[str]) -> None:
    assert not breaches, "\n" + "\n".join(str(breach) for breach in breaches)


def test_the_core_imports_only_the_standard_library_and_itself() -> None:
    no_breach([i for i in imports_in("portal/process") if not is_standard(i) and not i.is_of("portal.process")])


def test_the_core_knows_nothing_of_third_party_access() -> None:
    declared = "portal/process/third_party_access/"
    no_breach(
        [
            i
            for i in imports_in("portal/process")
            if not i.file.startswith(declared) and i.is_of("portal.process.third_party_access")
        ]
    )


def test_the_stores_know_documents_and_nothing_else_of_the_portal() -> None:
    no_breach(
        [
            i
            for i in imports_in("portal/store")
            if i.is_of("flask", "werkzeug", "jinja2", "wtforms")
            or (i.is_of("portal") and not i.is_of("portal.store", "portal.settings"))
        ]
    )


def test_settings_import_only_the_standard_library() -> None:
    no_breach([i for i in imports_of(PORTAL / "settings.py") if not is_standard(i)])


@pytest.mark.parametrize("room", ["letters", "notices", "papers", "people", "audit", "sheets", "importing"])
def test_rooms_do_not_know_the_web_pages(room: str) -> None:
    """Arrows point inward: a room is used by the pages, and never uses them."""
    if not (PORTAL / room).is_dir() and not (PORTAL / f"{room}.py").is_file():
        return
    files = python_files(f"portal/{room}") if (PORTAL / room).is_dir() else [PORTAL / f"{room}.py"]
    pages = ("portal.blueprints", "portal.forms", "portal.access", "portal.commands", "portal.actions")
    no_breach([i for file in files for i in imports_of(file) if i.is_of(*pages)])


@pytest.mark.parametrize("use_cases", ["actions.py", "letters_of_steps.py"])
def test_use_cases_do_not_know_the_web(use_cases: str) -> None:
    outer = ("flask", "werkzeug", "wtforms", "portal.blueprints", "portal.forms", "portal.access")
    no_breach([i for i in imports_of(PORTAL / use_cases) if i.is_of(*outer)])


def test_pages_use_no_driver_and_no_particular_store() -> None:
    if not (PORTAL / "blueprints").is_dir():
        return
    stores = [
        module_name(file)
        for file in python_files("portal/store")
        if any(i.is_of("tinydb", "psycopg", "psycopg_pool") for i in imports_of(file))
    ]
    no_breach([i for i in imports_in("portal/blueprints") if i.is_of(*DRIVERS, *stores)])


def test_each_driver_is_imported_by_one_file_alone() -> None:
    importers: dict[str, set[str]] = defaultdict(set)
    for found in imports_in("portal"):
        driver = DRIVERS.get(found.name.split(".")[0])
        if driver and not found.file.startswith(TEMPLATE_SOURCES):
            importers[driver].add(found.file)
    no_breach([f"{driver}: {', '.join(sorted(files))}" for driver, files in importers.items() if len(files) > 1])


def test_the_running_portal_does_not_make_its_own_templates() -> None:
    no_breach(
        [
            i
            for i in imports_in("portal")
            if i.is_of("portal.letters.source") and not i.file.startswith(TEMPLATE_SOURCES)
        ]
    )


def test_everything_imported_is_declared_with_its_reason() -> None:
    """What the portal imports from outside stands in requirements.in, each line with a reason."""
    distributions = {"docx": "python-docx", "argon2": "argon2-cffi", "psycopg_pool": "psycopg-pool", "PIL": "pillow"}
    always_there = {"werkzeug", "jinja2", "markupsafe", "click", "itsdangerous"}  # flask is made of them
    declared = set()
    for line in (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines():
        match = re.match(r"([a-z0-9-]+)(?:\[[a-z,]+\])?[^#]*(#.+)?", line, re.IGNORECASE)
        if match:
            assert match[2], f"requirements.in gives no reason for {match[1]}"
            declared.add(match[1])
    used = {i.name.split(".")[0]: i for i in imports_in("portal") if is_outside(i)}
    names = {distributions.get(name, name.replace("_", "-")): i for name, i in used.items() if name not in always_there}
    no_breach([i for name, i in names.items() if name not in declared])


def uses_of(file: Path, *names: str) -> list[str]:
    """Where a file uses one of these dotted names: `os.environ`, `datetime.now`."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and any(
            ast.unparse(node) == name or ast.unparse(node).endswith(f".{name}") for name in names
        ):
            found.append(f"{file.relative_to(ROOT)}:{node.lineno} uses {ast.unparse(node)}")
    return found


def test_only_the_settings_read_the_environment() -> None:
    breaches = []
    for file in python_files("portal"):
        if file == PORTAL / "settings.py":
            continue
        breaches += uses_of(file, "os.environ", "os.getenv", "os.environb")
        breaches += [str(i) for i in imports_of(file) if i.is_of("os.environ", "os.getenv", "os.environb")]
    no_breach(breaches)


def test_the_core_has_no_clock() -> None:
    clocks = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")
    breaches = [use for file in python_files("portal/process") for use in uses_of(file, *clocks)]
    breaches += [str(i) for i in imports_in("portal/process") if i.is_of("time")]
    no_breach(breaches)


def test_the_core_touches_no_files_network_or_randomness() -> None:
    """Reference tables beside the steps are read as package data, by `importlib.resources`."""
    outside_world = ("socket", "subprocess", "threading", "asyncio", "random", "secrets", "urllib", "http", "logging")
    no_breach([i for i in imports_in("portal/process") if i.is_of(*outside_world)])


def templates() -> list[Path]:
    return sorted((PORTAL / "templates").rglob("*.html"))


BANNED_IN_TEMPLATES = {
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc\s*=)[^>]*>", re.IGNORECASE),
    "a javascript: address": re.compile(r"[\"']\s*javascript:", re.IGNORECASE),
    "unescaped output": re.compile(r"\|\s*safe\b|autoescape\s+false", re.IGNORECASE),
    "an htmx handler, which is evaluated": re.compile(r"\shx-on[:-]|\shx-vals\s*=\s*[\"']js:", re.IGNORECASE),
    "something from another machine": re.compile(
        r"<(?:script|link|img)\b[^>]*\b(?:src|href)\s*=\s*[\"'](?:https?:)?//"
    ),
}


@pytest.mark.parametrize("what", BANNED_IN_TEMPLATES)
def test_no_template_holds(what: str) -> None:
    """Pages hold no inline styles, scripts or handlers (the security policy blocks them), and escape everything."""
    breaches = []
    for template in templates():
        text = template.read_text(encoding="utf-8")
        for match in BANNED_IN_TEMPLATES[what].finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            breaches.append(f"{template.relative_to(ROOT)}:{line} holds {what}: {match[0].strip()[:60]}")
    no_breach(breaches)


def is_literal_or_escaped(argument: ast.expr) -> bool:
    """A literal, or `str(escape(...))` with a literal replaced by another in it."""
    if isinstance(argument, ast.Constant):
        return True
    if not isinstance(argument, ast.Call):
        return False
    function = ast.unparse(argument.func)
    if function.split(".")[-1] == "escape":
        return True
    if function == "str":
        return all(is_literal_or_escaped(each) for each in argument.args)
    if isinstance(argument.func, ast.Attribute) and argument.func.attr == "replace":
        return all(is_literal_or_escaped(each) for each in (argument.func.value, *argument.args))
    return False


def test_only_what_is_escaped_is_marked_safe() -> None:
    """`Markup(...)` of anything else would carry a person's text to a page as it is."""
    breaches = []
    for file in python_files("portal"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or ast.unparse(node.func).split(".")[-1] != "Markup":
                continue
            if not all(is_literal_or_escaped(argument) for argument in node.args):
                breaches.append(f"{file.relative_to(ROOT)}:{node.lineno} marks {ast.unparse(node)[:60]} as safe")
    no_breach(breaches)


def settings_read() -> set[str]:
    return set(re.findall(r"\bPORTAL_[A-Z_]+\b", (PORTAL / "settings.py").read_text(encoding="utf-8")))


def test_every_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = sorted(name for name in settings_read() if not re.search(rf"\b{name}\b", readme))
    assert not missing, f"README.md does not describe {', '.join(missing)}"


def test_the_readme_describes_no_setting_that_is_not_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    of_the_tests = {"PORTAL_TEST_BROWSER"}
    unknown = sorted(set(re.findall(r"\bPORTAL_[A-Z_]+\b", readme)) - settings_read() - of_the_tests)
    assert not unknown, f"README.md describes {', '.join(unknown)}, which settings.py does not read"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_exact_and_name_no_registry(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    pins = [line for line in lines if line and not line.lstrip().startswith("#")]
    assert pins
    for pin in pins:
        assert re.match(r"[a-z0-9-]+==\S+ +(--hash=sha256:[0-9a-f]{64} *)+$", pin), pin[:80]

"""What a letter template may say: names of fields, conditions and loops over them. No calls, nothing of Python's own.

Templates come from staff, values from applicants. So the language is a short list of what is allowed, in a sandbox;
and a value is text, whatever stands in it: it is escaped, and never read as a template.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Const,
    nodes.Tuple,
    nodes.List,
    nodes.If,
    nodes.CondExpr,
    nodes.For,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Filter,
)
"""Every construct that a template may contain."""

FILTERS = ("capitalize", "default", "join", "length", "lower", "paragraphs", "title", "trim", "upper")
"""Every filter that a template may use."""

DEEPEST_LOOP = 2
"""How many loops may stand within one another: the accounts of each user, and no more."""

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Forbidden(TemplateError):
    """The template does something that a letter may not do."""


class Fields:
    """A section of the context as templates see it: `section.name`, and nothing of Python's own."""

    __slots__ = ("_blank", "_path", "_values")

    def __init__(self, path: str, values: Mapping[str, Any], blank: type[StrictUndefined]) -> None:
        self._path, self._values, self._blank = path, values, blank

    def __getitem__(self, name: str) -> Any:
        """The field's value, ready for the template; a blank when it is absent or empty."""
        path = f"{self._path}.{name}"
        value = prepared(path, self._values.get(name), self._blank)
        return self._blank(name=path) if value is None else value


def prepared(path: str, value: Any, blank: type[StrictUndefined]) -> Any:
    """A value of the context as templates see it: sections as `Fields`, text clean; None for what is empty."""
    if isinstance(value, Mapping):
        return Fields(path, value, blank)
    if isinstance(value, str):
        return clean(value) or None
    if isinstance(value, Sequence):
        return [prepared(path, each, blank) for each in value] or None
    return value


def clean(text: str) -> str:
    """Text as a Word file can carry it: line ends as newlines, no control characters, no space around."""
    return _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def blanks(seen: list[str], stand_in: Callable[[str], str]) -> type[StrictUndefined]:
    """A type of undefined value that prints `stand_in`, and notes its name in `seen` when printed or looped over.

    A condition may ask for it without being noted: a template can leave out what is not known, but cannot
    print it.
    """

    class Blank(StrictUndefined):
        __slots__ = ()
        __hash__ = None  # type: ignore[assignment]

        def _noted(self) -> str:
            if issubclass(self._undefined_exception, SecurityError):
                self._fail_with_undefined_error()
            name = str(self._undefined_name)
            if name not in seen:
                seen.append(name)
            return name

        def __getattr__(self, name: str) -> "Blank":
            if name.startswith("_"):
                raise AttributeError(name)
            return Blank(name=f"{self._undefined_name}.{name}")

        def __str__(self) -> str:  # type: ignore[override]
            return stand_in(self._noted())

        def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
            self._noted()
            return iter(())

        def __len__(self) -> int:  # type: ignore[override]
            return 0

        def __bool__(self) -> bool:  # type: ignore[override]
            return False

        def __eq__(self, other: object) -> bool:  # type: ignore[override]
            return False

        def __ne__(self, other: object) -> bool:  # type: ignore[override]
            return True

    return Blank


def environment(blank: type[StrictUndefined] = StrictUndefined) -> SandboxedEnvironment:
    """The sandbox in which templates run: every value escaped, nothing undefined printed, the allowed filters only."""
    sandbox = SandboxedEnvironment(undefined=blank, autoescape=True, finalize=_as_text)
    sandbox.filters["paragraphs"] = _paragraphs
    sandbox.filters = {name: sandbox.filters[name] for name in FILTERS}
    sandbox.globals.clear()
    return sandbox


def _as_text(value: Any) -> str:
    """A value as it stands in the letter, yet to be escaped. Raises `Forbidden` for what is no text, like a section."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_as_text(each) for each in value)
    if not isinstance(value, str | int | StrictUndefined):
        what = f"the section {value._path}" if isinstance(value, Fields) else f"a {type(value).__name__}"
        raise Forbidden(f"it prints {what}, which is not a field")
    return str(value)


def _paragraphs(value: Any) -> Any:
    """Each line of the text as a paragraph of its own (docxtpl makes one of each BEL character)."""
    if isinstance(value, StrictUndefined):
        return value
    return "\a".join(line.strip() for line in str(value).split("\n") if line.strip())


def refuse_what_is_not_allowed(tree: nodes.Template) -> None:
    """Returns when the template keeps to the language. Raises `Forbidden`, saying what does not."""
    if _depth_of_loops(tree) > DEEPEST_LOOP:
        raise Forbidden("it has loops within loops within loops, which could take forever")
    for node in _all(tree):
        if not isinstance(node, ALLOWED):
            raise Forbidden(f"it uses {_named(node)}, which letters may not")
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            raise Forbidden(f"it asks for {node.attr}, which letters may not")
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise Forbidden(f"it uses the filter {node.name}; letters may use {', '.join(FILTERS)}")


def _depth_of_loops(node: nodes.Node) -> int:
    """How many loops stand within one another."""
    deepest = max((_depth_of_loops(child) for child in node.iter_child_nodes()), default=0)
    return deepest + isinstance(node, nodes.For)


def names_used(tree: nodes.Template) -> set[str]:
    """The dotted names that the template takes from the context, in conditions too; not those that its loops bind."""
    bound = {"loop"} | {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    inner = {id(node.node) for node in tree.find_all(nodes.Getattr)}
    chains = [
        _chain(node) for node in _all(tree) if isinstance(node, nodes.Name | nodes.Getattr) and id(node) not in inner
    ]
    return {".".join(chain) for chain in chains if chain and chain[0] not in bound}


def _chain(node: nodes.Node) -> list[str]:
    if isinstance(node, nodes.Name):
        return [node.name]
    if isinstance(node, nodes.Getattr):
        before = _chain(node.node)
        return [*before, node.attr] if before else []
    return []


def _all(tree: nodes.Node) -> Iterator[nodes.Node]:
    yield tree
    yield from tree.find_all(nodes.Node)


def _named(node: nodes.Node) -> str:
    words = {nodes.Call: "a call", nodes.Getitem: "square brackets", nodes.Assign: "a variable of its own"}
    return words.get(type(node), type(node).__name__.lower())

"""How a template's output is escaped: as Jinja does it, without an object of its own for each text.

Jinja escapes each `{{ ... }}` with `markupsafe.escape`, which makes a `Markup` of it for whoever would go on joining.
Nobody does with a template's output, whose pieces become one text at its end; and an application's page has a thousand
of them. What a macro, a block or `{% set %}` gives is a `Markup` as ever.
"""

from typing import Any

from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Expr

# The part of `escape` that replaces the five marks; a test holds it to what `escape` says.
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]


def escaped(value: Any) -> str:
    """As `markupsafe.escape`, but a plain text comes back as a plain text: only for what is joined and never escaped
    again.
    """
    kind = type(value)
    if kind is str:
        return _escape_inner(value)
    return value if kind is Markup else escape(value)


class EscapedOutput(CodeGenerator):
    """Compiles templates so that their output goes through the environment's `escaped`."""

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")

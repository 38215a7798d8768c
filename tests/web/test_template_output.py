"""What templates put into a page is escaped, whatever it is."""

import pytest
from jinja2 import Environment
from markupsafe import Markup, escape

from portal.template_output import EscapedOutput, escaped
from tests.conftest import House


class _Drawn:
    """Something that draws itself, as a form's field does."""

    def __html__(self) -> str:
        return "<b>drawn</b>"


VALUES = (
    "",
    "plain",
    "<script>alert('1' & \"2\")</script>",
    "Muñoz–O’Neil <é>",
    Markup("<b>&amp;</b>"),
    7,
    None,
    _Drawn(),
)


@pytest.mark.process("O8.2")
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_text_is_escaped_as_everywhere_else(value: object) -> None:
    assert escaped(value) == str(escape(value))


@pytest.mark.process("O8.2")
@pytest.mark.parametrize(
    "source",
    [
        "{{ value }}",
        "{% macro says(it) %}<i>{{ it }}</i>{% endmacro %}{{ says(value) }}",
        "{% macro around() %}<i>{{ caller() }}</i>{% endmacro %}{% call around() %}{{ value }}{% endcall %}",
        "{% set kept %}<i>{{ value }}</i>{% endset %}{{ kept }}{{ kept ~ value }}",
        "{% block part %}{{ value }}{% endblock %}{{ self.part() }}",
        "{{ [value, value] | join(', ') }}{{ value | upper }}{{ value | safe }}",
        "{% autoescape false %}{{ value }}{% endautoescape %}{{ value }}",
        "{% for one in [value] %}{{ loop.index }}: {{ one }}{% else %}none{% endfor %}",
    ],
)
def test_templates_say_what_they_say_with_jinja_alone(source: str) -> None:
    ours, jinjas = (Environment(autoescape=True, extensions=["jinja2.ext.do"]) for _ in range(2))
    ours.code_generator_class = EscapedOutput
    ours.escaped = escaped  # type: ignore[attr-defined]
    for value in VALUES:
        assert ours.from_string(source).render(value=value) == jinjas.from_string(source).render(value=value)


def test_the_portals_pages_are_drawn_so(house: House) -> None:
    pages = house.app.jinja_env
    assert "environment.escaped(" in pages.compile("{{ value }}", filename="page.html", raw=True)
    assert pages.from_string("{{ value }}").render(value="<b>") == "&lt;b&gt;"

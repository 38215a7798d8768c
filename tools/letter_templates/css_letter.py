"""The CSS letter to all Directors that publishes the process [6.1], in the form of the Department's letters: number,
addressees, the reason for this transmittal with one box ticked, subject, text.
"""

from docx.shared import Inches, Pt

from portal.letters.context import REASONS_FOR_TRANSMITTAL
from tools.letter_templates.paper import Paper


def css_letter() -> Paper:
    """From the Process Owner to the Directors of all local child support agencies."""
    paper = Paper("CSS letter to all local child support agency Directors")
    paper.letterhead()
    paper.running_head("CSS Letter: {{ css_letter.number }} \u00b7 {{ letter.date }}")
    paper.paragraph("{{ letter.date }}", after=12)
    sides = paper.table(3.1, 3.4)
    sides.style = "Normal Table"
    _, right = paper.row(sides, "**CSS LETTER: {{ css_letter.number }}**\n\nALL IV-D DIRECTORS", "")
    box = right.add_table(rows=1, cols=1)
    box.style = "Table Grid"
    ticks = [
        f'[{{% if css_letter.reason == "{key}" %}}X{{% else %}}\u00a0\u00a0{{% endif %}}] {words}'
        for key, words in REASONS_FOR_TRANSMITTAL
    ]
    paper.fill(box.rows[0].cells[0], "\n".join(["**Reason for this Transmittal**", *ticks]))
    for paragraph in box.rows[0].cells[0].paragraphs[1:]:
        paragraph.paragraph_format.left_indent = Inches(0.3)
        paragraph.paragraph_format.first_line_indent = Inches(-0.3)
    for paragraph in (right.paragraphs[0], right.paragraphs[-1]):  # Word wants one on each side of a table in a cell
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.line_spacing = Pt(1)
    paper.paragraph("**SUBJECT: {{ css_letter.subject|upper }}**", before=14, after=12)
    paper.paragraph("{{ css_letter.body|paragraphs }}")
    paper.paragraph(
        "The Third Party Access Process, its steps and its forms are published at:\n{{ portal.url }}/process"
    )
    paper.paragraph(
        "If you have any questions regarding this letter, please contact {{ process_owner.name }}, "
        "{{ process_owner.title }}, at {% if process_owner.phone %}{{ process_owner.phone }} or {% endif %}"
        "{{ process_owner.email }}."
    )
    paper.signature(
        "{{ process_owner.name|upper }}", "{{ process_owner.title }}", "{{ office.name }}", closing="Sincerely,"
    )
    return paper

"""Which templates there are."""

from collections.abc import Callable
from pathlib import Path

from tools.letter_templates.acceptance import conditional_acceptance
from tools.letter_templates.agreement import mou
from tools.letter_templates.application import application
from tools.letter_templates.css_letter import css_letter
from tools.letter_templates.findings import audit_findings
from tools.letter_templates.invitation import invitation
from tools.letter_templates.paper import Paper
from tools.letter_templates.rejection import notice_of_rejection
from tools.letter_templates.statement import confidentiality_statement
from tools.letter_templates.termination import letter_of_termination
from tools.letter_templates.training import security_awareness_training

TEMPLATES: dict[str, Callable[[], Paper]] = {
    "application": application,
    "audit-findings": audit_findings,
    "conditional-acceptance": conditional_acceptance,
    "confidentiality-statement": confidentiality_statement,
    "css-letter": css_letter,
    "invitation": invitation,
    "letter-of-termination": letter_of_termination,
    "mou": mou,
    "notice-of-rejection": notice_of_rejection,
    "security-awareness-training": security_awareness_training,
}


def build(folder: Path) -> list[Path]:
    """Writes every template into the folder, and returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, write in TEMPLATES.items():
        path = folder / f"{name}.docx"
        path.write_bytes(write().as_bytes())
        paths.append(path)
    return paths

"""Which templates there are."""

from collections.abc import Callable
from pathlib import Path

from portal.letters.source.acceptance import conditional_acceptance
from portal.letters.source.agreement import mou
from portal.letters.source.application import application
from portal.letters.source.invitation import invitation
from portal.letters.source.paper import Paper
from portal.letters.source.rejection import notice_of_rejection
from portal.letters.source.statement import confidentiality_statement
from portal.letters.source.training import security_awareness_training

TEMPLATES: dict[str, Callable[[], Paper]] = {
    "application": application,
    "conditional-acceptance": conditional_acceptance,
    "confidentiality-statement": confidentiality_statement,
    "invitation": invitation,
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

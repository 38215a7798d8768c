"""Draws every letter for the sample document into a folder, to look at: `python -m tests.letters.preview FOLDER`."""

import sys
from pathlib import Path
from typing import Any

from portal.letters import Letters
from portal.letters.context import context_of_css_letter
from portal.publishing import BODY, SUBJECT
from tests.letters.kern import OFFICE, TODAY, kern_context

REJECTED = {
    "decide": {
        "decision": "reject",
        "reason": "DCSS Legal could not find authority for the second of the two purposes: checking the income of "
        "foster parents.\n\nThe first purpose, CalWORKs eligibility, would be authorized by itself.",
    }
}

TERMINATED = {
    "countersign_mou": {"signed_on": "2026-12-03", "effective_on": "2026-12-03", "expires_on": "2029-12-02"},
    "terminate": {
        "kind": "notice",
        "ends_on": "2028-03-01",
        "reason": "Accounts were used by people who were neither trained nor named.",
    },
}
NEEDS = {"notice-of-rejection": REJECTED, "letter-of-termination": TERMINATED}
"""What else must be recorded before a letter can be drawn."""


CSS_LETTER = {
    "number": "26-01",
    "reason": "initiated-by-dcss",
    "subject": SUBJECT,
    "body": BODY,
}


def context_for(name: str) -> dict[str, Any]:
    """What the template of this name may name: for most, what is known of the sample application."""
    if name == "css-letter":
        owner = {"name": "Grace Lindqvist", "title": "", "email": "", "phone": ""}
        return context_of_css_letter(
            CSS_LETTER, owner=owner, office=OFFICE, today=TODAY, portal_url="https://access.dcss.example"
        )
    return kern_context(**NEEDS.get(name, {}))


def main(folder: Path) -> None:
    """Writes the letters, and beside them the MOU and the application form as the invitation encloses them."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = Letters(None)
    for name in letters.names():
        (folder / f"{name}.docx").write_bytes(letters.draw(name, context_for(name)))
    invited = kern_context(complete_application=None, decide=None)
    (folder / "mou-specimen.docx").write_bytes(letters.specimen("mou", invited))
    (folder / "application-blank.docx").write_bytes(letters.draw("application", invited))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

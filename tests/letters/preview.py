"""Draws every letter for the sample document into a folder, to look at: `python -m tests.letters.preview FOLDER`."""

import sys
from pathlib import Path

from portal.letters import Letters
from tests.letters.kern import kern_context

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


def main(folder: Path) -> None:
    """Writes the letters, and beside them the MOU and the application form as the invitation encloses them."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = Letters(None)
    for name in letters.names():
        given = kern_context(**NEEDS.get(name, {}))
        (folder / f"{name}.docx").write_bytes(letters.draw(name, given))
    invited = kern_context(complete_application=None, decide=None)
    (folder / "mou-specimen.docx").write_bytes(letters.specimen("mou", invited))
    (folder / "application-blank.docx").write_bytes(letters.draw("application", invited))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

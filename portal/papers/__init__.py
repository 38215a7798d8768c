"""Papers that people send: what a file is, by its content; whether it can be trusted; and the name it is kept under.

May import the standard library, werkzeug's upload, the core's words for kinds of papers, and its own drivers, one file
for each: pypdf, Pillow, defusedxml, clamav-client. Knows no pages, and keeps nothing by itself.
"""

from portal.papers.checking import LARGEST, Paper, checked, checked_workbook
from portal.papers.errors import NotAPaper, PaperInfected, PaperNotScanned, PaperRefused, PaperTooLarge
from portal.papers.kinds import PaperKind, kind_of
from portal.papers.scanner import Scanner, ScannerAway

__all__ = [
    "LARGEST",
    "NotAPaper",
    "Paper",
    "PaperInfected",
    "PaperKind",
    "PaperNotScanned",
    "PaperRefused",
    "PaperTooLarge",
    "Scanner",
    "ScannerAway",
    "checked",
    "checked_workbook",
    "kind_of",
]

"""The virus scanner: every file passes by it, and nothing is kept that it has not seen."""

from pathlib import Path

import pytest

from portal.papers import PaperInfected, PaperNotScanned, Scanner, ScannerAway, checked
from tests.papers.made import a_docx, a_pdf, upload
from tests.papers.stand_in import EICAR, clamd


@pytest.mark.requirement("ASVS 5.4.3", "NIST SI-3")
@pytest.mark.parametrize("socket", ["tcp", "unix"])
def test_what_the_scanner_knows_is_found_over_either_socket(socket: str, tmp_path: Path) -> None:
    with clamd(tmp_path / "clamd.ctl" if socket == "unix" else None) as (address, asked):
        scanner = Scanner(address)
        assert scanner.answers()
        assert scanner.finds(a_pdf()) == ""
        assert scanner.finds(a_pdf() + EICAR) == "Eicar-Test-Signature"
        assert scanner.finds(bytes(3_000_000) + EICAR) == "Eicar-Test-Signature"
        assert asked == ["INSTREAM"] * 4


def test_a_file_in_which_something_is_found_is_no_paper() -> None:
    with clamd() as (address, _), pytest.raises(PaperInfected) as refused:
        checked(upload(a_pdf() + EICAR), ("pdf",), Scanner(address))
    assert refused.value.status == 422
    assert "Eicar-Test-Signature" in refused.value.why
    assert "Eicar" not in str(refused.value)


def test_a_sound_paper_passes() -> None:
    with clamd() as (address, asked):
        assert checked(upload(a_docx()), ("docx",), Scanner(address)).content
        assert asked == ["INSTREAM"]


@pytest.mark.requirement("ASVS 5.4.3", "NIST SI-3")
@pytest.mark.parametrize(
    "says", ["INSTREAM size limit exceeded. ERROR", "stream: Can't allocate memory ERROR", "?", " "]
)
def test_an_answer_that_is_neither_yes_nor_no_keeps_nothing(says: str) -> None:
    with clamd(says=says) as (address, _), pytest.raises(PaperNotScanned) as refused:
        checked(upload(a_pdf()), ("pdf",), Scanner(address))
    assert refused.value.status == 503


@pytest.mark.requirement("ASVS 5.4.3", "NIST SI-3")
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "unix:/nowhere/clamd.ctl"])
def test_a_scanner_that_is_away_keeps_nothing(address: str) -> None:
    assert not Scanner(address).answers()
    with pytest.raises(ScannerAway):
        Scanner(address).finds(b"x")
    with pytest.raises(PaperNotScanned, match="could not be checked for viruses"):
        checked(upload(a_pdf()), ("pdf",), Scanner(address))

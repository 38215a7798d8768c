"""What looks like a social security number is found and removed; what only resembles one is left alone."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.process.no_case_data import REMOVED, find_ssn, find_ssn_in, redact

NUMBERS = [
    "123-45-6789",
    "123 45 6789",
    "123.45.6789",
    "123/45/6789",
    "123 - 45 - 6789",
    "123-45 6789",
    "123456789",
    "900-12-3456",
    "000-00-0000",
    "SSN123456789",
    "123–45–6789",
    "123\u201145\u20116789",
    "123\u221245\u22126789",
    "\uff11\uff12\uff13\uff0d\uff14\uff15\uff0d\uff16\uff17\uff18\uff19",
    "123\u00a045\u00a06789",
    "123\u200b-45-\u200b6789",
    "123·45·6789",
    "١٢٣-٤٥-٦٧٨٩",
]
INNOCENT = [
    "(916) 464-5335",
    "916-464-5335",
    "916.464.5335",
    "916 464 5335",
    "9164645335",
    "1-800-555-0100",
    "+353 12 3456",
    "+123456789",
    "95741-9064",
    "95741 9064",
    "P.O. Box 419064, Mailstop 40",
    "2026-11-23",
    "11/23/2026",
    "20261123",
    "2026-11-23T08:15:00Z",
    "TPA-2026-0007",
    "KERN-01",
    "1234-45-6789",
    "123-45-67890",
    "1234567890",
    "12345678",
    "4111 1111 1111 1111",
    "42 USC 453A(f),(g) and (h); 45 CFR 302.35; 45 CFR 307.10, 307.11 and 307.13",
    "45 CFR 302.35 2008",
    "192.168.10.254",
    "$1,234,567.89",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_social_security_number_is_found_and_removed(number: str) -> None:
    for before, after in [("", ""), ("Résumé of “Núñez & Søn”: ", ", born later"), ("(", ")"), ("his\n", "\nand 7")]:
        text = f"{before}{number}{after}"
        assert find_ssn(text), text
        assert "6789" not in redact(text)
        assert redact(text).replace(REMOVED, "").replace("SSN", "") == before + after


@pytest.mark.parametrize("text", INNOCENT)
def test_what_only_resembles_one_is_left_as_it_is(text: str) -> None:
    assert not find_ssn(text)
    assert redact(f"– {text} –") == f"– {text} –"


def test_only_the_number_is_removed_and_every_one_of_them() -> None:
    text = "ﬁrst 123-45-6789, then ½ of 987654321; call (916) 464-5335"
    assert redact(text) == "ﬁrst [removed], then ½ of [removed]; call (916) 464-5335"


def test_no_checksum_is_taken_for_one() -> None:
    digests = (hashlib.sha256(str(number).encode()).hexdigest() for number in range(5000))
    assert [digest for digest in digests if find_ssn(digest)] == []


@given(st.text(alphabet="0123456789-./ +a\n–９\u200b⒈", max_size=60))
def test_nothing_is_found_in_what_was_redacted(text: str) -> None:
    assert not find_ssn(redact(text))
    assert find_ssn(text) == (redact(text) != text)


@given(st.text(max_size=40).filter(lambda text: not find_ssn(text)))
def test_any_other_text_comes_through_untouched(text: str) -> None:
    assert redact(text) == text


def test_the_place_in_nested_answers_is_named() -> None:
    answers = {
        "purpose": "To look up 123-45-6789",
        "contact_phone": "(916) 464-5335",
        "users": [{"name": "Ana"}, {"name": "Bo", "job_title": "SSN 123 45 6789", "trained": True}],
        "users_requested": 123456789,
        "id 123-45-6789": None,
    }
    assert find_ssn_in(answers) == ["purpose", "users.1.job_title", "users_requested", "id [removed]"]
    assert find_ssn_in("123-45-6789") == [""]
    assert find_ssn_in({"a": [None, 1.5, True, "x"]}) == []

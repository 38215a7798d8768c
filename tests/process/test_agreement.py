"""The MOU: signed by whom the application names, as it was sent, for the term that was decided [6.8, 6.9]."""

import pytest

from tests.process.case import after, before, checksum, paper


@pytest.mark.process("6.8.1")
@pytest.mark.parametrize("signature", ["Dana O'Brooks & Söhne", "dana  o'brooks & söhne", " DANA O'BROOKS & SÖHNE "])
def test_the_named_signer_signs_by_typing_their_name(signature: str) -> None:
    assert before("sign-mou").problems("sign-mou", signature=signature) == {}


@pytest.mark.process("6.8.1")
@pytest.mark.parametrize("signature", ["María Ortega", "Dana", "Dana O'Brooks", "x"])
def test_nobody_else_signs(signature: str) -> None:
    found = before("sign-mou").problems("sign-mou", signature=signature)
    assert "Dana O'Brooks & Söhne" in found["signature"]


@pytest.mark.process("6.8.1")
def test_a_signature_needs_its_attestation() -> None:
    assert set(before("sign-mou").problems("sign-mou", attestation=False)) == {"attestation"}
    assert set(before("sign-mou").problems("sign-mou", signature="")) == {"signature"}


@pytest.mark.process("6.8.1")
def test_a_signature_says_which_text_was_signed_and_whoever_signs_cannot_say_another() -> None:
    case = before("sign-mou").take("sign-mou", mou_sha256="0" * 64)
    assert case.document["sign_mou"]["mou_sha256"] == checksum("mou")


@pytest.mark.process("6.9.1")
@pytest.mark.parametrize("altered", ["mou", "scan.pdf"])
def test_dcss_does_not_sign_what_is_no_longer_as_it_was_signed(altered: str) -> None:
    case = before("sign-mou").take("sign-mou", method="scan", signed_mou=paper())
    assert case.problems("countersign-mou") == {}
    case.world.altered.add(checksum(altered))
    assert "not the text that was sent" in case.problems("countersign-mou")["signed_on"]


@pytest.mark.process("6.9.1")
def test_dcss_does_not_sign_another_text_than_was_sent() -> None:
    case = after("sign-mou")
    case.document = {**case.document, "sign_mou": {**case.document["sign_mou"], "mou_sha256": checksum("another")}}
    assert set(case.problems("countersign-mou")) == {"signed_on"}


@pytest.mark.process("6.9.1")
def test_dcss_signs_after_the_requestor_and_not_on_a_day_to_come() -> None:
    case = after("sign-mou")
    assert set(case.problems("countersign-mou", signed_on="2026-11-22")) == {"signed_on"}
    assert set(case.problems("countersign-mou", signed_on="2026-11-24")) == {"signed_on"}


@pytest.mark.process("6.9.1", "2.4")
@pytest.mark.parametrize(
    ("effective", "expires", "problems"),
    [
        ("2026-11-23", "2029-11-23", set()),
        ("2026-11-23", "2029-11-24", {"expires_on"}),
        ("2026-11-23", "2027-01-01", set()),
        ("2026-11-23", "2026-11-23", {"expires_on"}),
        ("2026-11-23", "2026-11-22", {"expires_on"}),
        ("2026-12-01", "2029-12-01", set()),
    ],
)
def test_the_mou_ends_after_it_begins_and_within_the_term(effective: str, expires: str, problems: set[str]) -> None:
    found = after("sign-mou").problems("countersign-mou", effective_on=effective, expires_on=expires)
    assert set(found) == problems


@pytest.mark.process("6.9.1", "10.1")
def test_an_mou_that_ends_today_can_be_signed_and_one_that_ended_yesterday_cannot() -> None:
    case = after("sign-mou").pass_days(9)
    assert case.problems("countersign-mou", effective_on="2026-11-23", expires_on="2026-12-02") == {}
    past = case.problems("countersign-mou", effective_on="2026-11-23", expires_on="2026-12-01")
    assert "is past" in past["expires_on"]


@pytest.mark.process("6.6", "2.4")
def test_the_term_is_that_of_the_decision_or_of_the_setting() -> None:
    short = before("decide").take("decide", term_months=12).take("send-decision").take("sign-mou")
    assert set(short.problems("countersign-mou", expires_on="2027-11-24")) == {"expires_on"}
    case = before("decide")
    case.world.settings["mou_term_months"] = 24
    case.answer("decide", {k: v for k, v in case.usual("decide").items() if k != "term_months"})
    assert case.document["decide"]["term_months"] == 24


@pytest.mark.process("6.9.1")
@pytest.mark.parametrize(("runs_from", "expected"), [("dcss", "2026-12-01"), ("requestor", "2026-11-23")])
def test_the_form_counts_the_term_from_the_signature_that_the_setting_names(runs_from: str, expected: str) -> None:
    case = after("sign-mou").pass_days(8)
    step = case.process.step("countersign-mou")
    facts = {"mou_term_from": runs_from}
    situation = case.situation(facts)
    effective, expires = (step.field(name).default for name in ("effective_on", "expires_on"))
    assert effective is not None
    assert expires is not None
    assert effective(situation) == expected
    assert expires(situation) == expected.replace("2026", "2029")


@pytest.mark.process("6.9.1")
def test_a_returned_mou_keeps_its_reason_and_both_signatures() -> None:
    case = after("sign-mou").take("return-mou").take("sign-mou", method="scan", signed_mou=paper())
    assert case.document["return_mou"] == {"reason": "Page 3 is missing."}
    assert [entry["answers"]["method"] for entry in case.document["history"] if entry["step"] == "sign-mou"] == [
        "here", "scan",
    ]  # fmt: skip
    assert case.document["sign_mou"]["method"] == "scan"


@pytest.mark.process("6.9.4")
def test_the_signed_mou_goes_to_the_contact_with_a_copy_to_the_contract_manager() -> None:
    (letter,) = before("countersign-mou").process.step("countersign-mou").letters
    assert (letter.name, letter.to, letter.cc) == (
        "signed-mou", ("person:complete_application.contact",), ("role:contract-manager",),
    )  # fmt: skip


@pytest.mark.process("6.9.3", "7.1")
def test_posting_tells_infrastructure_and_the_office_id_tells_the_three() -> None:
    def told(step: str) -> set[str]:
        document = after(step).document
        return {notice["to"] for notice in document["notices"] if notice["seq"] == document["version"]}

    assert "role:infrastructure-manager" in told("post-approval")
    assert told("create-office-id") >= {
        "role:process-manager", "person:complete_application.contact", "role:administrator",
    }  # fmt: skip

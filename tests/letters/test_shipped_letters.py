"""The letters that come with the portal say what their sources say, for a whole application."""

import io
import zipfile
from pathlib import Path

import pytest

from portal.letters import Letters, MissingFields
from portal.letters.context import PROFILES, context
from portal.letters.drawing import SHIPPED
from portal.process.policy import quotable
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from portal.process.third_party_access.application import SECURITY_PROFILES
from tests.letters.kern import OFFICE, PEOPLE, TODAY, kern, kern_context
from tests.letters.preview import REJECTED, TERMINATED, context_for
from tests.letters.reading import opened, text_of
from tools.letter_templates.build import TEMPLATES, build

LETTERS = Letters(None)
SIGNED = {
    "sign_mou": {"method": "here", "signature": "Lakshmi Venkataraman", "signed_on": "2026-12-01"},
    "countersign_mou": {"signed_on": "2026-12-03", "effective_on": "2026-12-03", "expires_on": "2029-12-02"},
}


@pytest.mark.process("6.3.3")
def test_the_invitation_names_the_director_the_accounts_and_the_law() -> None:
    text = text_of(LETTERS.draw("invitation", kern_context(complete_application=None, decide=None)))
    assert "November 23, 2026\tFile: TPA-2026-0007" in text
    assert "Dear José Núñez-Okafor:" in text
    assert (
        "Assistant Director, Eligibility & Benefits\nKern IV-A\n100 East California Avenue, 2nd floor\nBakers" in text
    )
    assert "Patricia O’Malley, Director of the Kern Local Child Support Agency, has identified your org" in text
    assert "grant your organization 5 user accounts with access to CSE" in text
    assert "42 USC 453A(f), (g) and (h); 45 CFR 302.35; 45 CFR 307.10, 307.11 and 307.13; California Family Law" in text
    assert "https://access.dcss.example" in text
    assert "Fax (916) 464-5335 or\nccsasaccess@dcss.ca.gov" in text
    assert "cc:\tPatricia O’Malley, Director, Kern Local Child Support Agency" in text
    assert (
        "Very truly yours,\nSigned electronically in the Third Party Access portal on November 23, 2026\nRenée" in text
    )


@pytest.mark.process("10.2", "6.3.3")
def test_an_invitation_to_renew_says_what_is_renewed_and_the_first_one_does_not() -> None:
    text = text_of(LETTERS.draw("invitation", kern_context(identify_requestor={"renews": "TPA-2023-0001"})))
    assert "Re: Renewal of your Memorandum of Understanding: invitation to apply for access" in text
    assert "due for renewal (application TPA-2023-0001). It stays in force until its end" in text
    first = text_of(LETTERS.draw("invitation", kern_context()))
    assert "Re: Invitation to apply for access" in first
    assert "renew" not in first.lower()


@pytest.mark.process("10.2")
def test_the_director_for_whom_a_renewal_is_begun_stands_on_its_letters() -> None:
    named = {"renews": "TPA-2023-0001", "director_name": "Patricia O’Malley", "director_email": "p@kern.example"}
    document = kern(identify_requestor=named)
    first, *others = document["history"]
    entered = {**first, "role": "process-owner", "actor": "grace@dcss.example", "actor_name": "Grace Lindqvist"}
    quoted = quotable(THIRD_PARTY_ACCESS, {**document, "history": [{**entered, "on_behalf_of": "director"}, *others]})
    director = context(quoted, people=PEOPLE, office=OFFICE, today=TODAY)["director"]
    assert director == {"name": "Patricia O’Malley", "title": "Director", "email": "p@kern.example"}


@pytest.mark.process("6.3.3")
def test_the_invitation_numbers_its_five_requirements_as_word_does() -> None:
    letter = opened(LETTERS.draw("invitation", kern_context()))
    numbered = [p.text for p in letter.paragraphs if p._p.pPr is not None and p._p.pPr.numPr is not None]
    assert len(numbered) == 5
    assert numbered[2] == "Execute a Memorandum of Understanding provided by DCSS."


@pytest.mark.process("6.6.2", "6.7.1")
def test_the_acceptance_is_signed_by_whoever_decided_and_names_the_three_actions() -> None:
    text = text_of(LETTERS.draw("conditional-acceptance", kern_context()))
    assert "have obtained authority to grant 5 user accounts to your organization" in text
    assert "Sincerely,\nSigned electronically in the Third Party Access portal on November 23, 2026\nGrace Lind" in text
    assert "Somebody Else" not in text
    assert "Lakshmi Venkataraman, whom your application names to sign" in text
    assert "You may instead sign two originals and mail both originals to:\nRenée O’Neill\nDepartment of Child" in text
    assert "Train each of your identified users" in text
    assert "retain these signed statements in a retrievable format and produce them upon DCSS request" in text
    assert "Kern Local Child Support Agency\nMai Xiong\nThird Party Access Coordinator\n(661) 555-0142\ncoord" in text


@pytest.mark.process("6.6.1")
def test_the_rejection_gives_its_reason_in_paragraphs_and_a_copy_to_the_director() -> None:
    letter = LETTERS.draw("notice-of-rejection", kern_context(**REJECTED))
    paragraphs = [paragraph.text for paragraph in opened(letter).paragraphs]
    assert "The first purpose, CalWORKs eligibility, would be authorized by itself." in paragraphs
    assert "cc:\tPatricia O’Malley, Director, Kern Local Child Support Agency" in paragraphs


@pytest.mark.process("6.6.1")
def test_a_rejection_without_a_reason_is_refused() -> None:
    with pytest.raises(MissingFields) as refused:
        LETTERS.draw("notice-of-rejection", kern_context())
    assert refused.value.fields == ("decide.reason",)


@pytest.mark.process("6.7.2", "2.4")
def test_the_mou_says_what_was_granted_and_for_how_long() -> None:
    text = text_of(LETTERS.draw("mou", kern_context()))
    for words in (
        "Kern County Department of Human Services <IV-A>",
        "DCSS grants Requestor 5 user accounts.",
        "The security profile of the accounts is: IV-A, read only.",
        "remains in force for 36 months",
        "section 6103 of the Internal Revenue Code",
        "30 days’ written notice",
        "To verify child support income & payments",
        "Name: Lakshmi Venkataraman\nTitle: Director of Human Services",
    ):
        assert words in text
    assert "Signed electronically" not in text


@pytest.mark.process("6.9.1")
def test_the_signed_mou_shows_both_signatures_and_the_term() -> None:
    text = text_of(LETTERS.draw("mou", kern_context(**SIGNED)))
    assert "Signed electronically in the Third Party Access portal:\nLakshmi Venkataraman" in text
    assert "Signed electronically in the Third Party Access portal:\nGrace Lindqvist" in text
    assert "Effective on: December 3, 2026\tExpires on: December 2, 2029" in text


@pytest.mark.process("6.8.1")
def test_an_mou_signed_on_paper_says_so() -> None:
    on_paper = {**SIGNED, "sign_mou": {"method": "scan", "signed_on": "2026-12-01"}}
    assert "Signed on paper; the scan is kept in the portal" in text_of(LETTERS.draw("mou", kern_context(**on_paper)))


@pytest.mark.process("6.9")
def test_the_letter_of_termination_gives_the_reason_the_day_and_the_copies() -> None:
    text = text_of(LETTERS.draw("letter-of-termination", kern_context(**TERMINATED)))
    for words in (
        "in effect since December 3, 2026. DCSS gives you notice that the MOU ends: from March 1, 2028 on",
        "Accounts were used by people who were neither trained nor named.",
        "On that day the Kern Local Child Support Agency (LCSA) is asked to remove the user accounts",
        "cc:\tPatricia O’Malley, Director, Kern Local Child Support Agency\n\tContract Manager",
    ):
        assert words in text
    at_once = {**TERMINATED, "terminate": {"kind": "at-once", "reason": "Accounts were shared."}}
    text = text_of(LETTERS.draw("letter-of-termination", kern_context(**at_once)))
    assert "DCSS terminates the MOU for cause, effective at once. The reason is:\nAccounts were shared." in text
    assert "Today the Kern Local" in text


@pytest.mark.process("6.9")
def test_an_agreement_that_is_older_than_the_portal_can_be_terminated_by_letter_too() -> None:
    known = kern_context(**TERMINATED)
    little = {name: value for name, value in known.items() if name not in ("complete_application", "director")}
    little["identify_requestor"] = {"organization_name": "Kern IV-A"}
    text = text_of(LETTERS.draw("letter-of-termination", little))
    assert "\nKern IV-A\nRe: Termination" in text
    assert "Dear Sir or Madam:" in text
    assert "cc:\tDirector, Kern Local Child Support Agency" in text


@pytest.mark.process("6.3.3")
def test_before_there_is_an_application_the_mou_is_a_specimen_with_brackets() -> None:
    text = text_of(LETTERS.specimen("mou", kern_context(complete_application=None, decide=None)))
    assert "DCSS grants Requestor [number of user accounts]." in text
    assert "[name of Requestor] (Requestor)" in text
    assert "within the area of the Kern Local Child Support Agency" in text


@pytest.mark.process("6.4", "App. B")
def test_the_application_form_is_blank_before_it_is_filled_in_and_shows_the_answers_after() -> None:
    blank = text_of(LETTERS.draw("application", kern_context(complete_application=None)))
    filled = text_of(LETTERS.draw("application", kern_context()))
    assert "Name of Requestor (organization filing this application):" in blank
    assert "Dana" not in blank
    assert 'Information Security Officer’s name:\nDana "D." O\'Hara' in filled
    assert "Date:\nNovember 25, 2026" in filled


@pytest.mark.process("6.1", "L")
def test_the_css_letter_has_the_form_of_the_departments_letters_and_the_link_to_the_process() -> None:
    letter = LETTERS.draw("css-letter", context_for("css-letter"))
    text = text_of(letter)
    assert "November 23, 2026" in text
    assert "CSS LETTER: 26-01" in text
    assert "ALL IV-D DIRECTORS" in text
    assert "SUBJECT: THIRD PARTY ACCESS PROCESS FOR THE CHILD SUPPORT ENFORCEMENT SYSTEM" in text
    assert "https://access.dcss.example/process" in text
    assert "Sincerely,\nSigned electronically in the Third Party Access portal on November 23, 2026\nGRACE LIND" in text
    assert "CSS Letter: 26-01 · November 23, 2026\tPage" in text
    [box] = [table for table in opened(letter).tables[0].rows[0].cells[1].tables]
    assert [paragraph.text for paragraph in box.rows[0].cells[0].paragraphs] == [
        "Reason for this Transmittal",
        "[\xa0\xa0] State Law or Regulation Change",
        "[\xa0\xa0] Federal Law or Regulation Change",
        "[\xa0\xa0] Court Order or Settlement Change",
        "[\xa0\xa0] Clarification requested by One or More Counties",
        "[X] Initiated by DCSS",
    ]
    paragraphs = [paragraph.text for paragraph in opened(letter).paragraphs]
    assert sum(words.startswith(("This letter publishes", "Local child", "Each LCSA", "The process runs")) for words in paragraphs) == 4  # fmt: skip


@pytest.mark.process("2.6", "O8.2")
def test_the_confidentiality_statement_forbids_own_cases_and_names_the_penalties() -> None:
    text = text_of(LETTERS.draw("confidentiality-statement", kern_context()))
    assert "I will not look up my own case, nor a case of a relative, friend, neighbor or colleague" in text
    assert "section 6103" in text
    assert "each year after that" in text


@pytest.mark.process("8")
def test_the_findings_of_an_audit_stand_each_with_its_number_and_the_date_for_the_answer() -> None:
    text = text_of(LETTERS.draw("audit-findings", kern_context()))
    assert 'Dear Dana "D." O\'Hara:' in text
    assert (
        "Finding 3 · severity: medium · answer by December 18, 2026\n"
        "Two of five users were not trained within the last 365 days.\nTheir accounts were in use.\n"
        "Finding 4 · severity: low · answer by December 31, 2026\n"
        "One signed statement <2025> could not be produced.\nPlease answer"
    ) in text
    assert "Tomás Adeyemi\nInformation Security Officer" in text
    assert "cc:\tJosé Núñez-Okafor, Assistant Director" in text


@pytest.mark.process("8")
def test_findings_are_sent_also_where_an_agreement_names_no_security_officer() -> None:
    known = kern_context(complete_application=None)
    text = text_of(LETTERS.draw("audit-findings", known))
    assert "Information Security Officer\nKern IV-A\n100 East California Avenue" in text
    assert "Dear Information Security Officer:" in text
    assert "cc:" not in text


@pytest.mark.process("6.7.2")
@pytest.mark.parametrize("name", ["mou", "confidentiality-statement", "security-awareness-training"])
def test_a_sample_says_so_at_its_top_and_at_the_head_of_every_page(name: str) -> None:
    letter = opened(LETTERS.draw(name, kern_context()))
    section = letter.sections[0]
    assert letter.paragraphs[0].text.startswith("SAMPLE.")
    assert "SAMPLE" in section.first_page_header.paragraphs[0].text
    assert any("SAMPLE" in paragraph.text for paragraph in section.header.paragraphs)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_letter_carries_the_letterhead_and_leaves_no_tag_behind(name: str) -> None:
    text = text_of(LETTERS.draw(name, context_for(name)))
    assert "CALIFORNIA DEPARTMENT OF CHILD SUPPORT SERVICES" in text
    assert "P.O. Box 419064, Mailstop 40, Rancho Cordova, California 95741-9064" in text
    assert "{{" not in text
    assert "{%" not in text


def test_the_shipped_templates_are_those_that_the_tool_builds(tmp_path: Path) -> None:
    build(tmp_path)
    assert sorted(path.name for path in SHIPPED.glob("*.docx")) == sorted(f"{name}.docx" for name in TEMPLATES)
    for name in TEMPLATES:
        assert _parts(tmp_path / f"{name}.docx") == _parts(SHIPPED / f"{name}.docx"), f"{name}: build it anew"


def test_every_field_that_a_shipped_letter_uses_is_in_the_documentation() -> None:
    """Fields of a step are there by their step; all others by name."""
    documented = Path("docs/letters.md").read_text(encoding="utf-8")
    steps = {step.key.replace("-", "_") for step in THIRD_PARTY_ACCESS.steps} | {"user"}
    used = {field for name in LETTERS.names() for field in LETTERS.fields(name)}
    others = {field for field in used if field.partition(".")[0] not in steps}
    assert {field for field in others if f"`{field}`" not in documented} == set()


def test_every_field_of_a_step_that_a_shipped_letter_uses_is_one_that_the_step_records() -> None:
    policy = THIRD_PARTY_ACCESS.policy
    fields = {step.key.replace("-", "_"): policy.names_in(step.key) for step in THIRD_PARTY_ACCESS.steps}
    used = {field.partition(".")[::2] for name in LETTERS.names() for field in LETTERS.fields(name)}
    of_steps = {(step, field.removesuffix("_in_words")) for step, field in used if step in fields}
    assert of_steps
    assert {(step, field) for step, field in of_steps if field not in fields[step]} == set()


def test_every_security_profile_has_words_for_letters() -> None:
    assert {choice.value for choice in SECURITY_PROFILES} == set(PROFILES)


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as opened_zip:
        return {name: opened_zip.read(name) for name in opened_zip.namelist()}

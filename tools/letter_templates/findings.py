"""Audit findings [8]. The source has them sent to the Requestor's Information Security Officer, and gives no text."""

from tools.letter_templates.paper import Paper

_OFFICER = (
    "{% if complete_application.iso_name %}{{ complete_application.iso_name }}"
    "{% else %}Information Security Officer{% endif %}"
)
"""Whom it is for: an agreement that was read in from a sheet may not name the person."""


def audit_findings() -> Paper:
    """From the DCSS Information Security Officer to the Requestor's, with a copy to the contact person."""
    paper = Paper("Findings of an audit of access to the Child Support Enforcement system")
    paper.letterhead()
    paper.running_head("{{ application.organization }} \u00b7 {{ application.id }} \u00b7 {{ letter.date }}")
    paper.date_and_file()
    paper.lines(
        _OFFICER + "{% if complete_application.iso_title %}, {{ complete_application.iso_title }}{% endif %}",
        "{% if complete_application.requestor_name %}{{ complete_application.requestor_name }}"
        "{% else %}{{ application.organization }}{% endif %}",
        "{% if identify_requestor.invitee_address %}{{ identify_requestor.invitee_address }}{% endif %}",
    )
    paper.paragraph("**Re: Audit Findings, {{ application.organization }}**")
    paper.paragraph(f"Dear {_OFFICER}:")
    paper.paragraph(
        "The Department of Child Support Services (DCSS) audits the organizations that have access to the Child "
        "Support Enforcement (CSE) system for compliance with security awareness training and certification. The audit "
        "of your organization has found the following, and asks for your answer to each:",
        keep=True,
    )
    paper.paragraph("{%p for found in record_finding.findings %}", after=0)
    paper.paragraph(
        "**Finding {{ found.number }}** \u00b7 severity: {{ found.severity }} \u00b7 "
        "answer by {{ found.answer_by_in_words }}",
        after=2,
        indent=0.35,
        keep=True,
    )
    paper.paragraph("{{ found.finding|paragraphs }}", indent=0.35)
    paper.paragraph("{%p endfor %}", after=0)
    paper.paragraph(
        "Please answer in the Third Party Access portal at {{ portal.url }}: say for each finding what was done, and "
        "add evidence where there is some. I review each answer; on my word the Process Owner clears the finding. "
        "Until all findings are cleared, the Memorandum of Understanding of your organization is not renewed."
    )
    paper.paragraph(
        "If you have no account in the portal yet, you have received a link with which you make one. If you have any "
        "questions, you may write to {{ office.email }}.",
        keep=True,
    )
    paper.signature("{{ auditor.name }}", "Information Security Officer", "{{ office.name }}", closing="Sincerely,")
    paper.small_list(
        "{% if complete_application.contact_name %}cc:",
        "{{ complete_application.contact_name }}"
        "{% if complete_application.contact_title %}, {{ complete_application.contact_title }}{% endif %}{% endif %}",
    )
    return paper

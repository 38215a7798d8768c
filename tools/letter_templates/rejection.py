"""The notice of rejection [6.6.1]. The source asks for it and for its reason, and gives no text."""

from tools.letter_templates.paper import Paper


def notice_of_rejection() -> Paper:
    """From the Process Owner to the Requestor's contact person, with a copy to the LCSA Director."""
    paper = Paper("Notice of rejection of an application for Child Support Enforcement access")
    paper.letterhead()
    paper.running_head("{{ complete_application.contact_name }} \u00b7 {{ application.id }} \u00b7 {{ letter.date }}")
    paper.date_and_file()
    paper.lines(
        "{{ complete_application.contact_name }}",
        "{{ complete_application.contact_title }}",
        "{{ complete_application.requestor_name }}",
        "{{ identify_requestor.invitee_address }}",
    )
    paper.paragraph("**Re: Notice of Rejection**")
    paper.paragraph("Dear {{ complete_application.contact_name }}:")
    paper.paragraph(
        "I have reviewed your application for access to the Child Support Enforcement (CSE) system. The Department "
        "of Child Support Services (DCSS) is not able to grant your organization access to CSE on this application. "
        "The reason is:",
        keep=True,
    )
    paper.paragraph("{{ decide.reason|paragraphs }}", indent=0.5)
    paper.paragraph(
        "This decision closes application {{ application.id }}. The application, this decision and its reason remain "
        "visible to you in the Third Party Access portal at {{ portal.url }}."
    )
    paper.paragraph(
        "The decision does not keep your organization from being identified again. Should the reason no longer "
        "apply, please speak with {{ coordinator.name }}, Third Party Access Coordinator of the {{ application.lcsa "
        "}} Local Child Support Agency, at {{ coordinator.phone }}."
    )
    paper.paragraph(
        "If you have any questions regarding this letter, you may contact {{ process_manager.name }} at "
        "{% if process_manager.phone %}{{ process_manager.phone }} or {% endif %}{{ process_manager.email }}."
    )
    paper.signature(
        "{{ process_owner.name }}", "Process Owner, Third Party Access", "{{ office.name }}", closing="Sincerely,"
    )
    paper.small_list(
        "cc:", "{{ director.name }}, {{ director.title }}, {{ application.lcsa }} Local Child Support Agency"
    )
    return paper

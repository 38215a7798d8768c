"""The letter of termination: the MOU lets DCSS end it at once for cause, or with 30 days' notice. The text is ours."""

from tools.letter_templates.paper import Paper


def letter_of_termination() -> Paper:
    """From the Process Owner to the contact person, with copies to the Director and the Contract Manager."""
    paper = Paper("Letter of termination of a Memorandum of Understanding")
    paper.letterhead()
    paper.running_head("{{ application.organization }} \u00b7 {{ application.id }} \u00b7 {{ letter.date }}")
    paper.date_and_file()
    # Of an agreement that is older than the portal not all of this is known.
    known = ("complete_application.contact_name", "complete_application.contact_title")
    paper.lines(
        "".join(f"{{% if {field} %}}{{{{ {field} }}}}\n{{% endif %}}" for field in known)
        + "{{ application.organization }}"
        + "{% if identify_requestor.invitee_address %}\n{{ identify_requestor.invitee_address }}{% endif %}"
    )
    paper.paragraph("**Re: Termination of the Memorandum of Understanding**")
    paper.paragraph(
        "Dear {% if complete_application.contact_name %}{{ complete_application.contact_name }}{% else %}Sir or Madam"
        "{% endif %}:"
    )
    paper.paragraph(
        "The Department of Child Support Services (DCSS) and {{ application.organization }} are parties to "
        "a Memorandum of Understanding (MOU) on access to the Child Support Enforcement (CSE) system, in effect "
        "since {{ mou.effective_on }}. "
        '{% if terminate.kind == "notice" %}DCSS gives you notice that the MOU ends: from '
        "**{{ terminate.ends_on_in_words }}** on it is no longer in force. Until then it binds both parties."
        "{% else %}DCSS terminates the MOU for cause, **effective at once**.{% endif %} The reason is:",
        keep=True,
    )
    paper.paragraph("{{ terminate.reason|paragraphs }}", indent=0.5)
    paper.paragraph(
        '{% if terminate.kind == "notice" %}On that day {% else %}Today {% endif %}the {{ application.lcsa }} Local '
        "Child Support Agency (LCSA) is asked to remove the user accounts of your organization. From then on nobody in "
        "your organization may use them."
    )
    paper.paragraph(
        "What the MOU says of confidentiality goes on after its end. Child support information that your organization "
        "holds is to be kept safe, and destroyed when the purpose no longer requires it, so that it cannot be read or "
        "restored. Please keep the signed confidentiality statements and training records, and produce them on request."
    )
    paper.paragraph(
        "The MOU, this letter and the history of application {{ application.id }} remain visible to you in the Third "
        "Party Access portal at {{ portal.url }}."
    )
    paper.paragraph(
        "If you have any questions regarding this letter, you may contact {{ process_manager.name }} at "
        "{% if process_manager.phone %}{{ process_manager.phone }} or {% endif %}{{ process_manager.email }}."
    )
    paper.signature(
        "{{ process_owner.name }}", "Process Owner, Third Party Access", "{{ office.name }}", closing="Sincerely,"
    )
    paper.small_list(
        "cc:",
        "{% if director.name %}{{ director.name }}, {{ director.title }}{% else %}Director{% endif %}, "
        "{{ application.lcsa }} Local Child Support Agency",
        "Contract Manager, {{ office.name }}",
    )
    return paper

"""The conditional acceptance letter [6.6.2, App. C]."""

from tools.letter_templates.paper import Paper


def conditional_acceptance() -> Paper:
    """From the Process Owner to the Requestor's contact person, with a copy to the LCSA Director."""
    paper = Paper("Conditional acceptance of an application for Child Support Enforcement access")
    paper.letterhead()
    paper.running_head("{{ complete_application.contact_name }} \u00b7 {{ application.id }} \u00b7 {{ letter.date }}")
    paper.date_and_file()
    paper.lines(
        "{{ complete_application.contact_name }}",
        "{{ complete_application.contact_title }}",
        "{{ complete_application.requestor_name }}",
        "{{ identify_requestor.invitee_address }}",
    )
    paper.paragraph("**Re: Notice of Conditional Acceptance**")
    paper.paragraph("Dear {{ complete_application.contact_name }}:")
    paper.paragraph(
        "I have reviewed your application for Child Support Enforcement (CSE) access and have obtained authority to "
        "grant **{{ accounts.granted }}** to your organization upon completion of the following actions:"
    )
    actions = paper.numbered_list()
    paper.item(
        actions,
        "Sign the Memorandum of Understanding which is enclosed. {{ mou.signer_name }}, whom your application names "
        "to sign for your organization, may sign it in the Third Party Access portal at {{ portal.url }}, or your "
        "organization may return a scan of the signed original there. You may instead sign two originals and mail "
        "both originals to:",
    )
    paper.lines(
        "{{ process_manager.name }}",
        "{{ office.name }}",
        "{{ office.box }}",
        "{{ office.mailstop }}",
        "{{ office.city }}",
        indent=0.75,
        after=6,
    )
    paper.paragraph(
        "Upon receipt of the signed Memorandum of Understanding, it will be signed on behalf of DCSS and a signed "
        "original will be returned to you. The Infrastructure Manager will be notified to provide your organization "
        "with an organizational identification.",
        indent=0.35,
    )
    paper.item(
        actions,
        "Train each of your identified users using the security awareness training module that is enclosed. This "
        "training must be completed by each user before obtaining a CSE account and annually thereafter.",
    )
    paper.item(
        actions,
        "Obtain each user\u2019s signature on the Confidentiality Statements provided with this letter. Users must "
        "sign these Confidentiality Statements before obtaining a CSE account and annually thereafter. You must "
        "retain these signed statements in a retrievable format and produce them upon DCSS request.",
        after=8,
    )
    paper.paragraph(
        "Once your users have completed security awareness training and signed the Confidentiality Statements, "
        "please record this in the portal and contact your Access Coordinator:",
        keep=True,
    )
    paper.lines(
        "{{ application.lcsa }} Local Child Support Agency",
        "{{ coordinator.name }}",
        "{{ coordinator.title }}",
        "{{ coordinator.phone }}",
        "{{ coordinator.email }}",
        indent=0.75,
    )
    paper.paragraph(
        "If you have any questions you may contact {{ process_manager.name }} at "
        "{% if process_manager.phone %}{{ process_manager.phone }} or {% endif %}{{ process_manager.email }}. "
        "Thank you.",
        keep=True,
    )
    paper.signature(
        "{{ process_owner.name }}",
        "Process Owner, Third Party Access",
        "{{ office.name }}",
        closing="Sincerely,",
    )
    paper.small_list(
        "Enclosures:", "Memorandum of Understanding", "Confidentiality Statement", "Security Awareness Training Module"
    )
    paper.small_list(
        "cc:", "{{ director.name }}, {{ director.title }}, {{ application.lcsa }} Local Child Support Agency"
    )
    return paper

"""The invitation letter [6.3.3, App. A]."""

from tools.letter_templates.paper import Paper

LAW = (
    "42 USC 453A(f), (g) and (h); 45 CFR 302.35; 45 CFR 307.10, 307.11 and 307.13; California Family Law section 17212."
)
"""The citations of the source's footnote."""


def invitation() -> Paper:
    """From the Process Manager to the invitee, with a copy to the LCSA Director."""
    paper = Paper("Invitation to apply for access to the Child Support Enforcement system")
    paper.letterhead()
    paper.running_head("{{ identify_requestor.invitee_name }} \u00b7 {{ application.id }} \u00b7 {{ letter.date }}")
    paper.date_and_file()
    paper.lines(
        "{{ identify_requestor.invitee_name }}",
        "{{ identify_requestor.invitee_title }}",
        "{{ application.organization }}",
        "{{ identify_requestor.invitee_address }}",
    )
    paper.paragraph(
        "**Re: {% if identify_requestor.renews %}Renewal of your Memorandum of Understanding: invitation{% else %}"
        "Invitation{% endif %} to apply for access to the Child Support Enforcement system**"
    )
    paper.paragraph("Dear {{ identify_requestor.invitee_name }}:")
    paper.paragraph(
        "The Department of Child Support Services (DCSS) owns the Child Support Enforcement (CSE) system which "
        "maintains child support information. State and Federal law^^ authorize disclosure of child support "
        "information to individuals and organizations outside of the Child Support Program solely for the purpose of "
        "administration of the Child Support, Welfare and Foster Care programs. **{{ director.name }}**, {{ "
        "director.title }} of the {{ application.lcsa }} Local Child Support Agency, has identified your "
        "organization as one which either assists the Child Support Program or administers one of the other programs "
        "identified above. The Director has recommended that DCSS grant your organization {{ accounts.recommended }} "
        "with access to CSE. Below is a list of requirements that must be satisfied before access to CSE can be "
        "granted to users in your organization. Your organization must:",
        note=LAW,
    )
    required = paper.numbered_list()
    for text in (
        "Be authorized by Federal and State law to access child support information for a purpose described therein.",
        "Be able to connect to a Department of Technology Services Point of Presence and provide all infrastructure "
        "necessary for connectivity.",
        "Execute a Memorandum of Understanding provided by DCSS.",
        "Train your designated CSE users utilizing the security awareness training modules provided by DCSS.",
        "Obtain signatures from your organization\u2019s CSE users on Confidentiality Statements provided by DCSS. A "
        "copy of the Confidentiality Statement is attached for your review.",
    ):
        paper.item(required, text)
    paper.paragraph(
        "{% if identify_requestor.renews %}Your organization has access under a Memorandum of Understanding that is "
        "due for renewal (application {{ identify_requestor.renews }}). It stays in force until its end; it is renewed "
        "with the same steps, and the online application starts with what is known. {% endif %}"
        "An application for access to CSE and a sample Memorandum of Understanding are attached to this letter. If "
        "you would like to apply for access for your organization, please complete the application online, in the "
        "Third Party Access portal at {{ portal.url }}. The portal sends a link to {{ "
        "identify_requestor.invitee_email }} with which you make your account; the link can be used once, within 60 "
        "days. You may instead complete the attached application and send it to:",
        before=4,
    )
    paper.lines(
        "{{ process_manager.name }}",
        "{{ office.box }}",
        "{{ office.mailstop }}",
        "{{ office.city }} or",
        "Fax {{ office.fax }} or",
        "{{ process_manager.email }}",
        indent=0.5,
    )
    paper.paragraph(
        "If you have any questions or concerns regarding this letter, please contact me at "
        "{% if process_manager.phone %}{{ process_manager.phone }} or {% endif %}{{ process_manager.email }}."
    )
    paper.signature(
        "{{ process_manager.name }}",
        "{{ process_manager.title }}",
        "{{ office.name }}",
        closing="Very truly yours,",
    )
    paper.small_list(
        "cc:", "{{ director.name }}, {{ director.title }}, {{ application.lcsa }} Local Child Support Agency"
    )
    paper.small_list(
        "Attachments:",
        "CSE Third Party Access Application",
        "Sample Memorandum of Understanding",
        "Confidentiality Statement",
    )
    return paper

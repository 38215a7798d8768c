"""The confidentiality statement [6.7.2, 2.6]: a sample, since the source names it and gives no text."""

from tools.letter_templates.invitation import LAW
from tools.letter_templates.paper import Paper


def confidentiality_statement() -> Paper:
    """One page, signed by each user before an account is set up, and each year."""
    paper = Paper(
        "Confidentiality Statement",
        size=10.5,
        sample="The Third Party Access Process requires this statement and does not give its wording. This text is for "
        "review until DCSS Legal provides the Department\u2019s own.",
    )
    paper.letterhead()
    paper.running_head("Confidentiality Statement \u00b7 {{ application.organization }}")
    paper.sample_notice()
    paper.heading("CONFIDENTIALITY STATEMENT")
    paper.paragraph("User of the Child Support Enforcement (CSE) system", after=4, keep=True)
    paper.paragraph("Organization: **{{ application.organization }}** \u00b7 LCSA: {{ application.lcsa }}", after=6)
    paper.paragraph(
        "I have been, or am to be, given an account with which I can see confidential child support information. "
        "Federal and State law protect this information.^^ I understand and agree that:",
        note=LAW,
        after=4,
    )
    promises = paper.numbered_list()
    for text in (
        "I will use CSE only to do the work that my organization has assigned to me, for the purpose that DCSS has "
        "authorized, and will look at no more than that work needs.",
        "**I will not look up my own case, nor a case of a relative, friend, neighbor or colleague**, whatever the "
        "reason. If my work brings me to such a case, I will stop and tell my supervisor.",
        "I will disclose what I see to nobody who is not authorized to receive it. I will never disclose the "
        "whereabouts of a parent or child to another party where there is a protective order or reason to believe "
        "that it could cause physical or emotional harm.",
        "My account is mine alone. I will not share my password or other means of signing in, nor leave a session open "
        "unattended. What is done with my account is recorded, and may be reviewed.",
        "I will protect what I print or save, keep none of it longer than my work needs, and destroy it so that it "
        "cannot be read.",
        "I will report any actual or suspected unauthorized access, use or disclosure to my Information Security "
        "Officer at once.",
        "My duty to keep this information confidential continues after my account, or my employment, has ended.",
    ):
        paper.item(promises, text, after=3)
    paper.paragraph(
        "**Penalties.** Unauthorized access, use or disclosure may lead to loss of my account, to discipline up to "
        "and including dismissal, and to civil and criminal liability. Under California Family Code section 17212 a "
        "willful, knowing and intentional violation is a misdemeanor. Federal tax information is protected by "
        "Internal Revenue Code section 6103: willful unauthorized disclosure is a felony (section 7213: fine, "
        "imprisonment up to five years, or both); unauthorized inspection is a crime (section 7213A: fine, "
        "imprisonment up to one year, or both); and the taxpayer may sue for damages (section 7431).",
        after=5,
        before=4,
    ).paragraph_format.keep_together = True
    paper.paragraph(
        "**Yearly.** I have completed the security awareness training provided by DCSS. I sign this statement before "
        "I am given an account, and each year after that. My organization keeps it and produces it when DCSS asks.",
        after=6,
        keep=True,
    )
    form = paper.table(3.9, 2.6)
    paper.row(form, _of_user("Name:", "name"), _of_user("Title:", "job_title"), least=0.36, keep=True)
    paper.row(form, "Signature:", "Date:", least=0.42, keep=True)
    paper.row(form, "Supervisor or witness:", _of_user("Date of training:", "trained_on_in_words"), least=0.36)
    return paper


def _of_user(label: str, field: str) -> str:
    return f"{label} {{% if user.{field} %}}**{{{{ user.{field} }}}}**{{% endif %}}"

"""The application form [6.4, App. B]: blank, to be sent by mail or fax, or filled in with what the portal holds."""

from tools.letter_templates.paper import Paper


def _known(label: str, field: str) -> str:
    """A box of the form: its label, and the answer where there is one."""
    name = f"complete_application.{field}"
    return f"{label}\n{{% if {name} %}}**{{{{ {name} }}}}**{{% endif %}}"


def application() -> Paper:
    """The form, box by box as the source prints it."""
    paper = Paper("CSE Third Party Access Application", size=10)
    paper.letterhead()
    paper.running_head("CSE Third Party Access Application \u00b7 {{ application.id }}")
    paper.heading("CSE THIRD PARTY ACCESS APPLICATION")
    paper.paragraph(
        "File {{ application.id }}, {{ application.lcsa }} Local Child Support Agency. Apply online at {{ portal.url "
        "}}, or send this form to the CCSAS User Administrator, {{ office.box }}, {{ office.mailstop }}, {{ "
        "office.city }}; by fax to {{ office.fax }}; or to {{ office.email }}. Please write nothing about any child "
        "support case on it.",
        after=6,
    )
    form = paper.table(3.25, 3.25)
    head = paper.row(form, "**REQUESTOR INFORMATION**", "", shade="E4E4E4")
    head[0].merge(head[1])
    for boxes in (
        (("Name of Requestor (organization filing this application):", "requestor_name"),),
        (("Contact person for request:", "contact_name"), ("Title:", "contact_title")),
        (("Contact number:", "contact_phone"), ("Fax number:", "contact_fax")),
        (("Email:", "contact_email"),),
        (("Information Security Officer\u2019s name:", "iso_name"), ("Title:", "iso_title")),
        (("Phone number:", "iso_phone"), ("Email address:", "iso_email")),
        (("Name of person that will sign the MOU for Requestor:", "mou_signer_name"), ("Title:", "mou_signer_title")),
        (("Email address of the person that will sign:", "mou_signer_email"),),
    ):
        texts = [_known(label, field) for label, field in boxes]
        cells = paper.row(form, *texts, *[""] * (2 - len(texts)), least=0.4)
        if len(texts) == 1:
            cells[0].merge(cells[1])
    for label, field, least in (
        (
            "Describe statutory authority which allows disclosure of child support information to Requestor.",
            "statutory_authority",
            0.95,
        ),
        ("For what purpose will Requestor use child support information?", "purpose", 1.1),
        ("Number of users requested:", "users_requested", 0.4),
        ("Why more users than the LCSA Director recommended are needed, if so:", "justification", 0.55),
        ("Signature of Requestor or Designee:", "signature", 0.5),
        ("Date:", "signed_on_in_words", 0.4),
    ):
        cells = paper.row(form, _known(label, field), "", least=least)
        cells[0].merge(cells[1])
    return paper

"""The Memorandum of Understanding [6.7.2, 6.8.1, 6.9.1]: a sample, since the source names it and gives no text."""

from tools.letter_templates.paper import Paper

PARTIES = (
    "This Memorandum of Understanding (MOU) is between the California {{ office.name }} (DCSS) and **{{ "
    "complete_application.requestor_name }}** (Requestor). It concerns access of Requestor\u2019s staff to the Child "
    "Support Enforcement (CSE) system within the area of the {{ application.lcsa }} Local Child Support Agency "
    "(LCSA)."
)

ARTICLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Purpose and statutory authority",
        (
            "DCSS owns CSE and is responsible for the security and confidentiality of the child support information "
            "kept in it. State and Federal law authorize disclosure of that information outside of the Child Support "
            "Program solely for the administration of the Child Support, Welfare and Foster Care programs: 42 USC "
            "453A(f), (g) and (h); 45 CFR 302.35; 45 CFR 307.10, 307.11 and 307.13; and California Family Law "
            "section 17212.",
            "The statutory authority that Requestor has stated in its application is: {{ "
            "complete_application.statutory_authority }}",
            "Requestor will use child support information only for the purpose stated in its application: {{ "
            "complete_application.purpose }}",
            "Any other use, matching, copying in bulk or passing on of child support information is prohibited.",
        ),
    ),
    (
        "User accounts and security profile",
        (
            "DCSS grants Requestor **{{ accounts.granted }}**. Each account is for one named person who is employed "
            "by, or under the direct control of, Requestor. Accounts are not shared.",
            "The security profile of the accounts is: **{{ accounts.security_profile }}**. The LCSA System "
            "Administrator sets up, changes and removes accounts under the direction of the LCSA Director.",
            "Requestor reports within one working day when a user leaves, changes duties or no longer needs access, "
            "so that the account can be removed.",
        ),
    ),
    (
        "Confidentiality and safeguards",
        (
            "Requestor safeguards child support information against unauthorized access, use and disclosure, and "
            "permits access only to the extent that the purpose above requires.",
            "Requestor does not release the whereabouts of one party or of a child to another party against whom a "
            "protective order has been entered, nor to anyone where there is reason to believe that the release may "
            "result in physical or emotional harm to the party or the child.",
            "No user looks up a case of their own, of relatives or of colleagues.",
            "Federal tax information is subject to section 6103 of the Internal Revenue Code and to IRS Publication "
            "1075. It is not made available under this MOU unless the law authorizes its disclosure to Requestor. "
            "Willful unauthorized disclosure is a felony (Internal Revenue Code section 7213: fine, imprisonment up "
            "to five years, or both); unauthorized inspection is a crime (section 7213A: fine, imprisonment up to "
            "one year, or both); and the taxpayer may bring an action for civil damages (section 7431).",
            "Requestor informs each user of these rules and penalties, and has administrative penalties, up to and "
            "including dismissal from employment, for unauthorized access to, or disclosure of, confidential "
            "information.",
            "Printed or saved information is kept locked or encrypted, is kept no longer than the purpose requires, "
            "and is destroyed so that it cannot be read or restored.",
        ),
    ),
    (
        "Training and certification",
        (
            "Each user completes the security awareness training provided by DCSS before obtaining an account, and "
            "annually thereafter.",
            "Each user signs the Confidentiality Statement provided by DCSS before obtaining an account, and annually "
            "thereafter. An account whose user has not done both within the last year is suspended.",
            "Requestor retains the signed statements in a retrievable format for the term of this MOU and three "
            "years after it, and produces them upon DCSS request.",
        ),
    ),
    (
        "Connectivity",
        (
            "Requestor is able to connect to a Department of Technology Services Point of Presence, and provides at "
            "its own expense all infrastructure necessary for connectivity to CSE.",
            "Requestor takes part in the infrastructure evaluation by DCSS, and connects only by the means that were "
            "tested.",
            "DCSS may limit or interrupt access to protect the performance or the security of CSE.",
        ),
    ),
    (
        "Security Officer, audit and findings",
        (
            "Requestor\u2019s Information Security Officer is {{ complete_application.iso_name }}, "
            "{{ complete_application.iso_title }}. Requestor tells DCSS of any change.",
            "DCSS monitors access to CSE. The DCSS Information Security Officer may audit Requestor\u2019s "
            "compliance with this MOU, and Requestor gives the auditor access to its premises, records and staff as "
            "the audit requires.",
            "Audit findings are sent to Requestor\u2019s Information Security Officer, who answers with what was "
            "done and cooperates with DCSS until each finding is cleared. This MOU is not renewed while a finding is "
            "outstanding.",
        ),
    ),
    (
        "Incidents",
        (
            "Requestor reports every actual or suspected unauthorized access, use, disclosure or loss of child "
            "support information to DCSS at once, and in any case within 24 hours of its discovery, through the "
            "Third Party Access portal or at {{ office.email }}.",
            "Requestor preserves the evidence, takes part in the investigation, and carries the cost of notices that "
            "the law requires because of its own or its users\u2019 acts.",
        ),
    ),
    (
        "Term and renewal",
        (
            "This MOU takes effect on the effective date that DCSS enters when it signs, and remains in force for "
            "**{{ mou.term_months }} months**.",
            "DCSS begins the review for renewal six months before this MOU expires. Access ends on the day that this "
            "MOU expires, unless a new MOU has been signed by both parties.",
            "This MOU is amended only in writing, signed by both parties.",
        ),
    ),
    (
        "Termination",
        (
            "DCSS may terminate this MOU, or suspend any account, at once for cause, including any breach of "
            "confidentiality.",
            "Either party may terminate this MOU without cause by 30 days\u2019 written notice to the other.",
            "When this MOU ends, all accounts under it are removed. The duties of confidentiality, retention of "
            "statements and cooperation in audits remain.",
        ),
    ),
)
"""The articles of the sample: heading, and numbered provisions."""


def mou() -> Paper:
    """Two parties, nine articles, two signatures."""
    paper = Paper(
        "Memorandum of Understanding",
        size=11,
        sample="This Memorandum of Understanding shows what the Third Party Access Process asks the agreement to "
        "contain. DCSS Legal\u2019s text is pending and will replace it.",
    )
    paper.letterhead()
    paper.running_head("Memorandum of Understanding \u00b7 {{ application.id }}", page=False)
    paper.page_count_at_foot("MOU {{ application.id }}")
    paper.sample_notice()
    paper.heading("MEMORANDUM OF UNDERSTANDING\nfor Third Party Access to the Child Support Enforcement System")
    paper.paragraph("MOU number: **{{ application.id }}**", after=6)
    paper.paragraph(PARTIES)
    articles = paper.articles()
    for heading, provisions in ARTICLES:
        paper.item(articles, f"**{heading}**", after=4, keep=True, before=6)
        for provision in provisions:
            paper.item(articles, provision, at_level=1, after=4)
    _signatures(paper)
    return paper


def _signatures(paper: Paper) -> None:
    """Both parties' blocks, on one page."""
    paper.paragraph(
        "By signing, each party states that the person who signs has the authority to bind it.", keep=True, before=8
    )
    blocks = paper.table(3.25, 3.25)
    paper.row(
        blocks,
        "**REQUESTOR**\n{{ complete_application.requestor_name }}",
        "**STATE OF CALIFORNIA**\n{{ office.name }}",
        shade="F3F3F3",
        keep=True,
    )
    theirs = (
        '{% if sign_mou.method == "here" %}Signed electronically in the Third Party Access portal:\n'
        "**{{ sign_mou.signature }}**"
        '{% elif sign_mou.method == "scan" %}Signed on paper; the scan is kept in the portal{% endif %}'
    )
    ours = (
        "{% if mou.signed_on %}Signed electronically in the Third Party Access portal:\n"
        "**{{ mou.dcss_signer_name }}**{% endif %}"
    )
    paper.row(blocks, f"Signature:\n{theirs}", f"Signature:\n{ours}", least=0.75, keep=True)
    paper.row(
        blocks,
        "Name: {{ mou.signer_name }}\nTitle: {{ mou.signer_title }}",
        "Name: {{ mou.dcss_signer_name }}\nTitle: Process Owner, Third Party Access",
        keep=True,
    )
    date = "Date: {{% if mou.{date} %}}{{{{ mou.{date} }}}}{{% endif %}}"
    paper.row(blocks, date.format(date="requestor_signed_on"), date.format(date="signed_on"), least=0.4, keep=True)
    effective = "{% if mou.effective_on %}{{ mou.effective_on }}{% else %}\t{% endif %}"
    expires = "{% if mou.expires_on %}{{ mou.expires_on }}{% endif %}"
    term = paper.row(blocks, f"Entered by DCSS. Effective on: {effective}\tExpires on: {expires}", "", least=0.4)
    term[0].merge(term[1])

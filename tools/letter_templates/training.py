"""The security awareness training module [6.7.2, 2.5, O8.1, O8.2]: a sample: the source gives no text."""

from tools.letter_templates.paper import Paper

PARTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "1. Why you are reading this",
        "You are about to use CSE, the system in which California keeps child support information: names, addresses, "
        "employers, income, payments, and the whereabouts of parents and children. People gave this information "
        "because they had to. In the wrong hands it can cost somebody money, a job, or their safety. Reading this "
        "takes about 20 minutes. You do it before you get an account, and again every year.",
        (),
    ),
    (
        "2. What you may look at, and for what",
        "The law allows your organization to see child support information for the purpose that DCSS approved, and for "
        "nothing else. Having an account does not make a look-up lawful; your work on that case does.",
        (
            "Look up a person only when a task assigned to you needs it. Curiosity is not a task.",
            "Look at no more screens than the task needs.",
            "**Never look up your own case, nor that of a relative, friend, neighbor or colleague.** If such a case "
            "is assigned to you, stop and tell your supervisor: somebody else will take it.",
            "Do not look something up for a person who has no account, however good the reason sounds.",
        ),
    ),
    (
        "3. People who may be in danger",
        "Some parents and children are hidden from someone. The law forbids giving out where they are when a "
        "protective order is in force, or when there is reason to believe that it may lead to physical or emotional "
        "harm.",
        (
            "Never tell one party where the other party or a child lives, works or goes to school.",
            "Take a marker of family violence on a case seriously: ask your supervisor before you do anything else.",
            "If somebody calls and presses you for an address, end the call and report it.",
        ),
    ),
    (
        "4. Federal tax information",
        "Information that comes from the Internal Revenue Service, such as an offset of a tax refund, is protected "
        "by section 6103 of the Internal Revenue Code. Most users may not see it at all. If you come upon it without "
        "being authorized, stop, do not copy it, and report it.",
        (),
    ),
    (
        "5. Your account and your desk",
        "",
        (
            "Your account is yours alone. Do not share your password or your second factor, not with a colleague in "
            "a hurry, not with the help desk.",
            "Lock your screen whenever you leave it. Turn it so that visitors cannot read it.",
            "Use only the equipment and connection that your organization provides for CSE.",
            "Print or save only what the task needs. Keep it locked or encrypted; shred it when the task is done. Do "
            "not send it by ordinary e-mail, and do not photograph the screen.",
            "Be wary of messages that hurry you to a link or ask you to sign in. DCSS never asks for your password.",
        ),
    ),
    (
        "6. You are accountable",
        "Every look-up is recorded with your name, the time and the case. Records are reviewed, and the DCSS "
        "Information Security Officer audits your organization. What can follow from misuse:",
        (
            "loss of your account, and discipline up to and including dismissal;",
            "prosecution: a willful, knowing and intentional violation of California Family Code section 17212 is a "
            "misdemeanor;",
            "for federal tax information: a fine, up to five years of imprisonment, or both, for willful "
            "unauthorized disclosure (Internal Revenue Code section 7213); a fine, up to one year, or both, for "
            "unauthorized inspection (section 7213A); and a suit for damages by the taxpayer (section 7431).",
        ),
    ),
    (
        "7. When something goes wrong",
        "Report at once, even if you are not sure and even if it was your mistake: a lost printout, a password that "
        "somebody saw, a wrong case opened, a strange message. Tell your Information Security Officer, who reports "
        "it to DCSS through the Third Party Access portal or at {{ office.email }}. Do not try to mend or hide it "
        "first. And tell your supervisor when your duties change, so that an account which you no longer need is "
        "removed.",
        (),
    ),
)

QUESTIONS = (
    "A colleague\u2019s account is locked and a client is waiting. May she use yours, just this once?",
    "Your cousin asks whether his payment has arrived. He would only like to know the date. What do you do?",
    "A caller says that he is the father and asks for his daughter\u2019s school. What do you tell him, and whom?",
    "You opened the wrong case by a slip of the hand, and closed it at once. Need you report it?",
    "You finished a case and have four printed pages left. What becomes of them?",
    "Your training was eleven and a half months ago. What comes next, and what if you miss it?",
)

ANSWERS = (
    "No. Accounts are never shared; she calls the LCSA\u2019s help desk.",
    "You do not look. He asks the local child support agency as any parent does.",
    "Nothing about where she is, nor whether she is in the system. End the call, and tell your supervisor.",
    "Yes. It is on the record with your name; a report explains it.",
    "Locked away if the file needs them, shredded if not. They do not stay on the desk.",
    "Training and statement again before the year is over; otherwise your account is suspended.",
)


def security_awareness_training() -> Paper:
    """A text to read, six questions, and a line to sign."""
    paper = Paper(
        "Security Awareness Training",
        size=11,
        sample="The Third Party Access Process requires training modules provided by DCSS and does not give their "
        "text. This module can be read and used for review until the Department\u2019s own replaces it.",
    )
    paper.letterhead()
    paper.running_head("Security Awareness Training \u00b7 Third Party Access", page=False)
    paper.page_count_at_foot("Security Awareness Training")
    paper.sample_notice()
    paper.heading("SECURITY AWARENESS TRAINING\nfor third party users of the Child Support Enforcement (CSE) system")
    for heading, text, points in PARTS:
        paper.subheading(heading)
        if text:
            paper.paragraph(text, after=4, keep=bool(points))
        dots = paper.bullets()
        for point in points:
            paper.item(dots, point, after=3)
    _check(paper)
    return paper


def _check(paper: Paper) -> None:
    paper.subheading("8. Check yourself")
    paper.paragraph("Answer each question for yourself before you read the answers below.", after=4, keep=True)
    questions = paper.numbered_list()
    for question in QUESTIONS:
        paper.item(questions, question, after=3)
    paper.paragraph("**Answers**", after=3, keep=True, before=6)
    answers = paper.numbered_list()
    for answer in ANSWERS:
        paper.item(answers, answer, after=3)
    paper.subheading("9. Completed")
    paper.paragraph("I have read this module and answered the questions.", after=4, keep=True)
    form = paper.table(3.9, 2.6)
    paper.row(form, "Name:", "Organization: {{ application.organization }}", least=0.4, keep=True)
    paper.row(form, "Signature:", "Date:", least=0.45)

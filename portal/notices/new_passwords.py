"""Answers those who asked for a new password: with a link, if they have an account that may sign in.

Whose second factor is the provider's alone gets no link, and is told to sign in there: a mailbox is no second factor.

Doing it twice is as good as once: the same request makes the same link and the same mail.
"""

from portal.audit import Act
from portal.parts import Portal
from portal.people import Person, mails
from portal.people.forgotten import MINUTES


def answer_requests(portal: Portal) -> int:
    """Queues a mail for each request that has an account, and returns how many."""
    answered = 0
    for key, email in portal.people.forgotten.waiting():
        person = portal.people.get(email)
        if person is not None and portal.people.signing_in.may_sign_in(person):
            did, (subject, text) = _answer(portal, person, key)
            portal.log.write(Act("", did, person.email))
            portal.mail.send(person.email, subject, text, key=f"password-request/{key}", name=person.name)
            answered += 1
        portal.people.forgotten.done(key)
    return answered


def _answer(portal: Portal, person: Person, key: str) -> tuple[str, mails.Mail]:
    """What is done for the access log, and the mail."""
    if portal.people.signing_in.must_use_provider(person):
        sign_in = f"{portal.settings.base_url}/sign-in"
        did = "mailed no link for a new password, but to sign in through the provider"
        return did, mails.sign_in_through_provider(person.name, sign_in)
    link = f"{portal.settings.base_url}/invitation/{portal.people.forgotten_link(person, once=key)}"
    return "mailed a link for a new password", mails.password_forgotten(person.name, link, MINUTES)

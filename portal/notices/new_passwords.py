"""Answers those who asked for a new password: with a link, if they have an account that may sign in.

Doing it twice is as good as once: the same request makes the same link and the same mail.
"""

from portal.audit import Act
from portal.parts import Portal
from portal.people import mails
from portal.people.forgotten import MINUTES


def answer_requests(portal: Portal) -> int:
    """Queues a mail for each request that has an account, and returns how many."""
    answered = 0
    for key, email in portal.people.forgotten.waiting():
        person = portal.people.get(email)
        if person is not None and portal.people.signing_in.may_sign_in(person):
            token = portal.people.forgotten_link(person, once=key)
            link = f"{portal.settings.base_url}/invitation/{token}"
            subject, text = mails.password_forgotten(person.name, link, MINUTES)
            portal.log.write(Act("", "mailed a link for a new password", person.email))
            portal.mail.send(person.email, subject, text, key=f"password-request/{key}", name=person.name)
            answered += 1
        portal.people.forgotten.done(key)
    return answered

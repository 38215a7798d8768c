"""Somebody whom a document names, to turn to about it."""

from typing import NamedTuple


class Contact(NamedTuple):
    """What they are to the document, and how they are reached; what it does not say is empty."""

    what: str
    name: str
    title: str
    phone: str
    email: str

"""Documents that an older version of the portal wrote, made into documents of this one.

When the form of documents changes, `SCHEMA` goes one up, and a small pure function here makes the new form of the old
one. Documents pass through it as they are read, and keep the new form when they are next written. The sample of each
version in `tests/process/samples` shows that this goes on working.

What a function may count on, and what it must keep to:

- The history stays as it was written, whatever the function returns: its hashes hold for good. So what reads histories
  (conditions, wording, the tracking sheet) must go on understanding old entries.
- It leaves alone what has the new form already. `verify_document` makes a document anew from its history, and applies
  the function after each of the entries that are older than the upgrade.
- What the store finds documents by (status, open tasks, claims, holdings, notices) is found in the old form until the
  document is written. A function that changes one of these needs every document written once.
"""

from collections.abc import Callable, Mapping
from functools import reduce

from portal.process.document import SCHEMA, Json

Upgrade = Callable[[Json], Json]

UPGRADES: Mapping[int, Upgrade] = {}
"""The function for each older number: it makes a document of the next number."""


class CannotRead(ValueError):
    """The document has a form that this version of the portal does not know."""

    def __init__(self, document_id: str, schema: object) -> None:
        super().__init__(f"its form has the number {schema}, and this version of the portal reads up to {SCHEMA}")
        self.document_id, self.schema = document_id, schema


def upgraded(document: Json, upgrades: Mapping[int, Upgrade] = UPGRADES) -> Json:
    """The document in today's form; the same one when it has it. Raises `CannotRead`.

    `upgrades` in the document says after which version (number of steps) each upgrade came.
    """
    schema = document.get("schema", 0)
    if schema == SCHEMA:
        return document
    if type(schema) is not int or schema > SCHEMA or any(number not in upgrades for number in range(schema, SCHEMA)):
        raise CannotRead(document["id"], schema)
    for number in range(schema, SCHEMA):
        mark = {"to": number + 1, "version": len(document["history"])}
        document = {
            **upgrades[number](document),
            "schema": number + 1,
            "history": document["history"],
            "upgrades": [*document.get("upgrades", []), mark],
        }
    return document


def upgrade_of_entry(document: Json, seq: int, upgrades: Mapping[int, Upgrade] = UPGRADES) -> Upgrade:
    """What was done to a document, since this entry, to give it the form that it has. Raises `CannotRead`."""
    since = [mark["to"] - 1 for mark in document.get("upgrades", []) if seq <= mark["version"]]
    for number in since:
        if number not in upgrades:
            raise CannotRead(document["id"], number)
    return lambda old: reduce(lambda so_far, number: upgrades[number](so_far), since, old)

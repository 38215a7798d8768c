"""What the core refuses, each error with the identifiers of what it refused."""

from collections.abc import Sequence
from dataclasses import dataclass


class ProcessError(Exception):
    """The base of everything that the core raises."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One answer that does not hold: the field's name (``users-0-email`` inside a list) and what to do about it."""

    field: str
    message: str


class NoSuchStep(ProcessError):
    """The process has no step with this key."""

    def __init__(self, process: str, step: str) -> None:
        super().__init__(f"{process} has no step {step}")
        self.process, self.step = process, step


class OutOfScope(ProcessError):
    """The document is not the person's to know of. Shown as if it were not there."""

    def __init__(self, document_id: str, actor: str) -> None:
        super().__init__(f"{document_id} is outside the scope of {actor}")
        self.document_id, self.actor = document_id, actor


class NotYourTurn(ProcessError):
    """The step belongs to another role, or to somebody who did not take the step that it checks."""

    def __init__(self, document_id: str, step: str, role: str, why: str) -> None:
        super().__init__(why)
        self.document_id, self.step, self.role, self.why = document_id, step, role, why


class MayNotGive(ProcessError):
    """The person may not give this role to that person; `why` says so."""

    def __init__(self, role: str, why: str) -> None:
        super().__init__(why)
        self.role, self.why = role, why


class OutOfTurn(ProcessError):
    """The step is not open on this document now."""

    def __init__(self, document_id: str, step: str, why: str) -> None:
        super().__init__(why)
        self.document_id, self.step, self.why = document_id, step, why


class OutOfDate(ProcessError):
    """The form was drawn from an older version of the document: somebody took a step meanwhile."""

    def __init__(self, document_id: str, step: str, drawn_from: int, version: int) -> None:
        super().__init__(f"{document_id} is at version {version}; the form was drawn from {drawn_from}")
        self.document_id, self.step, self.drawn_from, self.version = document_id, step, drawn_from, version


class AnswersDoNotHold(ProcessError):
    """One or more answers are missing or wrong; `problems` names each field."""

    def __init__(self, step: str, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.message}" for problem in problems))
        self.step, self.problems = step, tuple(problems)


class HistoryAltered(ProcessError):
    """The history's chain of hashes does not hold, or the document is not what its history makes it."""

    def __init__(self, document_id: str, seq: int, why: str) -> None:
        super().__init__(f"{document_id}, entry {seq}: {why}")
        self.document_id, self.seq, self.why = document_id, seq, why

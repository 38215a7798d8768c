"""The portal's parts, held together: what `create_app` wires once, and actions and commands work with."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from portal.audit import AccessLog, Auditing
from portal.letters import Letters
from portal.notices.mailer import Mailer
from portal.papers import Scanner
from portal.people import People
from portal.process.document import Json
from portal.process.goals import WorkingDays, california_date
from portal.process.step import Process, Role
from portal.settings import Settings
from portal.store.port import Store


@dataclass(frozen=True)
class Portal:
    """The portal's parts, wired once by `create_app`. `clock` gives the present moment in UTC."""

    settings: Settings
    store: Store
    processes: tuple[Process, ...]
    calendar: WorkingDays
    clock: Callable[[], datetime]
    letters: Letters
    people: People
    mail: Mailer
    log: AccessLog
    auditing: Auditing
    scanner: Scanner | None = None
    """Looks for viruses in what people send; None where no scanner is set."""
    notices_owed: threading.Event = field(default_factory=threading.Event)

    def wake(self) -> None:
        """Says that some document may owe notices. Whoever queues them does it soon; this never waits."""
        self.notices_owed.set()

    @property
    def process(self) -> Process:
        """The process that new documents follow: the first."""
        return self.processes[0]

    @property
    def today(self) -> date:
        """California's date."""
        return california_date(self.clock())

    def process_of(self, document: Mapping[str, Any]) -> Process:
        """The process that a document follows. Raises KeyError for one that the portal does not run."""
        return self.process_called(document["process"])

    def process_called(self, key: str) -> Process:
        """The process with this key. Raises KeyError for one that the portal does not run."""
        for process in self.processes:
            if process.key == key:
                return process
        raise KeyError(key)

    def role(self, key: str) -> Role:
        """The role with this key, in whichever process declares it. Raises KeyError."""
        for process in self.processes:
            for role in process.roles:
                if role.key == key:
                    return role
        raise KeyError(key)

    def sees_documents(self, role: str) -> bool:
        """Whether one who holds this role may know of a document of any process."""
        return any(role in process.policy.seeing for process in self.processes)

    def role_title(self, key: str) -> str:
        """What the role is called; its key when none of the processes declares it."""
        try:
            return self.role(key).title
        except KeyError:
            return key

    @property
    def office(self) -> Json:
        """The office's address as printed in [6.2], and its phone when one is set."""
        return {
            "name": "Department of Child Support Services",
            "box": "P.O. Box 419064",
            "mailstop": "Mailstop 40",
            "city": "Rancho Cordova, California 95741-9064",
            "fax": "(916) 464-5335",
            "email": "CCSASACCESS@DCSS.CA.GOV",
            "phone": self.settings.office_phone,
        }

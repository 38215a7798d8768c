"""What a role has to do besides the tasks of applications: inboxes show it, and digests tell of it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Duty:
    """`key` names it for good: one that ends and comes back is told as new, and so is one in which a larger `number` of
    things waits. `path` is the address of the page on which it is done, which is open to `roles`; it waits since a
    day (California's).
    """

    key: str
    path: str
    roles: tuple[str, ...]
    title: str
    where: str
    asks: str
    since: date
    number: int = 1

"""What lines of the log to look for, in California's dates."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from portal.process.document import at_utc
from portal.process.goals import CALIFORNIA
from portal.store.port import LogSearch


@dataclass(frozen=True, slots=True)
class Filters:
    """Which lines to look for; what is empty does not limit. Dates are California's, ISO 8601, both included."""

    words: tuple[str, ...] = ()
    who: str = ""
    role: str = ""
    did: str = ""
    record: str = ""
    outcome: str = ""
    since: str = ""
    until: str = ""

    @property
    def search(self) -> LogSearch:
        """The same, for the store."""
        values = {name: getattr(self, name) for name in ("who", "role", "did", "record", "outcome")}
        return LogSearch(
            words=self.words,
            values={name: value for name, value in values.items() if value},
            since=begins(date.fromisoformat(self.since)) if self.since else "",
            until=begins(date.fromisoformat(self.until) + timedelta(days=1)) if self.until else "",
        )


def begins(day: date) -> str:
    """The moment at which a day begins in California, as lines tell the time."""
    return at_utc(datetime.combine(day, time(), CALIFORNIA).astimezone(UTC))

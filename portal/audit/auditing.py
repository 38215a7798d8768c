"""What is made of the log, held together: its weeks, the ISO's reviews, unusual use, signed checkpoints."""

from collections.abc import Callable, Iterable
from datetime import datetime

from portal.audit.access_log import AccessLog
from portal.audit.checkpoints import Checkpoint, Checkpoints
from portal.audit.reviews import Reviews
from portal.audit.signing import Signer
from portal.audit.unusual import Unusual
from portal.audit.verification import Verified, verify
from portal.audit.weeks import Weeks
from portal.store.port import Store


class Auditing:
    """The parts, over one store and its log."""

    def __init__(self, store: Store, log: AccessLog, clock: Callable[[], datetime], secret_key: str) -> None:
        self._store = store
        self.unusual = Unusual(store, log, clock)
        self.weeks = Weeks(store, self.unusual, clock)
        self.reviews = Reviews(store, log, self.weeks, clock)
        self.checkpoints = Checkpoints(store, log, Signer(secret_key), clock)

    def verify(self, others: Iterable[Checkpoint] = (), other_keys: Iterable[str] = ()) -> Verified:
        """Whether the log is unaltered, by its chain, the reviews, and the checkpoints from here and elsewhere."""
        known = (self.checkpoints.signer.public_key, *other_keys)
        return verify(self._store, self.reviews.all(), [*self.checkpoints.all(), *others], known)

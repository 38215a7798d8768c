"""What a store may refuse, each with the identifiers of what it refused."""


class StoreError(Exception):
    """The base of everything that a store raises."""


class NotFound(StoreError):
    """There is no such document, record or file."""

    def __init__(self, what: str, key: str) -> None:
        super().__init__(f"no {what} {key}")
        self.what, self.key = what, key


class Conflict(StoreError):
    """Somebody else wrote first: the revision that was expected is no longer the one kept."""

    def __init__(self, key: str, expected: int, found: int) -> None:
        super().__init__(f"{key} is at revision {found}, not {expected}")
        self.key, self.expected, self.found = key, expected, found


class ClaimTaken(StoreError):
    """Another document holds this claim (an office ID, for one) already."""

    def __init__(self, claim: str, holder: str) -> None:
        super().__init__(f"{claim} is held by {holder}")
        self.claim, self.holder = claim, holder


class Damaged(StoreError):
    """What is kept under this key cannot be read, or is not what was written."""

    def __init__(self, what: str, key: str, why: str) -> None:
        super().__init__(f"{what} {key}: {why}")
        self.what, self.key, self.why = what, key, why


class Unavailable(StoreError):
    """The store cannot be reached or written just now; nothing was changed."""


class OutcomeUnknown(Unavailable):
    """The store went away while it kept what it was given: that may be kept, or nothing of it."""

"""Conditions as SQL, with the values for their places; every value goes to the server apart from the words."""

from collections.abc import Iterable, Sequence

from portal.store.port import Scope


def can_stand_in_text(value: str) -> bool:
    """Whether PostgreSQL can keep this as text: not NUL, nor half a character. What it cannot keep is in no column."""
    try:
        return b"\x00" not in value.encode()
    except UnicodeEncodeError:
        return False


class Where:
    """Conditions that all must hold."""

    def __init__(self) -> None:
        self._conditions: list[str] = []
        self.values: list[object] = []

    def add(self, condition: str, *values: object) -> None:
        """One more."""
        if all(can_stand_in_text(value) for value in values if isinstance(value, str)):
            self._conditions.append(condition)
            self.values += values
        else:
            self._conditions.append("false")

    def any_of(self, scopes: Sequence[Scope]) -> None:
        """A document is within at least one of these."""
        several = []
        for scope in scopes:
            one = Where()
            one.within(scope)
            several.append(str(one))
            self.values += one.values
        self._conditions.append(f"({' OR '.join(several)})" if several else "false")

    def within(self, scope: Scope) -> None:
        """It is of this LCSA and this organization, where the scope names them."""
        if scope.lcsa is not None:
            self.add("lcsa = %s", scope.lcsa)
        if scope.organization is not None:
            self.add("organization = %s", scope.organization)

    def contains(self, words: Iterable[str]) -> None:
        """All of these occur in the column `words`, in any case; `%` and `_` in them stand for themselves."""
        for word in words:
            literal = word.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            self.add("words LIKE %s", f"%{literal}%")

    def __str__(self) -> str:
        return " AND ".join(self._conditions) or "true"

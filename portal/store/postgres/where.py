"""Conditions as SQL, with the values for their places; every value goes to the server apart from the words."""

import re
from collections.abc import Iterable, Sequence

from portal.store.port import Scope, Search


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

    def contains(self, words: Iterable[str], column: str = "words") -> None:
        """All of these occur in the column, in any case; `%` and `_` in them stand for themselves.

        Of what is put together the index is asked for the last part alone: in `2026-0007` the year stands everywhere.
        """
        for word in words:
            folded = word.casefold()
            parts = _PARTS.findall(folded)
            if parts and parts[-1] != folded:
                self.add(f"{column} LIKE %s", f"%{parts[-1]}%")
                self.add(f"({column} || '') LIKE %s", _literal(folded))
            else:
                self.add(f"{column} LIKE %s", _literal(folded))

    def __str__(self) -> str:
        return " AND ".join(self._conditions) or "true"


_PARTS = re.compile(r"[^\W_]{3,}")


def _literal(word: str) -> str:
    """The pattern of LIKE for any text with this in it."""
    literal = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{literal}%"


def matching(search: Search) -> Where:
    """All that is asked of documents but the words."""
    where = Where()
    if search.process is not None:
        where.add("process = %s", search.process)
    if search.lcsa is not None:
        where.add("lcsa = %s", search.lcsa)
    if len(search.statuses) == 1:
        where.add("status = %s", search.statuses[0])
    elif search.statuses:
        where.add("status = ANY(%s)", list(search.statuses))
    if search.scopes is not None:
        where.any_of(search.scopes)
    return where

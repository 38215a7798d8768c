"""Records of what is worked out once a day and kept until the next."""

from portal.process.document import Json
from portal.store.port import Store


def put_if_other(store: Store, kind: str, key: str, value: Json) -> None:
    """Keeps the record if it is another than before: a second run on one day changes nothing."""
    before = store.get_record(kind, key)
    if before is None or {name: part for name, part in before.items() if name != "revision"} != value:
        store.put_record(kind, key, value)

"""Prints a document as this version of the portal writes it, on the same morning each time, for `samples/`:

    python -m tests.process.make_sample > tests/process/samples/schema-1.json

Make one when `SCHEMA` goes up, before anything else of that version is released. Those of older versions stay.
"""

import json
import tempfile
from pathlib import Path

from portal import create_app, demo
from portal.settings import Settings
from tests.conftest import Clock, House


def main() -> None:
    """An application of Kern IV-A, as far as the filed MOU: most sections, letters, users and a holding are in it."""
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        settings = Settings(secret_key="", data=Path(folder), demo=True)
        house = House(create_app(settings, clock=clock, background=False), clock)
        demo.make(house.portal, 0)
        print(json.dumps(house.application_after("file-mou"), ensure_ascii=False, indent=2))
        house.portal.store.close()


if __name__ == "__main__":
    main()

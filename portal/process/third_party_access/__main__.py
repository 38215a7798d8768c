"""Prints the JSON Schema of this process's documents: `python -m portal.process.third_party_access`.

The published file is `docs/third-party-access.schema.json`; a test holds it to the table of steps.
"""

import json

from portal.process.schema import schema_of
from portal.process.third_party_access import THIRD_PARTY_ACCESS

if __name__ == "__main__":
    print(json.dumps(schema_of(THIRD_PARTY_ACCESS), indent=2, ensure_ascii=False))

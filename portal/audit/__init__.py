"""The access log [O8.2]: who, in which role, when, from where, did or tried what, on which record, with what outcome.

It may import the standard library, the store's port, and the core's words for dates and case data. Only
`from_request.py` knows of requests, and only `signing.py` imports cryptography.
"""

from portal.audit.access_log import AccessLog, Act, Origin, Outcome
from portal.audit.auditing import Auditing
from portal.audit.filters import Filters

__all__ = ["AccessLog", "Act", "Auditing", "Filters", "Origin", "Outcome"]

"""The access log [O8.2]: who, when, from where, did or tried what, on which record, with what outcome.

It may import the standard library, the store's port, and the core's `no_case_data`.
Only `from_request.py` knows of requests.
"""

from portal.audit.access_log import AccessLog, Act, Fault, Filters, NoSuchLine, Origin, Outcome, Review

__all__ = ["AccessLog", "Act", "Fault", "Filters", "NoSuchLine", "Origin", "Outcome", "Review"]

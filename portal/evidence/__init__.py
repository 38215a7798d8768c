"""The evidence package: one ZIP that an auditor reads without the portal, of one organization or of all.

A folder for each organization, over all of its applications, renewals included: the roster against the approved number,
accounts, gaps and findings as tables (.html and .csv) and one history; in it a folder for each application with the
document as JSON, letters as sent, and the papers that were sent in. At the top a page that names what is in it, and the
checksums of all files, for `sha256sum -c SHA256SUMS`.

It holds what its reader may read of each application and nothing else [O8.2]. May import the core, the store's port and
words for pages; knows no web.
"""

from portal.evidence.package import Reader, pieces

__all__ = ["Reader", "pieces"]

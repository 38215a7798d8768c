"""A file field that loses no upload: a page that is shown again carries a signed note of the file that was kept."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app
from flask_wtf.file import FileField
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import FileStorage

from portal.papers.kinds import KINDS

KeptFile = dict[str, Any]
KeepFile = Callable[[FileStorage, tuple[str, ...]], Mapping[str, Any]]
"""Keeps an upload that is one of these kinds of papers, and returns its name, sha256 and size. Raises ValueError with
words for the person.
"""


class KeptFileField(FileField):
    """A fresh upload in `data`, or in `kept` the name, sha256 and size of one that the store has.

    `belongs_to` names step and field: a note of a file kept for one is no note for another. `accepts` are the kinds of
    papers that are asked for.
    """

    data: Any

    def __init__(self, belongs_to: str = "", accepts: tuple[str, ...] = ("pdf",), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.belongs_to, self.accepts = belongs_to, accepts
        self.kept: KeptFile | None = None

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Reads the upload and the hidden note beside it; a note with a wrong signature counts for nothing."""
        super().process(formdata, None, extra_filters)
        if formdata is None and isinstance(data, dict):
            self.kept = data
        elif formdata and (token := formdata.get(self.kept_name)) and not formdata.get(f"{self.name}-remove"):
            try:
                self.kept = self._signer().loads(token)
            except BadSignature:
                self.kept = None

    @property
    def accept(self) -> str:
        """What a browser offers to choose: the endings of these kinds."""
        return ",".join(ending for kind in KINDS if kind.key in self.accepts for ending in kind.endings)

    @property
    def kept_name(self) -> str:
        """The name of the hidden input."""
        return f"{self.name}-kept"

    @property
    def kept_token(self) -> str:
        """What the hidden input carries; empty when no file is kept."""
        return str(self._signer().dumps(self.kept)) if self.kept else ""

    def keep(self, keep_file: KeepFile | None) -> KeptFile | None:
        """Keeps a fresh upload and returns what is known of the file, or of the one kept before, or None.

        Raises ValueError, with words for the person, when `keep_file` refuses it.
        """
        if isinstance(self.data, FileStorage) and keep_file is not None:
            self.kept = dict(keep_file(self.data, self.accepts))
            self.data = None
        return self.kept

    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(current_app.secret_key or "", salt=f"kept-file/{self.belongs_to}")

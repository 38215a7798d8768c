"""The queue of mails: kept in the store first, handed to the mail server or the outbox afterwards.

A mail is a record of kind `mail` until it was taken, and one of kind `mail-sent` from then on. Whoever delivers claims
it first, by writing until when it means to be done; nobody else touches it before. So nothing is lost when a server is
down or a process dies, and a mail goes out twice only when a process dies, or loses the store, between handing it over
and noting that; both then carry the same Message-ID.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

from portal.notices.carrier import Carrier, Carry, NotNow, Outbox, Refused, Unreachable
from portal.notices.message import address, composed, one_line
from portal.notices.smtp import SmtpServer
from portal.process.document import at_utc
from portal.store.errors import Conflict, Damaged, NotFound
from portal.store.port import Json, Store

KIND, SENT = "mail", "mail-sent"
"""The kinds of record that a mail is, before and after it was taken."""

LEASE = timedelta(minutes=5)
"""How long a mail is its deliverer's alone: longer than all of a server's time limits together."""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
"""After a failure a mail waits, twice as long each time, within these."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueuedMail:
    """A mail that has not gone out: to whom, since when, how often it was tried, what the server said last.

    Times are UTC, ISO 8601. `failed` mails are not tried again unless somebody asks for it.
    """

    key: str
    to: str
    subject: str
    queued_at: str
    tries: int
    next_try_at: str
    last_error: str
    failed: bool


class Mailer:
    """Sends mail from `sender`, to the server of `smtp_url` or, without one, into the folder `outbox`.

    `clock` gives the present moment with its time zone. Raises `SmtpUrlError` or `Refused` when the URL or the sender
    cannot be understood.
    """

    def __init__(
        self, store: Store, smtp_url: str | None, outbox: Path, sender: str, clock: Callable[[], datetime]
    ) -> None:
        self._store, self._clock = store, clock
        name, bare = parseaddr(sender)
        self._sender = address(bare or sender, name)
        self._carrier: Carrier = SmtpServer.from_url(smtp_url, self._sender.addr_spec) if smtp_url else Outbox(outbox)
        self._woken, self._stopping = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def send(
        self,
        to: str,
        subject: str,
        text: str,
        attachments: Sequence[tuple[str, bytes]] = (),
        key: str | None = None,
        name: str = "",
        tells: Sequence[str] = (),
    ) -> None:
        """Queues a mail durably; it goes out soon after. `to` is one address, `name` the person's.

        `tells` names what the mail tells, for whoever asks `told_by` later.

        `attachments` are names with contents. Of the mails with one `key` only the first is queued, ever (until
        `forget_sent`). What is wrong with the mail itself shows in `failed()` and raises nothing: the step that owes
        it is taken. Raises the store's `Unavailable`.
        """
        now = self._clock()
        token = secrets.token_hex(8)
        number = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ-%f}-{token}"
        mail = {
            "number": number,
            "to": to,
            "name": name,
            "subject": one_line(subject),
            "text": text.encode("utf-8", "replace").decode(),
            "attachments": [{"name": file, "sha256": self._store.put_file(content)} for file, content in attachments],
            "message_id": f"<{token}@{self._sender.domain}>",
            "queued_at": at_utc(now),
            "next_try_at": at_utc(now),
            "leased_until": "",
            "tries": 0,
            "last_error": "",
            "failed": False,
            "tells": list(tells),
        }
        try:
            address(to, name)
        except Refused as refusal:
            mail |= {"to": one_line(to), "failed": True, "last_error": str(refusal)}
            log.warning("Mail %s is not sent", number)
        with suppress(Conflict):  # then it is queued already
            self._store.put_record(KIND, key or number, mail, expected_revision=0)
        self.wake()

    def is_known(self, key: str) -> bool:
        """Whether a mail of this key is queued or went out."""
        return any(self._store.get_record(kind, key) is not None for kind in (KIND, SENT))

    def told_by(self, key: str) -> Sequence[str] | None:
        """What the mail of this key tells, by the names it was queued with; None when there is no such mail."""
        # What went out counts, whatever is queued besides under its key; twice, since it may go out meanwhile.
        for kind in (SENT, KIND, SENT):
            mail = self._store.get_record(kind, key)
            if mail is not None:
                return list(mail.get("tells", []))
        return None

    def deliver(self, limit: int = 100) -> int:
        """Hands over the mails that are due, the oldest first, `limit` at most. Returns how many were taken.

        Stops early when the server cannot be reached. Raises the store's `Unavailable`.
        """
        delivered = 0
        with ExitStack() as connection:
            carry: Carry | None = None
            for key, mail in self._due(limit):
                claimed = self._claim(key, mail)
                if claimed is None:
                    continue
                try:
                    message = composed(claimed, self._sender, self._files(claimed), self._carrier.beyond_ascii)
                    carry = carry or connection.enter_context(self._carrier.connected())
                    carry(claimed["number"], claimed["to"], message)
                except Refused as refusal:
                    self._put_back(key, claimed, str(refusal), failed=True)
                except NotNow as why:
                    self._put_back(key, claimed, str(why))
                except Unreachable as why:
                    self._put_back(key, claimed, str(why))
                    break
                else:
                    self._note_sent(key, claimed)
                    delivered += 1
        return delivered

    def waiting(self) -> list[QueuedMail]:
        """The mails that are still to go out, the oldest first."""
        return [mail for mail in self._mails() if not mail.failed]

    def failed(self) -> list[QueuedMail]:
        """The mails that will not go out unless somebody does something about it, the oldest first."""
        return [mail for mail in self._mails() if mail.failed]

    def retry(self, key: str) -> None:
        """Queues a failed mail once more. Raises `NotFound`; `Conflict` when it was changed meanwhile."""
        mail = self._store.get_record(KIND, key)
        if mail is None:
            raise NotFound(KIND, key)
        again = mail | {"failed": False, "tries": 0, "next_try_at": at_utc(self._clock())}
        self._store.put_record(KIND, key, again, expected_revision=mail["revision"])
        self.wake()

    def forget_sent(self, older_than: timedelta) -> int:
        """Drops what is noted of mails that went out longer ago than this, and with it their keys. Returns how many."""
        before = at_utc(self._clock() - older_than)
        old = [key for key, mail in self._store.records(SENT) if mail["sent_at"] < before]
        for key in old:
            self._store.delete_record(SENT, key)
        return len(old)

    def start_delivery(self, interval: float) -> None:
        """Delivers in a thread from now on: whenever something is queued, and every `interval` seconds for the rest."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stopping.clear()
        self._thread = threading.Thread(target=self._deliver_always, args=(interval,), name="mail", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Has the thread look at the queue now."""
        self._woken.set()

    def stop_delivery(self, timeout: float = 15.0) -> None:
        """Ends the thread after the mails that it is handing over; waits so many seconds for that at most."""
        self._stopping.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _deliver_always(self, interval: float) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                while self.deliver() and not self._stopping.is_set():
                    pass
            except Exception:
                # Whatever it was, the next round may go well; a thread that died would hold up all mail unseen.
                log.exception("Mail could not be delivered; it stays queued")
            self._woken.wait(interval)

    def _due(self, limit: int) -> list[tuple[str, Json]]:
        now = at_utc(self._clock())
        due = [
            (key, mail)
            for key, mail in self._store.records(KIND)
            if not mail["failed"] and mail["next_try_at"] <= now and mail["leased_until"] <= now
        ]
        return sorted(due, key=lambda each: each[1]["number"])[:limit]

    def _claim(self, key: str, mail: Json) -> Json | None:
        """The mail, for this deliverer alone; None when another was quicker, or a mail of this key went out before."""
        until = at_utc(self._clock() + LEASE)
        try:
            claimed = self._store.put_record(KIND, key, mail | {"leased_until": until}, mail["revision"])
        except Conflict:
            return None
        if self._store.get_record(SENT, key) is not None:
            self._store.delete_record(KIND, key)
            return None
        return claimed

    def _note_sent(self, key: str, mail: Json) -> None:
        """In this order: a crash in between leaves a mail that the next deliverer finds to be sent."""
        kept = {name: mail[name] for name in ("to", "subject", "message_id", "queued_at")}
        kept["tells"] = mail.get("tells", [])
        self._store.put_record(SENT, key, kept | {"sent_at": at_utc(self._clock())})
        self._store.delete_record(KIND, key)

    def _files(self, mail: Json) -> list[tuple[str, bytes]]:
        try:
            return [(file["name"], self._store.get_file(file["sha256"])) for file in mail["attachments"]]
        except (NotFound, Damaged) as error:
            raise Refused(f"an attachment cannot be read: {error}") from error

    def _put_back(self, key: str, mail: Json, why: str, failed: bool = False) -> None:
        """Notes what went wrong, and when to try again."""
        # Not why: servers repeat addresses in their answers, and those are not for logs. The record has it.
        log.warning("Mail %s is %s", mail["number"], "not sent" if failed else "delayed")
        wait = min(FIRST_WAIT * 2 ** min(mail["tries"], 10), LONGEST_WAIT)
        noted = mail | {
            "tries": mail["tries"] + 1,
            "next_try_at": at_utc(self._clock() + wait),
            "leased_until": "",
            "last_error": why,
            "failed": failed,
        }
        try:
            self._store.put_record(KIND, key, noted, expected_revision=mail["revision"])
        except Conflict:
            # The lease ran out and another deliverer has it now: what that one notes is newer.
            log.warning("Mail %s was taken over by another process", mail["number"])

    def _mails(self) -> list[QueuedMail]:
        names = QueuedMail.__dataclass_fields__.keys() - {"key"}
        mails = sorted(self._store.records(KIND), key=lambda each: str(each[1]["number"]))
        return [QueuedMail(key=key, **{name: mail[name] for name in names}) for key, mail in mails]

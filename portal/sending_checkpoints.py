"""Checkpoints of the access log are sent where the settings say: to a file on another machine, by mail, to a syslog.

What could not be sent is tried again each minute, and by `flask daily`.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable
from logging.handlers import SysLogHandler
from urllib.parse import urlsplit

from portal.audit.checkpoints import Checkpoint
from portal.parts import Portal
from portal.store.errors import Conflict, StoreError

INTERVAL = 60.0
"""Seconds between two looks at the log."""

log = logging.getLogger(__name__)


def send(portal: Portal) -> list[str]:
    """Sends every checkpoint that was not sent yet, and returns what could not be done, in words."""
    places = _places(portal)
    problems = []
    for checkpoint, place in portal.auditing.checkpoints.owed(places):
        try:
            places[place](checkpoint)
            portal.auditing.checkpoints.note_sent(checkpoint, place)
        except Conflict:
            continue  # another process notes one too: it is sent once more at worst
        except OSError as error:
            problems.append(f"the checkpoint at line {checkpoint.seq} was not sent to the {place}: {error}")
    return problems


def _places(portal: Portal) -> dict[str, Callable[[Checkpoint], None]]:
    settings, places = portal.settings, dict[str, Callable[[Checkpoint], None]]()
    if settings.checkpoint_file:
        places["file"] = lambda checkpoint: _append(str(settings.checkpoint_file), checkpoint)
    if settings.checkpoint_mail:
        places["mail"] = lambda checkpoint: _mail(portal, settings.checkpoint_mail, checkpoint)
    if settings.checkpoint_syslog:
        places["syslog"] = lambda checkpoint: _to_syslog(settings.checkpoint_syslog, checkpoint)
    return places


def _append(path: str, checkpoint: Checkpoint) -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"{checkpoint.as_line}\n")
        file.flush()
        os.fsync(file.fileno())


def _mail(portal: Portal, to: str, checkpoint: Checkpoint) -> None:
    subject = f"Access log: checkpoint at line {checkpoint.seq}"
    text = (
        "Keep this mail. With it whoever audits the portal can show that its access log was not altered:\n"
        f"flask verify --checkpoints FILE\n\n{checkpoint.as_line}\n"
    )
    portal.mail.send(to, subject, text, key=f"log-checkpoint/{checkpoint.seq}")


class _Handler(SysLogHandler):
    """Says when a message could not be sent, which the standard library's keeps to itself."""

    append_nul = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - its name
        raise


def _to_syslog(where: str, checkpoint: Checkpoint) -> None:
    place = urlsplit(where)
    is_stream = place.scheme == "tcp"
    address = place.path if place.scheme == "unix" else (place.hostname or "", place.port or 514)
    kind = socket.SOCK_STREAM if is_stream else socket.SOCK_DGRAM
    handler = _Handler(address, SysLogHandler.LOG_AUTHPRIV, kind)
    try:
        handler.ident = "third-party-access: "
        # Over TCP a line's end ends the message.
        message = f"access log checkpoint {checkpoint.as_line}" + ("\n" if is_stream else "")
        handler.emit(logging.makeLogRecord({"msg": message, "levelno": logging.INFO, "levelname": "INFO"}))
    finally:
        handler.close()


def start(portal: Portal) -> None:
    """From now on keeps what the log's weeks hold and what in them was unusual, and sends checkpoints, in a thread."""
    threading.Thread(target=_watch_always, args=(portal,), name="auditing", daemon=True).start()


def _watch_always(portal: Portal) -> None:
    pause = threading.Event()
    while not pause.wait(INTERVAL):
        try:
            portal.auditing.weeks.keep()
            for problem in send(portal):
                log.error(problem)
        except StoreError:
            log.exception("the access log could not be looked through")

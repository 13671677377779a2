"""What the sender of mail needs of the outside: an outbox and a mail server."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol

from backend_client.domain.mailing import Arrival, MailResult, MailToSend


class Outbox(Protocol):
    """Mail by the piece; each call is one short transaction."""

    def is_due(self, at: datetime) -> bool: ...

    def claim(self, at: datetime, until: datetime) -> MailToSend | None:
        """The mail that is due longest, nobody else's until then; it counts as unclear."""
        ...

    def record(self, result: MailResult, at: datetime) -> bool:
        """Write what became of a claimed mail; whether it still was the claimer's."""
        ...

    def waiting(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Handover:
    """What a server did with a mail. `about_us`: it would do the same with every other one."""

    arrival: Arrival
    code: str = ""
    text: str = ""
    about_us: bool = False


class Line(Protocol):
    """An open line to a mail server; once dead it takes nothing more."""

    @property
    def is_alive(self) -> bool: ...

    def deliver(self, sender: str, to: str, message: EmailMessage) -> Handover: ...


class MailServer(Protocol):
    def line(self) -> AbstractContextManager[Line]:
        """Raises Refused: `mail-server`, `mail-login`."""
        ...

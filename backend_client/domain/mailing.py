"""What passes between the outbox and whoever sends its mail: plain values."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from backend_client.domain.mail import MailFacts, MailKind, MailLine, MailPart, MailState
from backend_client.domain.refund import Method


class Arrival(StrEnum):
    """What became of one attempt to hand a mail over."""

    DELIVERED = "delivered"
    LATER = "later"
    """Surely not taken this time; the server may take it another time."""
    REFUSED = "refused"
    """Surely not taken, now or ever."""
    UNCLEAR = "unclear"
    """The text was on its way when the line went dead: it may have been taken."""


@dataclass(frozen=True, slots=True)
class MailToSend:
    """A claimed mail; `attempts` names this attempt among all of the mail, `unclear` counts those
    before it after which nobody knew whether it had arrived."""

    mail_id: int
    message_id: str
    to: str
    language: str
    facts: MailFacts
    created_at: datetime
    attempts: int
    unclear: int


@dataclass(frozen=True, slots=True)
class MailResult:
    """The next state of a claimed mail and why; `next_try_at` while it waits."""

    mail_id: int
    attempts: int
    arrival: Arrival
    state: MailState
    next_try_at: datetime | None = None
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class MailRun:
    """What one run of sending did. `waiting` counts what still waits, due now or later."""

    sent: int = 0
    later: int = 0
    unclear: int = 0
    bounced: int = 0
    failed: int = 0
    waiting: int = 0


def packed(facts: MailFacts) -> str:
    """The facts as canonical JSON."""
    return json.dumps(asdict(facts), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def unpacked(text: str) -> MailFacts:
    body: dict[str, Any] = json.loads(text)
    lines = tuple(MailLine(**line) for line in body.pop("lines"))
    parts = tuple(
        MailPart(**{**part, "method": Method(part["method"])}) for part in body.pop("parts")
    )
    return MailFacts(**{**body, "kind": MailKind(body["kind"]), "lines": lines, "parts": parts})

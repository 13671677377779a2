"""What a backend reports of long work: imports, mail, the doctor, the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_client.domain.mail import MailKind, MailState


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant the doctor looked at; `findings` are the rows that break it, at most 20."""

    code: str
    title: str
    ok: bool
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DoctorReport:
    checks: tuple[Check, ...]
    facts: Mapping[str, str]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


@dataclass(frozen=True, slots=True)
class AuditReport:
    """`broken_at` is the first record whose chain does not hold, None when all do."""

    records: int
    head: str
    broken_at: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ImportSource:
    """A file of bookings, and what fills in what it does not say."""

    path: str
    format: str
    site: str
    currency: str
    zone: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; `contradicted` bookings changed at the source but have refunds here."""

    path: str
    format: str
    read: int
    added: int
    updated: int
    unchanged: int
    contradicted: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutboxMail:
    """One mail of the outbox; `unclear` counts attempts after which it may have arrived."""

    refund_number: str
    kind: MailKind
    state: MailState
    to: str
    message_id: str
    amount_minor: int
    currency: str
    created_at: datetime
    attempts: int = 0
    unclear: int = 0
    next_try_at: datetime | None = None
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """Mails newest first and how many there are in each state.

    `no_address` are refunds whose customer cannot be written to, `unwritten` those that were
    finished where no mail was configured; nobody is told of either.
    """

    mails: tuple[OutboxMail, ...]
    totals: Mapping[MailState, int]
    no_address: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()
    configured: bool = True

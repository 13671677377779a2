"""A desk of a house that mails, and the answers its providers give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from backend_client.domain.mail import MailFacts, MailKind, MailState
from backend_client.domain.mailing import unpacked
from backend_client.domain.refund import LegState
from backend_client.domain.settlement import LegResult, Outcome
from backend_client.local.leg_store import LocalLegStore
from backend_client.local.outbox import mail_rules
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from backend_client.mail_settings import MailSettings
from backend_client.settings import House, Settings
from tests.unit import builders
from tests.unit.local.venue import Desk

MAIL = MailSettings(date(2026, 11, 1), "office@palais.example", "localhost")
SETTINGS = Settings(House(name="Palais", currency="CHF", zone="Europe/Zurich"), mail=MAIL)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the outbox as a test looks at it."""

    refund_id: int
    kind: MailKind
    state: MailState
    to: str
    message_id: str
    facts: MailFacts
    attempts: int
    unclear: int
    code: str


def mails(store: Store) -> list[Row]:
    """Everything in the outbox, oldest first."""
    with store.read() as connection:
        return [_row(row) for row in fetch(connection, "SELECT * FROM outbox ORDER BY id")]


def _row(row: Any) -> Row:
    return Row(
        row.refund_id,
        MailKind(row.kind),
        MailState(row.state),
        row.to_address,
        row.message_id,
        unpacked(row.body),
        row.attempts,
        row.unclear,
        row.last_code,
    )


def said(store: Store) -> list[tuple[MailKind, MailState]]:
    return [(mail.kind, mail.state) for mail in mails(store)]


def mailing_desk(store: Store) -> Desk:
    return Desk(store, settings=SETTINGS)


def answer(store: Store, leg_id: int, state: LegState, settings: Settings = SETTINGS) -> None:
    """Send a pending leg as settling does, and have its provider answer with this state."""
    legs = LocalLegStore(store, mail_rules(settings))
    sent = legs.claim([leg_id], "test", builders.NOW)[0]
    move(store, leg_id, sent.attempts, LegState.SENDING, state, settings)


def move(
    store: Store,
    leg_id: int,
    attempts: int,
    before: LegState,
    after: LegState,
    settings: Settings = SETTINGS,
) -> None:
    """Write one result of settling, which must apply."""
    paid = after is LegState.SUCCEEDED
    result = LegResult(
        leg_id,
        before,
        attempts,
        after,
        Outcome.FINAL if paid else Outcome.FOUND,
        provider_refund_id=f"prov-{leg_id}" if paid else "",
    )
    legs = LocalLegStore(store, mail_rules(settings))
    assert legs.record([result], builders.NOW) == {leg_id}


def fail_late(store: Store, leg_id: int, settings: Settings = SETTINGS) -> None:
    """A refund the provider called final comes back."""
    move(store, leg_id, 1, LegState.SUCCEEDED, LegState.FAILED_LATE, settings)

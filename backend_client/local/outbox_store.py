"""The outbox as its sender and its readers know it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.mail import MailKind, MailState, addressee, usable_address
from backend_client.domain.mailing import Arrival, MailResult, MailToSend, unpacked
from backend_client.domain.refund import CLOSED, FINAL
from backend_client.domain.texts import clean_text
from backend_client.local import bookings, refunds
from backend_client.local.outbox import MailRules
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from backend_client.local.times import from_us, maybe_from_us, maybe_us, to_us
from backend_client.local.triggers import in_list
from backend_client.reports import OutboxMail, OutboxPage

TEXT_LIMIT = 200
_DUE = """
SELECT id FROM outbox AS mail WHERE state = 'waiting' AND next_try_at_us <= ?
  AND NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.refund_id = mail.refund_id
    AND earlier.ordinal < mail.ordinal AND earlier.state = 'waiting')"""
_CLAIM = f"""
UPDATE outbox SET attempts = attempts + 1, unclear = unclear + 1, next_try_at_us = ?,
  changed_at_us = ?
WHERE id = ({_DUE} ORDER BY next_try_at_us, id LIMIT 1)
RETURNING *"""
_RECORD = """
UPDATE outbox SET state = ?, unclear = unclear - ?, next_try_at_us = COALESCE(?, next_try_at_us),
  changed_at_us = ?, last_code = ?, last_text = ?
WHERE id = ? AND attempts = ? AND state = 'waiting' RETURNING id"""
_WAITING = "SELECT COUNT(*) AS many FROM outbox WHERE state = 'waiting'"
_LIST = """
SELECT outbox.*, refund.number FROM outbox JOIN refund ON refund.id = outbox.refund_id
ORDER BY outbox.id DESC LIMIT ?"""
_TOTALS = "SELECT state, COUNT(*) AS many FROM outbox GROUP BY state"
_UNTOLD = f"""
SELECT refund.id FROM refund
WHERE refund.created_at_us >= ? AND refund.voided_at_us IS NULL AND refund.amount_minor > 0
  AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.refund_id = refund.id)
  AND NOT EXISTS (SELECT 1 FROM leg WHERE leg.refund_id = refund.id
    AND leg.state NOT IN {in_list(FINAL | CLOSED)})
ORDER BY refund.id DESC LIMIT ?"""


class LocalOutbox:
    """The port the sender of mail knows the store by; each call is one short transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def is_due(self, at: datetime) -> bool:
        """Is there anything to send now?"""
        with self._store.read() as connection:
            return bool(fetch(connection, f"{_DUE} LIMIT 1", to_us(at)))

    def claim(self, at: datetime, until: datetime) -> MailToSend | None:
        """The mail that is due longest, nobody else's until then; None when nothing is due.

        It counts as unclear from now on, so that a crash while it is sent needs no further note.
        """

        def job(connection: Connection) -> MailToSend | None:
            now = to_us(at)
            rows = fetch(connection, _CLAIM, to_us(until), now, now)
            return _mail(rows[0]) if rows else None

        return self._store.write(job, label="claim mail", run=True)

    def record(self, result: MailResult, at: datetime) -> bool:
        """Write what became of a claimed mail, unless it was claimed again or withdrawn since."""

        def job(connection: Connection) -> bool:
            return bool(
                fetch(
                    connection,
                    _RECORD,
                    result.state.value,
                    int(result.arrival is not Arrival.UNCLEAR),
                    maybe_us(result.next_try_at),
                    to_us(at),
                    _inert(result.code),
                    _inert(result.text),
                    result.mail_id,
                    result.attempts,
                )
            )

        return self._store.write(job, label="record mail", run=True)

    def waiting(self) -> int:
        with self._store.read() as connection:
            return int(fetch(connection, _WAITING)[0].many)


def page(connection: Connection, rules: MailRules | None, limit: int) -> OutboxPage:
    """Mails newest first, how many are in each state, and refunds nobody could be told of."""
    mails = tuple(_listed(row) for row in fetch(connection, _LIST, limit))
    totals = {row.state: row.many for row in fetch(connection, _TOTALS)}
    untold = {} if rules is None else _untold(connection, rules, limit)
    return OutboxPage(
        mails=mails,
        totals={state: totals[state] for state in MailState if state in totals},
        no_address=tuple(number for number, address in untold.items() if not address),
        unwritten=tuple(number for number, address in untold.items() if address),
        configured=rules is not None,
    )


def _untold(connection: Connection, rules: MailRules, limit: int) -> dict[str, str]:
    """Numbers of refunds that are final and have no mail, with the customer's usable address.

    Those with one were finished by a program that sends no mail, or the address came later.
    """
    rows = fetch(connection, _UNTOLD, to_us(rules.start), limit)
    given_back = refunds.load(connection, [row.id for row in rows])
    found = bookings.load(connection, {one.booking_id for one in given_back})
    of_booking = {booking.id: booking for booking in found}
    found_addresses = {}
    for refund in given_back:
        contact = addressee(of_booking[refund.booking_id], refund)
        found_addresses[refund.number] = usable_address(contact.email) if contact else ""
    return found_addresses


def _mail(row: Any) -> MailToSend:
    return MailToSend(
        mail_id=row.id,
        message_id=row.message_id,
        to=row.to_address,
        language=row.language,
        facts=unpacked(row.body),
        created_at=from_us(row.created_at_us),
        attempts=row.attempts,
        unclear=row.unclear - 1,
    )


def _listed(row: Any) -> OutboxMail:
    waits = row.state == MailState.WAITING
    facts = unpacked(row.body)
    return OutboxMail(
        refund_number=row.number,
        kind=MailKind(row.kind),
        state=MailState(row.state),
        to=row.to_address,
        message_id=row.message_id,
        amount_minor=facts.amount_minor,
        currency=facts.currency,
        created_at=from_us(row.created_at_us),
        attempts=row.attempts,
        unclear=row.unclear,
        next_try_at=maybe_from_us(row.next_try_at_us) if waits else None,
        code=row.last_code,
        text=row.last_text,
    )


def _inert(text: str) -> str:
    return mask_card_numbers(clean_text(text, TEXT_LIMIT))

"""The payment of an unpaid order is recorded: whoever took it says so, and the booking is paid."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.domain import books as rules
from backend_client.domain.booking import Booking, Contact
from backend_client.domain.caller import Action, Caller
from backend_client.domain.kinds import LineState, PaymentMethod
from backend_client.domain.permissions import may, may_touch
from backend_client.domain.problems import Refused
from backend_client.domain.sale_payment import (
    SalePayment,
    SaleTaken,
    check_sale,
    order_lines,
    recorded_before,
)
from backend_client.local import bookings, ids
from backend_client.local.audit import Record
from backend_client.local.books import Entry, EntryKind, post
from backend_client.local.changes import Event, move_lines, note, touch
from backend_client.local.context import Context
from backend_client.local.intake_people import Memory, store_people
from backend_client.local.intake_rows import PAYMENT
from backend_client.local.order_sessions import bookings_of
from backend_client.local.rows import insert_rows
from backend_client.local.schema import payment as payment_table
from backend_client.local.search_index import rewrite_search
from backend_client.local.timeline import PAID

FIRST_TRANSACTION = 900_000_000
"""Transactions numbered here begin beyond those of any ticketing system we took bookings from."""
_PAID = """
UPDATE booking SET is_paid = 1, settled_minor = ?, contact_id = ?, transaction_id = ?
WHERE id = ? AND is_paid = 0 AND settled_minor = 0 AND unsettled_minor = 0"""


class TakingPayment:
    """Records the payments of sales, each once."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def take(self, caller: Caller, sale: SalePayment) -> SaleTaken:
        """The booking is paid by exactly this payment; asked twice it is done once."""
        may(caller, Action.TAKE_SALE_PAYMENT)
        wanted = sale.cleaned()
        return self._context.commit(
            lambda connection, now: self._commit(connection, caller, wanted, now),
            label="take payment",
        )

    def _commit(
        self, connection: Connection, caller: Caller, sale: SalePayment, now: datetime
    ) -> SaleTaken:
        booking = _booking_of(connection, caller, sale.order_session)
        before = recorded_before(booking, sale)
        if before is not None:
            return SaleTaken(booking, before, already_done=True)
        check_sale(booking, sale)
        payer = booking.contact or _new_contact(connection, booking, sale)
        payment_id = ids.take(connection, "payment")
        key = f"EXT-{payment_id}"
        row = (payment_id, booking.id, *_payment_row(sale, key, payer))
        insert_rows(connection, payment_table, ("id", "booking_id", *PAYMENT), [row])
        _make_paid(connection, booking, sale, payer)
        kept = [one.sequence for one in booking.lines if one.state is LineState.RESERVED]
        move_lines(connection, booking, kept, LineState.RESERVED, LineState.SOLD)
        touch(connection, booking, now)
        rewrite_search(connection, [booking.id])
        _post(connection, caller, booking, key, now)
        note(connection, caller, now, [Event(booking.id, PAID, sale.amount_minor)])
        paid = bookings.load_one(connection, booking.id)
        body = _told(paid, sale, key)
        self._context.store.audit.append(
            connection, caller, now, Record("sale", booking.key.booking_id, body)
        )
        payment = next(one for one in paid.payments if one.id == payment_id)
        assert paid.is_paid
        assert paid.settled_minor == payment.refundable_minor == sale.amount_minor
        return SaleTaken(paid, payment)


def _booking_of(connection: Connection, caller: Caller, session: str) -> Booking:
    """The order of this session, if its client may know of it."""
    found = bookings.load(connection, bookings_of(connection, session)) if session else []
    if not found:
        raise Refused("order-not-found")
    if len(found) > 1:
        raise Refused("order-not-unique", bookings=[one.key.booking_id for one in found])
    may_touch(caller, found[0])
    return found[0]


def _new_contact(connection: Connection, booking: Booking, sale: SalePayment) -> Contact | None:
    """The customer as the client names them, known by this booking alone."""
    if not (sale.customer_name or sale.customer_email):
        return None
    key = booking.key
    named = f"guest:{key.site}:{key.booking_id}:{key.transaction_id}"
    said = (sale.customer_name, sale.customer_email, "")
    contact_id = store_people(connection, [(named, said)], Memory()).id_of(named)
    assert contact_id is not None
    return Contact(contact_id, named, sale.customer_name, sale.customer_email)


def _payment_row(sale: SalePayment, key: str, payer: Contact | None) -> tuple[Any, ...]:
    values = {
        "key": key,
        "method": PaymentMethod.EXTERNAL.value,
        "amount_minor": sale.amount_minor,
        "settled_minor": sale.amount_minor,
        "payer_id": payer.id if payer else None,
        "bank_reference": sale.bank_reference,
        "masked_number": sale.masked_number,
        "card_type": sale.card_type,
        "card_expiry": sale.card_expiry,
        "reversal_data": sale.reversal_data,
        "refund_method": sale.refund_method,
        "prior_refunded_minor": 0,
    }
    return tuple(values.get(name, "") for name in PAYMENT)


def _make_paid(
    connection: Connection, booking: Booking, sale: SalePayment, payer: Contact | None
) -> None:
    """A booking nobody had paid has no transaction of its own yet, and is given one."""
    transaction = booking.key.transaction_id
    if not transaction.strip("0"):
        transaction = str(FIRST_TRANSACTION + ids.take(connection, "sale_transaction"))
    values = (sale.amount_minor, payer.id if payer else None, transaction, booking.id)
    paid = connection.exec_driver_sql(_PAID, values).rowcount
    assert paid == 1, "the order changed inside the transaction"


def _post(
    connection: Connection, caller: Caller, booking: Booking, key: str, now: datetime
) -> None:
    lines = [(line.kind, line.price_minor) for line in order_lines(booking)]
    entry = Entry(
        kind=EntryKind.SOLD,
        postings=rules.sold(lines, booking.currency),
        reference=f"{booking.key.booking_id} {key}",
    )
    post(connection, caller, now, [entry])


def _told(paid: Booking, sale: SalePayment, key: str) -> dict[str, Any]:
    """The sale as the audit log tells it."""
    where = paid.key
    return {
        "booking": f"{where.site}:{where.booking_id}:{where.transaction_id}",
        "payment": key,
        "amount_minor": sale.amount_minor,
        "currency": paid.currency,
        "bank_reference": sale.bank_reference,
        "reversible": bool(sale.reversal_data and sale.refund_method),
    }

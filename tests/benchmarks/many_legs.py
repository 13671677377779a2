"""A store with very many refunds, written in sets by the store's own parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.engine import Connection

from backend_client.domain import books as rules
from backend_client.domain.booking import Booking
from backend_client.domain.kinds import LineKind
from backend_client.domain.plan import PlannedLeg
from backend_client.domain.refund import LegState, Method
from backend_client.domain.settlement import LegResult, Outcome
from backend_client.local import bookings, ids
from backend_client.local.audit import Record
from backend_client.local.books import Entry, EntryKind, post
from backend_client.local.legs import Birth, give_birth
from backend_client.local.refunds import number_of
from backend_client.local.rows import insert_rows
from backend_client.local.schema import refund as refund_table
from backend_client.local.schema import refund_line
from backend_client.local.times import to_us
from backend_client.local.triggers import REFUND_FIXED
from backend_client.ports import RandomTokens
from tests.shop import PRICE, SUPERVISOR, Shop, open_shop, sale

CHUNK = 500
OWNER = "benchmark"


def build(folder: Path, legs: int) -> str:
    """A refund with one succeeded card payment for each of so many bookings; the store's URL."""
    shop = open_shop(folder, settles=False)
    for start in range(1, legs + 1, CHUNK):
        numbers = range(start, min(start + CHUNK, legs + 1))
        shop.sell(sale(number) for number in numbers)
        born = shop.store.write(
            lambda connection, wanted=numbers: _refund(connection, shop, wanted),  # type: ignore[misc]
            label="refund",
        )
        _settle(shop, born)
    shop.backend.close()
    return f"sqlite:///{folder / 'store.db'}"


def _refund(connection: Connection, shop: Shop, wanted: Sequence[int]) -> Sequence[int]:
    """The first ticket of each of these bookings goes back to its card."""
    now = shop.clock.now()
    first = ids.take(connection, "refund", len(wanted))
    sold = bookings.load(connection, wanted)
    numbered = list(enumerate(sold, first))
    rows = [_row(refund_id, booking, to_us(now)) for refund_id, booking in numbered]
    insert_rows(connection, refund_table, REFUND_FIXED, rows)
    marks = [(refund_id, booking.id) for refund_id, booking in numbered]
    lines = {
        row.booking_id: row.id
        for row in connection.exec_driver_sql(
            "SELECT id, booking_id FROM line WHERE sequence = 1 AND booking_id BETWEEN ? AND ?",
            (min(wanted), max(wanted)),
        )
    }
    given = [(refund_id, lines[booking_id], PRICE) for refund_id, booking_id in marks]
    insert_rows(connection, refund_line, ("refund_id", "line_id", "value_minor"), given)
    connection.exec_driver_sql(
        "UPDATE line SET state = 'cancelled' WHERE sequence = 1 AND booking_id BETWEEN ? AND ?",
        (min(wanted), max(wanted)),
    )
    births = [_birth(refund_id, booking, now) for refund_id, booking in numbered]
    born = give_birth(connection, SUPERVISOR, now, births, RandomTokens())
    granted = rules.granted([(LineKind.TICKET, PRICE)], withheld_minor=0, currency="EUR")
    entries = [Entry(EntryKind.GRANTED, granted, refund_id=one) for one, _ in numbered]
    post(connection, SUPERVISOR, now, entries)
    told = [Record("refund", number_of(one), {"amount_minor": PRICE}) for one, _ in numbered]
    shop.store.audit.append(connection, SUPERVISOR, now, *told)
    return born.ids


def _birth(refund_id: int, booking: Booking, now: object) -> Birth:
    payment = booking.payments[0]
    leg = PlannedLeg(
        Method.MATCHED, PRICE, LegState.PENDING, payment.id, payment.payer_id, "practice"
    )
    return Birth(leg, booking, refund_id, 1, now)  # type: ignore[arg-type]


def _row(refund_id: int, booking: Booking, at_us: int) -> tuple[object, ...]:
    who = (SUPERVISOR.operator, SUPERVISOR.role.value, SUPERVISOR.desk, SUPERVISOR.channel)
    asked = (SUPERVISOR.entrance.value, SUPERVISOR.correlation_id, at_us)
    kept = (booking.id, "window", PRICE, 0, 0, PRICE, "EUR", "goodwill")
    keys = (f"key-{refund_id}", f"{refund_id:032x}")
    return (refund_id, number_of(refund_id), *kept, *who, *asked, *keys)


def _settle(shop: Shop, leg_ids: Sequence[int]) -> None:
    """Sent and refunded, as settling writes it."""
    legs = shop.settler._legs
    sent = legs.claim(leg_ids, OWNER, shop.clock.now())
    results = [
        LegResult(
            leg.leg_id,
            LegState.SENDING,
            leg.attempts,
            LegState.SUCCEEDED,
            Outcome.FINAL,
            provider_refund_id=f"re-{leg.leg_id}",
        )
        for leg in sent
    ]
    assert len(legs.record(results, shop.clock.now())) == len(leg_ids)

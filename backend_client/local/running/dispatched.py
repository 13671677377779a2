"""What a dispatch writes: an open payment is closed, and payments of the same total are born.

The same as changing its method at the window, in sets and by a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend_client.domain.plan import PlannedLeg
from backend_client.domain.refund import BORN_AS, Method
from backend_client.domain.runs import ItemPart, PartRole
from backend_client.local.audit import Record
from backend_client.local.books import post
from backend_client.local.changes import Event, note
from backend_client.local.legs import Birth, described, give_birth
from backend_client.local.outbox import write_mails
from backend_client.local.refunds import leg_number_of, number_of
from backend_client.local.rows import fetch, id_list, insert_rows
from backend_client.local.schema import run_leg
from backend_client.local.timeline import DISPATCHED
from backend_client.local.times import from_us, to_us

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Row

    from backend_client.domain.booking import Booking
    from backend_client.domain.caller import Caller
    from backend_client.local.running.live import Live

_CLOSE = "UPDATE leg SET state = 'replaced', changed_at_us = ? WHERE id = ? AND state = ?"
_TOUCH = """
UPDATE booking SET version = version + 1
WHERE id IN (SELECT value FROM json_each(?))"""
_LAST = """
SELECT refund_id, MAX(ordinal) AS last FROM leg
WHERE refund_id IN (SELECT value FROM json_each(?)) GROUP BY refund_id"""
_REFUND = "UPDATE run_item SET refund_id = ? WHERE run_id = ? AND ordinal = ?"
_OVER = "UPDATE run_leg SET over = 1 WHERE leg_id = ?"
METHODS = {
    PartRole.CARD: Method.MATCHED,
    PartRole.CREDIT: Method.CREDIT,
    PartRole.CREDIT_AFTER_REFUSAL: Method.CREDIT,
    PartRole.STAYS: Method.REQUESTED,
}


@dataclass(frozen=True, slots=True)
class Dispatched:
    """The item `ordinal` of a simulation: the open payment it is about and what takes its place."""

    ordinal: int
    leg: Row[Any]
    booking: Booking
    parts: tuple[ItemPart, ...]


def write_dispatched(
    connection: Connection, live: Live, caller: Caller, done: Sequence[Dispatched]
) -> tuple[int, ...]:
    """Close and give birth, with books, audit and mail; the legs that are to be sent."""
    if not done:
        return ()
    context, now = live.context, live.context.now()
    closed = connection.exec_driver_sql(
        _CLOSE, [(to_us(now), one.leg.id, one.leg.state) for one in done]
    ).rowcount
    assert closed == len(done), "a payment changed inside the transaction"
    births = _births(connection, done)
    born = give_birth(connection, caller, now, [birth for _, birth, _ in births], context.tokens)
    rows = [
        (leg_id, live.run_id, one.ordinal, part.role.value, birth.planned.state.value)
        for leg_id, (one, birth, part) in zip(born.ids, births, strict=True)
    ]
    insert_rows(connection, run_leg, ("leg_id", "run_id", "ordinal", "role", "state"), rows)
    refunds = [(one.leg.refund_id, live.simulation_id, one.ordinal) for one in done]
    connection.exec_driver_sql(_REFUND, refunds)
    connection.exec_driver_sql(_TOUCH, (id_list({one.booking.id for one in done}),))
    post(connection, caller, now, born.entries)
    _tell(connection, live, caller, done, births)
    ids = {one.leg.refund_id for one in done}
    write_mails(connection, context.mail, sorted(ids), now)
    return born.to_send.legs


def stand_in(connection: Connection, done: Iterable[Dispatched]) -> None:
    """The payments of this run that others of it stand in for decide about no item any more."""
    connection.exec_driver_sql(_OVER, [(one.leg.id,) for one in done])


Births = list[tuple[Dispatched, Birth, ItemPart]]


def _births(connection: Connection, done: Sequence[Dispatched]) -> Births:
    last = {
        row.refund_id: row.last
        for row in fetch(connection, _LAST, id_list({one.leg.refund_id for one in done}))
    }
    births: Births = []
    for one in done:
        leg = one.leg
        assert sum(part.amount_minor for part in one.parts) == leg.amount_minor
        for part in one.parts:
            last[leg.refund_id] += 1
            birth = Birth(
                _planned(part, leg.payer_id),
                one.booking,
                leg.refund_id,
                last[leg.refund_id],
                from_us(leg.requested_at_us),
                replaces_leg_id=leg.id,
            )
            births.append((one, birth, part))
    return births


def _planned(part: ItemPart, payer_id: int | None) -> PlannedLeg:
    method = METHODS[part.role]
    return PlannedLeg(
        method=method,
        amount_minor=part.amount_minor,
        state=BORN_AS[method],
        payment_id=part.payment_id,
        payer_id=payer_id,
        provider=part.provider,
        label=part.label,
    )


def _tell(
    connection: Connection,
    live: Live,
    caller: Caller,
    done: Sequence[Dispatched],
    births: Births,
) -> None:
    """The audit log and the timeline of each booking name the run."""
    now = live.context.now()
    made: dict[int, list[Birth]] = {one.ordinal: [] for one in done}
    for one, birth, _ in births:
        made[one.ordinal].append(birth)
    records, events = [], []
    for one in done:
        number = leg_number_of(number_of(one.leg.refund_id), one.leg.ordinal)
        told = described(made[one.ordinal])
        body = {
            "run": live.run_id,
            "item": one.ordinal,
            "before": one.leg.state,
            "amount_minor": one.leg.amount_minor,
            "legs": told,
        }
        records.append(Record("dispatch", number, body))
        after = ", ".join(leg["method"] for leg in told)
        details = {"run": str(live.run_id), "leg": number, "after": after}
        events.append(Event(one.booking.id, DISPATCHED, one.leg.amount_minor, details))
    live.context.store.audit.append(connection, caller, now, *records)
    note(connection, caller, now, events)

"""A live dispatch: open payments become card payments and credit a few at a time, and are sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from backend_client.domain.dispatch import NO_REFUSALS
from backend_client.domain.refund import LegState
from backend_client.domain.runs import (
    FrozenItem,
    ItemOutcome,
    ItemPart,
    PartRole,
    RunState,
)
from backend_client.local import bookings
from backend_client.local.rows import fetch, id_list
from backend_client.local.running import items, runs
from backend_client.local.running.dispatched import Dispatched, stand_in, write_dispatched
from backend_client.local.running.live import StopAskedError
from backend_client.local.running.work import Ending
from backend_client.local.triggers import in_list

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Row

    from backend_client.domain.booking import Booking
    from backend_client.domain.caller import Caller
    from backend_client.domain.driving import Pause
    from backend_client.local.context import Driver
    from backend_client.local.running.live import Live

TOGETHER = 64
"""Items in one commit: about as many payments as are on the wire at once."""
KEPT_EVERY = timedelta(seconds=10)
_LEGS = "SELECT * FROM leg WHERE id IN (SELECT value FROM json_each(?))"
_OPEN = "state NOT IN ('succeeded','credited','recorded','replaced','voided')"
"""Word for word the condition of the index over open legs, so that it is used."""
_PENDING = f"""
FROM leg l INDEXED BY leg_open JOIN run_leg m ON m.leg_id = l.id
WHERE l.state = 'pending' AND l.{_OPEN} AND m.run_id = ? AND m.role = '{PartRole.CARD}'"""
_UNSENT = f"SELECT l.*, m.ordinal AS item {_PENDING} AND l.id > ? ORDER BY l.id LIMIT ?"
_LEFT_WITH = f"""
SELECT DISTINCT l.provider,
  COALESCE((SELECT code FROM attempt WHERE leg_id = l.id ORDER BY id DESC LIMIT 1), '') AS code
{_PENDING} ORDER BY 1, 2"""
_REFUSED = f"""
SELECT l.*, m.ordinal AS item, c.name AS payer
FROM leg l INDEXED BY leg_open JOIN run_leg m ON m.leg_id = l.id JOIN contact c ON c.id = l.payer_id
WHERE l.state = 'declined' AND l.{_OPEN} AND l.id >= ? AND m.run_id = ?
  AND m.role = '{PartRole.CARD}' AND l.by_hand = 0
  AND (SELECT outcome FROM attempt WHERE leg_id = l.id ORDER BY id DESC LIMIT 1)
    NOT IN {in_list(NO_REFUSALS)}
  AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.booking_id = l.booking_id
    AND p.payer_id = l.payer_id AND p.found_minor > 0)
ORDER BY l.id LIMIT {TOGETHER}"""
_FIRST = "SELECT COALESCE(MIN(leg_id), 0) AS first FROM run_leg WHERE run_id = ?"


class LiveDispatch:
    """What one program does for one live run, from its first item or from where it was left."""

    def __init__(self, live: Live, caller: Caller) -> None:
        self._live = live
        self._caller = caller
        self._kept_at: datetime | None = None
        self._resent_to = 0
        self._first_leg = 0
        self._credits_refused = False
        self._stopped = False

    def carry_out(self, driver: Driver, *, credits_refused: bool) -> Ending:
        """Send what another program left unsent, then the rest. `credits_refused`: what a card
        refuses goes to its payer's account, as long as no provider is in doubt."""
        self._credits_refused = credits_refused
        left, sent = "", True
        while sent:
            self._resent_to = 0
            report = driver.send(self._supply, self._keep, self._come_back)
            if report.paused and not report.stopped:
                return Ending(RunState.PAUSED, _why(report.paused))
            if self._stopped or report.stopped:
                return Ending(RunState.STOPPED)
            left = self._left_with()
            sent = bool(left) and any(state is not LegState.PENDING for state in report.states)
        if left:
            return Ending(RunState.PAUSED, left)
        while self._live.step(self._credit, label="credit refused"):
            pass
        return Ending(RunState.DONE)

    def take_back(self, connection: Connection, most: int) -> int:
        """The next of what was never sent is requested again: nobody is going on with this run."""
        unsent = fetch(connection, _UNSENT, self._live.run_id, 0, most)
        return self._write(connection, unsent, PartRole.STAYS)

    def _supply(self, paused: Mapping[str, Pause]) -> Sequence[int] | None:
        if paused or self._stopped:
            return None
        try:
            left = self._left_unsent()
            return left or self._live.step(self._next, label="dispatch")
        except StopAskedError:
            self._stopped = True
            return None

    def _keep(self) -> bool:
        """The run stays ours while providers take their time."""
        now = self._live.context.now()
        if self._kept_at is None or not self._kept_at <= now < self._kept_at + KEPT_EVERY:
            self._live.step(lambda _: None, label="keep run", though_stopping=True)
            self._kept_at = now
        return True

    def _come_back(self) -> bool:
        """Whether to wait for a provider that asked for time: not once somebody wants a stop."""
        with self._live.context.store.read() as connection:
            return not runs.row_of(connection, self._live.run_id).stop_requested

    def _left_unsent(self) -> list[int]:
        """What was born before this program took the run over, and was never sent."""
        if self._resent_to < 0:
            return []
        with self._live.context.store.read() as connection:
            rows = fetch(connection, _UNSENT, self._live.run_id, self._resent_to, TOGETHER)
        self._resent_to = rows[-1].id if rows else -1
        return [row.id for row in rows]

    def _left_with(self) -> str:
        """Providers that payments could not be brought to, and why: only while the run may go on
        or be ended is there a way out for these."""
        with self._live.context.store.read() as connection:
            rows = fetch(connection, _LEFT_WITH, self._live.run_id)
        return "; ".join(f"{row.provider}: {row.code or LegState.PENDING}" for row in rows)

    def _next(self, connection: Connection) -> Sequence[int] | None:
        """Give birth to the next items that wait; None when none does any more."""
        rows = fetch(connection, items.WAITING, self._live.simulation_id, TOGETHER)
        self._credit(connection)
        if not rows:
            return None
        waiting = [items.frozen_of(row) for row in rows]
        legs = {
            leg.id: leg
            for leg in fetch(connection, _LEGS, id_list(item.leg_id or 0 for item in waiting))
        }
        found = _bookings(connection, (item.booking_id for item in waiting))
        done: list[Dispatched] = []
        changed: list[tuple[int, ItemOutcome, int | None]] = []
        taken = Counter[int]()
        for item in waiting:
            leg, booking = legs[item.leg_id], found[item.booking_id]
            if _is_as_frozen(item, leg, booking, taken):
                done.append(Dispatched(item.ordinal, leg, booking, item.parts))
                taken.update({part.payment_id or 0: part.amount_minor for part in item.parts})
            else:
                changed.append((item.ordinal, ItemOutcome.CHANGED, None))
        items.settle_outcomes(connection, self._live.simulation_id, changed)
        to_send = write_dispatched(connection, self._live, self._caller, done)
        runs.count_done(connection, self._live.run_id, len(waiting))
        return to_send

    def _credit(self, connection: Connection) -> int:
        """Refusals that are final become credit; how many did."""
        if not self._credits_refused:
            return 0
        run_id = self._live.run_id
        self._first_leg = self._first_leg or fetch(connection, _FIRST, run_id)[0].first
        refused = fetch(connection, _REFUSED, self._first_leg, run_id)
        return self._write(connection, refused, PartRole.CREDIT_AFTER_REFUSAL)

    def _write(self, connection: Connection, legs: Sequence[Row[Any]], role: PartRole) -> int:
        """Put payments of this run in the place of others of it, each as a whole."""
        if not legs:
            return 0
        found = _bookings(connection, (leg.booking_id for leg in legs))
        done = [
            Dispatched(leg.item, leg, found[leg.booking_id], (_whole(leg, role),)) for leg in legs
        ]
        write_dispatched(connection, self._live, self._caller, done)
        stand_in(connection, done)
        return len(done)


def _bookings(connection: Connection, ids: Any) -> dict[int, Booking]:
    return {one.id: one for one in bookings.load(connection, ids)}


def _whole(leg: Row[Any], role: PartRole) -> ItemPart:
    label = leg.payer if role is PartRole.CREDIT_AFTER_REFUSAL else ""
    return ItemPart(role, leg.amount_minor, payer_id=leg.payer_id, label=label)


def _is_as_frozen(
    item: FrozenItem, leg: Row[Any], booking: Booking, taken: Mapping[int, int]
) -> bool:
    """Is it still open as it was, with room for its parts? Its booking's version tells nothing:
    the run itself changes that with every other item of the booking."""
    if leg.state != item.state_seen or leg.by_hand:
        return False
    if any(part.role is PartRole.CREDIT for part in item.parts) and _has_found(booking, leg):
        return False
    for part in item.parts:
        if part.payment_id is None:
            continue
        payment = booking.payment(part.payment_id)
        if payment is None or payment.found_minor or payment.payer_id != leg.payer_id:
            return False
        if part.amount_minor > payment.refundable_minor - taken.get(payment.id, 0):
            return False
    return True


def _has_found(booking: Booking, leg: Row[Any]) -> bool:
    """Was something found at a provider, and not explained, that may be this payer's money?"""
    return any(one.found_minor for one in booking.payments if one.payer_id == leg.payer_id)


def _why(paused: Mapping[str, Pause]) -> str:
    """Which providers were left alone, in their own words."""
    told = (
        (name, " ".join(word for word in (pause.code, pause.text) if word) or pause.outcome)
        for name, pause in sorted(paused.items())
    )
    return "; ".join(f"{name}: {words}" for name, words in told)

"""Step 1 on the store: cancel the tickets of a performance, booking after booking in sets."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection

from backend_client.domain.booking import Booking
from backend_client.domain.caller import Action, Caller
from backend_client.domain.cancellation import Decision, add_totals, decide_cancellation
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.run_parameters import CancellationParameters
from backend_client.domain.run_record import cancellation_record
from backend_client.domain.run_totals import Totals
from backend_client.domain.runs import (
    FrozenItem,
    ItemOutcome,
    ItemPart,
    ItemPlan,
    PartRole,
    RunKind,
    RunState,
)
from backend_client.local import bookings
from backend_client.local.rows import fetch
from backend_client.local.running import items, performances, runs
from backend_client.local.running.cancelled import Cancelled, CancelledBy, write_cancelled
from backend_client.local.running.live import Live
from backend_client.local.running.meant import Meant, meant, refuse_unknown
from backend_client.local.running.work import Ending, Frozen

if TYPE_CHECKING:
    from backend_client.local.context import Context

FROZEN_TOGETHER = 1000
CANCELLED_TOGETHER = 250
"""Bookings in one commit at most; where they take longer, there are fewer."""


class Cancelling:
    """One cancellation with its parameters."""

    kind = RunKind.CANCELLATION
    action = Action.CANCEL_PERFORMANCE
    email = True

    def __init__(
        self, context: Context, caller: Caller, parameters: CancellationParameters
    ) -> None:
        self._context = context
        self._caller = caller
        self._parameters = replace(
            parameters, performances=tuple(sorted(set(parameters.performances)))
        )
        self._meant: Meant | None = None

    @property
    def told(self) -> dict[str, Any]:
        return cancellation_record(self._parameters)

    @property
    def scopes(self) -> Sequence[str]:
        return [f"performance:{one}" for one in self._parameters.performances]

    def check(self, connection: Connection) -> None:
        performances.of_one_event(connection, self._parameters.performances)
        refuse_unknown(connection, self._parameters)
        if not self._parameters.reason.strip():
            raise Refused("reason-required")
        self._reason()

    def _reason(self) -> str:
        """The house's words for the reason; its breach fee is for customers who give back."""
        policy, text = self._context.policy, self._parameters.reason
        reason = policy.reason(text)
        if reason is None:
            known = [one.label for one in policy.reasons]
            raise Refused("reason-unknown", reason=text, reasons=known)
        return reason.label

    # ------------------------------------------------------------ simulate

    def count(self, connection: Connection) -> int:
        self._meant = meant(connection, self._parameters)
        return len(self._meant.candidates)

    def freeze(self) -> Generator[Frozen, None, None]:
        assert self._meant is not None, "candidates are counted first"
        batch = self._parameters.batch or len(self._meant.candidates)
        chosen = self._meant.candidates[:batch]
        first = 1
        for ids, listed in ((chosen, False), (self._meant.listed, True)):
            for start in range(0, len(ids), FROZEN_TOGETHER):
                with self._context.store.read() as connection:
                    found = bookings.load(connection, ids[start : start + FROZEN_TOGETHER])
                yield self._frozen(found, first, listed=listed)
                first += len(found)

    def _frozen(self, found: Sequence[Booking], first: int, *, listed: bool) -> Frozen:
        totals = Totals()
        frozen = []
        for ordinal, booking in enumerate(found, first):
            decision = self._decide(booking)
            add_totals(totals, decision, booking.currency)
            frozen.append(items.row_of(_item(ordinal, booking, decision)))
        return Frozen(frozen, totals.rows(), listed)

    def _decide(self, booking: Booking) -> Decision:
        return decide_cancellation(booking, self._parameters, self._context.policy)

    def appeared(
        self, connection: Connection, simulation_id: int, most: int
    ) -> tuple[tuple[str, ...], int]:
        """Candidates that were none when it was simulated, latest sale first. What a batch size
        left out was one; it is not known which, but how many."""
        seen = {
            row[0]
            for row in connection.exec_driver_sql(
                "SELECT booking_id FROM run_item WHERE run_id = ?", (simulation_id,)
            )
        }
        rows = fetch(connection, "SELECT candidates, items FROM run WHERE id = ?", simulation_id)
        left_out = rows[0].candidates - rows[0].items
        unseen = [one for one in meant(connection, self._parameters).candidates if one not in seen]
        count = max(len(unseen) - left_out, 0)
        found = bookings.load(connection, sorted(unseen, reverse=True)[: min(count, most)])
        return tuple(one.key.booking_id for one in found), count

    # ------------------------------------------------------------ live

    def begin(self, connection: Connection, run_id: int) -> None:
        if self._parameters.blocks:
            performances.block(connection, self._parameters.performances)

    def give_up(self, connection: Connection, live: Live, most: int) -> int:
        """Each booking is whole in one commit: nothing is left half done."""
        return 0

    def carry_out(self, live: Live) -> Ending:
        live.steps(partial(self._next, live), most=CANCELLED_TOGETHER, label="cancel bookings")
        return Ending(RunState.DONE)

    def _next(self, live: Live, connection: Connection, count: int) -> int:
        """Cancel so many of the bookings that wait; 0 when none does any more."""
        waiting = fetch(connection, items.WAITING, live.simulation_id, count)
        if not waiting:
            return 0
        found = {
            one.id: one for one in bookings.load(connection, [row.booking_id for row in waiting])
        }
        outcomes: list[tuple[int, ItemOutcome, int | None]] = []
        done: list[Cancelled] = []
        totals = Totals()
        for row in waiting:
            booking = found[row.booking_id]
            decision = self._decide(booking)
            if _differs(row, booking, decision):
                outcomes.append((row.ordinal, ItemOutcome.CHANGED, None))
                continue
            add_totals(totals, decision, booking.currency)
            done.append(Cancelled(row.ordinal, booking, decision, row.body))
        by = CancelledBy(live.run_id, self._acting(), self._reason())
        made = write_cancelled(connection, self._context, by, done)
        outcomes += [
            (one.ordinal, ItemOutcome.CANCELLED, refund_id)
            for one, refund_id in zip(done, made, strict=True)
        ]
        items.settle_outcomes(connection, live.simulation_id, outcomes)
        runs.add_totals(connection, live.run_id, totals.rows())
        runs.count_done(connection, live.run_id, len(waiting))
        return len(waiting)

    def _acting(self) -> Caller:
        """Whoever carries it out, at the desk and through the channel the refunds are made."""
        through = self._parameters.through
        return replace(
            self._caller,
            desk=through.desk or self._caller.desk,
            channel=through.channel or self._caller.channel,
        )


def _item(ordinal: int, booking: Booking, decision: Decision) -> FrozenItem:
    return FrozenItem(
        ordinal=ordinal,
        booking_id=booking.id,
        version=booking.version,
        plan=decision.plan,
        amount_minor=decision.amount_minor,
        currency=booking.currency,
        parts=tuple(
            ItemPart(
                PartRole.WAITING_ACCOUNT if leg.method is Method.WAITING else PartRole.REQUESTED,
                leg.amount_minor,
                leg.payment_id,
                leg.payer_id,
                leg.provider,
                leg.label,
            )
            for leg in decision.legs
        ),
        reason=decision.reason,
        body=_body(decision),
    )


def _body(decision: Decision) -> dict[str, object]:
    if decision.plan is not ItemPlan.CANCEL:
        return {"states": list(decision.states)} if decision.states else {}
    return {
        "lines": [(line.sequence, line.value_minor) for line in decision.lines],
        "retained": decision.retained_minor,
        "kept": [(fee.fee_kind.value, fee.sequence, fee.amount_minor) for fee in decision.kept],
    }


def _differs(row: Any, booking: Booking, decision: Decision) -> bool:
    """Is it not exactly what the simulation froze any more?"""
    if row.version != booking.version or decision.plan is not ItemPlan.CANCEL:
        return True
    return items.row_of(_item(row.ordinal, booking, decision)) != tuple(row)[1:]

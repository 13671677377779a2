"""The open payments in the pictures: one of each kind, planned about by the real rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from backend_client.answers import OpenLeg
from backend_client.domain.caller import Caller
from backend_client.domain.findings import Resolution
from backend_client.domain.legs import Attempt, Leg, Refund
from backend_client.domain.plan import MethodChange, MethodPlan, Part
from backend_client.domain.planning import plan_method_change
from backend_client.domain.refund import LegState, Method
from backend_client.domain.resolution import ResolutionPlan, plan_resolution
from tests.functional.scripted import ScriptedBackend
from tests.snapshots.house import cash, family, owed, sample, unpaid
from tests.unit.builders import BETTE, NOW, circumstances, leg, refund

SENT = NOW - timedelta(minutes=42)
ATTEMPTS = {
    LegState.DECLINED: (Attempt(SENT, "declined", "43", "card closed by issuer"),),
    LegState.REVIEW: (
        Attempt(SENT, "unknown", "", "no answer within 30 s"),
        Attempt(NOW, "mismatch", "200", "the refund found is of 19.50 CHF, not of 14.50 CHF"),
    ),
}


class OpenHouse(ScriptedBackend):
    """A house with a declined payment and one in review."""

    def __init__(self) -> None:
        super().__init__([sample(), family(), unpaid(), owed(), cash()])
        for number, state in enumerate(ATTEMPTS, 1):
            self._add(number, state)

    def _add(self, number: int, state: LegState) -> None:
        booking = self.bookings[1]
        made = replace(
            leg(1, Method.MATCHED, 1450, state=state, payment_id=9, refund_id=number),
            label="VISA •••• 1111",
            provider="practice",
            our_reference=f"tw-7f31c0de-{number:04d}",
            attempts=ATTEMPTS[state],
        )
        whole = refund(booking, [1, 2, 3], (made,), id_=number)
        self.refunds[whole.number] = whole
        self.open_legs.append(
            OpenLeg(
                leg_id=number,
                leg_number=made.number,
                refund_number=whole.number,
                booking_reference=booking.key.booking_id,
                customer=BETTE.name,
                method=made.method,
                state=state,
                amount_minor=made.amount_minor,
                currency=whole.currency,
                requested_at=made.requested_at,
            )
        )

    def _found(self, number: str) -> tuple[Refund, Leg]:
        whole = self.refunds[number.partition(".")[0]]
        return whole, whole.legs[0]

    def preview_method_change(self, caller: Caller, change: MethodChange) -> MethodPlan:
        whole, one = self._found(change.leg_number)
        booking = self.bookings[whole.booking_id]
        return plan_method_change(booking, whole, one, change, circumstances(booking))

    def preview_retry(self, caller: Caller, leg_number: str, reason: str) -> MethodPlan:
        whole, one = self._found(leg_number)
        payment = self.bookings[whole.booking_id].payment(9)
        assert payment is not None
        part = Part(Method.MATCHED, one.amount_minor, payment.key)
        return self.preview_method_change(caller, MethodChange(leg_number, (part,), reason))

    def preview_resolution(self, caller: Caller, resolution: Resolution) -> ResolutionPlan:
        whole, one = self._found(resolution.leg_number)
        booking = self.bookings[whole.booking_id]
        of = circumstances(booking, role=caller.role)
        return plan_resolution(booking, whole, one, resolution, SENT, of, is_served=True)

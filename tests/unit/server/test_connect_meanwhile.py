"""What happens to a booking between the reading and the commit of one refund call."""

from __future__ import annotations

from typing import Any

import pytest

from backend_client.domain.plan import Part, RefundPlan, RefundRequest
from backend_client.domain.refund import Method
from tests.unit.server.served import CASHIER, Served, fixture

MATCHED = fixture("refund-full-matched")


async def test_what_was_planned_for_another_state_of_the_booking_is_not_done(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that can go back was counted before somebody at a window gave a part of it back."""
    preview = served.backend.preview_refund
    before = served.backend.booking(CASHIER, "WPM8TS9").booking

    def faster(*asked: Any) -> RefundPlan:
        monkeypatch.undo()
        parts = (Part(Method.EXTERNAL, reference="slip 7"),)
        theirs = preview(CASHIER, RefundRequest(before.id, (3,), "goodwill", parts))
        served.backend.execute_refund(CASHIER, theirs)
        return preview(*asked)

    monkeypatch.setattr(served.backend, "preview_refund", faster)
    answer = await served.refund({"sequencesToRefund": [2], **part_of(350)})
    assert (answer.status_code, answer.json()["code"]) == (409, "plan-stale")
    assert answer.json()["moneyMoved"] == "no"
    (theirs,) = served.backend.booking(CASHIER, "WPM8TS9").refunds
    assert theirs.amount_minor == 100


def part_of(amount: int) -> dict[str, Any]:
    (detail,) = MATCHED["matchedPaymentDetails"]
    return {"matchedPaymentDetails": [detail | {"amountInCents": amount}]}

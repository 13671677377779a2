"""What happens to a booking between the reading and the commit of one refund call."""

from __future__ import annotations

from typing import Any

import pytest

from backend_client.domain.plan import Part, RefundPlan, RefundRequest
from backend_client.domain.refund import Method
from tests.unit.server.served import CASHIER, Served, fixture, place

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


@pytest.mark.parametrize(
    ("headers", "status", "code"), [({}, 409, "plan-stale"), (None, 412, "precondition-failed")]
)
async def test_a_booking_that_moves_on_the_way_is_a_conflict(
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    headers: dict[str, str] | None,
    status: int,
    code: str,
) -> None:
    """Between the look at it and the commit; with `If-Match` already before the plan."""
    view = served.backend.booking(CASHIER, "WPM8TS9")
    preview, execute = served.backend.preview_refund, served.backend.execute_refund

    def elsewhere() -> None:
        monkeypatch.undo()
        request = RefundRequest(
            view.booking.id, (3,), "illness", (Part(Method.EXTERNAL, reference="1"),)
        )
        served.backend.execute_refund(CASHIER, served.backend.preview_refund(CASHIER, request))

    def moved_before(*asked: Any) -> Any:
        elsewhere()
        return preview(*asked)

    def moved_after(*asked: Any) -> Any:
        elsewhere()
        return execute(*asked)

    if headers is None:
        headers = {"If-Match": (await served.client.get(place())).headers["etag"]}
        monkeypatch.setattr(served.backend, "preview_refund", moved_before)
    else:
        monkeypatch.setattr(served.backend, "execute_refund", moved_after)
    answer = await served.refund({"sequencesToRefund": [1, 2], **part_of(1350)}, **headers)
    said = answer.json()
    assert (answer.status_code, said["code"], said["resultCode"]) == (status, code, 4)
    assert (said["moneyMoved"], said["retry"]) == ("no", "after_reread")
    assert [one["BillingValueCents"] for one in (await served.booking())["PaymentsRefunded"]] == [
        100
    ]


def part_of(amount: int) -> dict[str, Any]:
    (detail,) = MATCHED["matchedPaymentDetails"]
    return {"matchedPaymentDetails": [detail | {"amountInCents": amount}]}

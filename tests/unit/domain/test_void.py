"""Taking a refund back: only while nothing of it has left and its seats are free."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.booking import Booking
from backend_client.domain.caller import Role
from backend_client.domain.kinds import LineState
from backend_client.domain.legs import Refund
from backend_client.domain.plan import VoidPlan
from backend_client.domain.planning import plan_void
from backend_client.domain.refund import CLOSED, VOIDABLE, LegState, Method
from tests.unit.builders import NOW, booking, circumstances, fee, leg, refund, ticket
from tests.unit.refusing import refused


def given_back() -> Booking:
    return booking(
        [
            ticket(1, 1000, seat="G 16", state=LineState.CANCELLED),
            fee(2, 100, parent=1, state=LineState.CANCELLED),
            ticket(3, 1000),
        ]
    )


def void(
    of_refund: Refund,
    *,
    taken: frozenset[str] = frozenset(),
    reason: str = "pressed by mistake",
    role: Role = Role.SUPERVISOR,
    of: Booking | None = None,
) -> VoidPlan:
    of = of or given_back()
    return plan_void(of, of_refund, taken, reason, circumstances(of, role=role))


def requested() -> Refund:
    return refund(given_back(), [1, 2], [leg(1, Method.REQUESTED, 1100)])


def test_a_refund_that_was_only_promised_can_be_taken_back() -> None:
    plan = void(requested(), taken=frozenset({"G 17"}))
    assert [(line.sequence, line.value_minor, line.seat) for line in plan.lines] == [
        (1, 1000, "G 16"),
        (2, 100, ""),
    ]
    assert (plan.refund_number, plan.amount_minor, plan.missing) == ("R-10001", 1100, ())
    assert plan.reason == "pressed by mistake"


@pytest.mark.parametrize("state", sorted(set(LegState) - CLOSED))
def test_every_leg_must_still_be_here(state: LegState) -> None:
    legs = [leg(1, Method.REQUESTED, 600), leg(2, Method.MATCHED, 500, state=state)]
    of_refund = refund(given_back(), [1, 2], legs)
    if state in VOIDABLE:
        assert void(of_refund).amount_minor == 1100
    else:
        with refused("void-not-possible") as refusal:
            void(of_refund)
        assert "R-10001.2" in str(refusal.value.details["why"])


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_closed_legs_do_not_count(state: LegState) -> None:
    legs = [leg(1, Method.MATCHED, 1100, state=state), leg(2, Method.REQUESTED, 1100)]
    assert void(refund(given_back(), [1, 2], legs)).amount_minor == 1100


def test_a_refund_of_nothing_can_be_taken_back() -> None:
    assert void(refund(given_back(), [1], [])).amount_minor == 0


def test_a_seat_sold_again_stays_sold() -> None:
    with refused("seat-taken") as refusal:
        void(requested(), taken=frozenset({"G 16"}))
    assert refusal.value.details == {"seat": "G 16"}


def test_a_refund_is_voided_once() -> None:
    with refused("already-voided") as refusal:
        void(replace(requested(), voided_at=NOW))
    assert "given back" not in refusal.value.action, "nothing of it had left"


def test_lines_that_are_sold_again_cannot_come_back() -> None:
    of = given_back()
    sold = replace(of, lines=(replace(of.lines[0], state=LineState.SOLD), *of.lines[1:]))
    with refused("void-not-possible"):
        void(requested(), of=sold)
    with refused("void-not-possible"):
        void(requested(), of=replace(of, lines=of.lines[1:]))


@pytest.mark.parametrize("role", [Role.CASHIER, Role.ADMIN])
def test_only_a_supervisor_takes_back_what_somebody_else_gave(role: Role) -> None:
    with refused("not-allowed"):
        void(replace(requested(), operator="B. Keller"), role=role)


def test_a_cashier_takes_an_own_refund_back() -> None:
    assert requested().operator == "A. Rochat"
    assert void(requested(), role=Role.CASHIER).refund_number == "R-10001"
    with refused("not-allowed"):
        void(requested(), role=Role.ADMIN)


def test_a_reason_is_needed_and_kept_inert() -> None:
    assert void(requested(), reason="").missing == ("reason",)
    assert void(requested(), reason="\x1b[2Joops").reason == "oops"
    with refused("full-card-number"):
        void(requested(), reason="4111111111111111")


def test_the_fingerprint_of_a_void_follows_what_it_was_made_from() -> None:
    first = void(requested()).fingerprint
    assert first == void(requested()).fingerprint
    assert first != void(requested(), reason="another").fingerprint
    assert first != void(requested(), of=replace(given_back(), version=2)).fingerprint
    pending = refund(given_back(), [1, 2], [leg(1, Method.MATCHED, 1100, payment_id=1)])
    assert first != void(pending).fingerprint

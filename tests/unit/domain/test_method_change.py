"""Paying an open leg another way: same payer, same total, within every cap."""

from __future__ import annotations

import pytest

from backend_client.domain.booking import Booking, Contact, Line, Payment
from backend_client.domain.caller import Role
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.legs import Leg
from backend_client.domain.plan import MethodChange, MethodPlan, Part
from backend_client.domain.planning import plan_method_change
from backend_client.domain.policy import Policy, Reason
from backend_client.domain.refund import METHOD_CHANGEABLE, LegState, Method
from tests.unit.builders import (
    BETTE,
    LUC,
    booking,
    circumstances,
    leg,
    payment,
    refund,
    ticket,
)
from tests.unit.refusing import refused

REQUESTED = leg(1, Method.REQUESTED, 1000)


def promised(
    *payments: Payment, payer: Contact | None = BETTE, lines: tuple[Line, ...] = (ticket(1, 1000),)
) -> Booking:
    """A booking of which 1000 were promised to `payer`."""
    payer_id = payer.id if payer else None
    return booking(lines, payments or [payment(1, 1000, payer=payer)], promised={payer_id: 1000})


def change(
    of: Booking,
    *parts: Part,
    of_leg: Leg = REQUESTED,
    reason: str = "asked for it",
    policy: Policy | None = None,
    role: Role = Role.CASHIER,
) -> MethodPlan:
    given = circumstances(of, policy=policy, role=role)
    wish = MethodChange(of_leg.number, parts, reason)
    return plan_method_change(of, refund(of, [1], [of_leg]), of_leg, wish, given)


def rows(plan: MethodPlan) -> list[tuple[Method, int, LegState, int | None]]:
    return [(one.method, one.amount_minor, one.state, one.payment_id) for one in plan.legs]


def test_a_requested_leg_can_go_to_the_credit_account() -> None:
    plan = change(promised(), Part(Method.CREDIT))
    assert rows(plan) == [(Method.CREDIT, 1000, LegState.CREDITED, None)]
    assert plan.legs[0].payer_id == BETTE.id
    assert plan.missing == ()
    assert (plan.refund_number, plan.leg_id, plan.amount_minor) == ("R-10001", 1, 1000)


def test_its_own_amount_is_room_again_and_the_card_can_take_it() -> None:
    assert rows(change(promised(), Part(Method.MATCHED))) == [
        (Method.MATCHED, 1000, LegState.PENDING, 1)
    ]
    assert rows(change(promised(), Part(Method.MATCHED, payment_key="P-1"))) == [
        (Method.MATCHED, 1000, LegState.PENDING, 1)
    ]


def test_what_is_not_named_stays_requested() -> None:
    plan = change(promised(), Part(Method.CREDIT, 400))
    assert rows(plan) == [
        (Method.CREDIT, 400, LegState.CREDITED, None),
        (Method.REQUESTED, 600, LegState.REQUESTED, None),
    ]
    assert {one.payer_id for one in plan.legs} == {BETTE.id}


def test_what_is_not_named_of_a_declined_card_is_requested_again() -> None:
    declined = leg(1, Method.MATCHED, 1000, state=LegState.DECLINED, payment_id=1)
    assert rows(change(promised(), Part(Method.CREDIT, 400), of_leg=declined)) == [
        (Method.CREDIT, 400, LegState.CREDITED, None),
        (Method.REQUESTED, 600, LegState.REQUESTED, None),
    ]
    again = change(promised(), Part(Method.MATCHED), of_leg=declined)
    assert rows(again) == [(Method.MATCHED, 1000, LegState.PENDING, 1)]
    assert again.missing == ()


def test_what_is_not_named_of_a_transfer_stays_due() -> None:
    due = leg(1, Method.TRANSFER, 1000)
    assert rows(change(promised(), Part(Method.CREDIT, 400), of_leg=due)) == [
        (Method.CREDIT, 400, LegState.CREDITED, None),
        (Method.TRANSFER, 600, LegState.DUE, None),
    ]


def test_several_ways_at_once() -> None:
    of = promised(payment(1, 600), payment(2, 400, PaymentMethod.CASH))
    plan = change(of, Part(Method.MATCHED, 500, "P-1"), Part(Method.CASH, 300), Part(Method.CREDIT))
    assert [(method, amount) for method, amount, _, _ in rows(plan)] == [
        (Method.MATCHED, 500),
        (Method.CASH, 300),
        (Method.CREDIT, 200),
    ]


@pytest.mark.parametrize("state", sorted(set(LegState) - METHOD_CHANGEABLE))
def test_a_leg_in_flight_or_final_keeps_its_method(state: LegState) -> None:
    with refused("method-not-changeable") as refusal:
        change(promised(), Part(Method.CREDIT), of_leg=leg(1, Method.MATCHED, 1000, state=state))
    assert refusal.value.details == {"leg": "R-10001.1", "state": state.value}


def test_no_more_than_the_leg_can_be_placed() -> None:
    with refused("amount-mismatch"):
        change(promised(), Part(Method.CREDIT, 1001))
    with refused("amount-mismatch"):
        change(promised(), Part(Method.CREDIT, 900), Part(Method.TRANSFER, 101))
    with refused("amount-invalid"):
        change(promised(), Part(Method.CREDIT, 0))
    with refused("rest-twice"):
        change(promised(), Part(Method.CREDIT), Part(Method.TRANSFER))


def test_a_payment_keeps_its_own_cap() -> None:
    of = promised(payment(1, 1000, taken=300), payment(2, 300, PaymentMethod.CASH))
    with refused("payment-cap-exceeded") as refusal:
        change(of, Part(Method.MATCHED))
    assert refusal.value.details["left_minor"] == 700


def test_the_money_stays_with_its_payer() -> None:
    of = promised(payment(1, 1000), payment(2, 1000, payer=LUC), lines=(ticket(1, 2000),))
    with refused("payment-not-refundable"):
        change(of, Part(Method.MATCHED, payment_key="P-2"))
    assert rows(change(of, Part(Method.MATCHED))) == [(Method.MATCHED, 1000, LegState.PENDING, 1)]
    assert {place.payment_key for place in change(of).destinations if place.payment_key} == {"P-1"}


def test_nobody_has_no_credit_account() -> None:
    of = promised(payer=None)
    anonymous = leg(1, Method.REQUESTED, 1000, payer_id=None)
    with refused("credit-needs-contact"):
        change(of, Part(Method.CREDIT), of_leg=anonymous)
    assert rows(change(of, Part(Method.MATCHED), of_leg=anonymous))[0][0] is Method.MATCHED


def test_a_card_does_not_become_cash_in_two_steps() -> None:
    with refused("cash-for-card"):
        change(promised(), Part(Method.CASH))
    cash = promised(payment(1, 1000, PaymentMethod.CASH))
    assert rows(change(cash, Part(Method.CASH))) == [(Method.CASH, 1000, LegState.RECORDED, None)]


def test_promised_money_does_not_go_to_a_waiting_account() -> None:
    with refused("method-not-allowed"):
        change(promised(), Part(Method.WAITING))


@pytest.mark.parametrize(
    ("parts", "reason", "missing"),
    [
        ((), "", ("method", "reason")),
        ((), "asked", ("method",)),
        ((Part(Method.REQUESTED),), "asked", ("method",)),
        ((Part(Method.CREDIT),), " ", ("reason",)),
        ((Part(Method.EXTERNAL),), "asked", ("reference",)),
        ((Part(Method.EXTERNAL, reference="T-1"),), "asked", ()),
    ],
)
def test_what_a_change_still_needs(
    parts: tuple[Part, ...], reason: str, missing: tuple[str, ...]
) -> None:
    plan = change(promised(), *parts, reason=reason)
    assert plan.missing == missing
    assert sum(one.amount_minor for one in plan.legs) == 1000
    assert plan.destinations


def test_limits_hold_for_the_whole_leg() -> None:
    policy = Policy(currency="CHF", limit_minor=999)
    with refused("limit-exceeded"):
        change(promised(), Part(Method.CREDIT, 10), policy=policy)
    assert change(promised(), Part(Method.CREDIT), policy=policy, role=Role.SUPERVISOR).legs
    with refused("not-allowed"):
        change(promised(), Part(Method.CREDIT), role=Role.ADMIN)


def test_the_fingerprint_of_a_change_follows_what_it_was_made_from() -> None:
    of = promised()
    first = change(of, Part(Method.CREDIT)).fingerprint
    assert first == change(of, Part(Method.CREDIT)).fingerprint
    others = [
        change(of, Part(Method.CREDIT, 999)),
        change(of, Part(Method.TRANSFER)),
        change(of, Part(Method.CREDIT), reason="another"),
        change(of, Part(Method.CREDIT), policy=Policy(cut_off_minutes=5)),
        change(of, Part(Method.CREDIT), of_leg=leg(1, Method.TRANSFER, 1000)),
    ]
    assert first not in {other.fingerprint for other in others}


def test_card_numbers_are_refused_in_the_texts_of_a_change() -> None:
    with refused("full-card-number"):
        change(promised(), Part(Method.CREDIT), reason="4111 1111 1111 1111")
    with refused("full-card-number"):
        change(promised(), Part(Method.EXTERNAL, reference=";4111111111111111=30121"))


def test_a_reason_of_the_house_is_kept_by_its_label() -> None:
    for told in ("card-works", "The card works again", "CARD-WORKS "):
        plan = change(promised(), Part(Method.CREDIT), reason=told)
        assert plan.change.reason == "The card works again"


def test_own_words_are_a_reason_only_where_the_house_allows_them() -> None:
    house = Policy(free_reasons=False, change_reasons=(Reason("boss", "Manager's decision"),))
    plan = change(promised(), Part(Method.CREDIT), reason="boss", policy=house)
    assert (plan.change.reason, plan.missing) == ("Manager's decision", ())
    with refused("reason-unknown") as caught:
        change(promised(), Part(Method.CREDIT), policy=house)
    assert "Manager's decision" in caught.value.details["reasons"]
    assert change(promised(), Part(Method.CREDIT), reason=" ", policy=house).missing == ("reason",)

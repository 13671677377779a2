"""A new negative payment onto a gift card: where it is possible, and what its plan lacks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.booking import Booking
from backend_client.domain.caller import Role
from backend_client.domain.circumstances import Circumstances
from backend_client.domain.legs import Leg
from backend_client.domain.plan import MethodChange, Part
from backend_client.domain.planning import plan_method_change, plan_refund
from backend_client.domain.policy import Policy
from backend_client.domain.refund import LegState, Method
from tests.unit.builders import (
    BETTE,
    LUC,
    booking,
    circumstances,
    leg,
    payment,
    refund,
    request,
    ticket,
)
from tests.unit.refusing import refused

CARD = Part(Method.UNMATCHED)


def paid_by_one() -> Booking:
    return booking([ticket(1, 900), ticket(2, 100)], [payment(1, 1000)])


def paid_by_two() -> Booking:
    return booking([ticket(1, 1000)], [payment(1, 600), payment(2, 400, payer=LUC)])


def able(of: Booking, *, policy: Policy | None = None, role: Role = Role.CASHIER) -> Circumstances:
    return replace(circumstances(of, policy=policy, role=role), loads_gift_cards="loader")


def test_the_plan_names_who_loads_it_and_lacks_only_the_number() -> None:
    of = paid_by_one()
    plan = plan_refund(of, request(1, 2, parts=(CARD,), reason="goodwill"), able(of))
    (one,) = plan.legs
    assert (one.method, one.amount_minor, one.state) == (Method.UNMATCHED, 1000, LegState.PENDING)
    assert (one.provider, one.payment_id, one.payer_id) == ("loader", None, BETTE.id)
    assert plan.missing == ("number",)


def test_what_the_number_is_does_not_change_the_plan() -> None:
    """A preview is made before anybody has typed it, and the commit must be of that preview."""
    of = paid_by_one()
    wanted = request(1, 2, parts=(Part(Method.UNMATCHED, 400), Part(Method.MATCHED)))
    first, second = (plan_refund(of, wanted, able(of)).fingerprint for _ in range(2))
    assert first == second
    elsewhere = replace(able(of), loads_gift_cards="other")
    assert plan_refund(of, wanted, elsewhere).fingerprint != first


def test_it_is_off_unless_a_provider_does_it_and_the_house_allows_it() -> None:
    of = paid_by_one()
    wanted = request(1, 2, parts=(CARD,))
    with refused("unmatched-disabled"):
        plan_refund(of, wanted, circumstances(of))
    with refused("method-not-allowed"):
        policy = Policy(methods=frozenset(Method) - {Method.UNMATCHED})
        plan_refund(of, wanted, able(of, policy=policy))
    assert plan_refund(of, request(1, 2), able(of)).legs[0].method is Method.MATCHED


def test_one_commit_has_one_number() -> None:
    of = paid_by_two()
    with refused("payer-ambiguous"):
        plan_refund(of, request(1, parts=(CARD,)), able(of))
    named = (Part(Method.UNMATCHED, 600, "P-1"), Part(Method.UNMATCHED, 400, "P-2"))
    with refused("unmatched-once"):
        plan_refund(of, request(1, parts=named), able(of))
    plan = plan_refund(of, request(1, parts=(named[0], Part(Method.REQUESTED))), able(of))
    assert [(one.method, one.amount_minor, one.payer_id) for one in plan.legs] == [
        (Method.UNMATCHED, 600, BETTE.id),
        (Method.REQUESTED, 400, LUC.id),
    ]
    halves = (Part(Method.UNMATCHED, 300, "P-1"), Part(Method.UNMATCHED, 300, "P-1"))
    assert plan_refund(of, request(1, parts=(*halves, Part(Method.REQUESTED))), able(of)).legs


@pytest.mark.parametrize(
    ("of", "code", "limit"), [(paid_by_one(), "", 1000), (paid_by_two(), "payer-ambiguous", 0)]
)
def test_the_place_says_what_fits_or_why_nothing_does(of: Booking, code: str, limit: int) -> None:
    sequences = [line.sequence for line in of.lines]

    def place(given: Circumstances) -> tuple[int, str]:
        plan = plan_refund(of, request(*sequences), given)
        one = next(one for one in plan.destinations if one.method is Method.UNMATCHED)
        return one.limit_minor, one.code

    assert place(able(of)) == (limit, code)
    assert place(circumstances(of)) == (0, "unmatched-disabled")


def test_it_takes_a_person_who_may_and_falls_under_the_limit() -> None:
    of = paid_by_one()
    wanted = request(1, 2, parts=(Part(Method.UNMATCHED, 600), Part(Method.MATCHED)))
    policy = Policy(limit_minor=599)
    waits = plan_refund(of, wanted, able(of, policy=policy))
    assert {leg.state for leg in waits.legs} == {LegState.AWAITING_APPROVAL}
    assert "number" in waits.missing, "only the seal of its number is kept until it is approved"
    assert not plan_refund(
        of, wanted, able(of, policy=policy, role=Role.SUPERVISOR)
    ).awaits_approval
    with refused("not-allowed"):
        plan_refund(of, wanted, able(of, role=Role.ADMIN))


def waiting_leg(state: LegState = LegState.PENDING) -> Leg:
    return leg(1, Method.UNMATCHED, 1000, state=state, payer_id=BETTE.id)


def test_a_leg_that_waits_for_its_number_may_be_paid_another_way() -> None:
    of = replace(paid_by_one(), promised_minor=1000)
    waiting = waiting_leg()
    of_refund = refund(of, [1, 2], [waiting])

    def change(part: Part) -> tuple[tuple[str, ...], list[Method]]:
        wish = MethodChange(waiting.number, (part,), "card lost")
        plan = plan_method_change(of, of_refund, waiting, wish, able(of))
        return plan.missing, [one.method for one in plan.legs]

    assert waiting.needs_number
    assert change(Part(Method.REQUESTED)) == ((), [Method.REQUESTED])
    assert change(Part(Method.UNMATCHED)) == (("number",), [Method.UNMATCHED])
    assert change(Part(Method.CREDIT, 300)) == ((), [Method.CREDIT, Method.REQUESTED])


@pytest.mark.parametrize("state", [LegState.SENDING, LegState.UNKNOWN, LegState.SUCCEEDED])
def test_one_that_may_have_been_sent_may_not(state: LegState) -> None:
    of = replace(paid_by_one(), promised_minor=1000)
    sent = waiting_leg(state)
    assert not sent.needs_number
    with refused("method-not-changeable"):
        wish = MethodChange(sent.number, (Part(Method.REQUESTED),), "card lost")
        plan_method_change(of, refund(of, [1, 2], [sent]), sent, wish, able(of))

"""Contract: plan, commit, and what is answered when something changed in between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.kinds import LineState
from backend_client.domain.plan import Part
from backend_client.domain.refund import LegState, Method, RefundStatus
from tests.contract.offices import (
    CASHIER,
    LUC,
    SUPERVISOR,
    Office,
    caller,
    card,
    cash,
    sale,
    ticket,
)
from tests.unit.refusing import refused


def states(office: Office, booking: str = "WPM8TS9") -> list[str]:
    lines = office.backend.booking(CASHIER, booking).booking.lines
    return [line.state.value for line in lines]


def test_a_plan_says_everything_and_does_nothing(office: Office) -> None:
    office.sell(sale())
    before = office.backend.booking(CASHIER, "WPM8TS9")
    plan = office.plan(office.request(1, 2, 3))
    assert (plan.amount_minor, plan.currency, plan.missing) == (1450, "CHF", ())
    assert [(leg.method, leg.amount_minor, leg.label) for leg in plan.legs] == [
        (Method.MATCHED, 1450, "VISA •••• 1111")
    ]
    assert plan.fingerprint
    assert plan.commit_key
    assert office.backend.booking(CASHIER, "WPM8TS9") == before


def test_the_same_question_has_the_same_fingerprint_and_another_commit_key(office: Office) -> None:
    office.sell(sale())
    first, second = (office.plan(office.request(2)) for _ in range(2))
    assert first.fingerprint == second.fingerprint
    assert first.commit_key != second.commit_key


def test_a_commit_does_the_plan(office: Office) -> None:
    office.sell(sale())
    outcome = office.refund(1, 2, 3)
    assert outcome.refund.status is RefundStatus.DONE
    assert outcome.refund.legs[0].state is LegState.SUCCEEDED
    assert outcome.refund.legs[0].provider_refund_id
    assert states(office) == ["cancelled"] * 3
    assert outcome.booking.left_minor == 0
    assert office.backend.refund(CASHIER, outcome.refund.number).refund == outcome.refund


@pytest.mark.parametrize(
    ("reference", "state", "status"),
    [
        ("dead-1", LegState.DECLINED, RefundStatus.DECLINED),
        ("slow-1", LegState.ACCEPTED, RefundStatus.ON_ITS_WAY),
        ("outage-1", LegState.PENDING, RefundStatus.TO_BE_SENT),
        ("lost-1", LegState.SUCCEEDED, RefundStatus.DONE),
    ],
)
def test_a_providers_answer_never_restores_lines(
    office: Office, reference: str, state: LegState, status: RefundStatus
) -> None:
    """What is not refunded yet stays owed; an answer that got lost is looked up at once."""
    office.sell(sale(reference=reference))
    refund = office.refund(1, 2, 3).refund
    assert (refund.legs[0].state, refund.status) == (state, status)
    assert states(office) == ["cancelled"] * 3


def test_a_repeated_commit_is_the_same_refund(office: Office) -> None:
    office.sell(sale())
    plan = office.plan(office.request(2))
    first = office.backend.execute_refund(CASHIER, plan)
    again = office.backend.execute_refund(CASHIER, plan)
    assert (first.already_done, again.already_done) == (False, True)
    assert again.refund == first.refund
    found = office.backend.already_done(CASHIER, plan.commit_key)
    assert found is not None
    assert found.already_done
    assert found.refund == first.refund


def test_a_commit_key_nobody_used_is_not_done(office: Office) -> None:
    assert office.backend.already_done(CASHIER, "f" * 32) is None


def test_a_fingerprint_may_serve_as_commit_key(office: Office) -> None:
    office.sell(sale())
    plan = office.plan(office.request(2))
    keyed = replace(plan, commit_key=plan.fingerprint)
    done = office.backend.execute_refund(CASHIER, keyed)
    found = office.backend.already_done(CASHIER, plan.fingerprint)
    assert found is not None
    assert found.refund.number == done.refund.number


def test_one_line_goes_back_once(office: Office) -> None:
    office.sell(sale())
    mine = office.plan(office.request(2))
    office.refund(2, by=caller(operator="L. Favre", desk="7"))
    with refused("being-refunded") as caught:
        office.backend.execute_refund(CASHIER, mine)
    assert "L. Favre" in caught.value.message
    with refused("already-refunded"):
        office.plan(office.request(2))


def test_a_booking_that_changed_asks_for_another_look(office: Office) -> None:
    office.sell(sale())
    mine = office.plan(office.request(2))
    office.refund(3)
    with refused("plan-stale"):
        office.backend.execute_refund(CASHIER, mine)
    assert office.refund(2).refund.amount_minor == 350


def test_what_time_changed_is_refused(office: Office) -> None:
    office.sell(sale())
    plan = office.plan(office.request(1, 2, 3))
    office.clock.move(days=9)
    with refused("cut-off"):
        office.backend.execute_refund(CASHIER, plan)
    assert states(office) == ["sold"] * 3


def test_a_warning_must_be_acknowledged_before_the_commit(office: Office) -> None:
    office.sell(sale())
    request = office.request(1, 2)
    plan = office.plan(request)
    assert [notice.code for notice in plan.unacknowledged] == ["fee-stranded"]
    with refused("acknowledgement-required"):
        office.backend.execute_refund(CASHIER, plan)
    known = office.plan(replace(request, acknowledged=frozenset({"fee-stranded"})))
    done = office.backend.execute_refund(CASHIER, known)
    assert done.refund.amount_minor == 1350
    assert states(office) == ["cancelled", "cancelled", "sold"]
    with refused("only-fees-left"):
        office.plan(office.request(3))


def test_reason_and_reference_are_needed_for_the_commit_alone(office: Office) -> None:
    office.sell(sale())
    external = (Part(Method.EXTERNAL),)
    plan = office.plan(replace(office.request(2, parts=external), reason=""))
    assert plan.missing == ("reason", "reference")
    with refused("reason-required"):
        office.backend.execute_refund(CASHIER, plan)
    with refused("reference-required"):
        office.backend.execute_refund(CASHIER, office.plan(office.request(2, parts=external)))
    proven = (Part(Method.EXTERNAL, reference="T-99"),)
    leg = office.refund(2, parts=proven).refund.legs[0]
    assert (leg.method, leg.state, leg.reference) == (Method.EXTERNAL, LegState.RECORDED, "T-99")


def test_a_mixed_refund_makes_exactly_its_amount(office: Office) -> None:
    office.sell(sale())
    parts = (
        Part(Method.CREDIT, 300),
        Part(Method.REQUESTED, 200),
        Part(Method.GIFT_CARD, 100, reference="G-1"),
        Part(Method.MATCHED),
    )
    refund = office.refund(1, 2, 3, parts=parts).refund
    assert {leg.method: leg.amount_minor for leg in refund.legs} == {
        Method.CREDIT: 300,
        Method.REQUESTED: 200,
        Method.GIFT_CARD: 100,
        Method.MATCHED: 850,
    }
    assert [leg.number for leg in refund.legs] == [f"{refund.number}.{n}" for n in range(1, 5)]
    assert refund.status is RefundStatus.REQUESTED
    assert office.backend.credit(CASHIER, "C-1").balances == (("CHF", 300),)


def test_never_more_than_was_paid(office: Office) -> None:
    """Two tickets were sold for 10.00 each, and only 15.00 came in."""
    office.sell(sale((ticket(1), ticket(2)), (card(1500),)))
    office.refund(1)
    with refused("booking-cap-exceeded"):
        office.plan(office.request(2))
    retained = replace(office.request(2), retained_minor=500)
    done = office.backend.execute_refund(CASHIER, office.plan(retained))
    assert done.booking.left_minor == 0


def test_a_payment_takes_back_no_more_than_it_brought(office: Office) -> None:
    paid = (card(600, key="A", reference="a-1"), card(1400, key="B", reference="b-1"))
    office.sell(sale((ticket(1), ticket(2)), paid))
    with refused("payment-cap-exceeded"):
        office.plan(office.request(1, parts=(Part(Method.MATCHED, payment_key="A"),)))
    refund = office.refund(1, parts=(Part(Method.MATCHED, 600, "A"), Part(Method.MATCHED))).refund
    assert sorted(leg.amount_minor for leg in refund.legs) == [400, 600]


def test_unsettled_debt_is_reduced_first(office: Office) -> None:
    """100 sold, 60 settled, a line of 50: 40 to the waiting account, 10 to the card."""
    lines = (ticket(1, 5000), ticket(2, 5000))
    office.sell(sale(lines, (card(10000, settled_minor=6000),)))
    refund = office.refund(1).refund
    amounts = {leg.method: (leg.amount_minor, leg.state) for leg in refund.legs}
    assert amounts == {
        Method.WAITING: (4000, LegState.RECORDED),
        Method.MATCHED: (1000, LegState.SUCCEEDED),
    }


def test_several_payers_each_get_their_share(office: Office) -> None:
    paid = (cash(3000), cash(1000, key="CASH-2", payer="C-2"))
    office.sell(sale((ticket(1, 2000), ticket(2, 2000)), paid, payers=(LUC,)))
    refund = office.refund(1, parts=(Part(Method.CREDIT),)).refund
    assert [leg.amount_minor for leg in refund.legs] == [1500, 500]
    for key, share in (("C-1", 1500), ("C-2", 500)):
        assert office.backend.credit(CASHIER, key).balances == (("CHF", share),)


def test_a_free_line_goes_back_for_nothing(office: Office) -> None:
    office.sell(sale((ticket(1, 0), ticket(2))))
    outcome = office.refund(1)
    assert (outcome.refund.legs, outcome.refund.status) == ((), RefundStatus.DONE)
    assert outcome.booking.lines[0].state is LineState.CANCELLED


def test_a_package_goes_back_whole(office: Office) -> None:
    office.sell(sale((ticket(1, groups=("p",)), ticket(2, groups=("p",)), ticket(3))))
    with refused("group-incomplete") as caught:
        office.plan(office.request(1))
    assert caught.value.details["required"] == [1, 2]
    assert office.refund(1, 2).refund.amount_minor == 2000


def test_an_unpaid_booking_gives_nothing_back(office: Office) -> None:
    office.sell(sale(payments=(), is_paid=False))
    with refused("not-paid"):
        office.plan(office.request(1))


def test_a_booking_or_refund_nobody_knows_is_not_found(office: Office) -> None:
    with refused("booking-not-found"):
        office.backend.booking(CASHIER, "NOBODY")
    for number in ("R-1", "R-99999", "nonsense", "R-10001.1"):
        with refused("refund-not-found"):
            office.backend.refund(CASHIER, number)


def test_an_expired_card_works(office: Office) -> None:
    office.sell(sale((ticket(1),), (card(1000, expiry="200101"),)))
    assert office.refund(1).refund.status is RefundStatus.DONE


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_currencies_without_and_with_three_decimals(office: Office, currency: str) -> None:
    office.sell(sale((ticket(1, 1450), ticket(2)), currency=currency))
    refund = office.refund(1).refund
    assert (refund.amount_minor, refund.currency) == (1450, currency)


def test_recovery_finishes_what_is_on_its_way(office: Office) -> None:
    office.sell(sale(reference="slow-1"))
    number = office.refund(2).refund.number
    assert office.backend.recover(SUPERVISOR) == 1
    assert office.backend.refund(CASHIER, number).refund.status is RefundStatus.DONE
    assert office.backend.recover(SUPERVISOR) == 0

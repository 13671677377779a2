"""Money onto a gift card by its number: the number comes beside the plan, is used once, and what
was surely not sent waits for it."""

from __future__ import annotations

import pytest

from backend_client.answers import RefundOutcome
from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.plan import MethodChange, Part
from backend_client.domain.policy import Policy
from backend_client.domain.reconciliation import Reconciliation
from backend_client.domain.refund import LegState, Method, RefundStatus
from backend_client.domain.stored_value import StoredValueNumber
from backend_client.provider_settings import ProviderSettings
from backend_client.settings import House, Settings
from tests.contract.offices import ADMIN, CASHIER, SUPERVISOR, Office, sale
from tests.unit.refusing import refused

PROVIDER = ProviderSettings(
    "practice",
    "practice",
    payments=frozenset({"practice"}),
    methods=frozenset({PaymentMethod.CARD}),
    unmatched=True,
)
CARD = (Part(Method.UNMATCHED),)
NUMBER = "9870 1234 5678 9012"
LEG = "R-10001.1"


@pytest.fixture
def settings() -> Settings:
    policy = Policy(limit_minor=2_000)
    return Settings(house=House(currency="CHF"), policy=policy, providers=(PROVIDER,))


def loaded(office: Office, number: str = NUMBER, *, sold: bool = True) -> RefundOutcome:
    if sold:
        office.sell(sale())
    plan = office.plan(office.request(1, 2, 3, parts=CARD))
    return office.backend.execute_refund(CASHIER, plan, StoredValueNumber(number))


def given(office: Office, number: str = NUMBER, leg: str = LEG) -> RefundOutcome:
    return office.backend.give_number(CASHIER, leg, StoredValueNumber(number))


def state(outcome: RefundOutcome, ordinal: int = 1) -> LegState:
    return next(leg.state for leg in outcome.refund.legs if leg.ordinal == ordinal)


def test_it_is_loaded_with_the_commit_and_booked_at_its_provider(office: Office) -> None:
    assert Method.UNMATCHED in office.backend.capabilities().methods
    outcome = loaded(office)
    (leg,) = outcome.refund.legs
    assert (leg.state, leg.amount_minor, leg.provider) == (LegState.SUCCEEDED, 1450, "practice")
    assert (leg.payment_id, leg.reference) == (None, "")
    assert leg.provider_refund_id
    assert outcome.refund.status is RefundStatus.DONE
    assert outcome.booking.payments[0].taken_minor == 0
    assert outcome.booking.left_minor == 0


def test_a_preview_needs_no_number_and_a_commit_does(office: Office) -> None:
    office.sell(sale())
    plan = office.plan(office.request(1, 2, 3, parts=CARD))
    assert plan.missing == ("number",)
    with refused("number-required"):
        office.backend.execute_refund(CASHIER, plan)
    assert office.backend.booking(CASHIER, "WPM8TS9").refunds == ()
    assert office.backend.execute_refund(CASHIER, plan, StoredValueNumber(NUMBER)).refund


def test_a_number_beside_a_plan_that_needs_none_is_not_used(office: Office) -> None:
    office.sell(sale())
    number = StoredValueNumber(NUMBER)
    plan = office.plan(office.request(1, 2, 3))
    outcome = office.backend.execute_refund(CASHIER, plan, number)
    assert [leg.method for leg in outcome.refund.legs] == [Method.MATCHED]
    assert number.spend() == "9870123456789012"


def test_the_same_commit_again_loads_nothing_again(office: Office) -> None:
    office.sell(sale())
    plan = office.plan(office.request(1, 2, 3, parts=CARD))
    first = office.backend.execute_refund(CASHIER, plan, StoredValueNumber(NUMBER))
    again = office.backend.execute_refund(CASHIER, plan, StoredValueNumber(NUMBER))
    assert again.already_done
    assert again.refund.legs == first.refund.legs
    assert matched(office) == 1


def matched(office: Office) -> int:
    """What our books and the provider agree on; it disagrees about nothing."""
    found: Reconciliation = office.backend.reconcile(SUPERVISOR)
    assert (found.ours_only, found.provider_only, found.differing) == ((), (), ())
    return len(found.matched)


def test_beside_other_payments_of_the_refund(office: Office) -> None:
    office.sell(sale())
    parts = (Part(Method.UNMATCHED, 450), Part(Method.MATCHED))
    plan = office.plan(office.request(1, 2, 3, parts=parts))
    outcome = office.backend.execute_refund(CASHIER, plan, StoredValueNumber(NUMBER))
    assert [(leg.method, leg.amount_minor, leg.state) for leg in outcome.refund.legs] == [
        (Method.UNMATCHED, 450, LegState.SUCCEEDED),
        (Method.MATCHED, 1000, LegState.SUCCEEDED),
    ]
    assert outcome.booking.payments[0].taken_minor == 1000
    assert matched(office) == 2


def test_what_was_surely_not_sent_waits_for_the_same_number(office: Office) -> None:
    outcome = loaded(office, "outage001")
    assert (state(outcome), outcome.refund.status) == (LegState.PENDING, RefundStatus.NEEDS_NUMBER)
    (hit,) = office.backend.lookup(CASHIER, "WPM8TS9").hits
    assert hit.given_back is RefundStatus.NEEDS_NUMBER
    (total,) = office.backend.open_refunds(CASHIER).totals
    assert (total.state, total.needs_number) == (LegState.PENDING, True)
    office.backend.recover(CASHIER)
    office.backend.settle(CASHIER)
    assert state(office.backend.refund(CASHIER, "R-10001")) is LegState.PENDING
    with refused("number-differs"):
        given(office)
    with refused("number-differs"):
        given(office, "outage002")
    again = given(office, "outage 001")
    assert state(again) is LegState.PENDING
    tried = again.refund.legs[0].attempts
    assert [one.outcome for one in tried] == ["not_executed", "not_executed"]


def test_a_number_is_taken_only_by_what_waits_for_it(office: Office) -> None:
    loaded(office)
    with refused("number-not-needed"):
        given(office)
    with refused("leg-not-found"):
        given(office, leg="R-10001.7")
    assert matched(office) == 1


def test_giving_a_number_takes_who_may_load_that_much(office: Office) -> None:
    loaded(office, "outage001")
    with refused("not-allowed"):
        office.backend.give_number(ADMIN, LEG, StoredValueNumber("outage001"))


def test_a_refused_card_stays_owed_and_another_one_may_be_loaded(office: Office) -> None:
    outcome = loaded(office, "dead0001")
    assert (state(outcome), outcome.refund.status) == (LegState.DECLINED, RefundStatus.DECLINED)
    change = MethodChange(LEG, CARD, "customer-request")
    plan = office.backend.preview_method_change(CASHIER, change)
    with refused("number-required"):
        office.backend.execute_method_change(CASHIER, plan)
    now = office.backend.execute_method_change(CASHIER, plan, StoredValueNumber(NUMBER))
    assert [leg.state for leg in now.refund.legs] == [LegState.REPLACED, LegState.SUCCEEDED]
    again = office.backend.execute_method_change(CASHIER, plan, StoredValueNumber(NUMBER))
    assert again.already_done
    assert matched(office) == 1


def test_what_waits_may_be_paid_another_way_and_then_takes_no_number(office: Office) -> None:
    loaded(office, "outage001")
    change = MethodChange(LEG, (Part(Method.MATCHED),), "customer-request")
    plan = office.backend.preview_method_change(CASHIER, change)
    now = office.backend.execute_method_change(CASHIER, plan)
    assert [leg.state for leg in now.refund.legs] == [LegState.REPLACED, LegState.SUCCEEDED]
    with refused("number-not-needed"):
        given(office, "outage001")


def test_what_waits_may_be_taken_back(office: Office) -> None:
    loaded(office, "outage001")
    plan = office.backend.preview_void(SUPERVISOR, "R-10001", "customer-request")
    voided = office.backend.execute_void(SUPERVISOR, plan)
    assert voided.refund.status is RefundStatus.VOIDED
    assert loaded(office, sold=False).refund.status is RefundStatus.DONE


def test_a_lost_answer_is_looked_up_and_nothing_is_loaded_twice(office: Office) -> None:
    outcome = loaded(office, "lost0001")
    assert state(outcome) is LegState.SUCCEEDED
    assert matched(office) == 1


def test_an_accepted_load_is_finished_without_the_number(office: Office) -> None:
    outcome = loaded(office, "slow0001")
    assert state(outcome) is LegState.ACCEPTED
    office.backend.recover(CASHIER)
    assert state(office.backend.refund(CASHIER, "R-10001")) is LegState.SUCCEEDED


def test_trouble_about_us_leaves_it_waiting(office: Office) -> None:
    outcome = loaded(office, "broke0001")
    assert state(outcome) is LegState.PENDING
    assert outcome.refund.legs[0].attempts[-1].outcome == "about_us"


def test_only_what_is_in_review_is_resolved(office: Office) -> None:
    loaded(office, "outage001")
    with refused("not-in-review"):
        office.backend.preview_resolution(
            SUPERVISOR, Resolution(LEG, Finding.NOT_FOUND, evidence="not in the list")
        )

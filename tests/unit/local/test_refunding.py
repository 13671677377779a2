"""What a commit writes, all of it or nothing, and what it answers when something changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.engine import Connection

from backend_client.domain import permissions
from backend_client.domain.booking import Booking
from backend_client.domain.caller import Role
from backend_client.domain.kinds import LineState, PaymentMethod
from backend_client.domain.plan import MethodChange, Part, RefundPlan, RefundRequest
from backend_client.domain.policy import Policy, Reason
from backend_client.domain.refund import LegState, Method, RefundStatus
from backend_client.domain.settlement import payload_digest
from backend_client.local.rows import fetch
from backend_client.settings import House, Settings
from tests.unit import builders
from tests.unit.local.venue import Desk, balances, counts_and_hashes, put
from tests.unit.refusing import refused

CASHIER = builders.caller()


def test_a_preview_writes_nothing(desk: Desk, booking: Booking) -> None:
    before = counts_and_hashes(desk.store)
    plan = desk.plan(builders.request(1, 2, 3))
    assert plan.amount_minor == 1450
    assert plan.commit_key
    assert counts_and_hashes(desk.store) == before
    assert desk.sent == []


def test_previews_of_changes_and_voids_write_nothing(desk: Desk, booking: Booking) -> None:
    plan = desk.plan(builders.request(2, parts=[Part(Method.REQUESTED)]))
    refund = desk.backend.execute_refund(CASHIER, plan).refund
    before = counts_and_hashes(desk.store)
    wish = MethodChange(refund.legs[0].number, (Part(Method.MATCHED),), "customer is here")
    assert desk.backend.preview_method_change(CASHIER, wish).commit_key
    boss = builders.caller(Role.SUPERVISOR)
    assert desk.backend.preview_void(boss, refund.number, "mistake").fingerprint
    assert counts_and_hashes(desk.store) == before
    assert desk.sent == []


def test_a_commit_does_exactly_the_plan(desk: Desk, booking: Booking) -> None:
    plan = desk.plan(builders.request(1, 2, 3))
    outcome = desk.backend.execute_refund(CASHIER, plan)
    refund, after = outcome.refund, outcome.booking
    assert (refund.number, refund.amount_minor, refund.status) == (
        "R-10001",
        1450,
        RefundStatus.TO_BE_SENT,
    )
    assert [(leg.method, leg.amount_minor, leg.payment_id) for leg in refund.legs] == [
        (leg.method, leg.amount_minor, leg.payment_id) for leg in plan.legs
    ]
    assert {line.state for line in after.lines} == {LineState.CANCELLED}
    assert (after.version, after.promised_minor) == (booking.version + 1, 1450)
    assert refund.reason == "Customer request", "a reason of the house is kept by its label"
    assert desk.sent == [refund.legs[0].id], "what is pending is sent after the commit"


def test_a_matched_leg_is_born_with_key_reference_and_digest(desk: Desk, booking: Booking) -> None:
    leg = desk.backend.execute_refund(CASHIER, desk.plan(builders.request(2))).refund.legs[0]
    assert leg.provider_key
    assert leg.our_reference
    assert leg.provider_key != leg.our_reference
    assert leg.payload_digest == payload_digest(
        provider="practice",
        provider_key=leg.provider_key,
        our_reference=leg.our_reference,
        payment_reference="ref-1",
        amount_minor=350,
        currency="CHF",
    )


def test_other_legs_have_no_provider_key(desk: Desk, booking: Booking) -> None:
    plan = desk.plan(builders.request(2, parts=[Part(Method.REQUESTED)]))
    leg = desk.backend.execute_refund(CASHIER, plan).refund.legs[0]
    assert (leg.provider_key, leg.our_reference, leg.payload_digest) == ("", "", "")
    assert leg.state is LegState.REQUESTED
    assert desk.sent == []


def test_the_books_of_a_mixed_refund(desk: Desk, booking: Booking) -> None:
    """4.50 back: 1.00 credited, 1.00 recorded elsewhere, 2.00 to the card, 0.50 withheld."""
    parts = [
        Part(Method.CREDIT, 100),
        Part(Method.EXTERNAL, 100, reference="T-1"),
        Part(Method.MATCHED),
    ]
    plan = desk.plan(builders.request(2, 3, parts=parts, retained=50))
    desk.backend.execute_refund(CASHIER, plan)
    with desk.store.read() as connection:
        contact = fetch(connection, "SELECT id FROM contact")[0].id
        credit = fetch(connection, "SELECT balance_minor FROM credit_account")[0].balance_minor
    assert balances(desk.store) == {
        "concessions_sold": 350,
        "fees_sold": 100,
        "retained_fee_income": -50,
        "refund_payable": -200,
        f"customer_credit:{contact}": -100,
        "external": -100,
    }
    assert credit == 100


def test_a_reason_with_a_fee_withholds_it(desk: Desk, booking: Booking) -> None:
    policy = Policy(reasons=(Reason("late", "Too late", 200),))
    desk.settings = Settings(House(currency="CHF"), policy)
    plan = desk.plan(builders.request(1, reason="late"))
    refund = desk.backend.execute_refund(CASHIER, plan).refund
    assert (refund.value_minor, refund.breach_fee_minor, refund.amount_minor) == (1000, 200, 800)


def test_a_fee_in_the_houses_money_is_not_taken_from_a_booking_of_another(
    desk: Desk, booking: Booking
) -> None:
    """2.00 euros are no 2.00 francs. Nothing is cancelled, promised or sent."""
    policy = Policy(reasons=(Reason("late", "Too late", 200), Reason("ours", "Our mistake")))
    desk.settings = Settings(House(currency="EUR"), policy)
    with refused("fee-currency"):
        desk.plan(builders.request(1, reason="late"))
    asked_before = desk.plan(builders.request(1, reason="ours"))
    with refused("fee-currency"):
        changed = replace(asked_before, request=replace(asked_before.request, reason="late"))
        desk.backend.execute_refund(CASHIER, changed)
    assert balances(desk.store) == {}
    assert desk.sent == []


def test_free_lines_are_cancelled_without_a_leg(desk: Desk) -> None:
    put(desk.store, builders.booking([builders.ticket(1, 0), builders.ticket(2, 500)]))
    outcome = desk.backend.execute_refund(CASHIER, desk.plan(builders.request(1)))
    assert (outcome.refund.legs, outcome.refund.status) == ((), RefundStatus.DONE)
    assert outcome.booking.lines[0].state is LineState.CANCELLED


def test_the_same_commit_twice_is_the_same_refund(desk: Desk, booking: Booking) -> None:
    plan = desk.plan(builders.request(2))
    first = desk.backend.execute_refund(CASHIER, plan)
    before = counts_and_hashes(desk.store)
    again = desk.backend.execute_refund(CASHIER, plan)
    assert again.already_done
    assert again.refund == first.refund
    assert counts_and_hashes(desk.store) == before
    found = desk.backend.already_done(CASHIER, plan.commit_key)
    assert found is not None
    assert found.refund.number == first.refund.number
    assert desk.backend.already_done(CASHIER, "never used") is None


def test_a_commit_key_belongs_to_one_plan(desk: Desk, booking: Booking) -> None:
    first = desk.plan(builders.request(2))
    desk.backend.execute_refund(CASHIER, first)
    other = replace(desk.plan(builders.request(1, 3)), commit_key=first.commit_key)
    with refused("plan-stale") as caught:
        desk.backend.execute_refund(CASHIER, other)
    assert "R-10001" in caught.value.message


@pytest.mark.parametrize("key", ["x" * 65, "naïve", "a\nb"])
def test_a_commit_key_is_short_plain_text(desk: Desk, booking: Booking, key: str) -> None:
    with refused("text-invalid"):
        desk.backend.execute_refund(
            CASHIER, replace(desk.plan(builders.request(2)), commit_key=key)
        )


def test_a_card_number_is_no_commit_key(desk: Desk, booking: Booking) -> None:
    plan = replace(desk.plan(builders.request(2)), commit_key="4111 1111 1111 1111")
    with refused("full-card-number"):
        desk.backend.execute_refund(CASHIER, plan)


def test_who_was_faster_is_named(desk: Desk, booking: Booking) -> None:
    mine = desk.plan(builders.request(2))
    theirs = builders.caller(operator="L. Favre", desk="7")
    desk.backend.execute_refund(theirs, desk.plan(builders.request(1, 2, 3), theirs))
    with refused("being-refunded") as caught:
        desk.backend.execute_refund(CASHIER, mine)
    details = caught.value.details
    assert (details["operator"], details["desk"], details["refund"]) == ("L. Favre", "7", "R-10001")
    assert details["at"] == builders.NOW.isoformat(timespec="seconds")


def test_a_refund_of_other_lines_makes_the_plan_stale(desk: Desk, booking: Booking) -> None:
    mine = desk.plan(builders.request(2))
    desk.backend.execute_refund(CASHIER, desk.plan(builders.request(3)))
    before = counts_and_hashes(desk.store)
    with refused("plan-stale") as caught:
        desk.backend.execute_refund(CASHIER, mine)
    assert "version 1 is now 2" in caught.value.message
    assert counts_and_hashes(desk.store) == before
    again = desk.plan(builders.request(2))
    assert desk.backend.execute_refund(CASHIER, again).refund.amount_minor == 350


def test_a_stale_plan_names_every_difference(desk: Desk, booking: Booking) -> None:
    plan = desk.plan(builders.request(2, reason="late"))
    reasons = (Reason("late", "late", 100),)
    desk.settings = Settings(House(currency="CHF"), Policy(reasons=reasons))
    with refused("plan-stale") as caught:
        desk.backend.execute_refund(CASHIER, plan)
    assert caught.value.details["changed"] == [
        "the rules of the house",
        "the amount, 3.50 is now 2.50 CHF",
        "where it goes, 3.50 matched (VISA •••• 1111) is now 2.50 matched (VISA •••• 1111)",
    ]


def test_what_the_clock_changed_is_said_as_it_is(desk: Desk, booking: Booking) -> None:
    plan = desk.plan(builders.request(1))
    desk.clock.move(days=2)
    with refused("cut-off"):
        desk.backend.execute_refund(CASHIER, plan)


def test_a_plan_made_for_another_booking_is_refused(desk: Desk, booking: Booking) -> None:
    other = put(desk.store, builders.sample_booking(), named="OTHER")
    plan = desk.plan(builders.request(2))
    moved = replace(plan, request=replace(plan.request, booking_id=other.id))
    with refused("plan-stale"):
        desk.backend.execute_refund(CASHIER, moved)


def test_a_plan_changed_by_hand_is_refused(desk: Desk, booking: Booking) -> None:
    plan = desk.plan(builders.request(2))
    more = replace(plan, request=builders.request(1, 2))
    with refused("plan-stale"):
        desk.backend.execute_refund(CASHIER, more)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (builders.request(2, reason=""), "reason-required"),
        (builders.request(2, parts=[Part(Method.EXTERNAL)]), "reference-required"),
        (builders.request(1, 2), "acknowledgement-required"),
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_is_done(
    desk: Desk, booking: Booking, request_: RefundRequest, code: str
) -> None:
    plan = desk.plan(request_)
    before = counts_and_hashes(desk.store)
    with refused(code):
        desk.backend.execute_refund(CASHIER, plan)
    assert counts_and_hashes(desk.store) == before


def test_a_reference_may_be_added_after_the_preview(desk: Desk, booking: Booking) -> None:
    plan = desk.plan(builders.request(2, parts=[Part(Method.EXTERNAL)]))
    part = Part(Method.EXTERNAL, reference="T-1")
    with_reference = replace(plan, request=replace(plan.request, parts=(part,)))
    refund = desk.backend.execute_refund(CASHIER, with_reference).refund
    assert (refund.legs[0].reference, refund.legs[0].state) == ("T-1", LegState.RECORDED)


def test_who_may_not_is_refused_and_on_record(desk: Desk, booking: Booking) -> None:
    plan = desk.plan(builders.request(2))
    admin = builders.caller(Role.ADMIN, operator="root 4111111111111111")
    with refused("not-allowed"):
        desk.backend.execute_refund(admin, plan)
    with desk.store.read() as connection:
        rows = fetch(connection, "SELECT operator, action, object FROM audit")
        assert fetch(connection, "SELECT * FROM refund") == []
    masked = [(row.operator, row.action, row.object) for row in rows]
    assert masked == [("root 411111••••••1111", "denied", "refund")]


def test_who_may_not_settle_may_not_recover(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert desk.backend.recover(builders.caller()) == 0
    monkeypatch.setattr(permissions, "ALLOWED", {role: frozenset() for role in Role})
    with refused("not-allowed"):
        desk.backend.recover(builders.caller())


def test_more_than_the_limit_does_not_go_out_as_it_was_shown_before(
    desk: Desk, booking: Booking
) -> None:
    plan = desk.plan(builders.request(1))
    desk.settings = Settings(policy=Policy(limit_minor=500))
    with refused("plan-stale"):
        desk.backend.execute_refund(CASHIER, plan)
    supervisor = builders.caller(Role.SUPERVISOR)
    again = desk.plan(builders.request(1), supervisor)
    assert desk.backend.execute_refund(supervisor, again).refund.amount_minor == 1000


def test_a_guard_of_the_store_speaks_the_catalogue(desk: Desk, booking: Booking) -> None:
    """The rules are told that more is left than was paid; the database is not fooled."""
    plan = desk.plan(builders.request(1))

    def corrupt(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE booking SET settled_minor = 10")

    desk.store.write(corrupt, label="corrupt")
    desk.harmed = True
    before = counts_and_hashes(desk.store)
    with refused("store-refused") as caught:
        desk.backend.execute_refund(CASHIER, plan)
    assert "booking_cap" in caught.value.message
    assert counts_and_hashes(desk.store) == before


def test_cash_and_gift_cards_and_transfers(desk: Desk) -> None:
    paid = [builders.payment(1, 3000, PaymentMethod.CASH)]
    lines = [builders.ticket(1, 1000), builders.ticket(2, 1000), builders.ticket(3, 1000)]
    put(desk.store, builders.booking(lines, paid))
    parts = [
        Part(Method.CASH, 1000),
        Part(Method.GIFT_CARD, 1000, reference="G-1"),
        Part(Method.TRANSFER, 1000),
    ]
    plan: RefundPlan = desk.plan(builders.request(1, 2, 3, parts=parts))
    refund = desk.backend.execute_refund(CASHIER, plan).refund
    assert {leg.method: leg.state for leg in refund.legs} == {
        Method.CASH: LegState.RECORDED,
        Method.GIFT_CARD: LegState.RECORDED,
        Method.TRANSFER: LegState.DUE,
    }
    assert balances(desk.store) == {
        "tickets_sold": 3000,
        "cash_desk:3": -1000,
        "stored_value": -1000,
        "refund_payable": -1000,
    }

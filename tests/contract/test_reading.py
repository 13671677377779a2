"""Contract: what can be looked up, what a booking shows, and what is on record."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from backend_client.domain.caller import PEOPLE, Caller, Role
from backend_client.domain.plan import MethodChange, Part
from backend_client.domain.refund import Method
from tests.contract.offices import (
    ADMIN,
    CASHIER,
    STOCK,
    SUPERVISOR,
    Office,
    caller,
    sale,
    ticket,
)
from tests.unit.refusing import refused


def test_a_backend_says_what_it_can_do(office: Office) -> None:
    able = office.backend.capabilities()
    assert able.environment == "practice"
    assert (able.currency, able.zone) == ("CHF", "UTC")
    assert Method.MATCHED in able.methods
    assert able.unavailable[Method.UNMATCHED.value] == "unmatched-disabled"
    assert not {method.value for method in able.methods} & set(able.unavailable)


@pytest.mark.parametrize(
    "text", ["WPM8TS9", "wpm8ts9", "N-WPM8TS9", "davis", "bette@example", "G 16", "1111"]
)
def test_a_booking_is_found_by_what_a_customer_knows(office: Office, text: str) -> None:
    office.sell(sale())
    found = office.backend.lookup(CASHIER, text)
    assert [hit.reference for hit in found.hits] == ["WPM8TS9"]
    assert (found.bookings_total, found.more) == (1, False)
    hit = found.hits[0]
    assert (hit.customer, hit.performance, hit.paid_minor) == ("Bette Davis", "Hamlet", 1450)


def test_a_refund_number_finds_its_booking(office: Office) -> None:
    office.sell(sale())
    number = office.refund(2).refund.number
    found = office.backend.lookup(CASHIER, number)
    assert (found.hits[0].reference, found.exact) == ("WPM8TS9", True)
    assert found.hits[0].partly_refunded


def test_a_card_number_is_not_searched_for(office: Office) -> None:
    with refused("full-card-number") as caught:
        office.backend.lookup(CASHIER, "4111 1111 1111 1111")
    assert "1111" not in json.dumps(caught.value.details)


def test_recent_bookings_are_those_something_was_done_to(office: Office) -> None:
    office.sell(*(sale(booking_id=name) for name in ("ONE", "TWO", "THREE")))
    assert office.backend.recent(CASHIER) == ()
    for name in ("TWO", "ONE"):
        office.refund(2, booking=name)
        office.clock.move(minutes=1)
    assert [hit.reference for hit in office.backend.recent(CASHIER)] == ["ONE", "TWO"]
    assert len(office.backend.recent(CASHIER, limit=1)) == 1


@pytest.mark.parametrize("said", ["wpm8ts9", "N-WPM8TS9", "0001:WPM8TS9:T-WPM8TS9", "#1"])
def test_a_booking_opens_by_any_of_its_names(office: Office, said: str) -> None:
    office.sell(sale())
    assert office.backend.booking(CASHIER, said).booking.key.booking_id == "WPM8TS9"


def test_a_booking_id_used_twice_must_be_told_apart(office: Office) -> None:
    office.sell(sale(), replace(sale(), transaction_id="T-2", number="N-2"))
    with refused("booking-not-unique") as caught:
        office.backend.booking(CASHIER, "WPM8TS9")
    assert len(caught.value.details["bookings"]) == 2
    view = office.backend.booking(CASHIER, "0001:WPM8TS9:T-2")
    assert view.booking.number == "N-2"


def test_a_line_that_cannot_go_says_why(office: Office) -> None:
    office.sell(sale((ticket(1, collected=True), ticket(2))))
    view = office.backend.booking(CASHIER, "WPM8TS9")
    assert view.verdicts[1].code == "collected"
    assert view.verdicts[2].refundable


def test_the_timeline_tells_everything_in_order(office: Office) -> None:
    office.sell(sale(reference="dead-1"))
    office.clock.move(minutes=1)
    refund = office.refund(1).refund
    office.clock.move(minutes=1)
    wish = MethodChange(refund.legs[0].number, (Part(Method.REQUESTED),), "card is closed")
    plan = office.backend.preview_method_change(CASHIER, wish)
    office.backend.execute_method_change(CASHIER, plan)
    office.clock.move(minutes=1)
    void = office.backend.preview_void(SUPERVISOR, refund.number, "customer stays")
    office.backend.execute_void(SUPERVISOR, void)
    view = office.backend.booking(CASHIER, "WPM8TS9")
    events = [event for event in view.timeline if event.what != "imported"]
    assert [event.what for event in events] == [
        "sold",
        "refunded",
        "attempt",
        "method_changed",
        "voided",
    ]
    assert [event.at for event in view.timeline] == sorted(event.at for event in view.timeline)
    assert (events[1].operator, events[1].desk, events[1].amount_minor) == ("A. Rochat", "3", 1000)
    assert events[2].details["code"] == "43"
    assert events[3].details["reason"] == "card is closed"
    assert events[4].details["reason"] == "customer stays"
    assert [one.number for one in view.refunds] == [refund.number]


def test_importing_again_changes_nothing(office: Office) -> None:
    first = office.sell(sale(), sale(booking_id="OTHER"))
    assert (first.read, first.added, first.unchanged) == (2, 2, 0)
    before = office.backend.booking(CASHIER, "WPM8TS9")
    again = office.sell(sale(), sale(booking_id="OTHER"))
    assert (again.read, again.added, again.unchanged) == (2, 0, 2)
    assert office.backend.booking(CASHIER, "WPM8TS9") == before


def test_the_audit_log_holds_and_is_exported_as_it_is(office: Office) -> None:
    office.sell(sale())
    office.refund(2)
    report = office.backend.audit_verify(SUPERVISOR)
    records = [json.loads(line) for line in office.backend.audit_export(SUPERVISOR)]
    assert report.broken_at is None
    assert report.records == len(records) > 0
    assert report.head == records[-1]["hash"]
    assert [record["seq"] for record in records] == list(range(1, len(records) + 1))
    refund = next(record for record in records if record["action"] == "refund")
    assert (refund["operator"], refund["role"], refund["desk"]) == ("A. Rochat", "cashier", "3")
    assert json.loads(refund["body"])["amount_minor"] == 350


def test_a_denial_is_on_record(office: Office) -> None:
    office.sell(sale())
    plan = office.plan(office.request(2))
    with refused("not-allowed"):
        office.backend.execute_refund(ADMIN, plan)
    records = [json.loads(line) for line in office.backend.audit_export(SUPERVISOR)]
    assert (records[-1]["action"], records[-1]["role"]) == ("denied", "admin")


def test_card_numbers_in_names_of_callers_are_masked(office: Office) -> None:
    office.sell(sale())
    swiped = caller(operator="4111111111111111")
    assert office.refund(2, by=swiped).refund.operator == "411111••••••1111"
    assert "4111111111111111" not in "".join(office.backend.audit_export(SUPERVISOR))


Asked = Callable[[Office, Caller], object]
ALLOWED: dict[str, tuple[Asked, frozenset[Role]]] = {
    "lookup": (lambda o, c: o.backend.lookup(c, "davis"), frozenset(PEOPLE)),
    "recent": (lambda o, c: o.backend.recent(c), frozenset(PEOPLE)),
    "booking": (lambda o, c: o.backend.booking(c, "WPM8TS9"), frozenset(PEOPLE)),
    "open refunds": (lambda o, c: o.backend.open_refunds(c), frozenset(PEOPLE)),
    "preview": (
        lambda o, c: o.plan(o.request(2), c),
        frozenset({Role.CASHIER, Role.SUPERVISOR}),
    ),
    "import": (
        lambda o, c: o.backend.import_bookings(c, STOCK, lambda count: None),
        frozenset({Role.SUPERVISOR, Role.ADMIN}),
    ),
    "doctor": (lambda o, c: o.backend.doctor(c), frozenset(PEOPLE)),
    "verify": (
        lambda o, c: o.backend.audit_verify(c),
        frozenset({Role.SUPERVISOR, Role.ADMIN}),
    ),
    "export": (
        lambda o, c: list(o.backend.audit_export(c)),
        frozenset(PEOPLE),
    ),
}


@pytest.mark.parametrize("asked", sorted(ALLOWED))
@pytest.mark.parametrize("role", Role)
def test_every_role_may_do_its_own_and_nothing_else(office: Office, asked: str, role: Role) -> None:
    office.sell(sale())
    ask, roles = ALLOWED[asked]
    if role in roles:
        ask(office, caller(role))
    else:
        with refused("not-allowed"):
            ask(office, caller(role))


def test_a_cashier_reads_the_own_records_of_the_audit_and_no_others(office: Office) -> None:
    office.sell(sale())
    other = caller(operator="D. Other")
    office.refund(2, by=CASHIER)
    office.refund(1, 3, by=other)
    everything = list(office.backend.audit_export(SUPERVISOR))
    own = list(office.backend.audit_export(CASHIER))
    assert own == [line for line in everything if '"operator": "A. Rochat"' in line]
    assert 0 < len(own) < len(everything)


@pytest.mark.parametrize("text", ["G 16", "g16", "16 g", "davis g 1", "16"])
def test_a_seat_looked_for_is_named_with_its_line(office: Office, text: str) -> None:
    other = sale((ticket(1, seat="F 15"), ticket(2, seat="G 16")), booking_id="OTHER")
    office.sell(sale(), other)
    hits = {hit.reference: hit for hit in office.backend.lookup(CASHIER, text).hits}
    assert (hits["WPM8TS9"].line, hits["WPM8TS9"].seat) == (1, "G 16")
    assert (hits["OTHER"].line, hits["OTHER"].seat) == (2, "G 16")


@pytest.mark.parametrize("text", ["WPM8TS9", "Davis", "N-WPM8TS9", "T-WPM8TS9"])
def test_who_looks_for_no_seat_is_told_of_none(office: Office, text: str) -> None:
    office.sell(sale())
    (hit,) = office.backend.lookup(CASHIER, text).hits
    assert (hit.line, hit.seat) == (None, "")

"""A sale paid elsewhere: recorded once, to the unit, and refundable only with what it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.kinds import LineState, PaymentMethod
from backend_client.domain.sale_payment import SalePayment
from backend_client.domain.scopes import Scope, ScopeWord
from backend_client.local.backend import LocalBackend
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from tests.unit import builders
from tests.unit.local.arriving import LINES, booking, bring_in, with_line
from tests.unit.local.venue import Desk, balances, findings, opened
from tests.unit.refusing import refused

SESSION = "b47e5287860b9c906125343c8dab09c2"
SALE = SalePayment(
    SESSION,
    1450,
    masked_number="4681••••••5478",
    card_type="VISA",
    bank_reference="094834939",
    reversal_data="PP-094834939-GBRTYDFWTY",
    refund_method="PaymentPlus",
    customer_name="Bette Davis",
    customer_email="bette.davis@hollwood.org",
)
SHOP = Caller(
    "web shop",
    Role.CLIENT,
    "",
    "internet",
    Entrance.API,
    "corr-7",
    Scope(frozenset({ScopeWord.SALES_RECORD})),
)
UNPAID = booking(
    transaction_id="0", is_paid=False, payments=(), contact=None, order_session=SESSION
)


@pytest.fixture
def store() -> Iterator[Store]:
    with opened() as made:
        bring_in(made, UNPAID)
        yield made
        assert findings(made) == []


@pytest.fixture
def backend(store: Store) -> LocalBackend:
    return Desk(store).backend


def test_the_order_is_paid_booked_and_on_record(store: Store, backend: LocalBackend) -> None:
    taken = backend.take_sale_payment(SHOP, SALE)
    paid = taken.booking
    assert not taken.already_done
    assert (paid.is_paid, paid.settled_minor, paid.version) == (True, 1450, 2)
    assert paid.key.transaction_id.strip("0")
    assert paid.contact is not None
    assert (paid.contact.name, paid.contact.email) == (SALE.customer_name, SALE.customer_email)
    (payment,) = paid.payments
    assert payment == taken.payment
    assert (payment.method, payment.payer) == (PaymentMethod.EXTERNAL, paid.contact)
    assert (payment.reversal_data, payment.refund_method) == (SALE.reversal_data, "PaymentPlus")
    assert balances(store) == {
        "external": 1450,
        "tickets_sold": -1000,
        "concessions_sold": -350,
        "fees_sold": -100,
    }
    with store.read() as connection:
        (record,) = fetch(connection, "SELECT operator, object FROM audit WHERE action = 'sale'")
    assert (record.operator, record.object) == ("web shop", "WPM8TS9")
    view = backend.booking(builders.caller(), "WPM8TS9")
    assert "paid" in [event.what for event in view.timeline]
    assert backend.lookup(builders.caller(), "bette davis").hits[0].booking_id == paid.id


def test_told_twice_it_is_recorded_once(store: Store, backend: LocalBackend) -> None:
    first = backend.take_sale_payment(SHOP, SALE)
    again = backend.take_sale_payment(SHOP, replace(SALE, customer_name="B. Davis"))
    assert again.already_done
    assert (again.payment, again.booking.version) == (first.payment, first.booking.version)
    assert balances(store)["external"] == 1450


@pytest.mark.parametrize(
    "changes",
    [{"bank_reference": "094834940"}, {"amount_minor": 1449}, {"reversal_data": ""}],
)
def test_another_payment_for_a_paid_order_is_not_taken(
    backend: LocalBackend, changes: dict[str, object]
) -> None:
    backend.take_sale_payment(SHOP, SALE)
    with refused("order-already-paid"):
        backend.take_sale_payment(SHOP, replace(SALE, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("amount_minor", [1449, 1451, 0])
def test_only_exactly_what_the_order_costs_is_taken(
    store: Store, backend: LocalBackend, amount_minor: int
) -> None:
    with refused("order-amount-differs"):
        backend.take_sale_payment(SHOP, replace(SALE, amount_minor=amount_minor))
    assert balances(store) == {}
    assert not backend.booking(builders.caller(), "WPM8TS9").booking.is_paid


@pytest.mark.parametrize("session", ["", "somebody else's", SESSION[:-1]])
def test_an_order_nobody_knows_is_not_found(backend: LocalBackend, session: str) -> None:
    with refused("order-not-found"):
        backend.take_sale_payment(SHOP, replace(SALE, order_session=session))


def test_a_session_of_several_orders_names_none(store: Store, backend: LocalBackend) -> None:
    bring_in(store, replace(UNPAID, booking_id="BBB2222"))
    with refused("order-not-unique") as refusal:
        backend.take_sale_payment(SHOP, SALE)
    assert sorted(refusal.value.details["bookings"]) == ["BBB2222", "WPM8TS9"]


def test_an_order_whose_lines_are_gone_is_given_back(store: Store, backend: LocalBackend) -> None:
    gone = UNPAID
    for line in LINES:
        gone = with_line(gone, line.sequence, state=LineState.CANCELLED)
    bring_in(store, gone)
    with refused("order-given-back"):
        backend.take_sale_payment(SHOP, SALE)


def test_an_order_of_unclear_price_is_not_paid_for(store: Store, backend: LocalBackend) -> None:
    bring_in(store, with_line(UNPAID, 2, value_minor=None, quantity=2))
    with refused("price-ambiguous"):
        backend.take_sale_payment(SHOP, SALE)


def test_what_was_kept_for_the_order_is_sold_with_it(store: Store, backend: LocalBackend) -> None:
    bring_in(store, with_line(UNPAID, 1, state=LineState.RESERVED))
    paid = backend.take_sale_payment(SHOP, SALE).booking
    assert [line.state for line in paid.lines] == [LineState.SOLD] * 3


def test_who_sold_it_stays_the_contact(store: Store, backend: LocalBackend) -> None:
    bring_in(store, replace(UNPAID, contact=booking().contact))
    taken = backend.take_sale_payment(SHOP, SALE)
    assert taken.payment.payer is not None
    assert taken.payment.payer.key == "C-1"


def test_no_card_number_is_taken_anywhere(backend: LocalBackend) -> None:
    for name in ("masked_number", "bank_reference", "reversal_data", "customer_name"):
        with refused("full-card-number"):
            backend.take_sale_payment(SHOP, replace(SALE, **{name: "4111 1111 1111 1111"}))  # type: ignore[arg-type]


def test_the_unpaid_order_imported_again_changes_nothing(
    store: Store, backend: LocalBackend
) -> None:
    paid = backend.take_sale_payment(SHOP, SALE).booking
    for again in (UNPAID, replace(UNPAID, channel="box-office")):
        counts = bring_in(store, again)
        assert (counts.added, counts.updated, counts.unchanged) == (0, 0, 1)
    assert backend.booking(builders.caller(), "WPM8TS9").booking == paid
    assert backend.take_sale_payment(SHOP, SALE).already_done


def test_its_source_may_come_to_know_of_the_payment_by_itself(
    store: Store, backend: LocalBackend
) -> None:
    paid = backend.take_sale_payment(SHOP, SALE).booking
    counts = bring_in(store, booking(order_session=SESSION))
    assert (counts.added, counts.updated) == (0, 1)
    now = backend.booking(builders.caller(), "WPM8TS9").booking
    assert (now.id, now.key.transaction_id) == (paid.id, "3679")


def test_another_order_under_a_used_id_is_another_booking(
    store: Store, backend: LocalBackend
) -> None:
    backend.take_sale_payment(SHOP, SALE)
    assert bring_in(store, replace(UNPAID, order_session="next")).added == 1


def test_it_takes_a_token_that_may_and_reaches_the_booking(backend: LocalBackend) -> None:
    for caller in (builders.caller(Role.SUPERVISOR), replace(SHOP, scope=None)):
        with refused("not-allowed"):
            backend.take_sale_payment(caller, SALE)
    words = frozenset({ScopeWord.SALES_RECORD})
    with refused("not-in-scope"):
        backend.take_sale_payment(replace(SHOP, scope=Scope(words, frozenset({"0009"}))), SALE)

"""Contract: credit accounts are filled by refunds and spent once a reference."""

from __future__ import annotations

import pytest

from backend_client.domain.plan import CreditSpend, Part
from backend_client.domain.refund import Method
from tests.contract.offices import ADMIN, CASHIER, Office, sale
from tests.unit.refusing import refused


@pytest.fixture
def rich(office: Office) -> Office:
    """Bette Davis holds 14.50 of credit."""
    office.sell(sale())
    office.refund(1, 2, 3, parts=(Part(Method.CREDIT),))
    return office


def spend(amount_minor: int, reference: str, currency: str = "CHF") -> CreditSpend:
    return CreditSpend("C-1", amount_minor, currency, reference)


def test_an_account_shows_what_came_and_went(rich: Office) -> None:
    rich.clock.move(hours=1)
    statement = rich.backend.spend_credit(CASHIER, spend(450, "sale 7"))
    assert statement.contact.name == "Bette Davis"
    assert statement.balances == (("CHF", 1000),)
    assert [(one.amount_minor, one.what, one.reference) for one in statement.entries] == [
        (-450, "credit_spent", "sale 7"),
        (1450, "credited", "R-10001.1"),
    ]
    assert statement.entries[0].at > statement.entries[1].at
    assert rich.backend.credit(CASHIER, "C-1") == statement


def test_a_reference_spends_once(rich: Office) -> None:
    first = rich.backend.spend_credit(CASHIER, spend(450, "sale 7"))
    assert rich.backend.spend_credit(CASHIER, spend(450, "sale 7")) == first
    with refused("reference-used"):
        rich.backend.spend_credit(CASHIER, spend(451, "sale 7"))
    assert rich.backend.spend_credit(CASHIER, spend(450, "sale 8")).balances == (("CHF", 550),)


def test_no_more_is_spent_than_is_there(rich: Office) -> None:
    with refused("credit-insufficient") as caught:
        rich.backend.spend_credit(CASHIER, spend(1451, "sale 7"))
    assert caught.value.details["balance_minor"] == 1450
    with refused("credit-insufficient"):
        rich.backend.spend_credit(CASHIER, spend(1, "sale 7", "EUR"))
    assert rich.backend.spend_credit(CASHIER, spend(1450, "sale 7")).balances == (("CHF", 0),)


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_is_positive(rich: Office, amount: int) -> None:
    with refused("amount-invalid"):
        rich.backend.spend_credit(CASHIER, spend(amount, "sale 7"))


def test_bad_input_is_refused(rich: Office) -> None:
    for wish, code in (
        (spend(1, ""), "reference-required"),
        (spend(1, "4111 1111 1111 1111"), "full-card-number"),
        (spend(1, "x" * 200), "text-invalid"),
        (spend(1, "sale", "XYZ"), "currency-unknown"),
        (CreditSpend("C-99", 1, "CHF", "sale"), "contact-not-found"),
    ):
        with refused(code):
            rich.backend.spend_credit(CASHIER, wish)
    with refused("contact-not-found"):
        rich.backend.credit(CASHIER, "nobody")


def test_an_admin_moves_no_money(rich: Office) -> None:
    with refused("not-allowed"):
        rich.backend.spend_credit(ADMIN, spend(1, "sale 7"))

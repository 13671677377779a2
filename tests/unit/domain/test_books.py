"""Double entry: every event posts to the right accounts and sums to zero."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.domain.books import (
    Posting,
    credit_spent,
    granted,
    is_balanced,
    paying_account,
    resale_granted,
    reversed_postings,
    settled,
)
from backend_client.domain.kinds import LineKind
from backend_client.domain.refund import Method


def figures(postings: tuple[Posting, ...]) -> dict[str, int]:
    assert is_balanced(postings)
    assert {posting.currency for posting in postings} <= {"CHF"}
    return {posting.account: posting.amount_minor for posting in postings}


LINES = [(LineKind.TICKET, 1000), (LineKind.CONCESSION, 350), (LineKind.FEE, 100)]


def test_a_refund_shrinks_the_sale_and_owes_the_rest() -> None:
    assert figures(granted(LINES, withheld_minor=200, currency="CHF")) == {
        "tickets_sold": 1000,
        "concessions_sold": 350,
        "fees_sold": 100,
        "retained_fee_income": -200,
        "refund_payable": -1250,
    }


def test_lines_of_a_kind_are_one_posting_and_nothing_posts_nothing() -> None:
    two = [(LineKind.TICKET, 1000), (LineKind.TICKET, 500)]
    assert figures(granted(two, withheld_minor=0, currency="CHF")) == {
        "tickets_sold": 1500,
        "refund_payable": -1500,
    }
    assert granted([(LineKind.TICKET, 0)], withheld_minor=0, currency="CHF") == ()


@pytest.mark.parametrize("withheld", [-1, 1451])
def test_what_cannot_be_withheld_is_a_mistake(withheld: int) -> None:
    with pytest.raises(ValueError, match="withheld"):
        granted(LINES, withheld_minor=withheld, currency="CHF")


@pytest.mark.parametrize(
    ("method", "account"),
    [
        (Method.MATCHED, "provider_clearing:practice"),
        (Method.UNMATCHED, "provider_clearing:practice"),
        (Method.CREDIT, "customer_credit:7"),
        (Method.CASH, "cash_desk:3"),
        (Method.GIFT_CARD, "stored_value"),
        (Method.EXTERNAL, "external"),
        (Method.TRANSFER, "external"),
        (Method.WAITING, "waiting_account"),
    ],
)
def test_each_method_pays_from_its_own_account(method: Method, account: str) -> None:
    paid = settled(method, 500, "CHF", provider="practice", payer_id=7, desk="3")
    assert figures(paid) == {"refund_payable": 500, account: -500}
    assert figures(reversed_postings(paid)) == {"refund_payable": -500, account: 500}


@pytest.mark.parametrize("method", [Method.MATCHED, Method.CREDIT, Method.CASH, Method.REQUESTED])
def test_an_account_needs_to_be_known(method: Method) -> None:
    with pytest.raises(ValueError, match=r"needs|nothing"):
        paying_account(method)


def test_credit_is_spent_on_a_later_sale() -> None:
    assert figures(credit_spent(7, 300, "CHF")) == {
        "customer_credit:7": 300,
        "sales_clearing": -300,
    }
    with pytest.raises(ValueError, match="moved"):
        credit_spent(7, -1, "CHF")


def test_a_resale_owes_the_reseller() -> None:
    assert figures(resale_granted(900, "CHF")) == {"resale_clearing": 900, "refund_payable": -900}


def test_reversed_postings_take_back_exactly_what_was_posted() -> None:
    forth = granted(LINES, withheld_minor=200, currency="CHF")
    back = reversed_postings(forth)
    accounts = {posting.account for posting in forth + back}
    for account in accounts:
        assert sum(one.amount_minor for one in forth + back if one.account == account) == 0


def test_balance_is_by_currency() -> None:
    assert not is_balanced([Posting("a", "CHF", 5), Posting("b", "EUR", -5)])
    assert is_balanced([])


lines = st.lists(st.tuples(st.sampled_from(LineKind), st.integers(0, 10**9)), max_size=12)


@given(lines, st.data())
def test_postings_of_any_refund_sum_to_zero(
    of_lines: list[tuple[LineKind, int]], data: st.DataObject
) -> None:
    value = sum(amount for _, amount in of_lines)
    withheld = data.draw(st.integers(0, value))
    postings = granted(of_lines, withheld_minor=withheld, currency="CHF")
    assert sum(posting.amount_minor for posting in postings) == 0
    assert all(posting.amount_minor for posting in postings)
    owed = -sum(one.amount_minor for one in postings if one.account == "refund_payable")
    assert owed == value - withheld
    legs = settled(Method.CASH, owed, "CHF", desk="3")
    left = sum(one.amount_minor for one in postings + legs if one.account == "refund_payable")
    assert left == 0

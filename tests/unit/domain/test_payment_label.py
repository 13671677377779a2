"""A payment in words: enough to know it, and never two with the same words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.booking import Booking
from backend_client.domain.planning import plan_refund
from backend_client.domain.room import payment_label
from tests.unit.builders import booking, circumstances, payment, request, ticket


def paid_twice(*keys: str) -> Booking:
    """One ticket paid in equal parts with the same card; `keys` name the parts."""
    parts = [replace(payment(n, 500), key=key) for n, key in enumerate(keys, 1)]
    return booking([ticket(1, 500 * len(keys))], parts)


def test_one_payment_needs_no_key() -> None:
    of = paid_twice("OPH-29299")
    assert payment_label(of.payments[0], of) == "VISA •••• 1111"


def test_only_those_that_look_the_same_show_their_keys() -> None:
    of = booking(
        [ticket(1, 1200)],
        [payment(1, 500), payment(2, 500), replace(payment(3, 200), masked_number="9871")],
    )
    labels = [payment_label(one, of) for one in of.payments]
    assert labels == ["VISA •••• 1111 (P-1)", "VISA •••• 1111 (P-2)", "VISA •••• 9871"]


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (
            ("7f3e9c00-1f6b-4a", "81aa9c00-1f6b-4b"),
            ("VISA •••• 1111 (…b-4a)", "VISA •••• 1111 (…b-4b)"),
        ),
        (("a-long-key-6b-4a", "b-long-key-6b-4a"), None),
    ],
)
def test_a_long_key_is_shown_by_the_end_that_differs(
    keys: tuple[str, str], shown: tuple[str, str] | None
) -> None:
    of = paid_twice(*keys)
    whole = tuple(f"VISA •••• 1111 ({key})" for key in keys)
    assert tuple(payment_label(one, of) for one in of.payments) == (shown or whole)


def test_the_plan_and_its_places_tell_them_apart() -> None:
    of = paid_twice("P-1", "P-2")
    plan = plan_refund(of, request(1), circumstances(of))
    wanted = ["VISA •••• 1111 (P-1)", "VISA •••• 1111 (P-2)"]
    assert [leg.label for leg in plan.legs] == wanted
    assert [one.label for one in plan.destinations[:2]] == wanted

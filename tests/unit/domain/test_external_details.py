"""What a payment made elsewhere is recorded with: typed, taken from its card, or missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.booking import Booking
from backend_client.domain.external_details import EXTERNAL_DETAILS, cleaned_details
from backend_client.domain.plan import Part, RefundPlan
from backend_client.domain.planning import plan_refund
from backend_client.domain.refund import Method
from tests.unit.builders import booking, circumstances, payment, request, ticket
from tests.unit.refusing import refused

TYPED = Part(
    Method.EXTERNAL,
    reference="T-1",
    masked_number="412403....5226",
    card_type="VISA",
    card_expiry="05/26",
)


@pytest.mark.parametrize(
    "mask",
    ["411111......1111", "412403....5226", "............1111", "411111••••••1111", "xxxx1111"],
)
def test_masks_of_every_shape_are_kept(mask: str) -> None:
    assert cleaned_details(replace(TYPED, masked_number=mask)).masked_number == mask


@pytest.mark.parametrize("mask", ["1111", "...1111", "4111111....1111", "411111....11111", "abcd"])
def test_what_is_no_mask_is_refused(mask: str) -> None:
    with refused("mask-invalid"):
        cleaned_details(replace(TYPED, masked_number=mask))


@pytest.mark.parametrize("field", ["masked_number", "card_type"])
@pytest.mark.parametrize("number", ["4111111111111111", "4111 1111 1111 1111"])
def test_a_full_card_number_is_refused_wherever_it_is_typed(field: str, number: str) -> None:
    with refused("full-card-number") as caught:
        typed = number if field == "card_type" else TYPED.card_type
        masked = number if field == "masked_number" else TYPED.masked_number
        cleaned_details(replace(TYPED, card_type=typed, masked_number=masked))
    assert "4111" not in str(caught.value.details)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("05/26", "2026-05"), ("0526", "2026-05"), ("05/2026", "2026-05"), ("2026-05", "2026-05")],
)
def test_an_expiry_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert cleaned_details(replace(TYPED, card_expiry=typed)).card_expiry == kept


@pytest.mark.parametrize("typed", ["13/26", "00/26", "5/26", "soon"])
def test_what_is_no_expiry_is_refused(typed: str) -> None:
    with refused("expiry-invalid"):
        cleaned_details(replace(TYPED, card_expiry=typed))


def test_only_external_payments_have_details() -> None:
    with refused("details-not-taken"):
        cleaned_details(replace(TYPED, method=Method.CASH))


def sold() -> Booking:
    card = replace(
        payment(1, 1000),
        masked_number="411111••••••1111",
        card_type="VISA",
        card_expiry="2020-12",
    )
    return booking([ticket(1, 1000)], [card])


def planned(*parts: Part, required: frozenset[str] = frozenset()) -> RefundPlan:
    of = sold()
    wanted = replace(circumstances(of), external_fields=required)
    return plan_refund(of, request(1, parts=parts), wanted)


def test_without_details_the_only_card_stands_for_itself() -> None:
    (leg,) = planned(Part(Method.EXTERNAL)).legs
    details = (leg.masked_number, leg.card_type, leg.card_expiry)
    assert details == ("411111••••••1111", "VISA", "2020-12")


def test_typed_details_are_never_mixed_with_those_of_another_card() -> None:
    (leg,) = planned(Part(Method.EXTERNAL, masked_number="412403....5226")).legs
    assert (leg.masked_number, leg.card_type, leg.card_expiry) == ("412403....5226", "", "")


def test_a_house_may_require_details() -> None:
    every = frozenset(EXTERNAL_DETAILS)
    bare = Part(Method.EXTERNAL, masked_number="412403....5226")
    assert planned(bare, required=every).missing[-2:] == ("card_type", "card_expiry")
    assert not set(planned(TYPED, required=every).missing) & every
    assert not set(planned(required=every).missing) & every

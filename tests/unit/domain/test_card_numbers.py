"""No full card number gets through, and ordinary numbers do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.domain.card_numbers import (
    MASK,
    is_swipe,
    luhn_valid,
    mask_card_numbers,
    refuse_card_number,
)
from tests.unit.refusing import refused

CARDS = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111.1111.1111.1111",
    "4111  1111\u00a01111 1111",
    "3782 822463 10005",
    "6011111111111117",
    "30569309025904",
    "4222222222222",
    "6304000000000000018",
    "0004111111111111111",
    "card 5555555555554444, thanks",
    "paid 2026-11-22 4111 1111 1111 1111",
    "x4111111111111111y",
    "٤١١١١١١١١١١١١١١١",
    "４１１１１１１１１１１１１１１１",
    "CH93 0076 2011 6238 5295 8 4111111111111111",
]
SWIPES = [
    "%B4111111111111111^DAVIS/BETTE^30121010000000000000?",
    ";4111111111111111=30121010000000000000?",
    "%B4111 1111 1111 1112^X^3012",
    "%b4111111111111112^",
    "note %B4111111111111111^DAVIS",
]
ORDINARY = [
    "",
    "WPM8TS9",
    "411111......1111",
    "4111 11•• •••• 1111",
    "VISA •••• 1111",
    "4111111111111112",
    "+41 22 123 45 67",
    "0041221234567",
    "2026-11-22",
    "35626",
    "0000000000000000",
    "12345678901",
    "CH93 0076 2011 6238 5295 7",
    "GB82 WEST 1234 5698 7654 32",
    "000000321000020003800001",
    "41111111111111111111111111",
    "7610000000009",
    "1700000000000001",
    "1795312345675",
    "9780306406156",
    "Müller, Jörg <b>",
]


@pytest.mark.parametrize("text", CARDS + SWIPES)
def test_card_numbers_are_refused_without_being_repeated(text: str) -> None:
    with refused("full-card-number") as refusal:
        refuse_card_number(text, "reason")
    assert refusal.value.details == {"field": "reason"}
    assert "1111" not in str(refusal.value)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts_pass(text: str) -> None:
    refuse_card_number(text, "reason")
    assert mask_card_numbers(text) == text
    assert not is_swipe(text)


@pytest.mark.parametrize("text", SWIPES)
def test_swipes_are_known(text: str) -> None:
    assert is_swipe(text)
    assert "4111" not in mask_card_numbers(text)
    assert "DAVIS" not in mask_card_numbers(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4111111111111111", "411111••••••1111"),
        ("pay 4111 1111 1111 1111 now", "pay 4111 11•• •••• 1111 now"),
        ("3782-822463-10005", "3782-82••••-•0005"),
        ("a 4111111111111111 b 5555555555554444", "a 411111••••••1111 b 555555••••••4444"),
        ("4111111111111112", "4111111111111112"),
    ],
)
def test_masks_show_the_first_six_and_last_four(text: str, masked: str) -> None:
    assert mask_card_numbers(text) == masked


@pytest.mark.parametrize("text", CARDS)
def test_what_is_masked_is_no_longer_refused(text: str) -> None:
    refuse_card_number(mask_card_numbers(text), "note")


def check_digit(digits: str) -> str:
    return next(str(last) for last in range(10) if luhn_valid(f"{digits}{last}"))


numbers = st.one_of(
    st.from_regex(r"\A4[0-9]{14}\Z"),
    st.from_regex(r"\A4[0-9]{17}\Z"),
    st.from_regex(r"\A5[1-5][0-9]{13}\Z"),
    st.from_regex(r"\A3[47][0-9]{12}\Z"),
    st.from_regex(r"\A6[0-9]{11,17}\Z"),
).map(lambda digits: digits + check_digit(digits))
separators = st.sampled_from(["", " ", "-", ".", "\u00a0", "/", "_"])


@given(numbers, separators, st.integers(2, 6), st.sampled_from(["", "card ", "№", "(x) "]))
def test_any_valid_number_is_found_however_it_is_grouped(
    number: str, separator: str, size: int, before: str
) -> None:
    grouped = separator.join(number[at : at + size] for at in range(0, len(number), size))
    with refused("full-card-number"):
        refuse_card_number(f"{before}{grouped} end", "reference")
    masked = mask_card_numbers(f"{before}{grouped}")
    assert masked.count(MASK) == len(number) - 10


@given(st.text(max_size=60))
def test_any_text_can_be_masked(text: str) -> None:
    masked = mask_card_numbers(text)
    refuse_card_number(masked, "anything")


@given(st.from_regex(r"\A[0-9]{1,12}\Z"))
def test_short_numbers_always_pass(digits: str) -> None:
    refuse_card_number(digits, "reference")

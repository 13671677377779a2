"""Amounts as people type and read them."""

from __future__ import annotations

import pytest

from backend_client.domain.money import (
    MOST_MINOR,
    Money,
    described,
    exponent,
    format_amount,
    parse_amount,
    parse_minor,
)
from tests.unit.refusing import refused


@pytest.mark.parametrize(
    ("currency", "places"),
    [("CHF", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("TND", 3), ("CLF", 4)],
)
def test_currencies_have_their_own_decimals(currency: str, places: int) -> None:
    assert exponent(currency) == places


@pytest.mark.parametrize("currency", ["", "chf", "XXX", "EURO", "€", "4111111111111111"])
def test_what_is_not_a_currency_is_refused(currency: str) -> None:
    with refused("currency-unknown") as refusal:
        exponent(currency)
    assert "4111111111111111" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "CHF", 1250),
        ("12,50", "CHF", 1250),
        (" 12.5 ", "CHF", 1250),
        ("12", "CHF", 1200),
        ("0", "CHF", 0),
        ("0.01", "CHF", 1),
        ("007", "CHF", 700),
        ("1,450.00", "CHF", 145000),
        ("1.450,00", "EUR", 145000),
        ("1'450.00", "CHF", 145000),
        ("12 345 678.90", "CHF", 1234567890),
        ("1450", "JPY", 1450),
        ("1.234", "KWD", 1234),
        ("1,5", "KWD", 1500),
        ("90071992547409.92", "CHF", MOST_MINOR),
    ],
)
def test_amounts_people_type(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "CHF"),
        ("   ", "CHF"),
        ("-1", "CHF"),
        ("+1", "CHF"),
        ("1e3", "CHF"),
        ("NaN", "CHF"),
        ("Infinity", "CHF"),
        ("٣٤", "CHF"),
        ("１２", "CHF"),
        ("12.505", "CHF"),
        ("12.", "CHF"),
        (".5", "CHF"),
        ("1,450", "CHF"),
        ("1,45,0.00", "CHF"),
        ("1,450,00", "CHF"),
        ("1.450.00", "CHF"),
        ("1_000", "CHF"),
        ("0x10", "CHF"),
        ("12.50 CHF", "CHF"),
        ("12\n.50", "CHF"),
        ("1.5", "JPY"),
        ("1.2345", "KWD"),
        ("90071992547409.93", "CHF"),
        ("9" * 500, "CHF"),
        ("\x1b[31m5", "CHF"),
    ],
)
def test_what_is_not_an_amount_is_refused(text: str, currency: str) -> None:
    with refused("amount-invalid") as refusal:
        parse_amount(text, currency)
    assert "\x1b" not in refusal.value.message
    assert len(refusal.value.message) < 120


@pytest.mark.parametrize("text", ["411111111111111", "4111 1111 1111 111", "4111.111111111"])
def test_a_long_run_of_digits_is_not_repeated(text: str) -> None:
    """One digit short of a card's number is nearly all of it."""
    with refused("amount-invalid") as refusal:
        parse_amount(text, "CHF")
    assert "1" not in refusal.value.message
    assert "•••" in refusal.value.message


@pytest.mark.parametrize(("text", "minor"), [("1250", 1250), ("0", 0), (" 7 ", 7)])
def test_whole_minor_units(text: str, minor: int) -> None:
    assert parse_minor(text, "CHF") == minor


@pytest.mark.parametrize("text", ["", "12.5", "-1", "1e3", "NaN", "٣", "9007199254740993", "1 0"])
def test_what_is_not_whole_minor_units_is_refused(text: str) -> None:
    with refused("amount-invalid"):
        parse_minor(text, "CHF")


@pytest.mark.parametrize("text", ["4111111111111111", "4111 1111 1111 1111"])
def test_a_card_number_typed_as_an_amount_is_not_repeated(text: str) -> None:
    for parse in (parse_amount, parse_minor):
        with refused("full-card-number") as refusal:
            parse(text, "CHF")
        assert "1111" not in repr(refusal.value.details)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1450, "CHF", "14.50"),
        (145000, "CHF", "1,450.00"),
        (5, "CHF", "0.05"),
        (0, "CHF", "0.00"),
        (-1450, "CHF", "-14.50"),
        (-5, "CHF", "-0.05"),
        (1450, "JPY", "1450"),
        (1450, "KWD", "1.450"),
        (1234567890, "CHF", "12,345,678.90"),
    ],
)
def test_amounts_people_read(minor: int, currency: str, text: str) -> None:
    assert format_amount(minor, currency) == text


@pytest.mark.parametrize("currency", ["CHF", "JPY", "KWD", "CLF"])
@pytest.mark.parametrize("minor", [0, 1, 99, 100, 1450, 999999, 12345678, MOST_MINOR])
def test_what_is_shown_can_be_typed_again(minor: int, currency: str) -> None:
    assert parse_amount(format_amount(minor, currency), currency) == minor


def test_money_of_different_currencies_never_meets() -> None:
    francs, yen = Money(1450, "CHF"), Money(1450, "JPY")
    assert str(francs + Money(50, "CHF")) == "15.00 CHF"
    assert str(francs - Money(50, "CHF")) == "14.00 CHF"
    with refused("currency-mismatch"):
        francs + yen
    with refused("currency-unknown"):
        Money(1, "FRANCS")


def test_details_say_amounts_for_people_and_for_programs() -> None:
    assert described("CHF", left=145000) == {
        "currency": "CHF",
        "left": "1,450.00 CHF",
        "left_minor": 145000,
    }

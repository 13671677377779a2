"""The number of a gift card: what is one, that it shows itself to nobody, and is used once."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import asdict

import pytest

from backend_client.domain.stored_value import SealedNumber, StoredValueNumber
from tests.unit.refusing import refused

NUMBER = "9870123456789012"
KEY = b"k" * 32


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        (NUMBER, NUMBER),
        (" 9870 1234-5678.9012 ", NUMBER),
        ("GIFT01", "GIFT01"),
        ("a" * 32, "a" * 32),
        ("7612345678900", "7612345678900"),
    ],
)
def test_a_number_is_taken_without_what_stands_between(typed: str, number: str) -> None:
    assert StoredValueNumber(typed).spend() == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "number-required"),
        (" - ", "number-required"),
        ("12345", "number-invalid"),
        ("a" * 33, "number-invalid"),
        ("1 " * 33, "number-invalid"),
        ("GIFT_01", "number-invalid"),
        ("١٢٣٤٥٦٧", "number-invalid"),
        ("123456\x1b[2J", "number-invalid"),
        ("4111 1111 1111 1111", "payment-card-number"),
        ("4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1", "payment-card-number"),
        ("378282246310005", "payment-card-number"),
        ("x4111111111111111", "payment-card-number"),
        (";4111111111111111=30121010000", "payment-card-number"),
        (";9870123456789012=30121010000", "payment-card-number"),
        ("%B9870123456789012^DAVIS/B^3012", "payment-card-number"),
    ],
)
def test_what_is_no_number_is_refused_without_being_repeated(typed: str, code: str) -> None:
    with refused(code) as refusal:
        StoredValueNumber(typed)
    assert refusal.value.details == {}
    assert refusal.value.__context__ is None
    assert typed.strip() not in str(refusal.value) or not typed.strip(" -")


def test_it_shows_itself_to_nobody() -> None:
    number = StoredValueNumber(NUMBER)
    shown = (repr(number), str(number), f"{number}", f"{[number]}", repr(number.seal(KEY)))
    assert not [one for one in shown if "9870" in one or "9012" in one]
    for keep in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            keep(number)
    with pytest.raises(TypeError):
        asdict(number.seal(KEY))
    assert not hasattr(number, "__dict__")


def test_it_is_used_once() -> None:
    number = StoredValueNumber(NUMBER)
    assert number.spend() == NUMBER
    with pytest.raises(ValueError, match="has been used"):
        number.spend()


def test_the_seal_is_the_same_for_the_same_card_and_key_alone() -> None:
    def seal(typed: str, key: bytes = KEY) -> str:
        sealed = StoredValueNumber(typed).seal(key)
        assert isinstance(sealed, SealedNumber)
        return sealed.seal

    assert seal(NUMBER) == seal("9870-1234-5678-9012")
    assert len({seal(NUMBER), seal("9870123456789013"), seal(NUMBER, b"other" * 8)}) == 3
    assert len(seal(NUMBER)) == 32
    assert "9870" not in seal(NUMBER)

"""A PIN is refused where anybody would guess it, and shows itself to nothing by accident."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from backend_client.domain.pins import Pin
from tests.unit.refusing import refused


@pytest.mark.parametrize(
    "typed", ["5071", "90210", "481516234200", "2580", "0007", "2469", "1223", "112234"]
)
def test_a_pin_has_4_to_12_digits(typed: str) -> None:
    Pin(typed).refuse_weak()


@pytest.mark.parametrize(
    "typed", ["", "123", "5071829364018", "50 71", "٥٠٧١", "abcd", "5071\n", "-507", "½071"]
)
def test_what_is_no_pin_is_refused_by_its_form(typed: str) -> None:
    with refused("pin-form") as refusal:
        Pin(typed).refuse_weak()
    assert refusal.value.details == {}


@pytest.mark.parametrize(
    "typed",
    [
        *("0000", "1111", "999999999999"),
        *("1234", "4321", "012345678901", "7890", "890123", "2109"),
        *("2468", "8642", "1357", "0369", "9630", "7418", "13579"),
        *("1212", "6767676", "4747", "1122", "7733", "224466"),
    ],
)
def test_what_anybody_would_try_first_is_refused(typed: str) -> None:
    with refused("pin-trivial") as refusal:
        Pin(typed).refuse_weak()
    assert refusal.value.details == {}


def test_it_shows_itself_to_nothing_by_accident() -> None:
    pin = Pin("5071")
    assert "5071" not in f"{pin} {pin!r} {[pin]} {vars(Pin)}"
    with pytest.raises(TypeError):
        pickle.dumps(pin)
    with pytest.raises(TypeError):
        copy.copy(pin)
    with pytest.raises(TypeError):
        json.dumps(pin)
    with pytest.raises(TypeError):
        hash(pin)

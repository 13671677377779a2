"""Somebody who comes to sign in, with the PINs of the house."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.pins import Pin
from backend_client.domain.problems import Refused
from tests.shop import Shop

ADMIN_PIN, PIN, OTHER, WRONG = Pin("481516"), Pin("5071"), Pin("2580"), Pin("9021")
SECRETS = ("481516", "5071", "2580", "9021")


def knocking(name: str, entrance: Entrance = Entrance.COMMAND_LINE) -> Caller:
    """Somebody who says this name; the role said counts for nothing."""
    return Caller(name, Role.ADMIN, "3", "box-office", entrance, "corr-1")


def refusal_of(ask: Callable[[], object]) -> Refused:
    """What it is refused with."""
    with pytest.raises(Refused) as caught:
        ask()
    return caught.value


def mistyped(shop: Shop, name: str = "A. Rochat") -> str:
    """What a wrong PIN under this name is refused with."""
    return refusal_of(lambda: shop.backend.sign_in(knocking(name), WRONG)).code

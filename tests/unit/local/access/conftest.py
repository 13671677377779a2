"""A shop with one booking, its admin and its cashier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.domain.caller import Caller, Role
from tests.shop import Shop, opened_shop, sale
from tests.unit.local.access.knocking import (
    ADMIN_PIN,
    PIN,
    knocking,
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened_shop(tmp_path) as made:
        made.sell([sale(1)])
        yield made


@pytest.fixture
def admin(shop: Shop) -> Caller:
    shop.backend.add_operator(knocking("setup"), "C. Admin", Role.ADMIN, ADMIN_PIN)
    return shop.backend.sign_in(knocking("c. admin"), ADMIN_PIN)


@pytest.fixture
def cashier(shop: Shop, admin: Caller) -> Caller:
    shop.backend.add_operator(admin, "A. Rochat", Role.CASHIER, PIN)
    return shop.backend.sign_in(knocking("A. Rochat"), PIN)

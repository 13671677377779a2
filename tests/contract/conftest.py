"""Every contract test runs against every backend, and ends with the doctor finding nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.settings import House, Settings
from tests.contract.functions import World, opened_world
from tests.contract.offices import FACTORIES, Office, sound


@pytest.fixture
def settings() -> Settings:
    """A house whose desks know no limits; a module may override it."""
    return Settings(house=House(currency="CHF"))


@pytest.fixture(params=sorted(FACTORIES))
def office(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings) -> Iterator[Office]:
    with sound(FACTORIES[request.param](tmp_path, settings)) as made:
        yield made


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One of everything there is to ask about, for all questions of a module."""
    with opened_world(tmp_path_factory.mktemp("roles")) as made:
        yield made

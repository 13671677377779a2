"""A refund above the limit, as pictures: before the commit, after it, and being approved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from backend_client.domain.refund import LegState
from tests.functional.signing_in import StaffedHouse, sign_in
from tests.functional.window import Cashier, typist, window
from tests.snapshots.scenes import Compare, pictured

Scene = Callable[[Cashier], Awaitable[None]]


async def before(person: Cashier) -> None:
    await sign_in(person)
    await person.open("WPM8TS9")
    await person.press("asterisk")
    await person.preview()


async def waiting(person: Cashier) -> None:
    await before(person)
    await person.press("f9")
    await person.settled()


async def approving(person: Cashier) -> None:
    """The first PIN of the supervisor was wrong."""
    await waiting(person)
    await person.press("v")
    await person.settled()
    typist(person.app).wait(1)
    await person.type("9021")
    await person.press("f9")
    await person.until(lambda: person.sees("do not belong"), "the refusal")
    await person.type("258")


async def refusing(person: Cashier) -> None:
    """Who made it takes it back."""
    await waiting(person)
    await person.press("r")
    await person.settled()
    await person.type("the customer keeps the seats")


@pytest.mark.parametrize(
    ("scene", "theme"),
    [(before, "dark"), (waiting, "dark"), (approving, "dark"), (refusing, "light")],
)
def test_approval(snap_compare: Compare, scene: Scene, theme: str) -> None:
    house = StaffedHouse("Chloé Müller", "Charlotte [1] 張偉")
    house.policy = replace(house.policy, limit_minor=1000)
    house.answer_with = LegState.AWAITING_APPROVAL
    app = window(house, theme=theme)

    assert pictured(snap_compare, app, scene)

"""A refund above the limit, as pictures: before the commit, after it, and being approved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from backend_client.answers import RefundOutcome
from backend_client.domain.refund import LegState, Method
from tests.functional.signing_in import StaffedHouse, sign_in
from tests.functional.window import Cashier, typist, window
from tests.snapshots.scenes import Compare, pictured
from tests.unit.builders import leg, refund, sample_booking
from tui.screens.outcome import OutcomeScreen

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


def test_approved_cash(snap_compare: Compare) -> None:
    """The supervisor has said yes; the money is still in the till."""
    booking = sample_booking()
    held = leg(1, Method.CASH, 1450, state=LegState.DUE)
    approved = replace(refund(booking, [1, 2, 3], [held]), approved_by="B. Keller")

    async def scene(person: Cashier) -> None:
        await sign_in(person)
        outcome = RefundOutcome(approved, booking)
        person.app.push_screen(OutcomeScreen(outcome, just_now=True))

    assert pictured(snap_compare, window(StaffedHouse()), scene)

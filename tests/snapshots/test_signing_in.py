"""Signing in and the lock, as pictures: dark and light."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.functional.signing_in import StaffedHouse, sign_in
from tests.functional.window import Cashier, window
from tests.snapshots.scenes import Compare, pictured

Scene = Callable[[Cashier], Awaitable[None]]


async def signing_in(person: Cashier) -> None:
    """Another name is being chosen."""
    await person.press("up")
    await person.type("c")


async def locked(person: Cashier) -> None:
    """Locked in the middle of a booking, and a wrong PIN was typed."""
    await sign_in(person)
    await person.open("WPM8TS9")
    await person.press("ctrl+backslash")
    await person.settled()
    await person.type("9021")
    await person.press("enter")
    await person.until(lambda: person.sees("do not belong"), "the refusal")
    await person.type("507")


@pytest.mark.parametrize(
    ("scene", "theme"),
    [
        (signing_in, "dark"),
        (signing_in, "light"),
        (locked, "dark"),
    ],
)
def test_signing_in(snap_compare: Compare, scene: Scene, theme: str) -> None:
    app = window(StaffedHouse("Chloé Müller", "Charlotte [1] 張偉"), theme=theme)

    assert pictured(snap_compare, app, scene)

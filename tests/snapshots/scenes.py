"""A scene played in front of a window, and the picture that is left of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from textual.pilot import Pilot

from tests.functional.window import Cashier
from tui.app import TicketWindowApp

Compare = Callable[..., bool]
SMALL = (80, 24)


def pictured(
    compare: Compare,
    app: TicketWindowApp,
    scene: Callable[[Cashier], Awaitable[object]],
    size: tuple[int, int] = SMALL,
) -> bool:
    """Is what the scene leaves on the screen what it was?"""

    async def play(pilot: Pilot[Any]) -> None:
        person = Cashier(app, pilot)
        await person.ready()
        await scene(person)
        await person.settled()

    return compare(app, terminal_size=size, run_before=play)

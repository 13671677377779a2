"""The method screen in tests: bookings of one ticket, and the way to its rows."""

from __future__ import annotations

from backend_client.domain.refund import Method
from tests.functional.scripted import ScriptedBackend
from tests.functional.window import Cashier
from tests.unit.builders import LUC, booking, payment, ticket
from tui.app import TicketWindowApp
from tui.screens.method import MethodScreen
from tui.screens.placing import Placement
from tui.widgets.frame_lines import Level


def one_card() -> ScriptedBackend:
    return ScriptedBackend([booking((ticket(1, 3300),))])


def two_cards() -> ScriptedBackend:
    payments = (payment(1, 3300), payment(2, 3300, payer=LUC))
    return ScriptedBackend([booking((ticket(1, 6600),), payments)])


async def method_screen(person: Cashier, key: str = "f4") -> MethodScreen:
    await person.open("WPM8TS9")
    await person.press("asterisk")
    return await again(person, key)


async def again(person: Cashier, key: str = "f4") -> MethodScreen:
    await person.press(key)
    await person.until(lambda: isinstance(person.app.frame, MethodScreen), "the method screen")
    await person.settled()
    screen = person.app.frame
    assert isinstance(screen, MethodScreen)
    return screen


async def down_to(person: Cashier, placement: Placement, method: Method) -> None:
    """From the first amount to that of this method."""
    methods = [place.destination.method for place in placement.places]
    await person.press(*["down"] * methods.index(method))


def refused(app: TicketWindowApp) -> bool:
    return app.frame.said.level is Level.REFUSED


def texts(screen: MethodScreen) -> list[str]:
    assert screen.placement is not None
    return [place.text for place in screen.placement.places]

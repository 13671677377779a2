"""Open payments in tests: the way to one, and what its screens came to."""

from __future__ import annotations

from backend_client.domain.refund import LegState, Method
from tests.functional.window import Cashier
from tui.screens.leg_sheet import LegSheet
from tui.screens.open_refunds import OpenRefundsScreen
from tui.screens.payment import PaymentScreen


async def listed(person: Cashier) -> OpenRefundsScreen:
    await person.press("f7")
    await person.settled()
    screen = person.app.frame
    assert isinstance(screen, OpenRefundsScreen)
    return screen


async def payment(person: Cashier, reference: str) -> PaymentScreen:
    """From the lookup to the payment of this booking, with arrow keys and Enter."""
    screen = await listed(person)
    for _ in range(screen.legs.total):
        row = screen.legs.current
        if row is not None and row.booking_reference == reference:
            break
        await person.press("down")
    await person.press("enter")
    await person.settled()
    found = person.app.frame
    assert isinstance(found, PaymentScreen)
    assert found.outcome is not None
    assert found.outcome.booking.key.booking_id == reference
    return found


async def shown(person: Cashier) -> LegSheet:
    await person.press("f5")
    await person.settled()
    sheet = person.app.frame
    assert isinstance(sheet, LegSheet)
    assert sheet.shown, person.text
    return sheet


async def committed(person: Cashier, *keys: str) -> PaymentScreen:
    await person.press(*(keys or ("f9",)))
    await person.settled()
    screen = person.app.frame
    assert isinstance(screen, PaymentScreen), person.text
    return screen


def states(screen: PaymentScreen) -> list[tuple[Method, LegState]]:
    assert screen.outcome is not None
    return [(leg.method, leg.state) for leg in screen.outcome.refund.legs]

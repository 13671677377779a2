"""Open payments in tests: the way to one, and what its screens came to."""

from __future__ import annotations

from typing import TypeVar

from backend_client.domain.refund import LegState, Method
from tests.functional.method_rows import down_to
from tests.functional.window import Cashier
from tui.screens.change import ChangeScreen
from tui.screens.leg_sheet import LegSheet
from tui.screens.open_refunds import OpenRefundsScreen
from tui.screens.payment import PaymentScreen

S = TypeVar("S", bound=LegSheet)


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


async def begun(person: Cashier, key: str, kind: type[S]) -> S:
    """The sheet this key opens from a payment."""
    await person.press(key)
    await person.settled()
    sheet = person.app.frame
    assert isinstance(sheet, kind), person.text
    return sheet


async def changing(person: Cashier, method: Method) -> ChangeScreen:
    """The change of a payment, with the cursor on the amount of this method."""
    sheet = await begun(person, "f4", ChangeScreen)
    assert sheet.placement is not None
    await down_to(person, sheet.placement, method)
    return sheet


async def at_the_receipt(person: Cashier) -> ChangeScreen:
    """The record of what was only requested, with the cursor where its receipt is typed."""
    await begun(person, "ctrl+d", LegSheet)
    sheet = await shown(person)
    assert isinstance(sheet, ChangeScreen)
    await person.until(lambda: person.sees("its receipt number"), "a field for the receipt")
    for _ in range(10):
        if getattr(sheet.focused, "max_length", None):
            break
        await person.press("down")
    return sheet


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

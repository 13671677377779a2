"""The window at a Connect system as pictures: gone in the middle of the work, and a refund that
went through only in part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.cinema import Point, Trouble, answer
from tests.connect_offices import ConnectOffice, connect_office
from tests.contract.offices import CASHIER, card, sale
from tests.functional.window import Cashier, window

Scene = Callable[[Cashier, ConnectOffice], Awaitable[None]]
TWO = (card(1000, key="OPH-1", reference="a"), card(450, key="OPH-2", reference="b"))


async def remote_down(person: Cashier, office: ConnectOffice) -> None:
    """A booking is looked for, and nobody answers any more."""
    office.cinema.unreadable = [None] * 9
    await person.type("WPM8TS9")
    await person.press("enter")
    await person.until(lambda: person.sees("cannot be reached"), "the notice")


async def manual_resolution(person: Cashier, office: ConnectOffice) -> None:
    """The second payment failed: looked at again, the outcome says what went through."""
    office.cinema.troubles = [Trouble(Point.FIRST_PAYMENT, answer(ResultCode=12))]
    request = office.request(1, 2, 3, acknowledged=frozenset({"connect-mixed-kinds"}))
    refund = office.backend.execute_refund(CASHIER, office.plan(request)).refund
    person.app.show_refund(refund.number)
    await person.until(lambda: person.sees("not paid back there"), "what went through")


@pytest.mark.parametrize("scene", [remote_down, manual_resolution])
def test_connect(snap_compare: Callable[..., bool], tmp_path: Path, scene: Scene) -> None:
    with connect_office(tmp_path) as office:
        office.sell(sale(payments=TWO))
        app = window(office.backend)

        async def play(pilot: Pilot[Any]) -> None:
            person = Cashier(app, pilot)
            await person.ready()
            await scene(person, office)
            await person.settled()

        assert snap_compare(app, terminal_size=(80, 24), run_before=play)

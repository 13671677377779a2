"""The window at a Connect system as pictures: gone in the middle of the work, one cinema of two
gone, a refund that waits for approval, one that went through only in part and is read again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from backend_client.domain.policy import Policy
from backend_client.settings import House, Settings
from tests.cinema import Point, Trouble, answer
from tests.connect_offices import ConnectOffice, connect_office
from tests.contract.offices import CASHIER, SUPERVISOR, card, sale
from tests.functional.window import Cashier, window
from tests.snapshots.scenes import Compare, pictured

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


async def cinema_down(person: Cashier, office: ConnectOffice) -> None:
    """One of two cinemas does not answer; the other one does."""
    office.cinema.down = {"0002"}
    await person.type("WPM8TS9")
    await person.press("enter")
    await person.until(lambda: person.sees("could not be asked"), "who was not asked")


async def promised(person: Cashier, office: ConnectOffice) -> None:
    """Above the limit: its lines are promised, and nothing else of the booking goes."""
    acknowledged = frozenset({"connect-mixed-kinds"})
    request = office.request(1, 3, acknowledged=acknowledged)
    office.backend.execute_refund(CASHIER, office.plan(request))
    await person.type("WPM8TS9")
    await person.press("enter")
    await person.until(lambda: person.sees("promised"), "what it is promised to")


async def read_again(person: Cashier, office: ConnectOffice) -> None:
    """A supervisor is about to decide; by now all of it is there."""
    office.cinema.troubles = [Trouble(Point.FIRST_PAYMENT, answer(ResultCode=12))]
    request = office.request(1, 2, 3, acknowledged=frozenset({"connect-mixed-kinds"}))
    office.backend.execute_refund(CASHIER, office.plan(request))
    booking = office.cinema.bookings["0001", "WPM8TS9"]
    booking["PaymentsRefunded"].clear()
    office.cinema._carry_out(booking, office.cinema.refunds[0], Point.EVERYTHING)
    person.app.caller = SUPERVISOR
    person.app.show_open_refunds(office.backend.open_refunds(SUPERVISOR).legs[0].leg_id)
    await person.until(lambda: person.sees("in review"), "the open refunds")
    await person.press("enter")
    await person.until(lambda: person.sees("What can be done"), "the payment")
    await person.press("ctrl+f", "f5")
    await person.until(lambda: person.sees("Read again just now"), "what is shown now")


LIMITS: Mapping[Scene, int] = {promised: 400}


@pytest.mark.parametrize(
    "scene", [remote_down, manual_resolution, cinema_down, promised, read_again]
)
def test_connect(snap_compare: Compare, tmp_path: Path, scene: Scene) -> None:
    house = Settings(house=House(currency="CHF"), policy=Policy(limit_minor=LIMITS.get(scene)))
    others = ("0002",) if scene is cinema_down else ()
    with connect_office(tmp_path, house, None, others) as office:
        office.sell(sale(payments=TWO))
        app = window(office.backend)

        assert pictured(snap_compare, app, lambda person: scene(person, office))

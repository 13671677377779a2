"""The list of open payments: totals, filters, and the row that stays."""

from __future__ import annotations

import threading
from dataclasses import replace

from backend_client.domain.refund import OPEN
from tests.functional.open_payments import listed, payment
from tests.functional.real_venue import CASHIER, Open
from tests.functional.scripted import HELD_AT_MOST_S, ScriptedBackend
from tests.functional.window import cashier, window
from tests.snapshots.house import house_with_open_legs
from tui.screens.booking import BookingScreen
from tui.screens.open_refunds import OpenRefundsScreen


async def test_left_and_right_show_one_kind_only_and_the_totals_stay(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        screen = await listed(person)
        everything = screen.legs.total
        totals = [line for line in person.text.splitlines() if " CHF " in line]
        assert everything == 5
        assert " ‹ all  " in person.text
        assert "  review ›" in person.text, (
            "every kind is named at 80 columns, apart from the arrows"
        )
        assert len(totals) == 4
        seen = 0
        for reference in ("", "RESOLD1", "MIXCARD", "", "", "", "DEADCRD", "LOSTANS"):
            await person.press("right")
            await person.settled()
            assert [line for line in person.text.splitlines() if " CHF " in line] == totals
            row = screen.legs.current
            assert (row.booking_reference if row else "") == reference
            seen += screen.legs.total
        assert seen == everything
        await person.press("right")
        await person.settled()
        assert screen.legs.total == everything


async def test_reading_again_keeps_the_row(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        screen = await listed(person)
        await person.press("down", "down")
        before = screen.legs.current
        await person.press("f5")
        await person.settled()
        assert before is not None
        assert screen.legs.cursor == 2
        assert screen.legs.current == before
        await person.press("enter")
        await person.settled()
        await person.press("escape")
        await person.settled()
        assert screen.legs.current == before


async def test_whoever_comes_before_the_store_is_open_sees_the_payments_when_it_is() -> None:
    opened = threading.Event()

    def slowly() -> ScriptedBackend:
        assert opened.wait(HELD_AT_MOST_S)
        return house_with_open_legs(3)

    async with cashier(window(slowly), ready=False) as person:
        await person.press("f7")
        assert "not open yet" in person.status
        opened.set()
        screen = person.app.frame
        assert isinstance(screen, OpenRefundsScreen)
        await person.until(lambda: screen.legs.total == 3, "the payments are read")
        assert "not open yet" not in person.status


async def test_reading_a_long_list_again_keeps_the_row() -> None:
    """Also when a payment before it is gone meanwhile."""
    backend = house_with_open_legs(240)
    async with cashier(window(backend)) as person:
        screen = await listed(person)
        await person.press("end", "up")
        await person.settled()
        before = screen.legs.current
        assert before is not None
        assert screen.legs.cursor == 238
        await person.press("f5")
        await person.settled()
        assert screen.legs.current == before
        del backend.open_legs[10]
        await person.press("f5")
        await person.settled()
        assert screen.legs.cursor == 237
        assert screen.legs.current == before


async def test_no_total_is_cut_off_when_there_are_many_states() -> None:
    backend = house_with_open_legs(10)
    backend.open_legs = [
        replace(one, state=state)
        for one, state in zip(backend.open_legs, sorted(OPEN), strict=True)
    ]
    async with cashier(window(backend)) as person:
        screen = await listed(person)
        totals = "\n".join(line for line in person.text.splitlines() if " CHF " in line)
        assert totals.count(" CHF ") == len(OPEN)
        for state in OPEN:
            assert screen.window.wording.text(f"leg_state.{state.value}") in totals


async def test_enter_tells_everything_and_f3_opens_the_booking(open_as: Open) -> None:
    app = open_as(CASHIER)
    async with cashier(app) as person:
        await payment(person, "DEADCRD")
        assert person.sees("✗ declined")
        assert person.sees("could not go back to")
        await person.press("f3")
        await person.until(lambda: isinstance(app.frame, BookingScreen), "its booking opens")


async def test_an_amount_of_another_currency_than_the_houses_names_it() -> None:
    backend = house_with_open_legs(3)
    first, second, third = backend.open_legs
    backend.open_legs = [
        first,
        replace(second, currency="EUR", amount_minor=123456),
        replace(third, currency="KWD", amount_minor=123456789),
    ]
    async with cashier(window(backend)) as person:
        await listed(person)
        ours, euros, dinars = (
            line for line in person.text.splitlines() if line.lstrip(" ›").startswith("R-")
        )
        assert "CHF" not in ours
        assert euros.endswith("1,234.56 EUR")
        assert dinars.endswith(" 123,456.789")

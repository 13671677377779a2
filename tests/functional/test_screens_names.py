"""A customer's name is text on every screen it stands on: brackets, wide letters, right to left."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input

from backend_client.domain.refund import Method
from tests.functional.method_rows import again, down_to
from tests.functional.open_payments import listed, payment
from tests.functional.real_venue import CASHIER, Open
from tests.functional.window import Cashier, cashier
from tui.screens.change import ChangeScreen
from tui.text.columns import cells

COLUMNS = 80


def stands(person: Cashier, name: str) -> None:
    """The name stands on this screen letter by letter, and pushes nothing out of it."""
    assert name in person.text
    assert max(cells(line) for line in person.text.splitlines()) <= COLUMNS


@pytest.mark.parametrize(
    ("booking", "name"),
    [
        ("MARKUP1", "[bold red]Anna[/] [group]"),
        ("CJKNAME", "張偉"),
        ("ARABIC1", "محمد علي الحسيني"),
    ],
)
async def test_a_name_is_the_same_text_from_the_lookup_to_its_payment(
    open_as: Open, booking: str, name: str
) -> None:
    app = open_as(CASHIER)
    async with cashier(app) as person:
        app.frame.query_one("#box", Input).value = booking
        await person.until(lambda: person.sees("1 of 120"), "the hit")
        stands(person, name[:11])
        await person.press("enter")
        await person.until(lambda: person.sees("Payments"), "the booking")
        stands(person, name)
        await person.press("asterisk")
        method = await again(person)
        assert method.placement is not None
        await person.type("0")
        await down_to(person, method.placement, Method.TRANSFER)
        await person.press("space")
        shown = await person.preview()
        assert shown.plan is not None
        stands(person, name)
        await person.give_back()
        stands(person, name)
        await person.press("f2")
        await listed(person)
        stands(person, name[:11])
        await payment(person, booking)
        stands(person, name)
        await person.press("f4")
        await person.until(lambda: isinstance(app.frame, ChangeScreen), "another method")
        await person.settled()
        stands(person, name)


async def test_a_cashiers_name_and_desk_are_text_too(open_as: Open) -> None:
    app = open_as(replace(CASHIER, operator="[bold]A[/] 張偉", desk="[red]3[/]"))
    async with cashier(app) as person:
        stands(person, "[bold]A[/] 張偉")
        stands(person, "[red]3[/]")

"""One open payment and the three things that can be decided about it, at 80×24."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from backend_client.domain.caller import Role
from tests.functional.window import Cashier, window
from tests.snapshots.house import house_with_open_legs
from tests.snapshots.open_house import OpenHouse
from tests.snapshots.scenes import Compare, pictured

Scene = Callable[[Cashier], Awaitable[None]]


async def declined(person: Cashier) -> None:
    await person.press("f7")
    await person.settled()
    await person.press("enter")
    await person.settled()


async def in_review(person: Cashier) -> None:
    await person.press("f7")
    await person.settled()
    await person.press("down", "enter")
    await person.settled()


async def change(person: Cashier) -> None:
    await declined(person)
    await person.press("f4")
    await person.settled()
    await person.press("down", "space", "f5")
    await person.settled()


async def retry(person: Cashier) -> None:
    await declined(person)
    await person.press("ctrl+x")
    await person.settled()
    await person.press("f5")
    await person.settled()


async def resolve(person: Cashier) -> None:
    await in_review(person)
    await person.press("ctrl+f")
    await person.settled()
    await person.press("down")
    await person.type("re_81")
    await person.press("down")
    await person.type("back office, 22 Nov")
    await person.press("f5")
    await person.settled()


SCENES: dict[str, tuple[Scene, Role]] = {
    "DECLINED": (declined, Role.CASHIER),
    "IN_REVIEW": (in_review, Role.CASHIER),
    "CHANGE": (change, Role.CASHIER),
    "RETRY": (retry, Role.CASHIER),
    "RESOLVE": (resolve, Role.SUPERVISOR),
}


@pytest.mark.parametrize("name", SCENES)
def test_payment(snap_compare: Compare, name: str) -> None:
    scene, role = SCENES[name]
    app = window(OpenHouse())
    app.caller = replace(app.caller, role=role)

    assert pictured(snap_compare, app, scene)


def test_one_kind_of_payment(snap_compare: Compare) -> None:
    async def chosen(person: Cashier) -> None:
        await person.press("f7")
        await person.settled()
        await person.press("right", "right", "right")

    assert pictured(snap_compare, window(house_with_open_legs()), chosen)

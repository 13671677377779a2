"""Limits of the house at the command line: listed, asked for, confirmed, and in force."""

from __future__ import annotations

import pytest

from tests.functional.cancelled_evening import CANCEL, sell_evening
from tests.functional.desk import Desk
from tests.functional.test_command_line_access import ADMIN, OTHER, House
from tui.commands import signing_in

SECOND = "730264"


@pytest.fixture
def house(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> House:
    """An evening to cancel, for 61.00; C. Admin and B. Keller sign in."""
    monkeypatch.setattr(signing_in, "terminal_there", lambda: False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(desk.folder / "xdg"))
    sell_evening(desk)
    made = House(desk, monkeypatch)
    made.staff()
    return made


def cancelling(house: House, *more: str) -> str:
    """The code it ends with."""
    answer = house(*CANCEL, *more, "--json", pins=(OTHER,), by="B. Keller")
    return answer.problem if answer.code == 1 else ""


def test_one_admin_sets_the_ceilings_of_the_night(house: House) -> None:
    assert cancelling(house, "--unattended") == "run-over-ceiling"
    answer = house.by_admin("limits", "set", "unattended_items", "3")
    assert answer.code == 0
    assert "by one admin alone" in answer.out
    assert house.by_admin("limits", "set", "unattended-minor", "6100").code == 0
    listed = house.by_admin("limits").out
    assert "61.00 CHF" in listed
    assert "the settings" in listed
    assert cancelling(house, "--unattended") == ""
    assert house("doctor", pins=(OTHER,), by="B. Keller").code == 0


def test_of_two_admins_the_other_one_confirms(house: House) -> None:
    added = house.by_admin("operators", "add", "O. Zweite", "--role", "admin", pins=(SECOND,))
    assert added.code == 0
    asked = house.by_admin("limits", "set", "four_eyes_minor", "0")
    assert "Nothing changes before another admin confirms it" in asked.out
    found = house.by_admin("limits", "--json").json["limits"]
    (waiting,) = (one["waiting"] for one in found if one["name"] == "four_eyes_minor")
    assert (waiting["value"], waiting["set_by"]) == (0, "C. Admin")
    assert "0.00 CHF, asked by C. Admin" in house.by_admin("limits").out
    own = house.by_admin("limits", "confirm", "four_eyes_minor", "--json")
    assert (own.code, own.problem) == (1, "limit-own")
    yes = house("limits", "confirm", "four_eyes_minor", pins=(SECOND,), by="O. Zweite")
    assert (yes.code, "0.00 CHF from now on" in yes.out) == (0, True)
    assert cancelling(house, "--simulate") == ""
    live = house(
        *("cancel-performance", "--live", "--simulation", "1", "--json"),
        pins=(OTHER,),
        by="B. Keller",
    )
    assert live.problem == "approval-required"


@pytest.mark.parametrize(
    "arguments",
    [
        ("limits", "list", "limit_minor"),
        ("limits", "set", "limit_minor"),
        ("limits", "confirm", "limit_minor", "3"),
        ("limits", "confirm"),
        ("limits", "set", "speed_limit", "3"),
        ("limits", "set", "limit_minor", "12.50"),
        ("limits", "set", "limit_minor", "9007199254740993"),
        ("limits", "set", "unattended_items", "none"),
    ],
)
def test_what_cannot_be_meant_is_refused(house: House, arguments: tuple[str, ...]) -> None:
    assert house.by_admin(*arguments).code == 2


def test_only_admins_look_and_nothing_waits_to_be_confirmed(house: House) -> None:
    answer = house("limits", "--json", pins=(OTHER,), by="B. Keller")
    assert (answer.code, answer.problem) == (1, "not-allowed")
    nothing = house.by_admin("limits", "confirm", "limit_minor", "--json")
    assert nothing.problem == "limit-nothing-waits"


def test_without_operators_the_settings_hold(desk: Desk) -> None:
    sell_evening(desk)
    answer = desk("limits", "set", "limit_minor", "3", "--operator", "C. Admin", "--json")
    assert (answer.code, answer.problem) == (1, "limits-in-settings")
    assert ADMIN not in answer.out

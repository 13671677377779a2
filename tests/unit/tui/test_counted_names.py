"""What goes back is listed with how many of each: the person who approves reads it at a glance."""

from __future__ import annotations

from tui.screens.refund_approval import counted
from tui.text.wording import Wording


def test_equal_names_are_said_once_in_the_order_they_came() -> None:
    names = ["Adult", "booking fee", "Adult", "Child", "booking fee", "Adult"]
    assert counted(Wording(), names) == ["3 × Adult", "2 × booking fee", "Child"]


def test_one_of_each_is_said_without_a_number() -> None:
    assert counted(Wording(), ["Adult", "Child"]) == ["Adult", "Child"]

"""The real command in a pseudo-terminal: keys go in, screens come out, the store tells the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.functional.real_command import build, command, copy, is_sound, place
from tests.terminal import Terminal

pytestmark = pytest.mark.pty


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"), 200)


@pytest.fixture
def venue(built: Path, tmp_path: Path) -> Iterator[Path]:
    """A practice venue of its own for each test; the doctor looks at it afterwards."""
    yield copy(built, tmp_path)
    assert is_sound(tmp_path)


def shown(folder: Path, reference: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(command(folder, "show", reference, "--json").stdout)
    return answer


def open_sample(terminal: Terminal) -> None:
    terminal.wait_for("Find")
    terminal.press("WPM8TS9")
    terminal.wait_for("Bette Davis")
    terminal.press("enter")
    terminal.wait_for("Small Pop Corn")


def open_preview(window: Terminal) -> None:
    """From the first screen to the preview of giving the whole sample booking back."""
    open_sample(window)
    window.press("*")
    window.wait_for("14.50 CHF")
    window.press("f4")
    window.wait_for("Left to place")
    window.press("f5")
    window.wait_for("Nothing has been sent yet.")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_cashier_gives_a_ticket_back_and_can_prove_it(venue: Path, size: tuple[int, int]) -> None:
    with Terminal(place(venue), size=size) as window:
        open_preview(window)
        assert "PRACTICE" in window.lines[0]
        window.press("f9")
        window.wait_for("R-10002")
        window.wait_for("refunded")
        window.press("ctrl+c", "ctrl+c")
        assert window.wait_for_exit() == 0
    refund = shown(venue, "R-10002")
    assert refund["amount_minor"] == 1450
    assert [leg["state"] for leg in refund["legs"]] == ["succeeded"]
    assert "Please quote R-10002" in command(venue, "show", "R-10002", "--receipt").stdout


def test_enter_never_gives_money_back(venue: Path) -> None:
    with Terminal(place(venue)) as window:
        open_preview(window)
        window.press("enter", "enter", "f3")
        window.wait_for("Chosen")
    assert command(venue, "show", "R-10002").returncode == 3


def test_keys_typed_before_the_program_is_ready_are_not_lost(venue: Path) -> None:
    with Terminal(place(venue)) as window:
        window.wait_for("Find")
        window.press("WPM8TS9", "enter")
        window.wait_for("Small Pop Corn")


def test_a_scan_opens_its_booking_on_any_screen(venue: Path) -> None:
    with Terminal(place(venue)) as window:
        open_sample(window)
        window.press("f7")
        window.wait_for("Oldest first")
        window.press("\x1eWPK2RR1\r")
        window.wait_for("WPK2RR1 ·")


def test_a_full_card_number_typed_at_the_window_is_shown_and_kept_nowhere(venue: Path) -> None:
    canary = "4000056655665556"
    with Terminal(place(venue)) as window:
        open_sample(window)
        window.press("f2")
        window.wait_for("Find")
        window.press(canary, "enter")
        window.wait_for("card number")
    for file in venue.iterdir():
        assert canary.encode() not in file.read_bytes(), file.name


def test_a_window_that_is_too_small_says_so(venue: Path) -> None:
    with Terminal(place(venue), size=(60, 15)) as window:
        window.wait_for("80")
        assert "24" in window.text


def test_a_terminal_closed_in_the_middle_of_a_commit_leaves_all_or_nothing(venue: Path) -> None:
    with Terminal(place(venue)) as window:
        open_preview(window)
        window.press("f9")
        assert window.hang_up()
    again = command(
        venue, "refund", "WPM8TS9", "--all", "--reason", "goodwill", "--commit", "--json"
    )
    found = command(venue, "show", "R-10002", "--json")
    assert found.returncode == 0
    refund = json.loads(found.stdout)
    assert sum(leg["amount_minor"] for leg in refund["legs"] if leg["state"] != "replaced") == 1450
    if again.returncode != 0:
        assert json.loads(again.stderr or again.stdout)["code"] in {
            "being-refunded",
            "already-refunded",
        }
    assert command(venue, "show", "R-10003").returncode == 3


def test_no_color_leaves_neither_colours_nor_greys(venue: Path) -> None:
    """What the keys act on is underlined instead: a background would not be seen."""
    with Terminal(place(venue), environment={"NO_COLOR": "1"}) as window:
        open_preview(window)
        window.press("ctrl+p")
        window.wait_for("What do you want to do?")
        row = next(row for row, line in enumerate(window.lines) if "  Help  " in line)
        window.until(lambda: _underlined_cells(window, row) > 10, "the first action to be marked")
        window.press("escape")
        window.wait_until_gone("What do you want to do?")
    said = {
        int(number)
        for sequence in re.findall(rb"\x1b\[([0-9;:]*)m", bytes(window.sent))
        for number in re.split(rb"[;:]", sequence)
        if number
    }
    assert {1, 7} <= said
    assert not said & {*range(30, 39), *range(40, 49), *range(90, 108)}


def _underlined_cells(window: Terminal, row: int) -> int:
    return sum(window.screen.buffer[row][column].underscore for column in range(80))


def test_a_dumb_terminal_is_pointed_to_the_commands(venue: Path) -> None:
    with Terminal(place(venue), environment={"TERM": "dumb"}) as window:
        assert window.wait_for_exit() == 2
        assert "Use the commands instead" in window.text

"""The lookup: one box, results as you type, Enter opens, nothing overtaken is shown."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from backend_client.domain.booking import BookingKey, Contact
from backend_client.domain.problems import Refused
from tests.functional.scripted import HELD_AT_MOST_S, ScriptedBackend
from tests.functional.window import cashier, house, house_bookings, window
from tests.unit.builders import sample_booking
from tui.app import TicketWindowApp
from tui.screens.booking import BookingScreen
from tui.screens.lookup import LookupScreen
from tui.widgets.frame_lines import Level


def many(count: int) -> ScriptedBackend:
    return ScriptedBackend(
        replace(sample_booking(), id=number, key=BookingKey("0001", f"B{number:05d}", str(number)))
        for number in range(1, count + 1)
    )


async def test_recent_bookings_are_shown_while_the_box_is_empty() -> None:
    async with cashier(window(house())) as person:
        assert person.sees("recent bookings")
        assert person.sees("WPM8TS9")


async def test_results_come_as_you_type_with_their_number() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.type("anna")
        await person.until(lambda: person.sees("1 of 12,408"), "one booking is found")
        assert person.sees("✗ not paid")


async def test_enter_opens_the_row_the_arrow_keys_chose() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.type("bette")
        await person.until(lambda: person.sees("2 of 12,408"), "both are found")
        await person.press("down", "enter")
        assert isinstance(app.frame, BookingScreen)
        await person.settled()
        assert person.sees("WPK2RR1 · Bette Davis · internet")


async def test_the_exact_hit_opens_with_enter_before_any_result_was_shown() -> None:
    app = window(house())
    async with cashier(app) as person:
        screen = await person.open("WPK2RR1")
        assert screen.booking_id == 2


async def test_several_hits_are_offered_instead_of_opened() -> None:
    app = window(house())
    async with cashier(app) as person:
        person.send(*"bette", "enter")
        await person.until(lambda: person.sees("2 of 12,408"), "both are found")
        assert isinstance(app.frame, LookupScreen)
        assert "choose with ↑ ↓" in person.status
        assert person.box.value == "bette"
        await person.press("enter")
        assert isinstance(app.frame, BookingScreen)


def namesakes() -> ScriptedBackend:
    """Two bookings of two years share one id, beside those of the house."""
    twins = [
        replace(sample_booking(), id=id_, key=BookingKey("0001", "REUSED1", str(id_)))
        for id_ in (11, 12)
    ]
    return ScriptedBackend([*house_bookings(), *twins])


async def test_an_ambiguous_scan_shows_its_own_candidates() -> None:
    app = window(namesakes())
    async with cashier(app) as person:
        await person.open("WPK2RR1")
        await person.scan("REUSED1")
        await person.until(lambda: "2 bookings are called REUSED1" in person.status, "it is told")
        assert isinstance(app.frame, LookupScreen)
        assert person.box.value == "REUSED1"
        assert not person.sees("WPK2RR1")
        await person.press("enter")
        assert isinstance(app.frame, BookingScreen)
        assert app.frame.booking_id == 11


async def test_a_scan_nothing_is_known_of_shows_no_other_customer() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.open("WPK2RR1")
        await person.scan("NOBODY7")
        await person.until(lambda: "Nothing found for “NOBODY7”" in person.status, "it is told")
        assert person.box.value == "NOBODY7"
        assert not person.sees("WPK2RR1")


@pytest.mark.parametrize("moves", [(), ("down",)])
async def test_a_typed_id_of_two_bookings_opens_none_unasked(moves: tuple[str, ...]) -> None:
    app = window(namesakes())
    async with cashier(app) as person:
        await person.type("reused1")
        await person.until(lambda: person.sees("2 of 12,408"), "both are found")
        if not moves:
            await person.press("enter")
            assert isinstance(app.frame, LookupScreen)
            assert "2 bookings are called reused1" in person.status
        await person.press(*moves, "enter")
        assert isinstance(app.frame, BookingScreen)
        assert app.frame.booking_id == (12 if moves else 11)


async def test_typing_what_nobody_is_called_says_so_until_there_are_hits() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.type("QQQ")
        await person.until(lambda: "Nothing found for “QQQ”" in person.status, "it is told")
        await person.press("backspace", "backspace", "backspace")
        await person.type("bette")
        await person.until(lambda: person.sees("2 of 12,408"), "both are found")
        assert "Nothing found" not in person.status


async def test_enter_in_an_empty_box_with_nothing_listed_says_what_can_be_typed() -> None:
    async with cashier(window(ScriptedBackend([]))) as person:
        await person.press("enter")
        assert "Type something first: booking, name" in person.status
        assert isinstance(person.app.frame, LookupScreen)


async def test_an_empty_list_of_the_practice_venue_says_what_to_try() -> None:
    async with cashier(window(ScriptedBackend([]))) as person:
        assert "try FAMPACK" in person.status


async def test_escape_on_the_first_screen_is_no_mistake() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.press("escape")
        assert "first screen" in person.status
        assert app.frame.said.level is Level.HINT


async def test_nothing_found_stays_said() -> None:
    app = window(house())
    async with cashier(app) as person:
        person.send(*"QQQ", "enter")
        await person.until(lambda: app.frame.said.level is Level.REFUSED, "nothing is found")
        assert "Nothing found for “QQQ”" in person.status


async def test_back_on_the_lookup_the_next_letter_replaces_the_last_search() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.open("WPK2RR1")
        await person.press("escape")
        await person.settled()
        screen = await person.open("WPM8TS9")
        assert screen.booking_id == 1


async def test_a_slow_answer_that_was_overtaken_is_dropped() -> None:
    backend = house()
    door = backend.shut("lookup")
    app = window(backend)
    async with cashier(app) as person:
        await person.type("bette")
        await person.until(lambda: "bette" in backend.asked, "the first question")
        await person.press("backspace", "backspace", "backspace", "backspace", "backspace")
        await person.type("anna")
        await person.until(lambda: "anna" in backend.asked, "the second question")
        door.set()
        await person.until(lambda: person.sees("1 of 12,408"), "the second answer")
        await person.settled()
        assert person.sees("1 of 12,408")
        assert not person.sees("WPM8TS9")


def opening_slowly() -> tuple[TicketWindowApp, threading.Event]:
    """A window whose store is open only after the event."""
    opened = threading.Event()

    def slowly() -> ScriptedBackend:
        assert opened.wait(HELD_AT_MOST_S)
        return house()

    return window(slowly), opened


async def test_keys_typed_before_the_store_is_open_are_kept() -> None:
    app, opened = opening_slowly()
    async with cashier(app, ready=False) as person:
        assert person.sees("you can type already")
        person.send(*"WPK2RR1", "enter")
        await person.until(lambda: "then WPK2RR1" in person.status, "the wish is noted")
        opened.set()
        await person.until(lambda: isinstance(app.frame, BookingScreen), "the booking opens")


async def test_what_was_typed_before_the_store_is_open_is_looked_up() -> None:
    app, opened = opening_slowly()
    async with cashier(app, ready=False) as person:
        await person.type("anna")
        opened.set()
        await person.until(lambda: person.sees("1 of 12,408"), "the result")


async def test_after_start_is_called_once_the_store_is_there() -> None:
    backend = house()
    called: list[bool] = []
    app = window(backend)
    app.after_start = lambda: called.append(app.backend is backend)
    async with cashier(app):
        assert called == [True]


@pytest.mark.parametrize(
    "name",
    [
        "[red]no[/red] [/] [link=x]",
        "\x1b[31mred\x1b[0m\x07",
        "‮evil‬ abc",
        "x" * 10_000,
        "張偉 " * 50,
        "\x00\r\n\tname",
    ],
)
async def test_names_are_only_text(name: str) -> None:
    odd = replace(sample_booking(), contact=Contact(1, "C-1", name))
    app = window(ScriptedBackend([odd]))
    async with cashier(app) as person:
        assert person.sees("Hamlet · 23 Nov 13:30")
        await person.open("WPM8TS9")
        await person.press("asterisk")
        await person.preview()
        text = person.text
        assert not set(text) & set("\x1b\x07\x00‮\r\t")
        assert all(len(line) <= 80 for line in text.splitlines())
        if "[red]" in name:
            assert "[red]no[/red]" in text


@pytest.mark.parametrize("text", ["4111111111111111", "%B4111111111111111^DAVIS/B^3012?"])
async def test_a_card_in_the_box_leaves_nothing_behind(text: str) -> None:
    backend = house()

    def refuses(*_args: object, **_options: object) -> object:
        raise Refused("full-card-number", field="lookup")

    backend.lookup = refuses  # type: ignore[method-assign,assignment]
    app = window(backend)
    async with cashier(app) as person:
        for letter in text:
            person.send(letter)
        await person.until(lambda: person.box.value == "", "the box is emptied")
        await person.settled()
        assert "4111" not in person.text
        assert app.frame.said.level in (Level.WARNING, Level.REFUSED)


async def test_the_enter_of_a_refused_card_number_opens_no_other_booking() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        assert person.sees("WPM8TS9"), "a recent booking, which an empty box opens"

        def refuses(*_args: object, **_options: object) -> object:
            raise Refused("full-card-number", field="lookup")

        backend.lookup = refuses  # type: ignore[method-assign,assignment]
        await person.type("4111111111111111")
        await person.until(lambda: "card number" in person.status, "the refusal")
        await person.settled()
        first = app.frame
        await person.press("enter")
        await person.settled()
        assert app.frame is first
        assert "card number" in person.status
        await person.press("enter")
        await person.settled()
        assert app.frame is not first, "only that one Enter"


async def test_a_long_list_is_scrolled_with_the_keys_of_the_box() -> None:
    app = window(many(50))
    async with cashier(app) as person:
        await person.press("pagedown", "pagedown", "down")
        assert person.sees("› B000")
        assert not person.sees("B00001")
        for _ in range(60):
            await person.press("up")
        assert person.sees("› B00001")

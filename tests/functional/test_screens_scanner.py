"""Scanners are keyboards: every scan arrives whole, and none presses, toggles or types anything."""

from __future__ import annotations

from dataclasses import replace
from time import sleep

import pytest

from backend_client.domain.booking import BookingKey
from tests.functional.scripted import ScriptedBackend
from tests.functional.window import PREFIX_KEY, Cashier, cashier, house, typist, window
from tests.unit.builders import sample_booking
from tui.dialogs.problem import ProblemDialog
from tui.screens.booking import BookingScreen
from tui.screens.lookup import LookupScreen
from tui.screens.outcome import OutcomeScreen
from tui.widgets.frame_lines import Level
from tui.widgets.text_fields import LookupBox

CODES = [f"SCAN{number:07d}" for number in range(20)]
NO_GAP_S = 0.0


def scanned_house() -> ScriptedBackend:
    return ScriptedBackend(
        replace(sample_booking(), id=number + 1, key=BookingKey("0001", code, str(number)))
        for number, code in enumerate(CODES)
    )


async def booking_open(person: Cashier, reference: str) -> BookingScreen:
    await person.until(
        lambda: (
            isinstance(person.app.frame, BookingScreen)
            and person.app.frame.view is not None
            and person.app.frame.view.booking.key.booking_id == reference
        ),
        f"booking {reference} opens",
    )
    frame = person.app.frame
    assert isinstance(frame, BookingScreen)
    return frame


@pytest.mark.parametrize("stall_s", [0.0, 0.3])
async def test_twenty_scans_into_the_box_arrive_one_by_one(
    stall_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a prefix, at no distance, also while the window is busy with something else."""
    entered: list[str] = []
    post = LookupBox.post_message

    def listen(self: LookupBox, message: object) -> bool:
        if isinstance(message, LookupBox.Entered):
            entered.append(message.text)
        return post(self, message)  # type: ignore[arg-type]

    monkeypatch.setattr(LookupBox, "post_message", listen)
    app = window(scanned_house())
    async with cashier(app) as person:
        typist(app).gap_s = NO_GAP_S
        for number, code in enumerate(CODES):
            if number == 10:
                app.call_later(lambda: sleep(stall_s))
            person.send(*code, "enter")
        await booking_open(person, CODES[-1])
    assert entered == CODES


async def test_twenty_prefixed_scans_arrive_on_a_list_and_choose_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = window(scanned_house())
    heard: list[str] = []
    take = app.scans.take

    def listen(code: str) -> None:
        heard.append(code)
        take(code)

    monkeypatch.setattr(app.scans, "take", listen)
    async with cashier(app) as person:
        screen = await person.open(CODES[0])
        typist(app).gap_s = NO_GAP_S
        for code in CODES:
            person.send(PREFIX_KEY, *code, "enter")
        await booking_open(person, CODES[-1])
        assert screen.draft.is_empty
        assert app.drafts == {}
    assert heard == CODES


async def test_a_scan_on_any_screen_opens_its_booking_and_keeps_the_basket() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.open("WPK2RR1")
        await person.press("down", "down", "down", "space")
        await person.scan("WPM8TS9")
        await booking_open(person, "WPM8TS9")
        assert "The basket of WPK2RR1 is kept" in person.status
        assert app.drafts[2].chosen == {4, 5, 6}
        await person.press("f2")
        await person.settled()
        assert person.sees("[3 chosen]")
        again = await person.open("WPK2RR1")
        assert again.draft.chosen == {4, 5, 6}
        assert "basket is back" in person.status


async def test_a_kept_basket_is_named_once_and_not_with_every_customer_after() -> None:
    app = window(scanned_house())
    left, second, third = CODES[:3]
    async with cashier(app) as person:
        await person.open(left)
        await person.press("*")
        for code, told in (
            (second, f"The basket of {left} is kept"),
            (third, "Nothing happens before you have seen a preview"),
            (left, "basket is back"),
            (second, f"The basket of {left} is kept"),
        ):
            await person.scan(code)
            await booking_open(person, code)
            assert told in person.status


async def test_a_scan_over_a_preview_keeps_the_basket_too() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.open("WPK2RR1")
        await person.press("asterisk")
        await person.preview()
        await person.scan("WPM8TS9")
        await booking_open(person, "WPM8TS9")
        assert app.drafts[2].chosen == {1, 2, 3, 4, 5, 6}


async def test_a_scan_with_a_dialog_open_waits_and_is_named() -> None:
    app = window(house())
    async with cashier(app, mistakes=1) as person:
        await person.open("WPK2RR1")
        app.unexpected(ValueError())
        await person.until(lambda: isinstance(app.screen, ProblemDialog), "a dialog")
        await person.scan("WPM8TS9")
        assert isinstance(app.screen, ProblemDialog)
        assert person.status == "Scanned WPM8TS9: Esc closes this, then it opens."
        assert person.sees("Scanned WPM8TS9")
        await person.press("escape")
        await booking_open(person, "WPM8TS9")


async def test_a_scan_during_a_commit_waits_until_it_is_over() -> None:
    backend = house()
    door = backend.shut("execute_refund")
    app = window(backend)
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        await person.press("asterisk")
        await person.preview()
        await person.press("f9")
        await person.until(lambda: app.writing, "the write")
        await person.scan("WPK2RR1")
        assert person.status == "Scanned WPK2RR1: it opens when this is finished."
        door.set()
        await booking_open(person, "WPK2RR1")
    assert backend.calls.count("execute_refund") == 1


async def test_a_scan_that_fits_nothing_says_so_on_the_lookup() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        await person.scan("NOSUCH1")
        await person.until(lambda: app.frame.said.level is Level.REFUSED, "nothing is found")
        assert isinstance(app.frame, LookupScreen)
        assert "NOSUCH1" in person.status


async def test_a_scan_broken_off_is_dropped_and_the_next_key_counts() -> None:
    app = window(house())
    async with cashier(app) as person:
        screen = await person.open("WPM8TS9")
        person.send(PREFIX_KEY, "W", "P")
        await person.settled()
        typist(app).wait(0.6)
        await person.press("down")
        assert "broke off" in person.status
        await person.press("up", "space")
        assert screen.draft.chosen == {1}


async def test_a_scan_too_long_is_dropped() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        await person.scan("X" * 65)
        assert "too long" in person.status
        assert isinstance(app.frame, BookingScreen)


async def test_another_prefix_can_be_set() -> None:
    app = window(house(), scan_prefix="\x1c")
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        from textual.events import Key

        assert app._driver is not None
        app._driver.send_message(Key("ctrl+backslash", "\x1c"))
        person.send(*"WPK2RR1", "enter")
        await booking_open(person, "WPK2RR1")


@pytest.mark.parametrize("prefix", [(), (PREFIX_KEY,)])
@pytest.mark.parametrize(
    "track", ["%B4111111111111111^DAVIS/ANNA^30121010000?", ";4111111111111111=30121010000?"]
)
async def test_a_swiped_card_is_dropped_everywhere(track: str, prefix: tuple[str, ...]) -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        typist(app).gap_s = NO_GAP_S
        person.send(*prefix, *track, "enter")
        await person.settled()
        assert "swiped" in person.status
        assert person.box.value == ""
        typist(app).gap_s = 0.6
        await person.open("WPM8TS9")
        typist(app).gap_s = NO_GAP_S
        person.send(*prefix, *track, "enter")
        await person.settled()
        assert "swiped" in person.status
        typist(app).gap_s = 0.6
        await person.press("asterisk")
        await person.preview()
        typist(app).gap_s = NO_GAP_S
        person.send(*prefix, *track, "enter")
        await person.settled()
        assert "4111" not in person.text.replace("•••• 1111", "")
    assert all("4111" not in text for text in backend.asked)


async def test_an_amount_refuses_a_burst_and_stays() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        await person.press("asterisk")
        method = await person.preview()
        typist(app).gap_s = 0.001
        person.send(*"7612345678900", "enter")
        await person.settled()
        assert method.placement is not None
        assert method.placement.places[0].amount_minor == 1450
        assert "What came in at once is no amount" in person.status
        assert not isinstance(app.frame, OutcomeScreen)


async def test_enter_is_dead_on_the_preview() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        await person.press("asterisk")
        await person.preview()
        await person.press("enter", "enter", "down", "enter", "down", "enter")
        await person.settled()
    assert "execute_refund" not in backend.calls

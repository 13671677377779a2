"""The frame of every screen: keys, help, palette, footer, a terminal too small."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.color import Color
from textual.command import Command, CommandList

import themes
from tests.functional.window import cashier, house, window
from tui.screens.help import HelpScreen
from tui.screens.lookup import LookupScreen
from tui.screens.open_refunds import OpenRefundsScreen
from tui.screens.outcome import OutcomeScreen
from tui.widgets.frame_lines import KeyBar, Level


async def test_all_keys_say_why_where_they_do_not_apply() -> None:
    app = window(house())
    async with cashier(app) as person:
        for key, said in (
            ("f3", "Open a booking first"),
            ("f4", "Open a booking and choose"),
            ("f9", "no preview here"),
            ("ctrl+e", "nothing to save"),
        ):
            await person.press(key)
            assert said in person.status
            assert app.frame.said.level is Level.REFUSED


async def test_f7_lists_who_is_owed_something() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.press("f7")
        assert isinstance(app.frame, OpenRefundsScreen)
        await person.settled()
        assert person.sees("Nobody is owed anything")
        await person.press("f2")
        assert isinstance(app.frame, LookupScreen)


async def test_f1_explains_the_screen_and_goes_away_again() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.press("f1")
        assert isinstance(app.frame, HelpScreen)
        assert person.sees("Find the booking of the customer")
        await person.press("f1")
        assert isinstance(app.frame, LookupScreen)


@pytest.mark.parametrize(
    ("way", "own", "others"),
    [
        ((), ("Enter", "F5"), ("F9", "F4", "^E", "Space")),
        (("W", "P", "M", "8", "T", "S", "9", "enter"), ("F4", "Space", "*", "A", "Enter"), ("F9",)),
        (("f7",), ("Enter", "F5"), ("F9", "F3", "^X", "^E")),
    ],
)
async def test_help_lists_the_keys_of_this_screen_then_those_everywhere(
    way: tuple[str, ...], own: tuple[str, ...], others: tuple[str, ...]
) -> None:
    app = window(house())
    async with cashier(app, size=(120, 60)) as person:
        person.send(*way)
        await person.settled()
        await person.press("f1")
        await person.settled()
        here, everywhere = person.text.split("Keys everywhere")
        listed = [line.split()[0] for line in here.split("Keys here")[1].splitlines()[1:] if line]
        shared = [line.split()[0] for line in everywhere.splitlines() if line.startswith("   ")]
        assert set(own) <= set(listed)
        assert not set(others) & {*listed, *shared}
        assert {"F1", "F2", "F7", "Esc", "^P", "^C"} <= set(shared)
        assert not set(listed) & set(shared)


async def test_the_palette_knows_every_action_and_does_it() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.press("ctrl+p")
        await person.settled()
        assert person.sees("Open refunds")
        await person.type("open ref")
        await person.settled()
        await person.press("enter")
        await person.until(lambda: isinstance(app.frame, OpenRefundsScreen), "the list")


async def test_the_palette_shows_last_what_cannot_be_done_here_and_why() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.press("ctrl+p")
        await person.settled()
        options = app.screen.query_one(CommandList).options
        hits = [option.hit for option in options if isinstance(option, Command)]
        named = [str(hit.text).split("  ")[0] for hit in hits]
        off = [bool(hit.help) for hit in hits]
        assert off == sorted(off), "what can be done stands first"
        possible = dict(zip(named, off, strict=True))
        assert (possible["Open refunds"], possible["Give back"]) == (False, True)
        await person.type("give back")
        await person.settled()
        assert person.sees("✗ There is no preview here to commit.")
        await person.press("enter")
        await person.settled()
        assert (person.status, app.frame.said.level) == (
            "There is no preview here to commit.",
            Level.REFUSED,
        )


async def test_no_color_forces_the_colourless_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = window(house(), theme="light")
    async with cashier(app):
        assert app.theme == themes.WITHOUT_COLOUR
        assert app.theme_variables["accent"] == themes.load("mono").colours.accent


async def test_the_palette_changes_the_theme() -> None:
    app = window(house())
    async with cashier(app) as person:
        assert app.theme_variables["accent"] == themes.load("dark").colours.accent
        await person.press("ctrl+p")
        await person.settled()
        await person.type("high con")
        await person.settled()
        await person.press("enter")
        await person.until(lambda: app.theme == "high-contrast", "the theme")
        await person.settled()
        wanted = themes.load("high-contrast").colours
        assert app.theme_variables["accent"] == wanted.accent
        assert app.frame.query_one(KeyBar).styles.background == Color.parse(wanted.bar)


async def test_the_footer_fits_80_columns_on_every_screen() -> None:
    app = window(house())
    async with cashier(app) as person:
        for keys in ((), ("f1",), ("escape", "f7")):
            await person.press(*keys)
            bar = app.frame.query_one(KeyBar)
            assert len(bar.entries) <= 7
            assert all(entry.label in person.text.splitlines()[-1] for entry in bar.entries)
        await person.press("f2")
        await person.open("WPM8TS9")
        await person.press("asterisk")
        for step in ("", "f5", "f9"):
            if step:
                await person.press(step)
                await person.settled()
            bar = app.frame.query_one(KeyBar)
            assert all(entry.label in person.text.splitlines()[-1] for entry in bar.entries)


async def test_a_disabled_key_stays_in_its_place() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        before = [entry.label for entry in app.frame.query_one(KeyBar).entries]
        entry = next(e for e in app.frame.query_one(KeyBar).entries if e.label == "Preview")
        assert not entry.enabled
        await person.press("space")
        after = app.frame.query_one(KeyBar).entries
        assert [entry.label for entry in after] == before
        assert all(entry.enabled for entry in after)


async def test_keys_can_be_remapped_by_id() -> None:
    app = window(house(), keymap={"open_refunds": "alt+o", "preview": "alt+p", "commit": "x"})
    async with cashier(app) as person:
        assert "commit" in person.status
        assert person.sees("alt+p Again")
        await person.press("alt+o")
        assert isinstance(app.frame, OpenRefundsScreen)


async def test_a_terminal_too_small_is_told_calmly_and_commits_nothing() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        await person.press("asterisk")
        await person.preview()
        await person.pilot.resize_terminal(70, 20)
        await person.settled()
        assert person.sees("This terminal is too small")
        assert person.sees("70 × 20")
        await person.press("f9")
        await person.settled()
        await person.pilot.resize_terminal(80, 24)
        await person.settled()
        assert person.sees("14.50 CHF goes to VISA")
        assert app.drafts[1].chosen == {1, 2, 3}
    assert "execute_refund" not in backend.calls


async def test_the_header_keeps_the_reference_in_its_place() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        await person.press("asterisk")
        places = [person.text.index("WPM8TS9")]
        await person.preview()
        places.append(person.text.index("WPM8TS9"))
        await person.press("f9")
        await person.settled()
        places.append(person.text.index("WPM8TS9"))
    assert places == [1, 1, 1]


@pytest.mark.parametrize(("environment", "word"), [("test", "TEST"), ("live", "LIVE")])
async def test_test_and_live_stand_there_too(
    environment: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where money really moves is read off the first line, whatever the settings said."""
    backend = house()
    told = replace(backend.capabilities(), environment=environment)
    monkeypatch.setattr(backend, "capabilities", lambda: told)
    async with cashier(window(backend)) as person:
        await person.open("WPM8TS9")
        assert word in person.text.splitlines()[0].split()


async def test_practice_stands_on_every_screen() -> None:
    """Whatever is open, over it or in its place."""
    app = window(house())
    async with cashier(app) as person:
        seen = set()

        async def marked(*keys: str) -> None:
            await person.press(*keys)
            await person.settled()
            seen.add(type(app.screen).__name__)
            assert "PRACTICE" in person.text.splitlines()[0], keys

        await marked()
        await marked("f1")
        await marked("escape", "f7")
        await person.press("f2")
        await person.open("WPM8TS9")
        await marked("ctrl+p")
        await marked("escape")
        await marked("asterisk", "f5")
        await person.pilot.resize_terminal(40, 10)
        await person.until(lambda: person.sees("terminal is too small"), "the screen gives way")
        await marked()
        assert person.sees("This terminal is too small")
        await person.pilot.resize_terminal(80, 24)
        await person.until(lambda: not person.sees("terminal is too small"), "it comes back")
        await person.press("f9")
        await person.until(lambda: isinstance(app.screen, OutcomeScreen), "the outcome")
        await marked()
        assert len(seen) == 7

"""One table of keys: complete, unambiguous, and free of keys terminals take away."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from textual.binding import Binding

from tui import keys
from tui.app import TicketWindowApp
from tui.keys import FORBIDDEN_LETTERS, KEYS, is_forbidden, key_table, usable_keymap
from tui.screens.booking import BookingScreen
from tui.screens.cancel_performance import CancelPerformanceScreen
from tui.screens.change import ChangeScreen
from tui.screens.dispatch import DispatchScreen
from tui.screens.frame import FrameScreen
from tui.screens.hand_over_due import HandOverDueScreen
from tui.screens.help import HelpScreen
from tui.screens.lookup import LookupScreen
from tui.screens.method import MethodScreen
from tui.screens.open_refunds import OpenRefundsScreen
from tui.screens.outcome import OutcomeScreen
from tui.screens.payment import PaymentScreen
from tui.screens.performances import PerformancesScreen
from tui.screens.resolve import ResolveScreen
from tui.screens.retry import RetryScreen
from tui.screens.run import RunScreen
from tui.screens.runs import RunsScreen
from tui.text.wording import CATALOGUES, Wording, languages
from tui.widgets.text_fields import LookupBox, PlainField

SCREENS: tuple[type[FrameScreen], ...] = (
    LookupScreen,
    BookingScreen,
    MethodScreen,
    OutcomeScreen,
    OpenRefundsScreen,
    PaymentScreen,
    ChangeScreen,
    RetryScreen,
    ResolveScreen,
    RunsScreen,
    PerformancesScreen,
    CancelPerformanceScreen,
    DispatchScreen,
    HandOverDueScreen,
    RunScreen,
    HelpScreen,
)


def test_no_key_stands_twice() -> None:
    counted = Counter(key for row in KEYS.values() for key in row.keys)
    assert [key for key, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("key", sorted({key for row in KEYS.values() for key in row.keys}))
def test_no_key_is_one_that_terminals_take(key: str) -> None:
    assert not is_forbidden(key)


@pytest.mark.parametrize(
    "key",
    [
        *(f"ctrl+{letter}" for letter in sorted(FORBIDDEN_LETTERS)),
        "f10",
        "f11",
        "f12",
        "shift+f5",
        "ctrl+alt+g",
        "alt+ctrl+g",
        "ctrl+shift+s",
    ],
)
def test_forbidden_keys_are_known(key: str) -> None:
    assert is_forbidden(key)


@pytest.mark.parametrize("key", ["f9", "ctrl+g", "escape", "a", "ctrl+y", "alt+g", "shift+tab"])
def test_other_keys_are_free(key: str) -> None:
    assert not is_forbidden(key)


def test_every_function_key_has_a_letter_beside_it() -> None:
    for row in KEYS.values():
        if row.keys[0][0] == "f" and row.keys[0][1:].isdigit():
            assert any(key.startswith("ctrl+") for key in row.keys[1:]), row.id


def test_what_moves_money_hangs_on_no_letter_and_not_on_enter() -> None:
    dangerous = [row for row in KEYS.values() if row.dangerous]
    assert [row.id for row in dangerous] == ["commit"]
    for row in dangerous:
        assert not row.in_lists_only
        assert all(len(key) > 1 and key not in ("enter", "space") for key in row.keys)


def test_plain_letters_are_for_lists_only() -> None:
    for row in KEYS.values():
        plain = any(len(key) == 1 or key in ("space", "asterisk") for key in row.keys)
        assert plain == row.in_lists_only, row.id


def test_preview_and_commit_are_two_different_keys() -> None:
    assert not set(KEYS["preview"].keys) & set(KEYS["commit"].keys)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("action", KEYS)
def test_every_action_has_its_words(action: str, language: str) -> None:
    wording = Wording(language)
    for part in ("label", "help"):
        assert wording.text(f"key.{action}.{part}")


@pytest.mark.parametrize("screen", SCREENS)
def test_footers_name_at_most_seven_known_actions(screen: type[FrameScreen]) -> None:
    assert 0 < len(screen.FOOTER) <= 7
    assert set(screen.FOOTER) <= set(KEYS)
    assert "help" in screen.FOOTER


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_binds_every_action_under_its_id(screen: type[FrameScreen]) -> None:
    bound = {
        binding.id: set(binding.key.split(","))
        for binding in screen.BINDINGS
        if isinstance(binding, Binding) and binding.id
    }
    expected = {
        row.id: set(keys.heard(row.keys)) for row in KEYS.values() if row.id not in keys.BY_WIDGETS
    }
    assert bound == expected


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("language", languages())
def test_every_screen_explains_itself(screen: type[FrameScreen], language: str) -> None:
    wording = Wording(language)
    assert wording.text(f"help.{screen.NAME}.title")
    assert wording.text(f"help.{screen.NAME}.text")
    assert all(len(line) <= 76 for line in wording.text(f"help.{screen.NAME}.text").splitlines())


@pytest.mark.parametrize("widget", [PlainField, LookupBox])
def test_text_fields_take_no_key_of_an_action(widget: type[PlainField]) -> None:
    taken = {key for row in KEYS.values() for key in row.keys} - {"left", "right"}
    own = {
        key
        for binding in widget.BINDINGS
        if isinstance(binding, Binding)
        for key in binding.key.split(",")
    }
    assert not own & taken


def test_the_window_itself_binds_the_palette_and_the_way_out_only() -> None:
    bound = {
        binding.id: binding.key
        for binding in TicketWindowApp.BINDINGS
        if isinstance(binding, Binding)
    }
    assert bound == {"palette": "ctrl+p", "quit": "ctrl+c"}


def test_the_users_keys_replace_those_of_the_table() -> None:
    usable, refused = usable_keymap({"preview": "alt+v, alt+w", "palette": "alt+p"})
    assert usable == {"preview": "alt+v,alt+w", "palette": "alt+p"}
    assert refused == ()
    assert keys.shown_key("preview", usable) == "alt+v"
    assert keys.shown_key("commit", usable) == "F9"


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        ("preview", "ctrl+s"),
        ("preview", "f9"),
        ("preview", ""),
        ("commit", "y"),
        ("commit", "enter"),
        ("open", "o"),
        ("unknown", "f8"),
    ],
)
def test_keys_that_cannot_be_used_are_refused_by_id(action: str, wanted: str) -> None:
    usable, refused = usable_keymap({action: wanted})
    assert usable == {}
    assert refused == (action,)


def test_letters_are_keys_in_both_cases() -> None:
    usable, refused = usable_keymap({"give_fee": "g", "keep_fee": "G", "choose": "A"})
    assert usable == {"give_fee": "g,G"}
    assert refused == ("keep_fee", "choose")
    bound = {binding.id: binding.key for binding in keys.bindings()}
    assert (bound["give_fee"], bound["keep_fee"]) == ("a,A", "s,S")
    assert bound["choose"] == "space"


def test_two_actions_cannot_share_a_new_key() -> None:
    usable, refused = usable_keymap({"preview": "alt+v", "method": "alt+v"})
    assert usable == {"preview": "alt+v"}
    assert refused == ("method",)


def test_the_key_table_is_markdown_of_every_action() -> None:
    lines = key_table().splitlines()
    assert len(lines) == len(KEYS) + 2
    assert "| F9 | ^Y |" in key_table()
    assert "moves money" in next(line for line in lines if "`commit`" in line)


def test_catalogues_have_the_same_keys_and_the_same_gaps() -> None:
    """A translation says what English says, with the same values in it."""
    english = _texts("en")
    assert {"screen", "key", "help", "dialog", "palette"} <= {key.split(".")[0] for key in english}
    for language in languages():
        other = _texts(language)
        assert set(other) == set(english)
        for key, template in english.items():
            assert _fields(other[key]) == _fields(template), key


def _texts(language: str) -> dict[str, str]:
    """The texts of one file alone; `Wording` would fill its gaps from English."""
    text = (CATALOGUES / f"{language}.json").read_text(encoding="utf-8")
    found = json.loads(text, object_pairs_hook=_each_once)
    flat: dict[str, str] = {}
    tables: list[tuple[str, dict[str, Any]]] = [("", found)]
    while tables:
        prefix, table = tables.pop()
        for key, value in table.items():
            if isinstance(value, dict):
                tables.append((f"{prefix}{key}.", value))
            else:
                flat[f"{prefix}{key}"] = str(value)
    return flat


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON itself would take the last of two and say nothing."""
    assert len({key for key, _ in pairs}) == len(pairs), pairs
    return dict(pairs)


def _fields(template: str) -> set[str]:
    from string import Formatter

    return {name for _, name, _, _ in Formatter().parse(template) if name}

"""The one table of every action: its id, its keys, and whether it moves money.

Labels and help stand in the wording catalogues under `key.<id>`. Screens take their bindings from
here, the palette and the help screen list it, and the README's key table is made from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from textual.binding import Binding

from tui.text.wording import Wording


class Key(NamedTuple):
    """An action and the keys that start it, the first one shown; `dangerous` moves money."""

    id: str
    keys: tuple[str, ...]
    dangerous: bool = False
    in_lists_only: bool = False


def _table(*rows: Key) -> Mapping[str, Key]:
    table = {row.id: row for row in rows}
    assert len(table) == len(rows), "an action stands twice in the table of keys"
    return MappingProxyType(table)


KEYS: Mapping[str, Key] = _table(
    Key("help", ("f1", "ctrl+g")),
    Key("lookup", ("f2", "ctrl+l")),
    Key("lines", ("f3", "ctrl+t")),
    Key("method", ("f4", "ctrl+o")),
    Key("preview", ("f5", "ctrl+r")),
    Key("runs", ("f6", "ctrl+u")),
    Key("open_refunds", ("f7", "ctrl+n")),
    Key("stop", ("f8", "ctrl+w")),
    Key("commit", ("f9", "ctrl+y"), dangerous=True),
    Key("open", ("enter",)),
    Key("choose", ("space",), in_lists_only=True),
    Key("choose_all", ("asterisk",), in_lists_only=True),
    Key("give_fee", ("a",), in_lists_only=True),
    Key("keep_fee", ("s",), in_lists_only=True),
    Key("cancel_performance", ("c",), in_lists_only=True),
    Key("dispatch", ("d",), in_lists_only=True),
    Key("approve", ("v",), in_lists_only=True),
    Key("refuse", ("r",), in_lists_only=True),
    Key("retry", ("ctrl+x",)),
    Key("record", ("ctrl+d",)),
    Key("resolve", ("ctrl+f",)),
    Key("export", ("ctrl+e",)),
    Key("copy", ("ctrl+k",)),
    Key("back", ("escape",)),
    Key("lock", ("ctrl+backslash",)),
    Key("palette", ("ctrl+p",)),
    Key("quit", ("ctrl+c",)),
)

BY_WIDGETS = frozenset({"open", "palette", "quit"})
"""Handled where the key arrives (lists, the lookup box, the app), so screens do not bind them."""
FIXED = frozenset({"open"})
"""Enter belongs to the scanners, so it cannot be moved."""

FORBIDDEN_LETTERS = frozenset("sqzmijhab")
FORBIDDEN_FUNCTION_KEYS = frozenset({"f10", "f11", "f12"})


def is_forbidden(key: str) -> bool:
    """Keys that terminals, multiplexers and desktops take, garble or cannot tell apart."""
    *modifiers, last = key.split("+")
    is_function_key = last[:1] == "f" and last[1:].isdigit()
    if last in FORBIDDEN_FUNCTION_KEYS or (is_function_key and modifiers):
        return True
    if {"ctrl", "alt"} <= set(modifiers):
        return True
    return "ctrl" in modifiers and last in FORBIDDEN_LETTERS


def heard(names: Iterable[str]) -> tuple[str, ...]:
    """The keys with letters in both cases: with caps lock they mean the same."""
    both = (name for key in names for name in ((key, key.swapcase()) if len(key) == 1 else (key,)))
    return tuple(dict.fromkeys(both))


def bindings() -> list[Binding]:
    """Every action a screen answers: what does not apply says why instead of doing nothing."""
    return [
        Binding(",".join(heard(key.keys)), f"act('{key.id}')", key.id, show=False, id=key.id)
        for key in KEYS.values()
        if key.id not in BY_WIDGETS
    ]


def waiting() -> list[Binding]:
    """The same keys where a dialog must be closed first. What types text is left to its fields."""
    return [
        Binding(",".join(key.keys), f"waits('{key.id}')", key.id, show=False, id=key.id)
        for key in KEYS.values()
        if key.id not in {*BY_WIDGETS, "back"} and not key.in_lists_only
    ]


def usable_keymap(wanted: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The user's keys that can be used, and the ids of those that cannot.

    An action keeps its own keys when the wanted ones are forbidden or belong to another action.
    """
    usable: dict[str, str] = {}
    refused: list[str] = []
    for action, keys in wanted.items():
        names = heard(key.strip() for key in keys.split(","))
        taken = {key for other in KEYS.values() if other.id != action for key in heard(other.keys)}
        taken |= {key for one in usable.values() for key in one.split(",")}
        if _is_usable(action, names, taken):
            usable[action] = ",".join(names)
        else:
            refused.append(action)
    return usable, tuple(refused)


def _is_usable(action: str, names: Iterable[str], taken: set[str]) -> bool:
    """Nothing that moves money hangs on a letter or on Enter, whatever the settings say."""
    if action not in KEYS or action in FIXED:
        return False
    if any(not key or is_forbidden(key) or key in taken for key in names):
        return False
    return not (KEYS[action].dangerous and any(len(key) == 1 or key == "enter" for key in names))


_SHOWN = {
    "asterisk": "*",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "ctrl+backslash": "^\\",
}


def shown(key: str) -> str:
    """A key as people read it: F5, ^P, Space, Esc, A."""
    if key in _SHOWN:
        return _SHOWN[key]
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+").upper()
    return key.upper() if len(key) <= 3 else key


def keys_of(action: str, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of an action with the user's own in force."""
    return tuple(keymap[action].split(",")) if action in keymap else KEYS[action].keys


def shown_key(action: str, keymap: Mapping[str, str]) -> str:
    """The key shown for an action, with the user's own keys in force."""
    return shown(keys_of(action, keymap)[0])


def key_table(actions: Iterable[str] = KEYS) -> str:
    """The table of keys as markdown, for the README."""
    wording = Wording()
    rows = ["| Key | Also | Does | Id |", "|---|---|---|---|"]
    for action in actions:
        first, *others = KEYS[action].keys
        also = ", ".join(shown(key) for key in others)
        label = wording.text(f"key.{action}.label")
        text = f"**{label}**: {wording.text(f'key.{action}.help')}"
        if KEYS[action].dangerous:
            text = f"{text} ({wording.text('help.moves_money')})"
        rows.append(f"| {shown(first)} | {also} | {text} | `{action}` |")
    return "\n".join(rows)

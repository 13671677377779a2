"""The colours of the window, one TOML file a theme, read as plain data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent
DEFAULT = "dark"
WITHOUT_COLOUR = "mono"
"""The theme NO_COLOR forces: the environment knows better than the settings."""


class ThemeBroken(ValueError):
    """A theme file lacks a colour or says it in a way we do not read."""


class Colours(NamedTuple):
    """Every colour a theme must name, as `#rrggbb`.

    Any foreground may stand on any background, so every such pair must be readable.
    """

    background: str
    bar: str
    field: str
    cursor: str
    rule: str
    text: str
    muted: str
    accent: str
    good: str
    moving: str
    warn: str
    bad: str


BACKGROUNDS = ("background", "bar", "field", "cursor")
FOREGROUNDS = ("text", "muted", "accent", "good", "moving", "warn", "bad")


class Theme(NamedTuple):
    name: str
    title: str
    dark: bool
    colours: Colours


def names() -> tuple[str, ...]:
    """Every theme there is a file for; the default stands first."""
    found = sorted(path.stem for path in FOLDER.glob("*.toml"))
    return (DEFAULT, *(name for name in found if name != DEFAULT))


def load(name: str) -> Theme:
    """The theme called `name`.

    Raises `LookupError` when there is no such theme and `ThemeBroken` when its file is wrong.
    """
    path = FOLDER / f"{name}.toml"
    if name not in names():
        raise LookupError(f"no theme {name!r}; there are: {', '.join(names())}")
    with path.open("rb") as file:
        return parse(tomllib.load(file), source=path.name)


def parse(data: Mapping[str, Any], source: str = "") -> Theme:
    """A theme from the tables of its file."""
    wanted = set(Colours._fields)
    given: Mapping[str, Any] = data.get("colours", {})
    if wanted != set(given):
        odd = ", ".join(sorted(wanted ^ set(given)))
        raise ThemeBroken(f"{source}: colours missing or unknown: {odd}")
    for colour, value in given.items():
        if not _is_colour(value):
            raise ThemeBroken(f"{source}: {colour} is not written #rrggbb")
    return Theme(
        name=str(data["name"]),
        title=str(data["title"]),
        dark=bool(data["dark"]),
        colours=Colours(**given),
    )


def _is_colour(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 7 or value[0] != "#":
        return False
    return all(digit in "0123456789abcdefABCDEF" for digit in value[1:])

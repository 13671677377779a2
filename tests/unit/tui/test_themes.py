"""Themes are readable: every foreground on every background, in every theme."""

from __future__ import annotations

from typing import Any

import pytest

import themes
from themes import BACKGROUNDS, FOREGROUNDS, ThemeBroken


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("foreground", FOREGROUNDS)
@pytest.mark.parametrize("name", themes.names())
def test_every_pair_is_readable(name: str, foreground: str, background: str) -> None:
    colours = themes.load(name).colours._asdict()
    found = contrast(colours[foreground], colours[background])
    assert found >= 4.5, f"{name}: {foreground} on {background} is {found:.2f}"


@pytest.mark.parametrize("name", themes.names())
def test_a_theme_is_named_as_its_file(name: str) -> None:
    assert themes.load(name).name == name


def test_the_themes_the_house_promises_are_there() -> None:
    assert set(themes.names()) == {"dark", "light", "high-contrast", "colour-blind", "mono"}
    assert themes.names()[0] == "dark"


def test_mono_has_no_colour() -> None:
    for colour in themes.load("mono").colours:
        assert colour[1:3] == colour[3:5] == colour[5:7]


def test_an_unknown_theme_names_those_there_are() -> None:
    with pytest.raises(LookupError, match="high-contrast"):
        themes.load("../pyproject")


def broken(**changes: Any) -> dict[str, Any]:
    theme = themes.load("dark")
    colours = {**theme.colours._asdict(), **changes}
    return {
        "name": "x",
        "title": "x",
        "dark": True,
        "colours": {key: value for key, value in colours.items() if value is not None},
    }


@pytest.mark.parametrize("changes", [{"bad": None}, {"glow": "#ffffff"}, {"bad": "red"}])
def test_a_broken_theme_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ThemeBroken):
        themes.parse(broken(**changes))

"""Our themes as Textual wants them: the colours of a theme file become variables of the styles."""

from __future__ import annotations

import os
from collections.abc import Mapping

from textual.theme import Theme as TextualTheme

import themes


def variables(colours: themes.Colours, *, colourless: bool = False) -> dict[str, str]:
    """The names our style sheets use, and what Textual's own widgets ask for.

    Where no colour at all is drawn, what a background would mark is turned round or underlined.
    """
    marked = "reverse" if colourless else "none"
    return {
        **{name: value for name, value in colours._asdict().items() if name != "background"},
        "border": colours.accent,
        "border-blurred": colours.rule,
        "input-cursor-background": colours.accent,
        "input-cursor-foreground": colours.background,
        "input-selection-background": colours.cursor,
        "input-selection-foreground": colours.text,
        "block-cursor-background": colours.cursor,
        "block-cursor-foreground": colours.text,
        "input-cursor-text-style": marked,
        "input-selection-text-style": marked,
        "input-text-style": "underline" if colourless else "none",
        "block-cursor-text-style": "bold underline" if colourless else "bold",
        "block-cursor-blurred-background": colours.cursor,
        "block-cursor-blurred-foreground": colours.text,
        "block-hover-background": colours.field,
        "scrollbar": colours.rule,
        "scrollbar-hover": colours.rule,
        "scrollbar-active": colours.accent,
        "scrollbar-background": colours.background,
        "scrollbar-background-hover": colours.background,
        "scrollbar-background-active": colours.background,
        "scrollbar-corner-color": colours.background,
    }


def textual_theme(theme: themes.Theme, *, colourless: bool = False) -> TextualTheme:
    colours = theme.colours
    return TextualTheme(
        name=theme.name,
        dark=theme.dark,
        primary=colours.accent,
        secondary=colours.accent,
        accent=colours.accent,
        foreground=colours.text,
        background=colours.background,
        surface=colours.bar,
        panel=colours.bar,
        boost=colours.field,
        success=colours.good,
        warning=colours.warn,
        error=colours.bad,
        variables=variables(colours, colourless=colourless),
    )


def chosen(wanted: str, environment: Mapping[str, str] | None = None) -> str:
    """The theme to start with: NO_COLOR forces the colourless one, an unknown name the default."""
    environ = os.environ if environment is None else environment
    if environ.get("NO_COLOR"):
        return themes.WITHOUT_COLOUR
    return wanted if wanted in themes.names() else themes.DEFAULT

"""The arguments of `limits`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from backend_client.domain.house_limits import LimitName
from backend_client.domain.money import MOST_MINOR
from tui.first_options import DIGITS

if TYPE_CHECKING:
    from tui.arguments_tree import Tree

NONE = "none"


def add_limits(tree: Tree) -> None:
    limits = tree.command("limits")
    tree.option(limits, "what", name="limits.what", nargs="?", choices=("list", "set", "confirm"))
    tree.option(
        limits,
        "name",
        name="limits.name",
        metavar="NAME",
        nargs="?",
        type=_name,
    )
    tree.option(limits, "value", name="limits.value", metavar="VALUE", nargs="?", type=_value)
    tree.json(limits)


def _name(text: str) -> LimitName:
    try:
        return LimitName(text.replace("-", "_"))
    except ValueError:
        known = ", ".join(LimitName)
        raise argparse.ArgumentTypeError(f"{text!r} is none of {known}") from None


def _value(text: str) -> int | str:
    """A whole number, or that there is no limit."""
    if text == NONE:
        return NONE
    if not DIGITS.fullmatch(text) or int(text) > MOST_MINOR:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number and not {NONE!r}")
    return int(text)

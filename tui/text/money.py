"""Amounts as people read them; the figures themselves are written by the domain."""

from __future__ import annotations

from backend_client.domain.money import format_amount
from tui.text.columns import pad

AMOUNT = 12
"""Cells of the column of amounts; on every screen it ends one cell before the edge."""


def amount(minor: int, currency: str) -> str:
    """`1,450.00`: for columns that name the currency in their head."""
    return format_amount(minor, currency)


def in_column(minor: int, currency: str) -> str:
    """The figure in the column of amounts, with the cell that stays free behind it."""
    return pad(amount(minor, currency), AMOUNT, right=True) + " "


def figure_beside(minor: int, currency: str, usual: str, room: int) -> str:
    """The figure in a column of several currencies: one that is not the usual one is named.

    In a column too narrow for both the separators go first, then the name: never a digit.
    """
    figure = format_amount(minor, currency)
    named = figure if currency == usual else f"{figure} {currency}"
    for shorter in (named, named.replace(",", ""), figure):
        if len(shorter) <= room:
            return shorter
    return figure.replace(",", "")


def money(minor: int, currency: str) -> str:
    """`14.50 CHF`"""
    return f"{format_amount(minor, currency)} {currency}"

"""Amounts as people read them; the figures themselves are written by the domain."""

from __future__ import annotations

from backend_client.domain.money import format_amount


def amount(minor: int, currency: str) -> str:
    """`1,450.00`: for columns that name the currency in their head."""
    return format_amount(minor, currency)


def money(minor: int, currency: str) -> str:
    """`14.50 CHF`"""
    return f"{format_amount(minor, currency)} {currency}"

"""Masked numbers and expiry dates in the one form the house shows; the many forms they come in."""

from __future__ import annotations

import re

from backend_client.domain.card_numbers import MASK

_MONTH = "(0[1-9]|1[0-2])"
_YEAR_FIRST = re.compile(rf"((?:19|20)\d\d)[-/]?{_MONTH}(?:[-/]?(?:0[1-9]|[12]\d|3[01]))?")
_MONTH_FIRST = re.compile(rf"{_MONTH}[-/]?((?:19|20)?\d\d)")
_FIRST, _LAST, _HIDDEN = 6, 4, 15
_AS_KEPT = re.compile(rf"\d{{0,6}}{MASK}{{1,15}}\d{{4}}", re.ASCII)
_LEADING = re.compile(r"^\d*", re.ASCII)
_TRAILING = re.compile(r"\d*$", re.ASCII)


def masked_number(text: str) -> str:
    """`411111......1111` as `411111••••••1111`: at most six first and four last digits stay.

    Numbers of stored value are bearer money; unmasked, nothing but their last four is kept.
    """
    if _AS_KEPT.fullmatch(text):
        return text
    shown = re.sub(r"[\s\-]", "", text)
    if shown.isascii() and shown.isdecimal():
        last = shown[-_LAST:] if len(shown) > _FIRST else shown
        return MASK * min(len(shown) - len(last), _HIDDEN) + last
    head, tail = _run(_LEADING, shown)[:_FIRST], _run(_TRAILING, shown)[-_LAST:]
    if not (head or tail):
        return ""
    hidden = max(len(shown) - len(head) - len(tail), 1)
    return head + MASK * min(hidden, _HIDDEN) + tail


def _run(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group() if found else ""


def card_expiry(text: str) -> str:
    """`202012`, `20201231`, `12/20` or `2020-12` as `2020-12`; what is none of these is dropped,
    because nothing is ever decided by it."""
    plain = text.strip()
    if found := _YEAR_FIRST.fullmatch(plain):
        return f"{found[1]}-{found[2]}"
    if found := _MONTH_FIRST.fullmatch(plain):
        year = found[2] if len(found[2]) == 4 else f"20{found[2]}"
        return f"{year}-{found[1]}"
    return ""

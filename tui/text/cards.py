"""The card of an external payment as one typed line: `412403....5226 VISA 05/26`, in any order."""

from __future__ import annotations

import re
from typing import NamedTuple

_MASKED = re.compile(r"(?=.*\d)[\d.*xX•]{8,24}", re.ASCII)
_EXPIRY = re.compile(r"\d{2}/\d{2,4}", re.ASCII)


class Card(NamedTuple):
    """What was said of it; whether it may be kept is decided behind the screens."""

    masked_number: str = ""
    card_type: str = ""
    card_expiry: str = ""


def typed_card(text: str) -> Card:
    """What looks like an expiry or a masked number is one; the rest is the type."""
    words = text.split()
    expiry = next((word for word in words if _EXPIRY.fullmatch(word)), "")
    masked = next((word for word in words if word != expiry and _is_masked(word)), "")
    rest = " ".join(word for word in words if word not in (expiry, masked))
    return Card(masked, rest, expiry)


def _is_masked(word: str) -> bool:
    return bool(_MASKED.fullmatch(word)) or (word.isdigit() and len(word) >= 8)


def card_line(masked_number: str, card_type: str, card_expiry: str) -> str:
    """The same line for what is known: an expiry is kept as `2026-05`."""
    year, _, month = card_expiry.partition("-")
    expiry = f"{month}/{year[-2:]}" if month else card_expiry
    return " ".join(part for part in (masked_number, card_type, expiry) if part)

"""The number of a gift card money is loaded onto: used once and never kept, logged or shown.

The rule for a leg that goes to such a number (an unmatched one), from its birth to its end:

- The leg keeps no number, only a seal of it: an HMAC under a key that is not in the store.
- It is sent by whoever was just given the number, right after the intent is written, and by nobody
  else: the number is spent by that one call.
- A leg that surely was not sent is pending without its number: it *needs the number*, which is
  taken again only if it has the same seal. Its method may be changed instead.
- A leg that may have been sent is unknown and looked up by our reference. It is never sent again
  for want of an answer: where another leg would be, a person decides.

This file is the whole of the secret's handling; `LegToSend.can_be_sent` and `Leg.needs_number` are
where the rule is asked.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from backend_client.domain.card_numbers import has_card_number, holds_card
from backend_client.domain.problems import Refused

SHORTEST, LONGEST = 6, 32
LONGEST_TYPED = 64
"""What is typed or scanned may have spaces and hyphens between."""
_SEPARATORS = re.compile(r"[ \t.\-]")
_NUMBER = re.compile(rf"[A-Za-z0-9]{{{SHORTEST},{LONGEST}}}", re.ASCII)
_PURPOSE = b"ticket-window stored value number"


class StoredValueNumber:
    """In memory only: it shows itself to nobody, cannot be copied or pickled, and is spent once.

    Raises Refused: `number-required` for nothing, `payment-card-number` for a bank card or a swipe,
    `number-invalid` for anything else that cannot be one. What was typed is in none of them.
    """

    __slots__ = ("_text",)

    def __init__(self, typed: str) -> None:
        text = _SEPARATORS.sub("", typed.strip())
        if not text:
            raise Refused("number-required")
        if holds_card(typed) or has_card_number(text):
            raise Refused("payment-card-number") from None
        if len(typed) > LONGEST_TYPED or not _NUMBER.fullmatch(text):
            raise Refused("number-invalid") from None
        self._text = text

    def seal(self, key: bytes) -> SealedNumber:
        """The number with what is kept in its place; `key` lies outside the store, because there
        are few enough numbers to try them all."""
        own_key = hmac.digest(key, _PURPOSE, "sha256")
        mark = hmac.new(own_key, self._text.encode("ascii"), hashlib.sha256).hexdigest()[:32]
        return SealedNumber(self, mark)

    def spend(self) -> str:
        """The number itself, for the one call it is used in; afterwards this holds nothing."""
        if not self._text:
            raise ValueError("this number has been used")
        text, self._text = self._text, ""
        return text

    def __repr__(self) -> str:
        return "StoredValueNumber(…)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a stored value number is not for keeping")


@dataclass(frozen=True, slots=True)
class SealedNumber:
    """A number on its way to its one call, and the mark its leg was born with."""

    number: StoredValueNumber
    seal: str

"""What becomes of a card's security code in a call: nobody needs it here, and nothing may keep it.

A sample of the document has one in the record of a payment made elsewhere. There it is dropped
unread, so that whoever follows the document is understood; wherever else one stands, the call is
refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_client.importing.refusal import WrongBooking

STORED_VALUE_CARDS = frozenset({"SVS", "VGC", "GIFT", "GIFTCARD"})
"""Types of cards whose number may be typed in: what is none of them is a payment card."""
_NAMES = frozenset({"cardcvc", "cvc", "cardcvv", "cvv"})
_AS_IN_THE_SAMPLE = re.compile(r"externalPaymentDetails\[\d+\]", re.ASCII)


def is_stored_value(card_type: str) -> bool:
    return card_type.upper().replace(" ", "") in STORED_VALUE_CARDS


def refuse_security_codes(said: object) -> None:
    """Raise WrongBooking where one stands that no sample has, never with what stands there. The
    number of a payment card beside it is the greater mistake, and is refused for what it is later.
    """
    for path, value in _objects("", said):
        filled = {name for name, one in value.items() if one not in (None, "")}
        kind = value.get("cardType")
        if "cardNumber" in filled and not (isinstance(kind, str) and is_stored_value(kind)):
            continue
        if _AS_IN_THE_SAMPLE.fullmatch(path):
            continue
        if any(name.casefold() in _NAMES for name in filled):
            raise WrongBooking(path, "a security code is never sent here")


def _objects(path: str, said: object) -> Iterator[tuple[str, dict[str, object]]]:
    """Every object of a JSON value, with where it stands."""
    if isinstance(said, dict):
        yield path, said
        for name, one in said.items():
            yield from _objects(f"{path}.{name}" if path else name, one)
    elif isinstance(said, list):
        for place, one in enumerate(said):
            yield from _objects(f"{path}[{place}]", one)

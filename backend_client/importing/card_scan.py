"""Looks through a whole record for a full card number, whatever field hides it."""

from __future__ import annotations

import re

from pydantic_core import from_json, to_json

from backend_client.domain.card_numbers import holds_card, mask_card_numbers
from backend_client.domain.texts import clean_text
from backend_client.importing.refusal import WrongBooking

_SHORTEST = 10
"""Letters of the shortest swipe; card numbers are longer."""
_DIGIT, _MAYBE_DIGIT = ord("0"), ord("?")
_FIRST_BYTES_OF_OTHER_DIGITS = b"\xd9\xdb\xdf\xe0\xe1\xea\xef\xf0"
"""In UTF-8, of every kind of decimal digit that is not ASCII."""
_SEPARATORS = b" \t.-_/,\x7f" + bytes(set(range(128, 256)) - set(_FIRST_BYTES_OF_OTHER_DIGITS))
"""What may stand between the digits of a card; blanks and dashes outside ASCII are many, and the
one invisible letter that JSON lets stand as it is (7F) is dropped later."""
_CLASSES = bytes(
    _DIGIT
    if chr(byte) in "0123456789"
    else _MAYBE_DIGIT
    if byte in _FIRST_BYTES_OF_OTHER_DIGITS
    else ord("x")
    for byte in range(256)
)
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_NO_CARD = re.compile(
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    r"|[0-9A-Fa-f]{32}"
)
"""UUIDs and hashes: long digits that no card has."""


def refuse_card_numbers(line: bytes, document: object) -> None:
    """Raise `WrongBooking` naming the field that holds a full card number or a swipe; `document`
    is what was read from `line`."""
    if not _is_suspicious(line):
        return
    field = _find(document, "")
    if field is not None:
        raise WrongBooking(field or "line", "it looks like a full card number")


def without_card_numbers(line: bytes) -> bytes:
    """The record with every card number in it masked; what is no JSON stays as it is."""
    if not _is_suspicious(line):
        return line
    try:
        document = from_json(line)
    except ValueError:
        return line
    return line if _find(document, "") is None else to_json(_masked(document))


def _masked(value: object) -> object:
    if isinstance(value, dict):
        return {_masked_text(name): _masked(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_masked(part) for part in value]
    if isinstance(value, str):
        return _masked_text(value)
    if isinstance(value, int | float) and _is_card(str(value)):
        return _masked_text(str(value))
    return value


def _masked_text(text: str) -> str:
    return mask_card_numbers(_as_kept(text)) if _is_card(text) else text


def _is_suspicious(line: bytes) -> bool:
    """Cheaper than a real look and never misses: escapes may spell digits, so they count too.

    What begins like a digit of another script is most times a letter of a name.
    """
    classes = line.translate(_CLASSES, _SEPARATORS)
    if b"?" in classes:
        if _OTHER_DIGIT.search(line.decode(errors="replace")):
            return True
        classes = classes.replace(b"?", b"")
    return b"0000000000000" in classes or b"\\" in line or b"%" in line or b";" in line


def _find(value: object, path: str) -> str | None:
    if isinstance(value, dict):
        for name, part in value.items():
            if _is_card(name):
                return f"{path}.(a name)".removeprefix(".")
            found = _find(part, f"{path}.{name}".removeprefix("."))
            if found is not None:
                return found
        return None
    if isinstance(value, list):
        for index, part in enumerate(value):
            found = _find(part, f"{path}[{index}]")
            if found is not None:
                return found
        return None
    if isinstance(value, str):
        return path if _is_card(value) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return path if _is_card(str(value)) else None
    return None


def _is_card(text: str) -> bool:
    if len(text) < _SHORTEST or _NO_CARD.fullmatch(text):
        return False
    return holds_card(text) or holds_card(_as_kept(text))


def _as_kept(text: str) -> str:
    """Without what is invisible: it would hide a number here and be gone later."""
    return clean_text(text, len(text))

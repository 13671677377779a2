"""Finds full card numbers and swipes in free text: neither may ever be kept, logged or shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from backend_client.domain.problems import Refused

MASK = "•"
SWIPE_REMOVED = "[card swipe removed]"
_SHORTEST, _LONGEST = 13, 19
_SWIPE = re.compile(r"%[Bb] ?\d[\d ]{6,22}\^[^\n]*|;\d{8,19}=[^\n]*")
_GROUP = re.compile(r"[0-9]+")
_SEPARATORS = re.compile(r"[\s.\-_/–—·,]{1,3}")
_ISSUERS: tuple[tuple[range, frozenset[int]], ...] = (
    (range(300, 306), frozenset({14, 16, 17, 18, 19})),  # Diners Club
    (range(340, 350), frozenset({15})),  # American Express
    (range(352, 359), frozenset({16, 17, 18, 19})),  # JCB
    (range(360, 400), frozenset({14, 15, 16, 17, 18, 19})),  # Diners Club, American Express
    (range(400, 500), frozenset({13, 16, 19})),  # Visa
    (range(500, 510), frozenset({13, 14, 15, 16, 17, 18, 19})),  # Maestro
    (range(510, 560), frozenset({16})),  # Mastercard
    (range(560, 700), frozenset({13, 14, 15, 16, 17, 18, 19})),  # Maestro, Discover, UnionPay
    (range(222, 273), frozenset({16})),  # Mastercard
    (range(220, 221), frozenset({16})),  # Mir
)
"""First three digits and lengths of the card schemes (ISO/IEC 7812 ranges).

The check sum alone takes one ticket barcode in ten for a card; a scanned ticket must open.
"""
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")


def refuse_card_number(text: str, field: str) -> None:
    """Raise `full-card-number` when `text` holds one; the text itself is not in the refusal."""
    if holds_card(text):
        raise Refused("full-card-number", field=field)


def holds_card(text: str) -> bool:
    """Is a full card number or the track of a card anywhere in it?"""
    return is_swipe(text) or has_card_number(text)


def is_swipe(text: str) -> bool:
    """Is this the track of a magnetic stripe (`%B…^` or `;…=`)?"""
    return _SWIPE.search(_plain_digits(text)) is not None


def has_card_number(text: str) -> bool:
    return next(_found(_plain_digits(text)), None) is not None


def mask_card_numbers(text: str) -> str:
    """The text with the middle of every card number masked and swipes taken out."""
    if len(text) < _SHORTEST:
        return text
    plain = _plain_digits(text)
    masked = list(text)
    for start, end in _found(plain):
        places = [index for index in range(start, end) if plain[index].isdigit()]
        for index in places[6:-4]:
            masked[index] = MASK
    for swipe in reversed(list(_SWIPE.finditer(plain))):
        masked[swipe.start() : swipe.end()] = [SWIPE_REMOVED]
    return "".join(masked)


def luhn_valid(digits: str) -> bool:
    """The check sum of card numbers."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit)
        if place % 2:
            number = number * 2 - 9 if number > 4 else number * 2
        total += number
    return total % 10 == 0


def _is_card(number: str) -> bool:
    if len(number) < _SHORTEST or not luhn_valid(number):
        return False
    start = int(number[:3])
    return any(start in prefixes and len(number) in lengths for prefixes, lengths in _ISSUERS)


def _plain_digits(text: str) -> str:
    """The text with every kind of decimal digit as ASCII, the same length, so that places agree."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text
    )


def _found(text: str) -> Iterator[tuple[int, int]]:
    """Where card numbers stand.

    Digit groups are joined whole over separators and never split: parts of long references would
    otherwise pass the check sum by chance. A valid bank account number (IBAN) is not looked into.
    """
    if len(text) < _SHORTEST or len("".join(_GROUP.findall(text))) < _SHORTEST:
        return
    for run in _runs(_without_ibans(text)):
        for first, (start, _) in enumerate(run):
            digits = ""
            for group_start, group_end in run[first:]:
                digits += text[group_start:group_end]
                if len(digits) > _LONGEST:
                    break
                if _is_card(digits.lstrip("0")):
                    yield start, group_end


def _runs(text: str) -> Iterator[list[tuple[int, int]]]:
    """Digit groups with nothing but separators between them."""
    run: list[tuple[int, int]] = []
    for group in _GROUP.finditer(text):
        if run and not _SEPARATORS.fullmatch(text, run[-1][1], group.start()):
            yield run
            run = []
        run.append(group.span())
    if run:
        yield run


def _without_ibans(text: str) -> str:
    return _IBAN.sub(lambda found: _blank_if_iban(found.group()), text)


def _blank_if_iban(text: str) -> str:
    account = text.replace(" ", "")
    turned = account[4:] + account[:4]
    number = int("".join(str(int(letter, 36)) for letter in turned))
    return "?" * len(text) if number % 97 == 1 else text

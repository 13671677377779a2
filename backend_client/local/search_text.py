"""How text becomes search words: the same rules when a booking is written and when it is sought."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

PHONE_DIGITS = 9
"""A phone number is known by its last digits: country and trunk prefixes are written many ways."""

REPEATED = 4_096
"""Seats and events repeat all the time; names do not."""

_ASCII = bytes(ord(chr(code).lower()) if chr(code).isalnum() else ord(" ") for code in range(128))
_ASCII += bytes(range(128, 256))
"""By code: letters small, digits as they are, everything else a blank."""
_WORDS = re.compile(r"[^\W_]+")
_LETTERS_OF_THEIR_OWN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_CJK = (
    "([\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua48f\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff])"
)
"""A pattern; `re` keeps it from its first use on, which most lookups do without."""
_UNKNOWN_TO_THE_INDEX = re.compile("[\u19b0-\u19c9\u1cf2\u1cf3\U00010000-\U0010ffff]")
"""Letters the tokenizer of the index (Unicode 6.1) may not know; they are spelled out."""
_NO_DIGIT_BYTES = bytes(set(range(128)) - set(b"0123456789"))
_SEAT_PARTS = re.compile(r"[^\W\d_]+|\d+")
_TOP_LEVELS = """
com org net edu gov info biz name io app dev ch li de at fr it es pt nl be lu uk ie dk se no fi is
pl cz sk hu ro bg gr tr ru ua us ca mx br ar au nz jp cn kr tw hk sg in eu"""
_TOP_LEVEL = frozenset(_TOP_LEVELS.split())


class SearchRow(NamedTuple):
    """The words one booking is found by, in the columns of the index."""

    name: str
    email: str
    phone: str
    ref: str
    last4: str
    seat: str
    event: str


def normalise(text: str) -> str:
    """Search words with single blanks between: no case, no accents, no punctuation; every CJK
    character is a word, so that any part of a name is found."""
    plain = text if text.isascii() else text.translate(_LATIN)
    if plain.isascii():
        return b" ".join(plain.encode().translate(_ASCII).split()).decode()
    words = _WORDS.findall(re.sub(_CJK, r" \1 ", _folded(text)))
    return _UNKNOWN_TO_THE_INDEX.sub(_spelled, " ".join(words))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if unicodedata.category(letter) != "Mn")
    plain = unicodedata.normalize("NFC", plain).casefold()
    return plain.translate(_LETTERS_OF_THEIR_OWN)


def _fold_latin(letter: str) -> str:
    folded = _folded(letter)
    return folded if any(one.isalnum() for one in folded) else " "


class _Latin(dict[int, str]):
    """Accented Latin letters, folded when one is first met: most names need nothing else."""

    def __missing__(self, code: int) -> str:
        is_latin = 0xA0 <= code < 0x250 or 0x1E00 <= code < 0x1F00
        folded = self[code] = _fold_latin(chr(code)) if is_latin else chr(code)
        return folded


_LATIN = _Latin()


def _spelled(letter: re.Match[str]) -> str:
    return f"x{ord(letter.group()):05x}"


def without_top_level(address: str) -> str:
    """An e-mail address or domain without its last part: half of all bookings end in "com"."""
    head, dot, last = address.rpartition(".")
    if "@" in address:
        return head if dot and "@" in head else address
    return head if dot and last.casefold() in _TOP_LEVEL else address


def phone_word(phone: str) -> str:
    if phone.isascii():
        return phone.encode().translate(None, _NO_DIGIT_BYTES)[-PHONE_DIGITS:].decode()
    digits = [unicodedata.decimal(letter) for letter in phone if letter.isdecimal()]
    return "".join(map(str, digits[-PHONE_DIGITS:]))


@lru_cache(maxsize=REPEATED)
def seat_words(seat: str) -> str:
    """`G 16` as `g 16 g16`, so that both ways of typing it find it."""
    words = _SEAT_PARTS.findall(normalise(seat))
    return " ".join([*words, "".join(words)] if len(words) > 1 else words)


@lru_cache(maxsize=REPEATED)
def event_words(event: str) -> str:
    return normalise(event)


def last_four(masked_number: str) -> str:
    digits = masked_number[-4:]
    return digits if len(digits) == 4 and digits.isdecimal() else ""


def search_row(
    people: Iterable[tuple[str, str, str]],
    references: list[str],
    masked_numbers: Iterable[str],
    seats: Iterable[str],
    events: Iterable[str],
) -> SearchRow:
    """The words of a booking; `people` are names, e-mail addresses and phone numbers."""
    names, emails, phones = [], [], []
    for name, email, phone in people:
        names.append(normalise(name))
        emails.append(normalise(without_top_level(email)))
        phones.append(phone_word(phone))
    return SearchRow(
        _joined(names),
        _joined(emails),
        _joined(phones),
        normalise(_joined(references)),
        _joined([last_four(one) for one in masked_numbers]),
        _joined([seat_words(one) for one in seats]),
        _joined([event_words(one) for one in events]),
    )


def _joined(texts: list[str]) -> str:
    """Each text once, in order."""
    if len(texts) == 1:
        return texts[0]
    return " ".join(filter(None, dict.fromkeys(texts)))

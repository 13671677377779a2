"""Text from people and files made inert: one line, no controls, of bounded length."""

from __future__ import annotations

import re
import unicodedata

from backend_client.domain.card_numbers import refuse_card_number
from backend_client.domain.problems import Refused

REASON_LIMIT = 200
REFERENCE_LIMIT = 80
KEY_LIMIT = 64

_ESCAPE_CODES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
)
_SPACES = re.compile(r"\s+")
_JOINERS = frozenset("\u200c\u200d")
"""Scripts and emoji need them; all other invisible format characters go."""
_IDEOGRAPHS = range(0x20000, 0x3FFFE)
"""Planes of Chinese characters: names use some that are younger than this Python."""
_VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")


def clean_text(text: str, limit: int) -> str:
    """`text` as one harmless line of at most `limit` letters.

    Escape codes, controls, NUL, direction overrides and lone surrogates are dropped; brackets and
    other markup stay, because they are only text.
    """
    if not (text.isprintable() and "  " not in text):
        text = _ESCAPE_CODES.sub("", text)
        text = _SPACES.sub(" ", text)
        text = "".join(letter for letter in text if _is_harmless(letter))
        text = _SPACES.sub(" ", text)
    return text.strip()[:limit].rstrip()


def free_text(text: str, field: str, limit: int) -> str:
    """A reason or reference as it is kept; refuses card numbers and what is too long to keep."""
    cleaned = clean_text(text, len(text))
    refuse_card_number(cleaned, field)
    refuse_card_number(text, field)
    if len(cleaned) > limit:
        raise Refused("text-invalid", field=field, limit=limit)
    return cleaned


def commit_key(text: str) -> str:
    """A key a plan may be committed under, so that it can be kept and shown; it may be empty."""
    if len(text) > KEY_LIMIT or not text.isascii() or (text and not text.isprintable()):
        raise Refused("text-invalid", field="commit key", limit=KEY_LIMIT)
    if not any(letter.isalpha() for letter in text):
        refuse_card_number(text, "commit key")
    return text


def _is_harmless(letter: str) -> bool:
    if letter.isprintable() or letter in _JOINERS or letter in _VISIBLE_FORMATS:
        return True
    return unicodedata.category(letter) == "Co" or ord(letter) in _IDEOGRAPHS

"""Names of people and programs, and when two of them are the same."""

from __future__ import annotations

import unicodedata

from backend_client.domain.texts import clean_text

LONGEST = 80


def name_key(name: str) -> str:
    """Names are told apart without case, as at signing in."""
    return clean_text(name, LONGEST).strip().casefold()


def person_key(name: str) -> str:
    """A name by its letters and digits alone, without case, accents, blanks and dots: where nobody
    signs in, a person who types their own name another way is still not another person."""
    key = name_key(name)
    plain = unicodedata.normalize("NFKD", key).casefold()
    return "".join(letter for letter in plain if letter.isalnum()) or key


def is_same_person(one: str, other: str) -> bool:
    """Who may not say yes to what they made themselves; in doubt it is the same one."""
    return person_key(one) == person_key(other)

"""Names of people and programs, and when two of them are the same."""

from __future__ import annotations

from backend_client.domain.texts import clean_text

LONGEST = 80


def name_key(name: str) -> str:
    """Names are told apart without case, as at signing in."""
    return clean_text(name, LONGEST).strip().casefold()


def is_same_person(one: str, other: str) -> bool:
    return name_key(one) == name_key(other)

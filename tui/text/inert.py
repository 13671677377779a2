"""Text from data as one line that neither a terminal nor a reader can trip over."""

from __future__ import annotations

from backend_client.domain.texts import clean_text

LONGEST = 200


def inert(text: str) -> str:
    """One line without escape codes, controls and overrides, cut where nobody reads on."""
    return clean_text(text, LONGEST)

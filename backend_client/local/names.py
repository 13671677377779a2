"""Names of operators and clients as they are kept: plain text on one line."""

from __future__ import annotations

from backend_client.domain.card_numbers import refuse_card_number
from backend_client.domain.names import LONGEST
from backend_client.domain.problems import Refused
from backend_client.domain.texts import clean_text


def name_of(typed: str) -> str:
    """A new name as it is kept; Raises Refused: `name-invalid`, `full-card-number`."""
    refuse_card_number(typed, "name")
    name = clean_text(typed, LONGEST + 1).strip()
    if not name or len(name) > LONGEST or name != typed.strip():
        raise Refused("name-invalid")
    return name

"""Where something was done, as a row keeps it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Row

from backend_client.domain.card_numbers import mask_card_numbers


def desk_of(row: Row[Any]) -> str:
    """The desk of a row, fit to leave the store: earlier versions kept a full card number that was
    typed for a desk's name, and what is written about money is never changed."""
    return mask_card_numbers(row.desk)

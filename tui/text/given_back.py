"""Which refund holds a line: what left a booking is told with where its money is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_client.domain.legs import Refund


def refunds_by_line(refunds: Iterable[Refund]) -> dict[int, Refund]:
    """The refund of each line; one that was taken back holds nothing."""
    return {
        line.sequence: refund
        for refund in refunds
        if refund.voided_at is None
        for line in refund.lines
    }

"""What a lookup found, as lines of text for a terminal or a screen reader."""

from __future__ import annotations

from collections.abc import Iterable

from backend_client.answers import Hit
from backend_client.domain.refund import RefundStatus
from tui.commands.widths import DESCRIPTION, NAME
from tui.text.columns import table
from tui.text.dates import Dates
from tui.text.inert import inert
from tui.text.money import amount
from tui.text.names import person
from tui.text.wording import Wording


class HitWords:
    """Hits in columns."""

    def __init__(self, wording: Wording, dates: Dates) -> None:
        self._wording = wording
        self._dates = dates

    def hits(self, hits: Iterable[Hit]) -> list[str]:
        heads = ("booking", "customer", "performance", "when", "paid", "left", "currency", "note")
        return table(
            [self._hit(hit) for hit in hits],
            head=[self._wording.text(f"command.lookup.head_{head}") for head in heads],
            right=frozenset({4, 5}),
            limits=(None, NAME, DESCRIPTION, *(None,) * 5),
        )

    def _hit(self, hit: Hit) -> tuple[str, ...]:
        return (
            inert(hit.reference),
            "–" if hit.is_unread else person(self._wording, hit.customer),
            " · ".join(inert(part) for part in (hit.performance, hit.seat) if part),
            self._dates.full(hit.starts_at) if hit.starts_at else "",
            "–" if hit.is_unread else amount(hit.paid_minor, hit.currency),
            "–" if hit.is_unread else amount(hit.left_minor, hit.currency),
            hit.currency,
            self._note(hit),
        )

    def _note(self, hit: Hit) -> str:
        """Why nothing can go back, or that some already did."""
        if hit.given_back and hit.given_back is not RefundStatus.DONE:
            return self._wording.text(f"refund_status.{hit.given_back.value}")
        if hit.reason:
            key = f"command.lookup.why.{hit.reason}"
            return self._wording.text(key) if self._wording.has(key) else hit.reason
        return self._wording.text("command.lookup.partly") if hit.partly_refunded else ""

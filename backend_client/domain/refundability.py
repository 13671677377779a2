"""May a line go back at all, and if not, why: one verdict a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """May this line go back now; `code` is the problem in the way, or empty."""

    sequence: int
    code: str = ""
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def refundable(self) -> bool:
        return not self.code

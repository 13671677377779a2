"""One measured figure, beside the goal and what it was measured against in the same run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`floor` is the same work without us (a bare Textual app, the raw statement), same unit."""

    name: str
    value: float
    unit: str
    goal: str = ""
    floor: float | None = None

    def row(self) -> str:
        floor = "" if self.floor is None else f"{self.floor:,.2f}"
        ratio = "" if not self.floor else f"{self.value / self.floor:.2f}×"
        return (
            f"{self.name:<46} {self.value:>12,.2f} {self.unit:<11} {floor:>12} {ratio:>8}  "
            f"{self.goal}"
        )


HEADER = f"{'figure':<46} {'measured':>12} {'unit':<11} {'floor':>12} {'ratio':>8}  goal"

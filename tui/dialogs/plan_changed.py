"""The booking changed between preview and commit: what is different now, before F9 again."""

from __future__ import annotations

from textual.content import Content

from backend_client.domain.plan import RefundPlan
from backend_client.domain.problems import Refused
from tui.dialogs.dialog import Dialog
from tui.text.columns import fit
from tui.text.money import money
from tui.text.problems import refusal_text
from tui.text.ranges import ranges
from tui.widgets.parts import Part

LINES_CELLS = 48
"""Enough to know which lines are meant; the preview behind names them all."""


class PlanChangedDialog(Dialog[None]):
    """Says what differs between the plan that was shown and the one that is possible now."""

    def __init__(self, problem: Refused, before: RefundPlan, after: RefundPlan) -> None:
        super().__init__()
        self._problem = problem
        self._before = before
        self._after = after

    def title_text(self) -> str:
        return self.window.wording.text("dialog.changed.title")

    def body(self) -> Content:
        wording = self.window.wording
        text = refusal_text(wording, self._problem)
        parts: list[Part] = [f"{text.message}\n", (f"✓ {text.money_moved}\n\n", "$good")]
        for line in self._differences():
            parts += [("› ", "bold $accent"), f"{line}\n"]
        parts.append((f"\n{wording.text('dialog.changed.next')}", "bold"))
        return Content.assemble(*parts)

    def _differences(self) -> list[str]:
        wording, before, after = self.window.wording, self._before, self._after
        found = []
        if before.amount_minor != after.amount_minor:
            found.append(
                wording.text(
                    "dialog.changed.amount",
                    before=money(before.amount_minor, before.currency),
                    after=money(after.amount_minor, after.currency),
                )
            )
        was, now = ({line.sequence for line in plan.lines} for plan in (before, after))
        for key, lines in (("gone", was - now), ("came", now - was)):
            if lines:
                told = fit(ranges(lines), LINES_CELLS)
                found.append(wording.count(f"dialog.changed.{key}", len(lines), lines=told))
        if [(leg.label, leg.amount_minor) for leg in before.legs] != [
            (leg.label, leg.amount_minor) for leg in after.legs
        ]:
            found.append(wording.text("dialog.changed.places"))
        return found or [wording.text("dialog.changed.elsewhere")]

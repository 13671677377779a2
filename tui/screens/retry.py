"""A payment that was finally refused is tried once more, as a new one with a new key."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual import on
from textual.app import ComposeResult

from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from tui.screens.change import ReplacingSheet
from tui.screens.leg_sheet import Plan
from tui.screens.reason_rows import ReasonRows
from tui.widgets.parts import Part


class RetryScreen(ReplacingSheet):
    """Only the reason is asked for: the same amount goes to the same payment."""

    NAME = "retry"
    AUTO_FOCUS = "#reason"

    def compose_fields(self) -> ComposeResult:
        yield self.reason_rows(self.window.policy.retry_reasons)

    def on_mount(self) -> None:
        super().on_mount()
        self.ask_plan(show=False)

    def preview(self, backend: Backend, caller: Caller) -> Callable[[], Plan]:
        reason = self.query_one(ReasonRows).reason
        number = self.leg.number
        return lambda: backend.preview_retry(caller, number, reason)

    @on(ReasonRows.Changed)
    def _reason_changed(self) -> None:
        if self.plan is not None:
            self.changed()

    def sentences(self, plan: Plan) -> Iterable[Part]:
        yield from super().sentences(plan)
        yield self.words("new_key")

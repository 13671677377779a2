"""A payment that was due has been made by hand: it is recorded with its proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.app import ComposeResult

from backend_client.answers import RefundOutcome
from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.handing_over import HandOver, HandOverPlan
from backend_client.domain.refund import Method
from backend_client.domain.stored_value import StoredValueNumber
from backend_client.domain.texts import REFERENCE_LIMIT
from tui.screens.leg_sheet import LegSheet, Plan
from tui.text.inert import inert
from tui.text.money import money
from tui.widgets.field_row import FieldRow
from tui.widgets.parts import Part
from tui.widgets.text_fields import PlainField


class HandOverScreen(LegSheet):
    """Only the proof is asked for: amount and method stay as they were promised. Cash needs none,
    so what will be written of it stands there at once."""

    NAME = "hand_over"
    AUTO_FOCUS = "#proof"

    def on_mount(self) -> None:
        super().on_mount()
        if self._is_cash:
            self.ask_plan(show=True)

    @property
    def _is_cash(self) -> bool:
        return self.leg.method is Method.CASH

    def compose_fields(self) -> ComposeResult:
        proof = PlainField(
            key_time=self.window.key_time, max_length=REFERENCE_LIMIT, widget_id="proof"
        )
        yield FieldRow(proof, widget_id="reference")

    def show_fields(self) -> None:
        self.query_one("#reference", FieldRow).say(
            [self.words("receipt" if self._is_cash else "reference")]
        )

    def preview(self, backend: Backend, caller: Caller) -> Callable[[], Plan]:
        wish = HandOver((self.leg.number,), self.query_one("#proof", PlainField).value)
        return lambda: backend.preview_hand_over(caller, wish)

    def execute(
        self, backend: Backend, caller: Caller, plan: Plan, number: StoredValueNumber | None
    ) -> RefundOutcome:
        assert isinstance(plan, HandOverPlan)
        (outcome,) = backend.execute_hand_over(caller, plan)
        return outcome

    def sentences(self, plan: Plan) -> Iterable[Part]:
        assert isinstance(plan, HandOverPlan)
        for leg in plan.legs:
            reference = inert(plan.hand_over.reference)
            amount = money(leg.amount_minor, leg.currency)
            if self._is_cash and not reference:
                desk = inert(self.window.caller.desk) or "–"
                yield self.words("will.cash", leg=leg.leg_number, amount=amount, desk=desk)
            else:
                told = {"leg": leg.leg_number, "amount": amount, "reference": reference or "–"}
                yield self.words("will.recorded", **told)

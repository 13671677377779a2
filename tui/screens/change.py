"""An open payment is paid another way: amounts, reference, reason; F5 shows it, F9 does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from backend_client.answers import RefundOutcome
from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.legs import Leg
from backend_client.domain.plan import MethodChange, MethodPlan
from backend_client.domain.policy import PAID_BY_HAND, Reason
from backend_client.domain.refund import Method
from backend_client.domain.stored_value import StoredValueNumber
from tui.screens.leg_sheet import LegSheet, Plan
from tui.screens.method_rows import PlaceRows
from tui.screens.placing import Placement
from tui.screens.reason_rows import ReasonRows
from tui.text.inert import inert
from tui.text.legs import leg_word
from tui.text.money import in_column, money
from tui.text.names import provider_name
from tui.text.problems import refusal_text
from tui.widgets.amount_field import AmountField
from tui.widgets.parts import Part, rule, spread


class ReplacingSheet(LegSheet):
    """What a new plan for one payment looks like, whoever asks for it."""

    STILL = "nothing_sent"

    def reason_rows(self, reasons: Sequence[Reason], start: str = "") -> ReasonRows:
        """Why it is done: a reason of the house, the first one unless `start` names another."""
        window = self.window
        own_words = window.policy.free_reasons
        return ReasonRows(
            window.wording, reasons, self.currency, start, window.key_time, own_words=own_words
        )

    def execute(
        self, backend: Backend, caller: Caller, plan: Plan, number: StoredValueNumber | None
    ) -> RefundOutcome:
        assert isinstance(plan, MethodPlan)
        return backend.execute_method_change(caller, plan, number)

    def sentences(self, plan: Plan) -> Iterable[Part]:
        assert isinstance(plan, MethodPlan)
        window = self.window
        say = window.wording.text
        state = leg_word(window.wording, self.leg.state, self.leg.method)
        yield self.words("replaced", leg=self.leg.number, state=state)
        for leg in plan.legs:
            text = say(
                f"screen.method.will.leg.{leg.method.value}",
                amount=money(leg.amount_minor, plan.currency),
                label=inert(leg.label) or say("screen.method.payer"),
                provider=provider_name(window.wording, leg.provider),
                environment=say(f"screen.environment.{window.environment}"),
                desk=inert(window.caller.desk),
                reference=inert(leg.reference) or "–",
            )
            yield (text, "$warn") if leg.method is Method.CASH else text


class ChangeScreen(ReplacingSheet):
    """Nothing is placed at first; what is not placed elsewhere stays as it is."""

    NAME = "change"
    FOOTER: ClassVar[tuple[str, ...]] = ("help", "choose", "preview", "commit", "back")

    def __init__(self, leg: Leg, currency: str, *, paid: Method | None = None) -> None:
        """`paid` puts everything there at once: the payment was made by hand already."""
        super().__init__(leg, currency)
        self.placement: Placement | None = None
        self._paid = paid

    def compose_fields(self) -> ComposeResult:
        window = self.window
        yield PlaceRows(window.wording, window.key_time, {})
        yield Static("", id="left")
        yield Static("", id="why")
        reasons = window.policy.change_reasons
        meant = PAID_BY_HAND if self._paid else ""
        yield self.reason_rows(reasons, meant if any(one.code == meant for one in reasons) else "")

    def on_mount(self) -> None:
        super().on_mount()
        self.ask_plan(show=False)

    def preview(self, backend: Backend, caller: Caller) -> Callable[[], Plan]:
        parts = self.placement.parts() if self.placement is not None else ()
        reason = self.query_one(ReasonRows).reason
        change = MethodChange(self.leg.number, parts, reason)
        return lambda: backend.preview_method_change(caller, change)

    def took_plan(self, plan: Plan) -> None:
        assert isinstance(plan, MethodPlan)
        if self.placement is None:
            self.placement = Placement(plan)
            self.placement.clear()
            self._place_paid()
            self.query_one(PlaceRows).show(self.placement, focus=True)

    def _place_paid(self) -> None:
        assert self.placement is not None
        for index, place in enumerate(self.placement.places):
            if place.destination.method is self._paid:
                self.placement.put_rest(index)

    # ------------------------------------------------------------ amounts

    @on(AmountField.Edited)
    def _amount_typed(self, message: AmountField.Edited) -> None:
        index = self.query_one(PlaceRows).index_of(message.field)
        if self.placement is not None and index is not None:
            self.placement.type(index, message.text)
            self.changed()

    @on(PlaceRows.ReferenceTyped)
    def _reference_typed(self, message: PlaceRows.ReferenceTyped) -> None:
        if self.placement is not None:
            self.placement.places[message.index].reference = message.text
            self.changed()

    @on(ReasonRows.Changed)
    def _reason_changed(self) -> None:
        if self.placement is not None:
            self.changed()

    def do_choose(self) -> None:
        """Put the rest where the cursor is."""
        field = self.focused
        index = (
            self.query_one(PlaceRows).index_of(field) if isinstance(field, AmountField) else None
        )
        if self.placement is None or index is None:
            self.refuse(self.window.wording.text("screen.method.not.no_place"))
            return
        assert isinstance(field, AmountField)
        self.placement.put_rest(index)
        field.put(self.placement.places[index].text)
        self.changed()

    def forget_cards(self) -> None:
        super().forget_cards()
        if self.placement is not None:
            self.placement.forget_cards()

    def mistake(self) -> str:
        if self.placement is None:
            return self.words("reading")
        if not self.placement.mistakes:
            return ""
        mistake = self.placement.mistakes[0].mistake
        assert mistake is not None
        text = refusal_text(self.window.wording, mistake)
        return f"{text.message} {text.action}"

    def show_fields(self) -> None:
        width = self.size.width - 1
        self.query_one("#why", Static).update(
            rule(width, self.window.wording.text("screen.method.section.why"))
        )
        self.query_one(PlaceRows).refresh_rows()
        if self.placement is not None:
            left = self.placement.left_minor
            figure = in_column(left, self.currency)
            words: list[Part] = ["   ", (self.words("left"), "$muted")]
            style = "$warn" if left < 0 else ""
            self.query_one("#left", Static).update(spread(width, words, [(figure, style)]))

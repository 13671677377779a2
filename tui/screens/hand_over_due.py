"""Transfers that are due are ticked off in one go, with one proof; cash is, one by one, by whoever
hands it over."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from backend_client.answers import OpenLeg, RefundOutcome
from backend_client.backend import Backend
from backend_client.domain.handing_over import HandedLeg, HandOver, HandOverPlan
from backend_client.domain.problem import Kind
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, Method
from backend_client.domain.texts import REFERENCE_LIMIT
from tui.keys import bindings
from tui.screens.typed_fields import TypedFieldsScreen
from tui.text.columns import pad
from tui.text.inert import inert
from tui.text.money import money
from tui.widgets.field_row import FieldRow
from tui.widgets.frame_lines import Level
from tui.widgets.parts import rule, spread
from tui.widgets.text_fields import PlainField
from tui.widgets.virtual_list import VirtualList

PAGE = 200


class HandOverDueScreen(TypedFieldsScreen):
    """F5 lists exactly what is written, F9 writes it in one commit: all of them or none."""

    NAME = "hand_over_due"
    CSS_PATH: ClassVar[list[str]] = ["method.tcss", "hand_over_due.tcss"]  # type: ignore[assignment]
    FOOTER: ClassVar[tuple[str, ...]] = ("help", "preview", "commit", "open_refunds", "back")
    AUTO_FOCUS = "#proof"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.plan: HandOverPlan | None = None
        self.shown = False

    def compose_main(self) -> ComposeResult:
        proof = PlainField(
            key_time=self.window.key_time, max_length=REFERENCE_LIMIT, widget_id="proof"
        )
        with VerticalScroll(id="fields", can_focus=False):
            yield Static("", id="how")
            yield FieldRow(proof, widget_id="reference")
            yield Static("", id="will")
        legs: VirtualList[HandedLeg] = VirtualList(self._draw, widget_id="legs")
        yield legs

    def where(self) -> tuple[str, tuple[str, ...]]:
        return self.words("title"), (self.window.house,)

    def on_mount(self) -> None:
        super().on_mount()
        self.say(self.words("hint"), Level.HINT)
        self._show()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        width = self.size.width - 1
        self.query_one("#how", Static).update(rule(width, self.words("section")))
        self.query_one("#reference", FieldRow).say([self.words("reference")])
        right = ""
        if self.plan is not None and self.shown:
            sums = ", ".join(money(one.amount_minor, one.currency) for one in self.plan.totals)
            count = len(self.plan.legs)
            right = self.window.wording.count("screen.hand_over_due.sums", count, sums=sums)
        self.query_one("#will", Static).update(rule(width, self.words("will"), right))
        legs = self.plan.legs if self.plan is not None and self.shown else ()
        self.query_one("#legs", VirtualList).show(legs)
        self.refresh_frame()

    def _draw(self, leg: HandedLeg, width: int, marked: bool) -> Content:
        method = self.window.wording.text(f"method.{leg.method.value}")
        mark = (" › " if marked else "   ", "bold $accent")
        figure = money(leg.amount_minor, leg.currency)
        return spread(width, [mark, (pad(leg.leg_number, 12), "$muted"), method], [f"{figure} "])

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.shown:
            self.shown = False
            self.say(self.window.wording.text("screen.sheet.changed"), Level.HINT)
            self._show()

    # ------------------------------------------------------------ the plan

    def do_preview(self) -> None:
        """Every transfer that is due now, with the proof as it is typed."""
        caller, proof = self.window.caller, self.query_one("#proof", PlainField).value

        def plan(backend: Backend) -> HandOverPlan | int:
            due: list[OpenLeg] = []
            after = None
            while True:
                page = backend.open_refunds(
                    caller, states=frozenset({LegState.DUE}), after=after, limit=PAGE
                )
                due += page.legs
                after = page.next_after
                if after is None:
                    break
            numbers = tuple(leg.leg_number for leg in due if leg.method is not Method.CASH)
            if due and not numbers:
                return len(due)
            return backend.preview_hand_over(caller, HandOver(numbers, proof))

        self.ask("plan", plan, self._take, self._refused)

    def _take(self, plan: HandOverPlan | int) -> None:
        """The plan, or how many payments there are in cash and nothing else."""
        if isinstance(plan, int):
            self.refuse(self.window.wording.count("screen.hand_over_due.cash", plan))
            return
        self.plan, self.shown = plan, True
        self._show()
        lacking = self._lacking(plan)
        ready = self.window.wording.text("screen.sheet.ready")
        self.say(lacking or ready, Level.WARNING if lacking else Level.INFO)

    def _refused(self, problem: Refused) -> None:
        self.shown = False
        if problem.code == "full-card-number":
            self.query_one("#proof", PlainField).forget_card()
        self.refuse_problem(problem)
        self._show()

    def _lacking(self, plan: HandOverPlan) -> str:
        if "reference" in plan.missing:
            return self.window.wording.text("screen.sheet.lacking.reference")
        return ""

    def why_not(self, action: str) -> str:
        reason = super().why_not(action)
        if reason or action not in ("preview", "commit"):
            return reason
        if self.window.writing:
            return self.window.wording.text("screen.frame.writing", what=self.window.writing)
        if action == "commit":
            if self.plan is None or not self.shown:
                return self.window.wording.text("screen.method.not.preview_first")
            return self._lacking(self.plan)
        return ""

    # ------------------------------------------------------------ committing

    def do_commit(self) -> None:
        plan = self.plan
        assert plan is not None
        assert self.shown
        what = self.window.wording.count("screen.hand_over_due.what", len(plan.legs))
        self.window.write(
            what,
            lambda backend, caller: backend.execute_hand_over(caller, plan),
            self._done,
            self._bad,
        )

    def _done(self, _outcomes: tuple[RefundOutcome, ...]) -> None:
        """Back to where it was begun, which says what was written."""
        assert self.plan is not None
        count, proof = len(self.plan.legs), inert(self.plan.hand_over.reference) or "–"
        while self in self.window.screen_stack:
            self.window.pop_screen()
        key = "screen.hand_over_due.done"
        done = self.window.wording.count(key, count, reference=proof)
        self.window.frame.say(done, Level.DONE)

    def _bad(self, problem: Refused, correlation_id: str) -> None:
        """An unclear answer keeps the plan: F9 again does the same thing and not another."""
        if problem.problem.kind is not Kind.UNSURE and problem.code != "internal":
            self.shown = False
        self.refuse_problem(problem)
        self.window.show_problem(problem, correlation_id)
        self._show()

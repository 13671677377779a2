"""What is due by hand is ticked off in one go, with one proof: transfers, and cash where chosen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from backend_client.answers import OpenLeg, RefundOutcome
from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.handing_over import HandOver, HandOverPlan
from backend_client.domain.problem import Kind
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, Method
from backend_client.domain.texts import REFERENCE_LIMIT, clean_text
from tui.keys import bindings
from tui.screens.typed_fields import TypedFieldsScreen
from tui.text.columns import pad
from tui.text.inert import inert
from tui.text.money import money
from tui.widgets.field_row import FieldRow
from tui.widgets.frame_lines import Level
from tui.widgets.parts import Part, rule, spread
from tui.widgets.text_fields import PlainField
from tui.widgets.virtual_list import VirtualList

PAGE = 200
NUMBER, METHOD = 12, 16


class HandOverDueScreen(TypedFieldsScreen):
    """F5 lists what is due, F9 writes what is chosen of it in one commit: all of it or none.

    Transfers are chosen until Space leaves one out. Cash is not: it is in somebody's hands one by
    one, and a list never says so by itself.
    """

    NAME = "hand_over_due"
    CSS_PATH: ClassVar[list[str]] = ["method.tcss", "hand_over_due.tcss"]  # type: ignore[assignment]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "help",
        "choose",
        "preview",
        "commit",
        "open_refunds",
        "back",
    )
    AUTO_FOCUS = "#proof"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.plan: HandOverPlan | None = None
        self.shown = False
        self.due: tuple[OpenLeg, ...] = ()
        self._turned: frozenset[str] = frozenset()
        """Payments that Space has turned from how they are chosen at first."""

    def compose_main(self) -> ComposeResult:
        proof = PlainField(
            key_time=self.window.key_time, max_length=REFERENCE_LIMIT, widget_id="proof"
        )
        with VerticalScroll(id="fields", can_focus=False):
            yield Static("", id="how")
            yield FieldRow(proof, widget_id="reference")
            yield Static("", id="will")
        legs: VirtualList[OpenLeg] = VirtualList(self._draw, widget_id="legs")
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
        legs = self.query_one("#legs", VirtualList)
        legs.show(self.due, cursor=max(legs.cursor, 0))
        self.refresh_frame()

    def _draw(self, leg: OpenLeg, width: int, marked: bool) -> Content:
        chosen = self._is_chosen(leg)
        left: list[Part] = [
            (" › " if marked else "   ", "bold $accent"),
            ("[x] ", "bold $accent") if chosen else ("[ ] ", "$muted"),
            (pad(leg.leg_number, NUMBER), "$muted"),
            pad(self.window.wording.text(f"method.{leg.method.value}"), METHOD),
            (clean_text(leg.customer, 40), "$muted"),
        ]
        return spread(width, left, [f"{money(leg.amount_minor, leg.currency)} "])

    def _is_chosen(self, leg: OpenLeg) -> bool:
        return (leg.method is not Method.CASH) is not (leg.leg_number in self._turned)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.shown:
            self.shown = False
            self.say(self.window.wording.text("screen.sheet.changed"), Level.HINT)
            self._show()

    # ------------------------------------------------------------ the plan

    def do_choose(self) -> None:
        """Take the payment under the cursor along, or leave it out."""
        leg = self.query_one("#legs", VirtualList).current
        assert leg is not None
        self._turned ^= {leg.leg_number}
        self.shown = False
        self.say(self.window.wording.text("screen.sheet.changed"), Level.HINT)
        self._show()

    def do_preview(self) -> None:
        """Everything that is due now, and what of it would be written with the proof as typed."""
        caller, proof = self.window.caller, self.query_one("#proof", PlainField).value

        def plan(backend: Backend) -> tuple[tuple[OpenLeg, ...], HandOverPlan | None]:
            due = tuple(_due(backend, caller))
            chosen = tuple(leg.leg_number for leg in due if self._is_chosen(leg))
            if due and not chosen:
                return due, None
            return due, backend.preview_hand_over(caller, HandOver(chosen, proof))

        self.ask("plan", plan, self._take, self._refused)

    def _take(self, found: tuple[tuple[OpenLeg, ...], HandOverPlan | None]) -> None:
        self.due, self.plan = found
        self.shown = self.plan is not None
        self._show()
        if self.plan is None:
            self.say(self.words("none_chosen"), Level.WARNING)
            return
        lacking = self._lacking(self.plan)
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
        if (
            not reason
            and action == "choose"
            and self.query_one("#legs", VirtualList).current is None
        ):
            return self.words("not.choose")
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

    def _done(self, outcomes: tuple[RefundOutcome, ...]) -> None:
        """Back to where it was begun, which says what was written, or was before."""
        assert self.plan is not None
        count, proof = len(self.plan.legs), inert(self.plan.hand_over.reference) or "–"
        while self in self.window.screen_stack:
            self.window.pop_screen()
        again = all(one.already_done for one in outcomes)
        key = f"screen.hand_over_due.{'already_done' if again else 'done'}"
        done = self.window.wording.count(key, count, reference=proof)
        self.window.frame.say(done, Level.WARNING if again else Level.DONE)

    def _bad(self, problem: Refused, correlation_id: str) -> None:
        """An unclear answer keeps the plan: F9 again does the same thing and not another."""
        if problem.problem.kind is not Kind.UNSURE and problem.code != "internal":
            self.shown = False
        self.refuse_problem(problem)
        self.window.show_problem(problem, correlation_id)
        self._show()


def _due(backend: Backend, caller: Caller) -> Iterator[OpenLeg]:
    after = None
    while True:
        page = backend.open_refunds(
            caller, states=frozenset({LegState.DUE}), after=after, limit=PAGE
        )
        yield from page.legs
        after = page.next_after
        if after is None:
            return

"""One decision about one payment: filled in, shown with F5, written with F9, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from backend_client.answers import RefundOutcome
from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.handing_over import HandOverPlan
from backend_client.domain.legs import Leg
from backend_client.domain.plan import MethodPlan
from backend_client.domain.problem import Kind
from backend_client.domain.problems import Refused
from backend_client.domain.resolution import ResolutionPlan
from backend_client.domain.stored_value import StoredValueNumber
from tui.keys import bindings
from tui.screens.preview_head import preview_head
from tui.screens.states import leg_state
from tui.screens.telling import destination
from tui.screens.typed_fields import TypedFieldsScreen
from tui.text.columns import wrap
from tui.text.inert import inert
from tui.text.money import in_column, money
from tui.widgets.frame_lines import Level
from tui.widgets.parts import Part, rule, spread, text_of
from tui.widgets.picker import Picker
from tui.widgets.text_fields import PlainField

Plan = MethodPlan | ResolutionPlan | HandOverPlan
OVERTAKEN = frozenset({"plan-stale", "method-not-changeable", "not-in-review", "not-due"})
"""Somebody else did something to the payment since it was looked at."""
ELSEWHERE = frozenset({"lines", "method", "retry", "record", "resolve"})
"""What else can be done about a payment is begun on its own screen, below this one."""


class LegSheet(TypedFieldsScreen):
    """Fields above, exactly what would be written below; any change needs F5 again before F9.

    The plan is kept after an unclear answer, so that F9 again does the same thing and not another.
    """

    CSS_PATH = "method.tcss"
    FOOTER: ClassVar[tuple[str, ...]] = ("help", "preview", "commit", "back")
    STILL: ClassVar[str] = "nothing_written"
    """The sentence beside the title of a preview: what was not done yet."""
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self, leg: Leg, currency: str) -> None:
        super().__init__()
        self.leg = leg
        self.currency = currency
        self.plan: Plan | None = None
        self.shown = False
        self.tried = False
        """Was this plan committed, whatever came of it?"""
        self.when_done: Callable[[RefundOutcome], None] = lambda _outcome: None

    # ------------------------------------------------------------ what a sheet is about

    def compose_fields(self) -> ComposeResult:
        raise NotImplementedError

    def preview(self, backend: Backend, caller: Caller) -> Callable[[], Plan]:
        """The question as it is filled in now; it is asked in a worker."""
        raise NotImplementedError

    def execute(
        self, backend: Backend, caller: Caller, plan: Plan, number: StoredValueNumber | None
    ) -> RefundOutcome:
        """Carry it out; `number` is the gift card's, where the plan needs one."""
        raise NotImplementedError

    def sentences(self, plan: Plan) -> Iterable[Part]:
        """What a commit of this plan writes, in words."""
        raise NotImplementedError

    def took_plan(self, plan: Plan) -> None:
        """The plan has arrived; fields that depend on it are filled in now."""

    def show_fields(self) -> None:
        """Labels and notes of the fields as they are now."""

    def mistake(self) -> str:
        """What is filled in wrongly; empty when nothing."""
        return ""

    # ------------------------------------------------------------ the frame

    def compose_main(self) -> ComposeResult:
        with VerticalScroll(id="sheet", can_focus=False):
            yield Static("", id="how")
            yield Static("", id="payment")
            yield from self.compose_fields()
            yield Static("", id="will")
            yield Static("", id="happening")

    def where(self) -> tuple[str, tuple[str, ...]]:
        figure = money(self.leg.amount_minor, self.currency)
        return self.leg.number, (self.words("title", amount=figure),)

    def on_mount(self) -> None:
        super().on_mount()
        self.say(self.words("hint"), Level.HINT)
        self.show_sheet()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self.show_sheet)

    def show_sheet(self) -> None:
        if not self.is_mounted:
            return
        width = self.size.width - 1
        self.query_one("#how", Static).update(rule(width, self.words("section")))
        untouched = self.plan is not None and self.shown and not self.tried
        still = self.STILL if untouched else ""
        self.query_one("#will", Static).update(preview_head(self.window.wording, width, still))
        left: list[Part] = ["   ", destination(self.leg, self.window.wording)]
        state = leg_state(self.window.wording, self.leg.state, self.leg.method)
        figure = in_column(self.leg.amount_minor, self.currency)
        self.query_one("#payment", Static).update(spread(width, left, [state, figure]))
        self.show_fields()
        self._show_happening()
        self.refresh_frame()

    def _show_happening(self) -> None:
        lines: list[Content] = []
        if self.plan is None or not self.shown:
            quiet = self.window.wording.text("screen.sheet.press_preview")
            lines.append(Content.assemble((f"   {quiet}", "$muted")))
        else:
            for part in self.sentences(self.plan):
                style = "" if isinstance(part, str) else part[1]
                for index, line in enumerate(wrap(text_of(part), max(self.size.width - 6, 20))):
                    lines.append(Content.assemble("     " if index else "   ", (line, style)))
        self.query_one("#happening", Static).update(Content("\n").join(lines))

    # ------------------------------------------------------------ filling in

    def changed(self) -> None:
        """What is shown below is not what is written above any more."""
        self.shown = False
        self.forget("plan")
        self.say(self.window.wording.text("screen.sheet.changed"), Level.HINT)
        self.show_sheet()

    @on(Picker.Picked)
    def _picked(self) -> None:
        self.changed()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input.has_focus:
            self.changed()

    # ------------------------------------------------------------ the plan

    def do_preview(self) -> None:
        self.ask_plan(show=True)

    def ask_plan(self, *, show: bool) -> None:
        backend = self.window.backend
        if backend is None:
            self.refuse(self.window.wording.text("screen.frame.not_ready"))
            return
        question = self.preview(backend, self.window.caller)
        self.ask(
            "plan",
            lambda _backend: question(),
            lambda plan: self._take_plan(plan, show=show),
            self._plan_refused,
        )

    def _take_plan(self, plan: Plan, *, show: bool) -> None:
        self.plan = plan
        self.shown, self.tried = show, False
        self.took_plan(plan)
        self.show_sheet()
        if show:
            lacking = self.lacking(plan)
            ready = self.window.wording.text("screen.sheet.ready")
            self.say(lacking or ready, Level.WARNING if lacking else Level.INFO)
            self.call_after_refresh(self._reveal_preview)

    def _reveal_preview(self) -> None:
        """As much of it as fits, from its first line on."""
        will = self.query_one("#will", Static)
        self.query_one("#sheet", VerticalScroll).scroll_to_widget(will, top=True, animate=False)

    def _plan_refused(self, problem: Refused) -> None:
        self.shown = False
        if problem.code == "full-card-number":
            self.forget_cards()
        self.refuse_problem(problem)
        self.show_sheet()

    def forget_cards(self) -> None:
        """A full card number was refused: it must not stay in sight either."""
        for field in self.query(PlainField):
            field.forget_card()

    def lacking(self, plan: Plan) -> str:
        """What the commit still needs, in words; empty when nothing."""
        for name in plan.missing:
            if name != "number":  # asked for at the commit
                return self.window.wording.text(f"screen.sheet.lacking.{name}")
        return ""

    def why_not(self, action: str) -> str:
        if action in ELSEWHERE:
            return self.window.wording.text("screen.sheet.elsewhere", leg=inert(self.leg.number))
        reason = super().why_not(action)
        if reason or action not in ("preview", "commit"):
            return reason
        if self.window.writing:
            return self.window.wording.text("screen.frame.writing", what=self.window.writing)
        if action == "preview":
            return self.mistake()
        if self.plan is None or not self.shown:
            return self.window.wording.text("screen.method.not.preview_first")
        return self.lacking(self.plan)

    def action_act(self, action: str) -> None:
        super().action_act(action)
        if action == "commit" and self.plan is not None and self.shown and self.lacking(self.plan):
            self._lead_to_what_is_lacking()

    def _lead_to_what_is_lacking(self) -> None:
        """F9 that cannot be yet puts the cursor into the first empty field."""
        fields = (one for one in self.query(PlainField) if one.region and not one.value)
        field = next(fields, None)
        if field is not None:
            field.focus()

    # ------------------------------------------------------------ committing

    def do_commit(self) -> None:
        """Do exactly the plan that is shown, with the number of its gift card if it needs one."""
        assert self.plan is not None
        assert self.shown
        plan = self.plan
        if not isinstance(plan, MethodPlan) or "number" not in plan.missing:
            self._write(plan)
            return
        from tui.dialogs.number import commit_with_number

        commit_with_number(self.window, plan, lambda number: self._write(plan, number))

    def _write(self, plan: Plan, number: StoredValueNumber | None = None) -> None:
        """The action is off until the outcome is known."""
        what = self.window.wording.text("screen.sheet.what", leg=inert(self.leg.number))
        started = self.window.write(
            what,
            lambda backend, caller: self.execute(backend, caller, plan, number),
            self._done,
            self._bad,
        )
        if started:
            self.tried = True
            self.show_sheet()
            self.say(self.window.wording.text("screen.sheet.committing", what=what), Level.INFO)

    def _close(self) -> None:
        """This sheet goes, and whatever was opened above it meanwhile."""
        while self in self.window.screen_stack:
            self.window.pop_screen()

    def _done(self, outcome: RefundOutcome) -> None:
        self._close()
        self.when_done(outcome)

    def _bad(self, problem: Refused, correlation_id: str) -> None:
        if problem.code in OVERTAKEN:
            self._overtaken(problem, correlation_id)
            return
        if problem.problem.kind is not Kind.UNSURE and problem.code != "internal":
            self.shown = False
        self.refuse_problem(problem)
        self.window.show_problem(problem, correlation_id)
        self.show_sheet()

    def _overtaken(self, problem: Refused, correlation_id: str) -> None:
        """What was decided here is about a payment that is another by now: back to it as it is."""
        self._close()
        self.window.frame.refuse_problem(problem)
        self.window.show_problem(problem, correlation_id)

"""How the chosen lines go back, why, and exactly what will happen; then the commit."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from backend_client.answers import BookingView
from backend_client.domain.external_details import EXTERNAL_DETAILS
from backend_client.domain.plan import RefundPlan, RefundRequest
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.texts import clean_text
from tui.keys import bindings
from tui.screens.draft import Draft
from tui.screens.happening import Happening
from tui.screens.method_rows import PlaceRows
from tui.screens.method_sheet import MethodSheet
from tui.screens.placing import Placement
from tui.screens.planned import PlannedScreen
from tui.screens.reason_rows import ReasonRows
from tui.screens.rest_rows import RestRows
from tui.text.money import amount, money
from tui.text.problems import refusal_text
from tui.widgets.amount_field import AmountField
from tui.widgets.frame_lines import Level
from tui.widgets.picker import Picker
from tui.widgets.tick import Tick


class MethodScreen(PlannedScreen):
    """F5 shows what would happen, F9 does exactly that; any change in between needs F5 again.

    A plan keeps its commit key, so that F9 pressed twice gives back once.
    """

    NAME = "method"
    CSS_PATH = "method.tcss"
    FOOTER: ClassVar[tuple[str, ...]] = ("help", "lines", "choose", "preview", "commit", "back")
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("pageup", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(1)", show=False),
    ]

    def __init__(self, view: BookingView, draft: Draft, *, preview: bool) -> None:
        super().__init__(view.booking)
        self.view = view
        self.draft = draft
        self.placement: Placement | None = None
        self._preview_first = preview
        self._computing = False
        """Was a preview asked for that is not there yet?"""
        self._too_soon = False
        """Did F9 come before it?"""

    # ------------------------------------------------------------ the frame

    def compose_main(self) -> ComposeResult:
        window = self.window
        known = window.capabilities
        asks = known is not None and known.external_details
        yield MethodSheet(self.view, self.draft, window.wording, window.key_time, asks_card=asks)

    @property
    def sheet(self) -> MethodSheet:
        return self.query_one(MethodSheet)

    def where(self) -> tuple[str, tuple[str, ...]]:
        reference = clean_text(self.booking.key.booking_id, 40)
        text = self._giving_back()
        name = clean_text(self.booking.contact.name, 40) if self.booking.contact else ""
        return reference, (text, name)

    def _giving_back(self) -> str:
        """What goes out; what only makes a debt smaller is told beside it, or alone."""
        known, currency = self.plan, self.booking.currency
        total = known.amount_minor if known else self.draft.total_minor(self.booking)
        owed = known.owed_minor if known else self.draft.owed_minor(self.booking)
        paid = self.words("giving_back", amount=money(total - owed, currency))
        if not owed:
            return paid
        if owed == total:
            return self.words("off_the_debt", amount=money(owed, currency))
        off = self.words("off_the_debt", amount=amount(owed, currency))
        return f"{paid}, {off}"

    def on_mount(self) -> None:
        super().on_mount()
        known = self.window.capabilities
        if known is not None and "retained" in known.unavailable:
            self.sheet.rest.keep_nothing()
        self.sheet.show_titles(self.size.width - 1)
        if self.draft.typed is None:
            self.ask_plan(show=self._preview_first)
        else:
            self._ask_places(show=self._preview_first)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self.show)

    @property
    def reason(self) -> str:
        return self.sheet.reason

    @on(ReasonRows.Changed)
    def _reason_changed(self, message: ReasonRows.Changed) -> None:
        if self.reason != self.draft.reason:
            self._changed(ask=message.picked)

    # ------------------------------------------------------------ amounts

    @on(AmountField.Edited)
    def _amount_typed(self, message: AmountField.Edited) -> None:
        row = self.sheet.places.index_of(message.field)
        if self.placement is not None and row is not None:
            self.placement.type(row, message.text)
            self._changed(ask=False)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, Picker) and self.said.level is Level.HINT:
            self.say(self.words("reason_hint"), Level.HINT)

    @on(RestRows.Retained)
    def _retained(self, message: RestRows.Retained) -> None:
        if message.amount_minor is not None:
            self.draft = replace(self.draft, retained_minor=message.amount_minor)
        self._changed()

    @on(PlaceRows.ReferenceTyped)
    def _reference_typed(self, message: PlaceRows.ReferenceTyped) -> None:
        if self.placement is not None:
            self.placement.places[message.index].reference = message.text
            self.placement.by_hand = True
            self._changed(ask=False)

    @on(PlaceRows.CardTyped)
    def _card_typed(self, message: PlaceRows.CardTyped) -> None:
        if self.placement is not None:
            self.placement.places[message.index].card = message.text
            self.placement.by_hand = True
            self._changed(ask=False)

    def do_choose(self) -> None:
        """Put the rest where the cursor is."""
        focused = self.focused
        index = self.sheet.places.index_of(focused) if isinstance(focused, AmountField) else None
        if self.placement is None or index is None:
            self.refuse(self.words("not.no_place"))
            return
        if not self.placement.put_rest(index):
            self.say(self.words("none_left"), Level.INFO)
            return
        assert isinstance(focused, AmountField)
        focused.put(self.placement.places[index].text)
        self._changed(ask=False)

    def _changed(self, *, ask: bool = True) -> None:
        """What is shown below is not what is written above any more.

        As long as nothing was placed by hand the proposal follows the amount by itself; what was
        placed stays, and what is left of the amount follows.
        """
        self.shown = self._computing = self._too_soon = False
        self.forget("plan")
        self.say(self.words("changed"), Level.HINT)
        self._keep()
        if ask or self.placement is None:
            self._ask_places(show=False)
        self.show()

    @on(Tick.Changed)
    def _ticked(self, message: Tick.Changed) -> None:
        codes = self.draft.acknowledged
        codes = codes | {message.code} if message.ticked else codes - {message.code}
        self.draft = replace(self.draft, acknowledged=codes)
        self._changed(ask=False)

    def _keep(self) -> None:
        """Rows that are not shown for now keep what was typed in them."""
        typed = self.draft.typed
        if self.placement is not None and self.placement.places and self.placement.is_own:
            typed = tuple(place.typed for place in self.placement.places)
        self.draft = replace(self.draft, reason=self.reason, typed=typed)
        if self.booking.id in self.window.drafts:
            self.window.drafts[self.booking.id] = self.draft

    # ------------------------------------------------------------ the plan

    def request(self) -> RefundRequest:
        return RefundRequest(
            booking_id=self.booking.id,
            sequences=tuple(sorted(self.draft.chosen)),
            reason=self.reason,
            parts=self.placement.parts() if self.placement is not None else (),
            retained_minor=self.draft.retained_minor,
            acknowledged=self.draft.codes(self.booking),
        )

    def ask_plan(self, *, show: bool) -> None:
        """Ask what would happen; only a plan that was asked for with F5 may be committed."""
        self._computing = show
        self.ask_about(self.request(), lambda plan: self.take_plan(plan, show=show))

    def _ask_places(self, *, show: bool) -> None:
        """Ask for the amount and its places alone, so that no typed amount can be in the way."""
        self._computing = show
        request = replace(self.request(), parts=())
        self.ask_about(request, lambda plan: self._take_places(plan, show=show))

    def _take_places(self, plan: RefundPlan, *, show: bool) -> None:
        """The rows of a proposal, with what was typed before in them."""
        self.take_plan(plan, show=False)
        typed = self.draft.typed
        if typed is None or self.placement is None:
            return
        self.placement.restore(typed)
        self.sheet.places.show(self.placement, focus=False)
        self.show()
        if show:
            self.action_act("preview")

    def take_plan(self, plan: RefundPlan, *, show: bool) -> None:
        first = self.plan is None
        by_hand = self.placement.by_hand if self.placement else False
        references = self.placement.references() if self.placement else {}
        self._computing = False
        self.plan = plan
        self.tried = False
        self.placement = Placement(plan, references)
        self.placement.by_hand = by_hand
        self.shown = show
        self.sheet.places.show(self.placement, focus=first)
        self.sheet.show_ticks(plan, self.draft.acknowledged)
        self.show()
        if show:
            self._say_ready(plan)
            self.call_after_refresh(self.sheet.reveal_preview)
        elif first:
            self.say(self.words("hint"), Level.HINT)

    def _say_ready(self, plan: RefundPlan) -> None:
        lacking = self._lacking(plan)
        too_soon, self._too_soon = self._too_soon, False
        if lacking:
            self.say(lacking, Level.WARNING)
        elif too_soon:
            self.say(self.words("too_soon"), Level.WARNING)
        else:
            self.say(self.words(_ready(plan)), Level.INFO)

    @staticmethod
    def _lacks(plan: RefundPlan) -> str:
        """The name of what the commit still needs; empty when nothing."""
        for name in ("reason", "reference", *EXTERNAL_DETAILS):
            if name in plan.missing:
                return name
        return "acknowledge" if plan.unacknowledged else ""

    def _lacking(self, plan: RefundPlan) -> str:
        name = self._lacks(plan)
        return self.words(f"lacking.{name}") if name else ""

    def _lead_to_what_is_lacking(self) -> None:
        """F9 that cannot be yet puts the cursor where it can be made possible."""
        if self.plan is None or not self.shown:
            return
        name = self._lacks(self.plan)
        if name and self.sheet.lead_to(name) and name == "acknowledge":
            self.refuse(self.words("tick"))

    def plan_refused(self, problem: Refused) -> None:
        self.shown = self._computing = self._too_soon = False
        if problem.code == "full-card-number":
            self._forget_cards()
        self.refuse_problem(problem)
        self.show()

    def _forget_cards(self) -> None:
        self.sheet.forget_cards()
        if self.placement is not None:
            self.placement.forget_cards()
        self._keep()

    def why_not(self, action: str) -> str:
        reason = super().why_not(action)
        if reason:
            return reason
        if action in ("preview", "commit") and self.window.writing:
            return self.window.wording.text("screen.frame.writing", what=self.window.writing)
        if action == "preview":
            return self._mistake()
        if action == "commit":
            if self._computing:
                return self.words("not.computing")
            if self.plan is None or not self.shown:
                return self.words("not.preview_first")
            return self._lacking(self.plan)
        return ""

    def _mistake(self) -> str:
        mistake = self.sheet.rest.mistake
        placement = self.placement
        if mistake is None and placement is not None:
            wrong = placement.mistakes
            mistake = wrong[0].mistake if wrong else placement.nothing_placed
        if mistake is None:
            return ""
        text = refusal_text(self.window.wording, mistake)
        return f"{text.message} {text.action}"

    def action_act(self, action: str) -> None:
        self._too_soon |= action == "commit" and self._computing
        super().action_act(action)
        if action == "commit" and not self.has_class("-too-small"):
            self._lead_to_what_is_lacking()

    def do_preview(self) -> None:
        self.ask_plan(show=True)

    def do_lines(self) -> None:
        self.window.pop_screen()

    # ------------------------------------------------------------ showing

    def show(self) -> None:
        if not self.is_mounted:
            return
        self.sheet.show_titles(self.size.width - 1, untouched=self.is_untouched)
        self.sheet.rest.show(self.placement)
        self.sheet.show_happening(self._happening())
        self.sheet.places.refresh_rows()
        self.refresh_frame()

    def _happening(self) -> Content | None:
        if self.plan is None or not self.shown:
            return None
        window = self.window
        happening = Happening(
            window.wording, window.capabilities, window.caller.desk, self.booking, window.dates
        )
        return happening.content(self.plan, max(self.size.width - 6, 20))

    def action_scroll(self, direction: int) -> None:
        self.sheet.page(direction)


def _ready(plan: RefundPlan) -> str:
    """What F9 would do, by the name of its sentence."""
    if plan.awaits_approval:
        return "ready_waits"
    methods = {leg.method for leg in plan.legs}
    if methods == {Method.WAITING}:
        return "ready_owed"
    promised = bool(methods) and methods <= {Method.WAITING, Method.REQUESTED}
    return "ready_promised" if promised else "ready"

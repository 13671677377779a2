"""One payment of a refund: what to say, what was tried, what can be done about it and what not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from backend_client.answers import OpenLeg, RefundOutcome
from backend_client.domain.caller import Action
from backend_client.domain.legs import Leg
from backend_client.domain.permissions import allowed
from backend_client.domain.problems import Refused
from backend_client.domain.refund import OPEN, LegState, Method
from backend_client.domain.stored_value import StoredValueNumber
from backend_client.domain.texts import clean_text
from tui import keys
from tui.screens import confirming, payment_rows
from tui.screens.frame import FrameScreen
from tui.screens.leg_sheet import LegSheet
from tui.screens.payment_rows import Row, row
from tui.screens.refund_approval import DECISIONS, ask, refuse, refuse_label, why_not
from tui.screens.states import leg_state
from tui.screens.telling import OWED_STILL, destination, sentence
from tui.text.columns import pad, wrap
from tui.text.inert import inert
from tui.text.legs import leg_word
from tui.text.money import in_column, money
from tui.widgets.frame_lines import Level
from tui.widgets.parts import Part, rule
from tui.widgets.virtual_list import VirtualList

KEY, ACTION = 5, 22
NEEDS = {
    "method": Action.CHANGE_METHOD,
    "retry": Action.CHANGE_METHOD,
    "record": Action.CHANGE_METHOD,
    "resolve": Action.RESOLVE,
}
"""What can be done here, and what a person must be allowed for it."""


class PaymentScreen(FrameScreen):
    """Everything known about one payment, and about those that replaced it since.

    What can be done is done to the payment that stands in its place now: a closed one is history.
    """

    NAME = "payment"
    FOOTER: ClassVar[tuple[str, ...]] = ("help", "lines", "preview", "back")
    """What else can be done depends on the payment."""
    AUTO_FOCUS = "VirtualList"

    def __init__(self, leg: OpenLeg) -> None:
        super().__init__()
        self._open = leg
        self.outcome: RefundOutcome | None = None

    def compose_main(self) -> ComposeResult:
        rows: VirtualList[Row] = VirtualList(
            lambda row, width, _marked: row(width), selectable=lambda _row: False, widget_id="rows"
        )
        yield rows

    def where(self) -> tuple[str, tuple[str, ...]]:
        who = clean_text(self._open.customer, 60)
        number = self._open.leg_number if self.outcome is None else self.leg.number
        return clean_text(self._open.booking_reference, 40), (number, who)

    # ------------------------------------------------------------ reading

    def on_mount(self) -> None:
        super().on_mount()
        self.say(self.words("reading"), Level.HINT)

    def came_back(self) -> None:
        """Read again without a word, so that what was just said about it stays."""
        self._ask_refund(self._read if self.outcome is None else self._take)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._show)

    def do_preview(self) -> None:
        """Read the payment again: what was on its way may have arrived."""
        self._ask_refund(self._read)

    def _ask_refund(self, take: Callable[[RefundOutcome], None]) -> None:
        caller, number = self.window.caller, self._open.refund_number
        self.ask("refund", lambda backend: backend.refund(caller, number), take)

    def _read(self, outcome: RefundOutcome) -> None:
        self._take(outcome)
        self.say(self.words("hint"), Level.HINT)

    def _take(self, outcome: RefundOutcome) -> None:
        self.outcome = outcome
        self._show()

    def done(self, outcome: RefundOutcome) -> None:
        """Something was committed on the screen above: show what came of it."""
        self._take(outcome)
        key = "already_done" if outcome.already_done else "done"
        wording = self.window.wording
        states = ", ".join(
            f"{leg.number}: {leg_word(wording, leg.state, leg.method)}" for leg in self._current()
        )
        text = self.words(key, states=states)
        self.say(text, Level.WARNING if outcome.already_done else Level.INFO)

    @property
    def leg(self) -> Leg:
        """What stands in place of the payment that was opened: the first that is still open."""
        current = self._current()
        still_open = (leg for leg in current if leg.state in OPEN)
        return next(still_open, current[0] if current else self._family()[0])

    def _family(self) -> list[Leg]:
        """The payment and everything that came in its place, in the order they were born."""
        assert self.outcome is not None
        legs, number = self.outcome.refund.legs, self._open.leg_number
        family = [next(leg for leg in legs if leg.number == number)]
        known = {family[0].id}
        for leg in legs:
            if leg.replaces_leg_id in known:
                known.add(leg.id)
                family.append(leg)
        return family

    def _current(self) -> list[Leg]:
        return [leg for leg in self._family() if leg.is_live]

    # ------------------------------------------------------------ rows

    def _show(self) -> None:
        if self.outcome is None or not self.is_mounted:
            return
        rows = self.query_one("#rows", VirtualList)
        top = rows.scroll_offset.y
        rows.show(list(self._rows(rows.scrollable_content_region.width)))
        rows.scroll_to(y=top, animate=False, immediate=True)
        self.refresh_frame()

    def _rows(self, width: int) -> Iterable[Row]:
        yield self._title("tell")
        for text in self._told():
            for index, line in enumerate(wrap(text, max(width - 8, 30))):
                lead = "   ❝ " if index == 0 else "     "
                yield row([(lead, "$accent"), (line, "bold")])
        yield self._title("payment")
        for leg in self._family():
            yield self._payment(leg)
            if leg.proposal is not None:
                for line in wrap(confirming.told(self.window, leg.proposal), max(width - 8, 30)):
                    yield row([(f"   {line}", "$warn")])
            if self._lacks_provider(leg):
                told = self.words("no_provider", provider=inert(leg.provider))
                for line in wrap(told, max(width - 8, 30)):
                    yield row([(f"   {line}", "$warn")])
        yield self._title("can")
        for action in self._can():
            yield from self._action(action, width)
        yield self._title("attempts")
        yield from payment_rows.attempts(self, self._family(), width)
        references = list(payment_rows.references(self, self._family()))
        if references:
            yield self._title("references")
            yield from references

    def _can(self) -> Iterable[str]:
        if self._waits:
            return DECISIONS
        return ("approve", *NEEDS) if self.leg.proposal is not None else NEEDS

    def _told(self) -> Iterable[str]:
        capabilities, wording = self.window.capabilities, self.window.wording
        assert self.outcome is not None
        refund = self.outcome.refund
        for leg in self._current():
            if capabilities is not None:
                yield sentence(leg, refund.currency, capabilities, wording)
        yield wording.text("screen.outcome.quote", refund=refund.number)

    def _title(self, name: str) -> Row:
        title = self.words(f"section.{name}")
        return lambda width: rule(width, title)

    def _payment(self, leg: Leg) -> Row:
        assert self.outcome is not None
        wording = self.window.wording
        left: list[Part] = [
            (f"   {pad(leg.number, 12)} ", "$muted"),
            destination(leg, wording),
            (f" · {self.window.dates.day(leg.requested_at)}", "$muted"),
        ]
        figure = in_column(leg.amount_minor, self.outcome.refund.currency)
        alone = self._lacks_provider(leg)
        state = leg_state(wording, leg.state, leg.method, no_provider=alone)
        return row(left, [state, figure])

    def _lacks_provider(self, leg: Leg) -> bool:
        """Does it wait for a provider that the settings name no more? What a ticketing system pays
        out itself names none."""
        known = self.window.capabilities
        return (
            known is not None
            and leg.waits_for_provider
            and leg.provider != ""
            and leg.provider not in known.arrival_days
        )

    def _action(self, action: str, width: int) -> Iterable[Row]:
        """The key, what it does, and why it cannot be done where it cannot."""
        reason = self._not_decided_here(action) if action in DECISIONS else self._not_now(action)
        key = pad(keys.shown_key(action, self.window.usable_keymap), KEY)
        label = pad(self.key_label(action), ACTION)
        if not reason:
            yield row([("   ", ""), (key, "bold $accent"), label])
            return
        first, *others = wrap(reason, max(width - 3 - KEY - ACTION - 4, 20))
        yield row([(f"   {key}{label} ✗ {first}", "$muted")])
        for line in others:
            yield row([(" " * (6 + KEY + ACTION) + line, "$muted")])

    def key_label(self, action: str) -> str:
        """What is refused, confirmed or given again is told by what waits."""
        if self.outcome is None:
            return super().key_label(action)
        if action == "refuse" and self._waits:
            return refuse_label(self.window, self.outcome.refund)
        if action == "approve" and self.leg.proposal is not None:
            return super().key_label("confirm")
        if action == "retry" and self.leg.needs_number:
            return super().key_label("number")
        return super().key_label(action)

    @property
    def _waits(self) -> bool:
        """Does it wait for approval, with all of its refund?"""
        return self.leg.state is LegState.AWAITING_APPROVAL

    def footer(self) -> tuple[str, ...]:
        if self.outcome is None:
            return self.FOOTER
        able = {*self.FOOTER, *(one for one in self._can() if not self.why_not(one))}
        return tuple(one for one in keys.KEYS if one in able)

    # ------------------------------------------------------------ what can be done

    def why_not(self, action: str) -> str:
        reason = super().why_not(action)
        if not reason and self.outcome is None and (action in NEEDS or action == "lines"):
            return self.words("reading")
        if not reason and action in DECISIONS:
            return self._not_decided_here(action)
        return reason or (self._not_now(action) if action in NEEDS else "")

    def _not_decided_here(self, action: str) -> str:
        if self.outcome is not None and self._waits:
            return why_not(self.window, self.outcome.refund, action)
        if self.outcome is not None and action == "approve" and self.leg.proposal is not None:
            return confirming.why_not(self.window, self.leg.proposal)
        return self.window.wording.text(f"key.{action}.elsewhere")

    def do_approve(self) -> None:
        """Another supervisor's yes: to the refund, or to what was said of a payment in review."""
        assert self.outcome is not None
        if self._waits:
            ask(self, self.outcome, self.done)
        else:
            confirming.ask(self, self.leg, self._currency, self.done)

    def do_refuse(self) -> None:
        assert self.outcome is not None
        refuse(self, self.outcome, self.done)

    def _not_now(self, action: str) -> str:
        """Why this payment does not allow it, or this person; empty when both do."""
        leg = self.leg
        if action == "resolve":
            if leg.state is not LegState.REVIEW and not self._lacks_provider(leg):
                return self.words("not.resolve")
        elif action == "retry":
            if leg.state not in OWED_STILL and not leg.needs_number:
                return self.words("not.retry")
            if leg.payment_id is None and not leg.needs_number:
                return self.words("not.retry_unmatched")
        elif action == "record":
            if leg.state is not LegState.DUE and leg.state is not LegState.REQUESTED:
                return self.words("not.record")
        elif not leg.method_changeable:
            return self.words("not.method")
        loads = action == "retry" and leg.needs_number
        if not allowed(self.window.caller, Action.LOAD_GIFT_CARD if loads else NEEDS[action]):
            return self.words("not.supervisor" if action == "resolve" else "not.role")
        return ""

    def _open_sheet(self, sheet: LegSheet) -> None:
        sheet.when_done = self.done
        self.window.push_screen(sheet)

    def do_method(self) -> None:
        from tui.screens.change import ChangeScreen

        self._open_sheet(ChangeScreen(self.leg, self._currency))

    def do_record(self) -> None:
        """Already paid by hand: what was due is recorded, of what was only requested a record with
        its receipt takes the place."""
        if self.leg.state is LegState.DUE:
            from tui.screens.hand_over import HandOverScreen

            self._open_sheet(HandOverScreen(self.leg, self._currency))
            return
        from tui.screens.change import ChangeScreen

        self._open_sheet(ChangeScreen(self.leg, self._currency, paid=Method.EXTERNAL))

    def do_retry(self) -> None:
        """Once more to the same payment; to a gift card only with its number."""
        if self.leg.needs_number:
            self._ask_number()
            return
        from tui.screens.retry import RetryScreen

        self._open_sheet(RetryScreen(self.leg, self._currency))

    def _ask_number(self) -> None:
        from tui.dialogs.number import NumberDialog

        figure = money(self.leg.amount_minor, self._currency)
        self.window.push_screen(NumberDialog(figure), self._give_number)

    def _give_number(self, number: StoredValueNumber | None) -> None:
        if number is None:
            return
        leg = self.leg.number
        what = self.window.wording.text("screen.sheet.what", leg=leg)
        self.window.write(
            what,
            lambda backend, caller: backend.give_number(caller, leg, number),
            self.done,
            self._not_given,
        )

    def _not_given(self, problem: Refused, correlation_id: str) -> None:
        self.refuse_problem(problem)
        self.window.show_problem(problem, correlation_id)

    def do_resolve(self) -> None:
        from tui.screens.resolve import ResolveScreen

        self._open_sheet(ResolveScreen(self.leg, self._currency))

    @property
    def _currency(self) -> str:
        assert self.outcome is not None
        return self.outcome.refund.currency

    def do_lines(self) -> None:
        """The whole booking."""
        assert self.outcome is not None
        booking = self.outcome.booking
        self.window.open_booking(booking.id, booking.key.booking_id, self._open.customer)

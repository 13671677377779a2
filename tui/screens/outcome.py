"""What came of a refund: what to tell the customer, where the money is, the receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.content import Content

from backend_client.answers import RefundOutcome
from backend_client.domain.approval import cash_due, waits
from backend_client.domain.caller import Action
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.permissions import allowed
from backend_client.domain.problems import Refused
from backend_client.domain.refund import OPEN, LegState, Method, RefundStatus
from backend_client.domain.texts import clean_text
from tui import keys
from tui.screens.frame import FrameScreen
from tui.screens.refund_approval import DECISIONS, ask, refuse, refuse_label, why_not
from tui.screens.states import leg_state
from tui.screens.telling import OWED_STILL, destination, said, sentence
from tui.text.attempts import attempt_word
from tui.text.columns import pad, wrap
from tui.text.inert import inert
from tui.text.money import in_column, money
from tui.text.receipt import WIDTH, receipt
from tui.widgets.frame_lines import Level
from tui.widgets.parts import Part, rule, spread
from tui.widgets.virtual_list import VirtualList

RECEIPT_NAME = "receipt-{number}.txt"


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    draw: Callable[[int, bool], Content]
    selectable: bool = False


class OutcomeScreen(FrameScreen):
    """A refund, just committed or looked at again; everything on it can be read to the customer."""

    NAME = "outcome"
    FOOTER: ClassVar[tuple[str, ...]] = ("help", "lookup", "preview", "export", "copy", "back")
    FOOTER_OPEN: ClassVar[tuple[str, ...]] = (
        "help",
        "lookup",
        "preview",
        "open_refunds",
        "export",
        "back",
    )
    """While something of it is still owed or moving."""
    FOOTER_DUE: ClassVar[tuple[str, ...]] = (
        "help",
        "lookup",
        "preview",
        "record",
        "export",
        "back",
    )
    """While something of it is to be handed over."""
    FOOTER_WAITS: ClassVar[tuple[str, ...]] = (
        "help",
        "lookup",
        "preview",
        "approve",
        "refuse",
        "back",
    )
    """While it waits for approval."""
    AUTO_FOCUS = "VirtualList"

    def __init__(self, refund: RefundOutcome | str, *, just_now: bool = False) -> None:
        super().__init__()
        self.outcome = refund if isinstance(refund, RefundOutcome) else None
        self.number = refund.refund.number if isinstance(refund, RefundOutcome) else refund
        self._just_now = just_now

    def compose_main(self) -> ComposeResult:
        rows: VirtualList[OutcomeRow] = VirtualList(
            lambda row, width, marked: row.draw(width, marked),
            selectable=lambda row: row.selectable,
            widget_id="rows",
        )
        yield rows

    def where(self) -> tuple[str, tuple[str, ...]]:
        if self.outcome is None:
            return self.number, ()
        booking = self.outcome.booking
        name = clean_text(booking.contact.name, 60) if booking.contact else ""
        return clean_text(booking.key.booking_id, 40), (self.number, name)

    def on_mount(self) -> None:
        super().on_mount()
        if self.outcome is None:
            self.do_preview()
        else:
            self._show()
            self._say_done(self.outcome)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._show)

    def _say_done(self, outcome: RefundOutcome) -> None:
        status = outcome.refund.status
        level = {
            RefundStatus.DONE: Level.DONE,
            RefundStatus.DECLINED: Level.REFUSED,
            RefundStatus.BEING_CHECKED: Level.WARNING,
            RefundStatus.REVIEW: Level.WARNING,
            RefundStatus.AWAITING_APPROVAL: Level.WARNING,
            RefundStatus.DUE: Level.WARNING,
        }.get(status, Level.INFO)
        if outcome.already_done:
            self.say(self.words("already_done", refund=self.number), Level.WARNING)
        else:
            self.say(self._said(outcome.refund), level)

    def _said(self, refund: Refund) -> str:
        """What is to be done for the customer who stands here comes first."""
        told, cash = said(refund, self.window.wording), cash_due(refund)
        if not cash:
            return told
        amount = sum(leg.amount_minor for leg in cash)
        to_do = self.words(
            "hand_over",
            amount=money(amount, refund.currency),
            press=keys.shown_key("record", self.window.usable_keymap),
        )
        return to_do if refund.status is RefundStatus.DUE else f"{to_do} {told}"

    # ------------------------------------------------------------ reading again

    def do_preview(self) -> None:
        """Read the refund again: a leg on its way may have arrived."""
        caller, number = self.window.caller, self.number
        self.ask("refund", lambda backend: backend.refund(caller, number), self._read)

    def payments_moved(self) -> None:
        """A refund whose every part is final stays as it is being read to the customer."""
        if self._open_legs():
            self.do_preview()

    def _open_legs(self) -> list[Leg]:
        """What is still owed or moving, first what was declined: somebody must decide about it."""
        legs = self.outcome.refund.legs if self.outcome else ()
        still_open = (leg for leg in legs if leg.state in OPEN)
        return sorted(still_open, key=lambda leg: leg.state not in OWED_STILL)

    def _not_handed_over(self) -> str:
        if self._due() is None:
            return self.words("not.record")
        may = allowed(self.window.caller, Action.HAND_OVER)
        return "" if may else self.window.wording.text("screen.payment.not.role")

    def _due(self) -> Leg | None:
        """What is to be handed over next: cash first, for which the customer stands here."""
        legs = [leg for leg in self._open_legs() if leg.state is LegState.DUE]
        return min(legs, key=lambda leg: leg.method is not Method.CASH, default=None)

    def footer(self) -> tuple[str, ...]:
        if self.outcome is not None and waits(self.outcome.refund):
            able = (
                one for one in self.FOOTER_WAITS if one not in DECISIONS or not self.why_not(one)
            )
            return tuple(able)
        if self._due():
            return self.FOOTER_DUE
        return self.FOOTER_OPEN if self._open_legs() else self.FOOTER

    def key_label(self, action: str) -> str:
        if action == "refuse" and self.outcome is not None and waits(self.outcome.refund):
            return refuse_label(self.window, self.outcome.refund)
        return super().key_label(action)

    def _not_decided_here(self, action: str) -> str:
        """Only what waits for approval is decided here."""
        if self.outcome is None or not waits(self.outcome.refund):
            return self.window.wording.text(f"key.{action}.elsewhere")
        return why_not(self.window, self.outcome.refund, action)

    def do_approve(self) -> None:
        """A supervisor approves it, here and now."""
        assert self.outcome is not None
        ask(self, self.outcome, self._decided)

    def do_refuse(self) -> None:
        """A supervisor says no, or who made it takes it back."""
        assert self.outcome is not None
        refuse(self, self.outcome, self._decided)

    def _decided(self, outcome: RefundOutcome) -> None:
        self.outcome = outcome
        self._show()
        self._say_done(outcome)

    def do_record(self) -> None:
        """What was due is in the customer's hands."""
        from tui.screens.hand_over import HandOverScreen

        leg = self._due()
        assert self.outcome is not None
        assert leg is not None
        sheet = HandOverScreen(leg, self.outcome.refund.currency)
        sheet.when_done = self._decided
        self.window.push_screen(sheet)

    def do_open_refunds(self) -> None:
        """To the payment of this refund that is to be looked after, not to the oldest one."""
        legs = self._open_legs()
        self.window.show_open_refunds(legs[0].id if legs else None)

    def _read(self, outcome: RefundOutcome) -> None:
        self.outcome = outcome
        self._just_now = False
        self._show()
        self.say(self._said(outcome.refund), Level.HINT)

    # ------------------------------------------------------------ rows

    def _show(self) -> None:
        if self.outcome is not None and self.is_mounted:
            self.query_one("#rows", VirtualList).show(list(self._rows(self.outcome)))
            self.refresh_frame()

    def _rows(self, outcome: RefundOutcome) -> Iterable[OutcomeRow]:
        width = self.query_one("#rows", VirtualList).scrollable_content_region.width
        refund = outcome.refund
        yield self._title("tell")
        for spoken in self._sentences(outcome):
            for index, line in enumerate(wrap(spoken, max(width - 8, 30))):
                lead = "   ❝ " if index == 0 else "     "
                yield self._row([(lead, "$accent"), (line, "bold")])
        yield self._title("where")
        for leg in refund.legs:
            yield OutcomeRow(partial(self._draw_leg, leg))
        yield self._row([], [(self.words("total"), "$muted"), self._amount(refund.amount_minor)])
        yield self._title("receipt")
        for text in self._receipt(outcome):
            yield OutcomeRow(partial(self._draw_receipt, text))

    @staticmethod
    def _row(left: list[Part], right: list[Part] | None = None) -> OutcomeRow:
        return OutcomeRow(lambda width, _marked: spread(width, left, right or []))

    def _title(self, name: str) -> OutcomeRow:
        title = self.words(f"section.{name}")
        return OutcomeRow(lambda width, _marked: rule(width, title))

    def _amount(self, minor: int) -> str:
        assert self.outcome is not None
        return in_column(minor, self.outcome.refund.currency)

    def _sentences(self, outcome: RefundOutcome) -> Iterable[str]:
        """What the cashier says, one sentence a part of the money, then the number to quote."""
        capabilities, wording = self.window.capabilities, self.window.wording
        refund = outcome.refund
        for leg in refund.legs:
            if leg.is_live and capabilities is not None:
                yield sentence(leg, refund.currency, capabilities, wording)
        if not refund.legs:
            yield wording.text("receipt.nothing")
        if refund.status is RefundStatus.VOIDED:
            yield self.words("taken_back")
        yield self.words("quote", refund=refund.number)

    def _draw_leg(self, leg: Leg, width: int, _marked: bool) -> Content:
        reference = inert(leg.provider_refund_id or leg.reference)
        left: list[Part] = ["   ", destination(leg, self.window.wording)]
        if reference:
            left.append((f" · {reference}", "$muted"))
        if leg.state is LegState.REVIEW and leg.attempts:
            # What went through and what did not is what a person has to know first.
            left.append((f" · {self._last_found(leg)}", "$warn"))
        state = leg_state(self.window.wording, leg.state, leg.method)
        return spread(width, left, [state, self._amount(leg.amount_minor)])

    def _last_found(self, leg: Leg) -> str:
        last = leg.attempts[-1]
        return attempt_word(self.window.wording, last.outcome, last.code)

    def _receipt(self, outcome: RefundOutcome) -> list[str]:
        capabilities = self.window.capabilities
        return receipt(outcome, capabilities, self.window.wording) if capabilities else []

    @staticmethod
    def _draw_receipt(text: str, width: int, _marked: bool) -> Content:
        return spread(width, ["   ", (f"  {pad(text, WIDTH)}  ", "$text on $field")])

    # ------------------------------------------------------------ paper and clipboard

    def why_not(self, action: str) -> str:
        reason = super().why_not(action)
        if not reason and action in ("export", "copy", "lines", "record") and self.outcome is None:
            return self.words("not.reading")
        if not reason and action == "record":
            return self._not_handed_over()
        return reason or (self._not_decided_here(action) if action in DECISIONS else "")

    def do_export(self) -> None:
        """The receipt as a text file in the working folder, named by the refund."""
        assert self.outcome is not None
        path = Path.cwd() / RECEIPT_NAME.format(number=self.number)
        text = "\n".join(self._receipt(self.outcome)) + "\n"

        def write(_backend: object) -> str:
            try:
                path.write_text(text, encoding="utf-8")
            except OSError as error:
                printed = f"show {self.number} --receipt"
                raise Refused(
                    "file-not-written", path=str(path), why=error.strerror, command=printed
                ) from None
            return str(path)

        self.ask("save", write, self._saved)

    def _saved(self, path: str) -> None:
        self.say(self.words("saved", path=path), Level.DONE)

    def do_copy(self) -> None:
        self.app.copy_to_clipboard(self.number)
        self.say(self.words("copied", refund=self.number), Level.DONE)

    def do_lines(self) -> None:
        """The booking this refund is of: the one it was opened from, or as it is now."""
        from tui.screens.booking import BookingScreen

        assert self.outcome is not None
        booking, below = self.outcome.booking, self.app.screen_stack[-2]
        if isinstance(below, BookingScreen) and below.booking_id == booking.id:
            self.window.pop_screen()
            return
        customer = booking.contact.name if booking.contact else ""
        self.window.open_booking(booking.id, booking.key.booking_id, customer)

    def do_back(self) -> None:
        """A refund just made leads to the next customer, one looked at again to where it was."""
        if self._just_now:
            self.window.go_home(fresh=True)
        else:
            self.window.pop_screen()

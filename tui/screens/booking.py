"""A booking and its basket: what was sold, what can go back, and what is chosen to."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from backend_client.answers import BookingView, Hit
from backend_client.domain.problems import Refused
from backend_client.domain.refundability import LineVerdict, can_go_back
from backend_client.domain.selection import group_of
from backend_client.domain.texts import clean_text
from tui.screens.booking_rows import BookingRow, BookingRows, totals
from tui.screens.draft import Draft
from tui.screens.frame import FrameScreen
from tui.text.money import amount, money
from tui.text.problems import verdict_text
from tui.widgets.frame_lines import Level
from tui.widgets.parts import Part, spread
from tui.widgets.virtual_list import VirtualList

NEEDS_CHOICE = frozenset({"method", "preview"})
NEEDS_STRANDED = frozenset({"give_fee", "keep_fee"})


class BookingScreen(FrameScreen):
    """One list shows everything; space chooses, and what belongs together moves together."""

    NAME = "booking"
    CSS_PATH = "booking.tcss"
    FOOTER: ClassVar[tuple[str, ...]] = (
        "help",
        "choose",
        "choose_all",
        "method",
        "preview",
        "back",
    )
    FOOTER_NOTHING: ClassVar[tuple[str, ...]] = ("help", "open", "lookup", "back")
    """Where nothing can go back; refunds may be there to be opened."""
    AUTO_FOCUS = "VirtualList"

    def __init__(self, booking_id: int, reference: str, customer: str = "") -> None:
        super().__init__()
        self.booking_id = booking_id
        self._reference = clean_text(reference, 40)
        self._customer = clean_text(customer, 60)
        self.view: BookingView | None = None

    @property
    def draft(self) -> Draft:
        known = self.window.drafts.get(self.booking_id)
        return known or Draft(self.booking_id, self._reference)

    def compose_main(self) -> ComposeResult:
        yield Static("", id="totals")
        rows: VirtualList[BookingRow] = VirtualList(
            lambda row, width, marked: row.draw(width, marked),
            selectable=lambda row: row.selectable,
            widget_id="rows",
        )
        yield rows
        yield Static("", id="chosen")

    @property
    def rows(self) -> VirtualList[BookingRow]:
        return self.query_one("#rows", VirtualList)

    def where(self) -> tuple[str, tuple[str, ...]]:
        channel = clean_text(self.view.booking.channel, 30) if self.view else ""
        customer = self._customer or self.window.wording.text("command.show.anonymous")
        return self._reference, (customer, channel)

    def footer(self) -> tuple[str, ...]:
        view = self.view
        if view is None or self._able() or not self.draft.is_empty:
            return self.FOOTER
        return tuple(one for one in self.FOOTER_NOTHING if one != "open" or view.refunds)

    def on_mount(self) -> None:
        super().on_mount()
        self.say(self.words("reading"), Level.HINT)

    def came_back(self) -> None:
        self.read()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._show_figures)

    # ------------------------------------------------------------ reading

    def read(self) -> None:
        caller, name = self.window.caller, f"#{self.booking_id}"
        self.ask("booking", lambda backend: backend.booking(caller, name), self._read, self._failed)

    def _failed(self, problem: Refused) -> None:
        self.refuse_problem(problem)

    def _read(self, view: BookingView) -> None:
        first = self.view is None
        self.view = view
        booking = view.booking
        self._reference = clean_text(booking.key.booking_id, 40)
        self._customer = clean_text(booking.contact.name, 60) if booking.contact else ""
        before = self.draft
        draft = replace(before.still_true(booking), is_named=False)
        self._keep(draft)
        self._show()
        if draft.chosen != before.chosen:
            self.say(self.words("basket_changed"), Level.WARNING)
        elif first and draft.chosen:
            self.say(self.words("basket_restored", count=len(draft.chosen)), Level.INFO)
        elif first:
            self._say_welcome(view)
        if draft.stranded(booking):
            self._warn_of_stranded()

    def _say_welcome(self, view: BookingView) -> None:
        kept = [
            draft
            for draft in self.window.drafts.values()
            if draft.booking_id != self.booking_id and not draft.is_named
        ]
        lines = sorted(view.booking.lines, key=lambda line: not line.is_sold)
        verdicts = [
            view.verdicts[line.sequence] for line in lines if line.sequence in view.verdicts
        ]
        blocked = [verdict for verdict in verdicts if not verdict.refundable]
        if verdicts and len(blocked) == len(verdicts):
            self.say(self._verdict_text(blocked[0]), Level.INFO)
        elif kept:
            names = ", ".join(draft.reference for draft in kept)
            key = "screen.booking.basket_kept"
            self.say(self.window.wording.count(key, len(kept), names=names), Level.INFO)
            for draft in kept:
                self.window.drafts[draft.booking_id] = replace(draft, is_named=True)
        else:
            self.say(self.words("hint"), Level.HINT)

    def _verdict_text(self, verdict: LineVerdict) -> str:
        assert self.view is not None
        return verdict_text(self.window.wording, verdict, self.view.refunds)

    # ------------------------------------------------------------ showing

    def _show(self) -> None:
        if self.view is None:
            return
        rows = BookingRows(self.window.wording, self.window.dates, self.view, self.draft).rows()
        cursor = self.rows.cursor
        self.rows.show(rows, cursor=max(cursor, 0))
        self._show_figures()
        self.refresh_frame()

    def _show_figures(self) -> None:
        if self.view is None or not self.is_mounted:
            return
        width = self.rows.scrollable_content_region.width
        wording, booking = self.window.wording, self.view.booking
        self.query_one("#totals", Static).update(totals(wording, self.view, width))
        chosen = len(self.draft.chosen)
        if chosen:
            key, total = "screen.booking.chosen", len(booking.lines)
            text = wording.count(key, total, chosen=chosen)
            content = spread(width, [(f" {text}", "bold")], self._to_give_back())
        else:
            content = Content.assemble((f" {self.words('nothing_chosen')}", "$muted"))
        self.query_one("#chosen", Static).update(content)

    def _to_give_back(self) -> list[Part]:
        """What the chosen lines pay out, behind what of them only makes a debt smaller."""
        assert self.view is not None
        booking, draft = self.view.booking, self.draft
        owed = draft.owed_minor(booking)
        figure = money(draft.total_minor(booking) - owed, booking.currency)
        off = self.words("off_the_debt", amount=amount(owed, booking.currency))
        return [
            (f"{off}   " if owed else "", "$muted"),
            (f"{self.words('to_give_back')}  ", "$muted"),
            (f"{figure} ", "bold $accent"),
        ]

    def _keep(self, draft: Draft) -> None:
        """The basket outlives this screen, so it is kept with the window."""
        if draft.is_empty and not draft.kept:
            self.window.drafts.pop(self.booking_id, None)
        else:
            self.window.drafts[self.booking_id] = draft
        if self.view is not None:
            self.window.draft_hits[self.booking_id] = self._hit(self.view)

    @staticmethod
    def _hit(view: BookingView) -> Hit:
        """This booking as a row of the lookup, for a basket that is not among the recent ones."""
        booking = view.booking
        line = next((line for line in booking.lines if line.performance), None)
        performance = line.performance if line else None
        return Hit(
            booking_id=booking.id,
            reference=booking.key.booking_id,
            customer=booking.contact.name if booking.contact else "",
            performance=performance.event if performance else "",
            starts_at=performance.starts_at if performance else None,
            paid_minor=booking.settled_minor,
            left_minor=can_go_back(booking, view.verdicts),
            currency=booking.currency,
        )

    # ------------------------------------------------------------ choosing

    def why_not(self, action: str) -> str:
        reason = super().why_not(action)
        if reason:
            return reason
        if self.view is None:
            waits = action in NEEDS_CHOICE | NEEDS_STRANDED or action.startswith("choose")
            return self.words("reading") if waits else ""
        if action in NEEDS_CHOICE and self.draft.is_empty:
            return self.words("not.nothing_chosen" if self._able() else "not.nothing_can")
        if action in NEEDS_CHOICE and self.draft.stranded(self.view.booking):
            return self.words("not.decide_first")
        if action in NEEDS_STRANDED and not self.draft.stranded(self.view.booking):
            return self.window.wording.text(f"key.{action}.elsewhere")
        return ""

    def do_choose(self) -> None:
        assert self.view is not None
        row = self.rows.current
        sequence = row.sequence if row else None
        if sequence is None:
            self.refuse(self.words("not.only_lines"))
            return
        if sequence in self.draft.chosen:
            self._let_go(sequence)
        else:
            self._choose(sequence)

    def _choose(self, sequence: int) -> None:
        assert self.view is not None
        booking, verdict = self.view.booking, self.view.verdicts.get(sequence)
        if verdict is not None and not verdict.refundable:
            self.refuse(self._verdict_text(verdict))
            return
        came = sorted(group_of(booking, sequence) - {sequence})
        self._change(self.draft.added(booking, sequence))
        if came:
            lines = ", ".join(map(str, came))
            self.say(self.words("came_along", line=sequence, lines=lines), Level.INFO)
        self._warn_of_stranded()

    def _let_go(self, sequence: int) -> None:
        assert self.view is not None
        group, before = group_of(self.view.booking, sequence), self.draft.chosen
        self._change(self.draft.removed(self.view.booking, sequence))
        fees = before - self.draft.chosen - group - {sequence}
        said = [
            self.words(key, line=sequence, lines=", ".join(map(str, sorted(went))))
            for key, went in (("went_along", group - {sequence}), ("fee_went_along", fees))
            if went
        ]
        if said:
            self.say(" ".join(said), Level.INFO)
        self._warn_of_stranded()

    def do_choose_all(self) -> None:
        """Everything that can go back; when it is all chosen already, nothing."""
        assert self.view is not None
        able = self._able()
        if not able:
            self.refuse(self.words("not.nothing_can"))
            return
        everything = self.draft.chosen >= able
        draft, booking = self.draft, self.view.booking
        nothing = draft.with_chosen(frozenset())
        self._change(nothing if everything else draft.with_along(booking, able))
        self._warn_of_stranded()

    def _able(self) -> frozenset[int]:
        """Every line that can go back."""
        assert self.view is not None
        verdicts = self.view.verdicts.items()
        return frozenset(sequence for sequence, verdict in verdicts if verdict.refundable)

    def do_give_fee(self) -> None:
        assert self.view is not None
        stranded = self.draft.stranded(self.view.booking)
        blocked = [
            verdict
            for sequence in stranded
            if (verdict := self.view.verdicts.get(sequence)) and not verdict.refundable
        ]
        if blocked:
            self.refuse(self._verdict_text(blocked[0]))
            return
        self._change(self.draft.with_along(self.view.booking, stranded))
        self.say(self.words("fee_given", lines=", ".join(map(str, stranded))), Level.INFO)

    def do_keep_fee(self) -> None:
        assert self.view is not None
        stranded = self.draft.stranded(self.view.booking)
        self._change(replace(self.draft, kept=self.draft.kept | set(stranded)))
        self.say(self.words("fee_kept", lines=", ".join(map(str, stranded))), Level.INFO)

    def _change(self, draft: Draft) -> None:
        self._keep(draft)
        self.say(self.words("hint"), Level.HINT)
        self._show()

    def _warn_of_stranded(self) -> None:
        assert self.view is not None
        booking = self.view.booking
        stranded = self.draft.stranded(booking)
        if not stranded:
            return
        lines = [line for line in booking.lines if line.sequence in stranded]
        worth = sum(line.value_minor or 0 for line in lines)
        text = self.words(
            "stranded",
            lines=", ".join(map(str, stranded)),
            amount=amount(worth, booking.currency),
        )
        self.say(text, Level.WARNING)

    # ------------------------------------------------------------ going on

    def do_lines(self) -> None:
        for index in range(self.rows.total):
            row = self.rows.row(index)
            if row is not None and row.sequence is not None:
                self.rows.go(index)
                break
        self.rows.focus()

    def do_method(self) -> None:
        self._go_on(preview=False)

    def do_preview(self) -> None:
        self._go_on(preview=True)

    def _go_on(self, *, preview: bool) -> None:
        from tui.screens.method import MethodScreen

        assert self.view is not None
        self.window.push_screen(MethodScreen(self.view, self.draft, preview=preview))

    @on(VirtualList.Opened)
    def do_open(self) -> None:
        row = self.rows.current
        if row is not None and row.refund_number:
            self.window.show_refund(row.refund_number)
        else:
            self.say(self.words("enter_opens"), Level.HINT)

"""A booking as rows of one list: lines, payments, refunds, history, each drawn in its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from textual.content import Content

from backend_client.answers import BookingView, TimelineEvent
from backend_client.domain.booking import Line, Payment
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.refund import Method, RefundStatus
from backend_client.domain.room import payment_label
from backend_client.domain.texts import clean_text
from tui.screens.booking_blocks import Block, Together, blocks_of
from tui.screens.draft import Draft
from tui.screens.states import leg_state, refund_state
from tui.text.attempts import attempt_word, provider_words
from tui.text.columns import cells, fit, pad
from tui.text.dates import Dates
from tui.text.events import event_text, reason_text
from tui.text.given_back import refunds_by_line
from tui.text.inert import inert
from tui.text.money import AMOUNT, amount, in_column
from tui.text.names import line_name
from tui.text.problems import verdict_text, why_closed
from tui.text.sums import Sums, goes_back_to
from tui.text.wording import Wording
from tui.widgets.parts import Part, rule, spread

HEAD = 13
"""Cells before the description of a line: cursor, choice, bracket, sequence."""


@dataclass(frozen=True, slots=True)
class BookingRow:
    """One row; `sequence` is a line's, `refund_number` what Enter opens."""

    draw: Callable[[int, bool], Content]
    selectable: bool = True
    sequence: int | None = None
    refund_number: str = ""


BRACKETS = {
    Together.NOT: (" ", " ", " "),
    Together.AS_ONE: ("╒", "│", "╘"),
    Together.PRODUCT: ("┌", "│", "└"),
}
"""The heads, sides and feet that hold lines together."""


class BookingRows:
    """Makes the rows of a booking as it is chosen from right now."""

    def __init__(self, wording: Wording, dates: Dates, view: BookingView, draft: Draft) -> None:
        self._wording = wording
        self._dates = dates
        self._view = view
        self._booking = view.booking
        self._draft = draft
        self._stranded = frozenset(draft.stranded(view.booking))
        self._given_back = refunds_by_line(view.refunds)
        names = (cells(self._name(line)) for line in view.booking.lines)
        self._longest_name = max(names, default=0) + 1

    def rows(self) -> list[BookingRow]:
        rows = [self._section("lines"), *self._line_rows()]
        if self._view.refunds:
            rows += [self._section("refunds"), *self._refund_rows()]
        if self._booking.payments:
            rows += [
                self._section("payments", self._say("paid_left")),
                *map(self._payment_row, self._booking.payments),
            ]
        if self._view.timeline:
            rows += [self._section("history"), *map(self._event_row, self._view.timeline)]
        return rows

    def _say(self, key: str, **values: object) -> str:
        return self._wording.text(f"screen.booking.{key}", **values)

    def _section(self, name: str, right: str = "") -> BookingRow:
        title = self._say(f"section.{name}")
        return BookingRow(lambda width, _marked: rule(width, title, right), selectable=False)

    def _amount(self, minor: int) -> str:
        return in_column(minor, self._booking.currency)

    # ------------------------------------------------------------ lines

    def _line_rows(self) -> Iterable[BookingRow]:
        for block in blocks_of(self._booking):
            head, side, foot = BRACKETS[block.together]
            if block.together is not Together.NOT:
                yield self._block_title(block, head)
            last = max(
                place for place, line in enumerate(block.lines) if line.sequence in block.members
            )
            for place, line in enumerate(block.lines):
                held = foot if place == last else side
                if line.sequence not in block.members:
                    held = " " if place > last else "┊"
                draw = partial(self._draw_line, line, held)
                yield BookingRow(draw, sequence=line.sequence)

    def _block_title(self, block: Block, head: str) -> BookingRow:
        if block.together is Together.AS_ONE:
            title, dash = self._say("as_one"), "═"
        else:
            title, dash = self._say("product", product=clean_text(block.product, 40)), "─"

        def draw(width: int, _marked: bool) -> Content:
            return spread(width, [(f"       {head}{dash} {fit(title, width - 12)}", "$muted")])

        return BookingRow(draw, selectable=False)

    def _draw_line(self, line: Line, bracket: str, width: int, marked: bool) -> Content:
        room = width - HEAD - AMOUNT - 2
        name_width = min(max(room * 36 // 100, 18), self._longest_name)
        note, style = self._note(line, room - name_width)
        able = self._can_go(line)
        value = line.price_minor if line.value_minor is None else line.value_minor
        quiet = "" if able else "$muted"
        return Content.assemble(
            (" › " if marked else "   ", "bold $accent"),
            self._mark(line),
            (f" {bracket}", "$muted"),
            (pad(str(line.sequence), 3, right=True), "$muted"),
            "  ",
            (pad(self._name(line), name_width), quiet or ("bold" if self._is_chosen(line) else "")),
            " ",
            (pad(note, room - name_width), style),
            (self._amount(value), quiet or ("bold" if self._is_chosen(line) else "")),
        )

    def _name(self, line: Line) -> str:
        name = line_name(self._wording, line)
        return f"└ {name}" if line.is_fee and line.parent_sequence is not None else name

    def _is_chosen(self, line: Line) -> bool:
        return line.sequence in self._draft.chosen

    def _can_go(self, line: Line) -> bool:
        verdict = self._view.verdicts.get(line.sequence)
        return line.is_sold and verdict is not None and verdict.refundable

    def _mark(self, line: Line) -> Part:
        if self._is_chosen(line):
            return "[x]", "bold $accent"
        if self._can_go(line):
            return "[ ]", "$muted"
        if not line.is_sold or line.sequence in self._given_back:
            return " – ", "$muted"
        return " ✗ ", "$bad"

    def _note(self, line: Line, width: int) -> tuple[str, str]:
        """What stands beside the name: why not, what would be stranded, or what and where."""
        if line.sequence in self._given_back:
            refund = self._given_back[line.sequence]
            at = self._dates.day(refund.created_at)
            key = "given_back" if refund.status is RefundStatus.DONE else "cancelled_by"
            if line.is_sold:  # another system keeps it sold until the refund is there
                key = "promised"
            return self._say(key, at=at, refund=refund.number), "$muted"
        if not line.is_sold:
            return self._wording.text(f"line_state.{line.state.value}"), "$muted"
        verdict = self._view.verdicts.get(line.sequence)
        if verdict is not None and not verdict.refundable:
            return self._blocked(line, verdict.code, verdict_text(self._wording, verdict)), "$bad"
        if line.sequence in self._stranded:
            return self._say("would_strand"), "$warn"
        if line.sequence in self._draft.kept and not self._is_chosen(line):
            return self._say("kept_for_ever"), "$warn"
        return self._place(line, width), "$muted"

    def _blocked(self, line: Line, code: str, long: str) -> str:
        if code == "collected" and line.collected_at is not None:
            return self._say("collected_at", at=self._dates.short(line.collected_at))
        key = f"screen.booking.blocked.{code}"
        return self._wording.text(key) if self._wording.has(key) else long

    def _place(self, line: Line, width: int) -> str:
        """Event, start and seat; where it is narrow the name of the event gives way."""
        tail = [inert(line.seat)] if line.seat else []
        if line.performance is None:
            return " · ".join(tail)
        if line.performance.starts_at is not None:
            tail.insert(0, self._dates.short(line.performance.starts_at))
        rest = "".join(f" · {part}" for part in tail)
        return fit(inert(line.performance.event), max(width - cells(rest), 6)) + rest

    # ------------------------------------------------------------ payments

    def _payment_row(self, payment: Payment) -> BookingRow:
        return BookingRow(partial(self._draw_payment, payment))

    def _draw_payment(self, payment: Payment, width: int, marked: bool) -> Content:
        currency = self._booking.currency
        if payment.unsettled_minor > 0:
            note = self._say("owed", amount=amount(payment.unsettled_minor, currency))
        else:
            note = amount(payment.amount_minor, currency)
        left: list[Part] = [
            (" › " if marked else "   ", "bold $accent"),
            (pad(inert(payment.key), 12), "$muted"),
            " ",
            self._whose(payment),
        ]
        figure = self._amount(goes_back_to(self._view, payment))
        code = self._view.closed.get(payment.id, "")
        if code and goes_back_to(self._view, payment):
            left.append((f" · {why_closed(self._wording, code)}", "$muted"))
            figure = pad("–", AMOUNT, right=True) + " "
        return spread(width, left, [(note + self._under_paid(), "$muted"), figure])

    def _whose(self, payment: Payment) -> str:
        """What it is, and who paid where that is not the customer."""
        payer = inert(payment.payer.name) if payment.payer else ""
        label = self._payment_name(payment)
        return f"{label} · {payer}" if payer and payment.payer != self._booking.contact else label

    def _under_paid(self) -> str:
        """What was paid ends below its word in `paid · can go back`."""
        _, between, rest = self._say("paid_left").partition(" · ")
        return " " * max(cells(between + rest) - AMOUNT, 0)

    def _payment_name(self, payment: Payment) -> str:
        label = inert(payment_label(payment, self._booking))
        if payment.card_type or payment.masked_number:
            return label
        return self._wording.text(f"payment_method.{payment.method.value}")

    # ------------------------------------------------------------ refunds

    def _refund_rows(self) -> Iterable[BookingRow]:
        for refund in self._view.refunds:
            yield BookingRow(partial(self._draw_refund, refund), refund_number=refund.number)
            for leg in refund.legs:
                draw = partial(self._draw_leg, leg)
                yield BookingRow(draw, refund_number=refund.number)
                for attempt in leg.attempts:
                    text = " · ".join(
                        part
                        for part in (
                            self._dates.short(attempt.at),
                            attempt_word(self._wording, attempt.outcome, attempt.code),
                            provider_words(
                                self._wording, attempt.outcome, attempt.code, attempt.text
                            ),
                        )
                        if part
                    )
                    yield BookingRow(partial(self._draw_attempt, text), selectable=False)

    def _draw_refund(self, refund: Refund, width: int, marked: bool) -> Content:
        facts = (
            self._dates.short(refund.created_at),
            reason_text(self._wording, refund.reason),
            inert(refund.operator),
        )
        left: list[Part] = [
            (" › " if marked else "   ", "bold $accent"),
            (pad(refund.number, 9), "bold"),
            (" · ".join(fact for fact in facts if fact), "$muted"),
        ]
        state = refund_state(self._wording, refund.status)
        return spread(width, left, [state, self._amount(refund.amount_minor)])

    def _draw_leg(self, leg: Leg, width: int, marked: bool) -> Content:
        left: list[Part] = [
            (" › " if marked else "   ", "bold $accent"),
            ("  → ", "$muted"),
            self.leg_name(leg),
        ]
        reference = inert(leg.provider_refund_id or leg.reference)
        if reference:
            left.append((f" · {reference}", "$muted"))
        state = leg_state(self._wording, leg.state, leg.method)
        return spread(width, left, [state, self._amount(leg.amount_minor)])

    def leg_name(self, leg: Leg) -> str:
        method = self._wording.text(f"method.{leg.method.value}")
        label = inert(leg.label)
        if leg.method is Method.MATCHED and label:
            return label
        return f"{method} · {label}" if label else method

    def _draw_attempt(self, text: str, width: int, _marked: bool) -> Content:
        return spread(width, [("       " + fit(text, width - 9), "$muted")])

    # ------------------------------------------------------------ history

    def _event_row(self, event: TimelineEvent) -> BookingRow:
        return BookingRow(partial(self._draw_event, event))

    def _draw_event(self, event: TimelineEvent, width: int, marked: bool) -> Content:
        by = " · ".join(part for part in (inert(event.operator), inert(event.desk)) if part)
        left: list[Part] = [
            (" › " if marked else "   ", "bold $accent"),
            (pad(self._dates.short(event.at), 14), "$muted"),
            event_text(self._wording, event),
        ]
        if by:
            left.append((f" · {by}", "$muted"))
        figure = self._amount(event.amount_minor) if event.amount_minor else " " * (AMOUNT + 1)
        return spread(width, left, [(figure, "$muted")])


def totals(wording: Wording, view: BookingView, width: int) -> Content:
    """Paid, given back, requested, still open, can go back: what every question is about."""
    booking, sums = view.booking, Sums.of(view)
    figures = (
        ("paid", sums.paid_minor),
        ("given", sums.given_minor),
        ("requested", sums.requested_minor),
        ("open", sums.open_minor),
        ("left", sums.left_minor),
    )
    is_owed = booking.unsettled_minor > 0
    crowded = is_owed or sums.open_minor > 0
    gap = "  " if sums.requested_minor and sums.open_minor else "   "
    parts: list[Part] = [" "]
    for name, minor in figures:
        if not minor and (name == "open" or (crowded and name == "requested")):
            continue
        label = wording.text(f"screen.booking.total.{name}")
        style = "bold" if name == "left" else ""
        parts += [(f"{label} ", "$muted"), (amount(minor, booking.currency), style), gap]
    if is_owed:
        owed = amount(booking.unsettled_minor, booking.currency)
        parts.append((wording.text("screen.booking.total.owed", amount=owed), "$warn"))
    return spread(width, parts, [(f"{booking.currency} ", "$muted")])

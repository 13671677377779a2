"""A booking as rows of one list: lines, payments, refunds, history, each drawn in its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from textual.content import Content

from backend_client.backend import BookingView, TimelineEvent
from backend_client.domain.booking import Line, Payment
from backend_client.domain.refund import Leg, Method, Refund
from backend_client.domain.room import payment_label
from backend_client.domain.selection import components
from backend_client.domain.texts import clean_text
from tui.commands.words import Words, inert
from tui.screens.draft import Draft
from tui.screens.states import leg_state, refund_state
from tui.text.columns import cells, fit, pad
from tui.text.dates import Dates
from tui.text.money import amount
from tui.text.problems import verdict_text
from tui.text.wording import Wording
from tui.widgets.parts import Part, rule, spread

AMOUNT = 12
"""Cells of the one column of amounts, which ends one cell before the edge."""
HEAD = 13
"""Cells before the description of a line: cursor, choice, bracket, sequence."""


@dataclass(frozen=True, slots=True)
class BookingRow:
    """One row; `sequence` is a line's, `refund_number` what Enter opens."""

    draw: Callable[[int, bool], Content]
    selectable: bool = True
    sequence: int | None = None
    refund_number: str = ""


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines shown together: an atomic group or product, or a line with its fees."""

    lines: tuple[Line, ...]
    title: str = ""


class BookingRows:
    """Makes the rows of a booking as it is chosen from right now."""

    def __init__(self, wording: Wording, dates: Dates, view: BookingView, draft: Draft) -> None:
        self._wording = wording
        self._dates = dates
        self._words = Words(wording, dates)
        self._view = view
        self._booking = view.booking
        self._draft = draft
        self._stranded = frozenset(draft.stranded(view.booking))
        self._given_back = {
            line.sequence: refund
            for refund in view.refunds
            if refund.voided_at is None
            for line in refund.lines
        }

    def rows(self) -> list[BookingRow]:
        rows = [self._section("lines"), *self._line_rows()]
        if self._view.refunds:
            rows += [self._section("refunds"), *self._refund_rows()]
        if self._booking.payments:
            rows += [self._section("payments"), *map(self._payment_row, self._booking.payments)]
        if self._view.timeline:
            rows += [self._section("history"), *map(self._event_row, self._view.timeline)]
        return rows

    def _say(self, key: str, **values: object) -> str:
        return self._wording.text(f"screen.booking.{key}", **values)

    def _section(self, name: str) -> BookingRow:
        title = self._say(f"section.{name}")
        return BookingRow(lambda width, _marked: rule(width, title), selectable=False)

    def _amount(self, minor: int) -> str:
        return pad(amount(minor, self._booking.currency), AMOUNT, right=True) + " "

    # ------------------------------------------------------------ lines

    def _line_rows(self) -> Iterable[BookingRow]:
        for block in self._blocks():
            if block.title:
                yield self._block_title(block.title)
            last = len(block.lines) - 1
            for index, line in enumerate(block.lines):
                bracket = ("╘" if index == last else "│") if block.title else " "
                draw = partial(self._draw_line, line, bracket)
                yield BookingRow(draw, sequence=line.sequence)

    def _blocks(self) -> list[_Block]:
        """Groups and products together, fees under their line, otherwise as they were sold."""
        groups = components(self._booking)
        lines = {line.sequence: line for line in self._booking.lines}
        done: set[int] = set()
        blocks: list[_Block] = []
        for line in self._booking.lines:
            if line.sequence in done or self._parent(line, lines, groups) is not None:
                continue
            members, title = self._members(line, groups)
            shown = [
                one
                for member in members
                for one in (member, *self._fees_of(member, lines, groups))
                if one.sequence not in done
            ]
            done |= {one.sequence for one in shown}
            blocks.append(_Block(tuple(shown), title))
        return blocks

    def _members(
        self, line: Line, groups: Mapping[int, frozenset[int]]
    ) -> tuple[Sequence[Line], str]:
        group = groups[line.sequence]
        if len(group) > 1:
            members = [one for one in self._booking.lines if one.sequence in group]
            return members, self._say("as_one")
        if line.product:
            members = [
                one
                for one in self._booking.lines
                if one.product == line.product and len(groups[one.sequence]) == 1
            ]
            return members, self._say("product", product=clean_text(line.product, 40))
        return [line], ""

    @staticmethod
    def _parent(
        line: Line, lines: dict[int, Line], groups: Mapping[int, frozenset[int]]
    ) -> Line | None:
        """The line a fee is shown under; a fee inside a group stays with the group."""
        if not line.is_fee or len(groups[line.sequence]) > 1 or line.parent_sequence is None:
            return None
        return lines.get(line.parent_sequence)

    def _fees_of(
        self, line: Line, lines: dict[int, Line], groups: Mapping[int, frozenset[int]]
    ) -> list[Line]:
        return [one for one in self._booking.lines if self._parent(one, lines, groups) is line]

    def _block_title(self, title: str) -> BookingRow:
        def draw(width: int, _marked: bool) -> Content:
            return spread(width, ["       ", ("╒═ ", "$muted"), (fit(title, width - 12), "$muted")])

        return BookingRow(draw, selectable=False)

    def _draw_line(self, line: Line, bracket: str, width: int, marked: bool) -> Content:
        room = width - HEAD - AMOUNT - 2
        name_width = max(room * 42 // 100, 18)
        note, style = self._note(line, room - name_width)
        able = self._can_go(line)
        name = self._words.line_name(line)
        if line.is_fee and line.parent_sequence is not None:
            name = f"└ {name}"
        value = line.price_minor if line.value_minor is None else line.value_minor
        quiet = "" if able else "$muted"
        return Content.assemble(
            (" › " if marked else "   ", "bold $accent"),
            self._mark(line),
            (f" {bracket}", "$muted"),
            (pad(str(line.sequence), 3, right=True), "$muted"),
            "  ",
            (pad(name, name_width), quiet or ("bold" if self._is_chosen(line) else "")),
            " ",
            (pad(note, room - name_width), style),
            (self._amount(value), quiet or ("bold" if self._is_chosen(line) else "")),
        )

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
        if not line.is_sold:
            return " – ", "$muted"
        return " ✗ ", "$bad"

    def _note(self, line: Line, width: int) -> tuple[str, str]:
        """What stands beside the name: why not, what would be stranded, or what and where."""
        if line.sequence in self._given_back:
            refund = self._given_back[line.sequence]
            at = self._dates.day(refund.created_at)
            return self._say("given_back", at=at, refund=refund.number), "$muted"
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
            note = self._say("paid_left", paid=amount(payment.amount_minor, currency))
        payer = inert(payment.payer.name) if payment.payer else ""
        label = self._payment_name(payment)
        if payer and payment.payer != self._booking.contact:
            label = f"{label} · {payer}"
        left: list[Part] = [
            (" › " if marked else "   ", "bold $accent"),
            (pad(inert(payment.key), 12), "$muted"),
            " ",
            label,
        ]
        right: list[Part] = [(note, "$muted"), self._amount(payment.refundable_minor)]
        return spread(width, left, right)

    def _payment_name(self, payment: Payment) -> str:
        label = inert(payment_label(payment))
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
                            inert(attempt.outcome),
                            inert(attempt.code),
                            inert(attempt.text),
                        )
                        if part
                    )
                    yield BookingRow(partial(self._draw_attempt, text), selectable=False)

    def _draw_refund(self, refund: Refund, width: int, marked: bool) -> Content:
        facts = (
            self._dates.short(refund.created_at),
            self._words.reason(refund.reason),
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
        state = leg_state(self._wording, leg.state)
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
            self._words.event(event),
        ]
        if by:
            left.append((f" · {by}", "$muted"))
        figure = self._amount(event.amount_minor) if event.amount_minor else " " * (AMOUNT + 1)
        return spread(width, left, [(figure, "$muted")])


def totals(wording: Wording, view: BookingView, width: int) -> Content:
    """Paid, given back, requested, can go back: the four figures every question is about."""
    booking = view.booking
    requested = sum(
        leg.amount_minor
        for refund in view.refunds
        for leg in refund.legs
        if leg.is_live and leg.method is Method.REQUESTED
    )
    worth = sum(
        line.value_minor or 0
        for line in booking.lines
        if (verdict := view.verdicts.get(line.sequence)) is not None and verdict.refundable
    )
    can_go = min(worth, booking.left_minor + max(booking.unsettled_minor, 0))
    figures = (
        ("paid", booking.settled_minor),
        ("given", booking.prior_refunded_minor + booking.promised_minor - requested),
        ("requested", requested),
        ("left", can_go),
    )
    parts: list[Part] = [" "]
    for name, minor in figures:
        label = wording.text(f"screen.booking.total.{name}")
        style = "bold" if name == "left" else ""
        parts += [(f"{label} ", "$muted"), (amount(minor, booking.currency), style), "   "]
    if booking.unsettled_minor > 0:
        owed = amount(booking.unsettled_minor, booking.currency)
        parts.append((wording.text("screen.booking.total.owed", amount=owed), "$warn"))
    return spread(width, parts, [(f"{booking.currency} ", "$muted")])

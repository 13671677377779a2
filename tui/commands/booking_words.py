"""A booking as lines of text for a terminal or a screen reader."""

from __future__ import annotations

from backend_client.answers import BookingView, TimelineEvent
from backend_client.domain.booking import Booking, Line, Payment
from backend_client.domain.legs import Refund
from backend_client.domain.refundability import LineVerdict
from backend_client.domain.room import payment_label
from backend_client.domain.selection import group_of
from tui.commands.widths import DESCRIPTION, NAME
from tui.text.columns import table
from tui.text.dates import Dates
from tui.text.events import event_text, reason_text
from tui.text.given_back import refunds_by_line
from tui.text.inert import inert
from tui.text.money import amount, money
from tui.text.names import customer_name, line_name
from tui.text.problems import verdict_text
from tui.text.sums import Sums, goes_back_to
from tui.text.wording import Wording


class BookingWords:
    """Everything a window shows about a booking, in the same order."""

    def __init__(self, wording: Wording, dates: Dates) -> None:
        self._wording = wording
        self._dates = dates

    def booking(self, view: BookingView) -> list[str]:
        """Everything a window shows about a booking."""
        booking = view.booking
        lines = [self._title(booking), self._sums(view)]
        if not booking.is_paid:
            lines.append(self._wording.text("command.show.unpaid"))
        if booking.unsettled_minor > 0:
            owed = money(booking.unsettled_minor, booking.currency)
            lines.append(self._wording.text("command.show.owed", amount=owed))
        lines += ["", self._wording.text("command.show.lines"), *self._lines(view)]
        if booking.payments:
            payments = [self._payment(payment, view) for payment in booking.payments]
            right = frozenset({2, 3})
            lines += ["", self._wording.text("command.show.payments")]
            lines += table(payments, right=right, limits=(None, DESCRIPTION, None, None, NAME))
        if view.refunds:
            refunds = [self._refund_row(refund) for refund in view.refunds]
            lines += ["", self._wording.text("command.show.refunds")]
            lines += table(refunds, right=frozenset({2}))
        if view.timeline:
            events = [self._event(event, booking.currency) for event in view.timeline]
            lines += ["", self._wording.text("command.show.history")]
            lines += table(events, right=frozenset({2}))
        return lines

    def _title(self, booking: Booking) -> str:
        contact = self._labelled("contact", booking.contact.key if booking.contact else "")
        names = (booking.key.booking_id, customer_name(self._wording, booking), contact)
        parts = (*names, booking.channel, self._labelled("number", booking.number))
        return " · ".join(inert(part) for part in parts if part)

    def _labelled(self, name: str, value: str) -> str:
        """What nobody would know by its looks, with what it is."""
        return self._wording.text(f"command.show.{name}", value=value) if value else ""

    def _sums(self, view: BookingView) -> str:
        sums, currency = Sums.of(view), view.booking.currency
        return self._wording.text(
            "command.show.sums_open" if sums.open_minor else "command.show.sums",
            paid=amount(sums.paid_minor, currency),
            given=amount(sums.given_minor, currency),
            requested=amount(sums.requested_minor, currency),
            open=amount(sums.open_minor, currency),
            left=amount(sums.left_minor, currency),
            currency=currency,
        )

    def _lines(self, view: BookingView) -> list[str]:
        rows = [
            self._line(line, view.verdicts.get(line.sequence), view) for line in view.booking.lines
        ]
        return table(
            rows, right=frozenset({0, 4}), limits=(None, DESCRIPTION, None, 12, None, None)
        )

    def _line(self, line: Line, verdict: LineVerdict | None, view: BookingView) -> tuple[str, ...]:
        value = line.price_minor if line.value_minor is None else line.value_minor
        return (
            str(line.sequence),
            line_name(self._wording, line),
            self._performance(line),
            inert(line.seat),
            amount(value, view.booking.currency),
            self._line_note(line, verdict, view),
        )

    def _performance(self, line: Line) -> str:
        if line.performance is None:
            return ""
        when = line.performance.starts_at
        return inert(line.performance.event) + (f" · {self._dates.full(when)}" if when else "")

    def _line_note(self, line: Line, verdict: LineVerdict | None, view: BookingView) -> str:
        notes = []
        if not line.is_sold:
            notes.append(self._wording.text(f"line_state.{line.state.value}"))
            refund = refunds_by_line(view.refunds).get(line.sequence)
            if refund:
                status = self._wording.text(f"refund_status.{refund.status.value}")
                notes.append(f"{refund.number}, {status}")
        elif verdict and not verdict.refundable:
            notes.append(verdict_text(self._wording, verdict))
        others = sorted(group_of(view.booking, line.sequence) - {line.sequence})
        if others:
            together = ", ".join(map(str, others))
            notes.append(self._wording.text("command.show.part_of", lines=together))
        return " · ".join(notes)

    def _payment(self, payment: Payment, view: BookingView) -> tuple[str, ...]:
        booking, currency = view.booking, view.booking.currency
        return (
            inert(payment.key),
            inert(payment_label(payment, booking)),
            amount(payment.amount_minor, currency),
            self._wording.text(
                "command.show.left_of",
                left=amount(goes_back_to(view, payment), currency),
                amount=amount(payment.settled_minor, currency),
            ),
            inert(payment.payer.name) if payment.payer else "",
        )

    def _refund_row(self, refund: Refund) -> tuple[str, ...]:
        return (
            refund.number,
            self._dates.full(refund.created_at),
            amount(refund.amount_minor, refund.currency),
            self._wording.text(f"refund_status.{refund.status.value}"),
            inert(refund.operator),
            reason_text(self._wording, refund.reason),
        )

    def _event(self, event: TimelineEvent, currency: str) -> tuple[str, ...]:
        return (
            self._dates.full(event.at),
            event_text(self._wording, event),
            amount(event.amount_minor, currency) if event.amount_minor else "",
            inert(event.operator),
            self._wording.text("command.show.desk", desk=inert(event.desk)) if event.desk else "",
        )

"""Bookings, plans and refunds as lines of text for a terminal or a screen reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backend_client.answers import BookingView, Hit, OpenLeg, RefundOutcome, TimelineEvent
from backend_client.domain.booking import Booking, Line, Payment
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.plan import PlannedLeg, RefundPlan
from backend_client.domain.refund import RefundStatus
from backend_client.domain.refundability import LineVerdict
from backend_client.domain.room import payment_label
from backend_client.domain.selection import group_of
from backend_client.domain.texts import clean_text
from tui.text.columns import table
from tui.text.dates import Dates
from tui.text.given_back import refunds_by_line
from tui.text.legs import leg_word
from tui.text.money import amount, money
from tui.text.problems import notice_text, verdict_text
from tui.text.ranges import ranges
from tui.text.sums import Sums
from tui.text.wording import Wording

NAME = 30
DESCRIPTION = 34
LONGEST = 200
AS_ASKED = ("final", "accepted")
"""Outcomes of an attempt that say all themselves."""
CHANGED = ("before", "after")
TOLD = ("refund", "leg", "label", "lines", "reason", "channel", "code", "text")
"""Details of an event worth a person's time, in this order."""


def inert(text: str) -> str:
    return clean_text(text, LONGEST)


class Words:
    """Turns values into lines; every text from data is made inert on the way."""

    def __init__(self, wording: Wording, dates: Dates) -> None:
        self._wording = wording
        self._dates = dates

    def hits(self, hits: Iterable[Hit]) -> list[str]:
        heads = ("booking", "customer", "performance", "when", "paid", "left", "currency", "note")
        return table(
            [self._hit(hit) for hit in hits],
            head=[self._wording.text(f"command.lookup.head_{head}") for head in heads],
            right=frozenset({4, 5}),
            limits=(None, NAME, DESCRIPTION, *(None,) * 5),
        )

    def _hit(self, hit: Hit) -> tuple[str, ...]:
        return (
            inert(hit.reference),
            inert(hit.customer),
            inert(hit.performance),
            self._dates.full(hit.starts_at) if hit.starts_at else "",
            amount(hit.paid_minor, hit.currency),
            amount(hit.left_minor, hit.currency),
            hit.currency,
            self.note(hit),
        )

    def note(self, hit: Hit) -> str:
        """Why nothing can go back, or that some already did."""
        if hit.given_back and hit.given_back is not RefundStatus.DONE:
            return self._wording.text(f"refund_status.{hit.given_back.value}")
        if hit.reason:
            key = f"command.lookup.why.{hit.reason}"
            return self._wording.text(key) if self._wording.has(key) else hit.reason
        return self._wording.text("command.lookup.partly") if hit.partly_refunded else ""

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
            payments = [self._payment(payment, booking) for payment in booking.payments]
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
        names = (booking.key.booking_id, self.customer(booking), contact)
        parts = (*names, booking.channel, self._labelled("number", booking.number))
        return " · ".join(inert(part) for part in parts if part)

    def _labelled(self, name: str, value: str) -> str:
        """What nobody would know by its looks, with what it is."""
        return self._wording.text(f"command.show.{name}", value=value) if value else ""

    def customer(self, booking: Booking) -> str:
        if booking.contact and booking.contact.name:
            return inert(booking.contact.name)
        return self._wording.text("command.show.anonymous")

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
            self.line_name(line),
            self.performance(line),
            inert(line.seat),
            amount(value, view.booking.currency),
            self._line_note(line, verdict, view),
        )

    def line_name(self, line: Line) -> str:
        name = inert(line.description)
        if not name and line.fee_kind:
            name = self._wording.text(f"fee_kind.{line.fee_kind.value}")
        if line.quantity > 1:
            name += " " + self._wording.text("command.show.quantity", count=line.quantity)
        return name

    def _name_in(self, booking: Booking, sequence: int, description: str) -> str:
        """A line by its name in the booking; fees may come without a description."""
        line = booking.line(sequence)
        return self.line_name(line) if line else inert(description)

    def performance(self, line: Line) -> str:
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

    def _payment(self, payment: Payment, booking: Booking) -> tuple[str, ...]:
        currency = booking.currency
        return (
            inert(payment.key),
            inert(payment_label(payment, booking)),
            amount(payment.amount_minor, currency),
            self._wording.text(
                "command.show.left_of",
                left=amount(min(payment.refundable_minor, booking.left_minor), currency),
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
            self.reason(refund.reason),
        )

    def _event(self, event: TimelineEvent, currency: str) -> tuple[str, ...]:
        return (
            self._dates.full(event.at),
            self.event(event),
            amount(event.amount_minor, currency) if event.amount_minor else "",
            inert(event.operator),
            self._wording.text("command.show.desk", desk=inert(event.desk)) if event.desk else "",
        )

    def event(self, event: TimelineEvent) -> str:
        """What happened, with those of its details a person needs."""
        if "outcome" in event.details:
            return self._attempt(event.details)
        parts = [self._known("timeline", event.what)]
        if "after" in event.details:
            parts.append(" → ".join(self._methods(event.details.get(x, "")) for x in CHANGED))
        told = TOLD if "leg" not in event.details else [one for one in TOLD if one != "refund"]
        parts += [self._told(name, event.details[name]) for name in told if event.details.get(name)]
        return " · ".join(parts)

    def _attempt(self, details: Mapping[str, str]) -> str:
        """What came of sending a payment; what went as asked needs no words of the provider."""
        outcome = details["outcome"]
        where = " → ".join(inert(details[one]) for one in ("leg", "label") if details.get(one))
        words = [inert(details[one]) for one in ("text", "code") if details.get(one)]
        told = self._known("attempt", outcome)
        if words and outcome not in AS_ASKED:
            told += f" ({', '.join(words)})"
        return f"{where}: {told}" if where else told

    def _told(self, name: str, value: str) -> str:
        """A detail as people say it: the reason in words, the lines as lines."""
        if name == "reason":
            return self.reason(value)
        numbers = value.split(", ") if name == "lines" else []
        if not numbers or not all(map(str.isdecimal, numbers)):
            return inert(value)
        key = "timeline_lines.one" if len(numbers) == 1 else "timeline_lines.many"
        return self._wording.text(key, lines=ranges(map(int, numbers)))

    def _methods(self, names: str) -> str:
        return ", ".join(self._known("method", name.strip()) for name in names.split(","))

    def _known(self, section: str, name: str) -> str:
        """The catalogue's word, or the name itself where an older catalogue has none."""
        key = f"{section}.{name}"
        return self._wording.text(key) if self._wording.has(key) else inert(name)

    def reason(self, reason: str) -> str:
        return self._known("reason", reason)

    def plan(self, plan: RefundPlan, booking: Booking) -> list[str]:
        """What a commit would do, in the order a person decides in."""
        say, currency = self._wording.text, plan.currency
        lines = [
            say(
                "command.plan.title",
                booking=inert(booking.key.booking_id),
                customer=self.customer(booking),
                amount=money(plan.amount_minor, currency),
            ),
            "",
            say("command.plan.lines"),
            *table(
                [
                    (
                        str(one.sequence),
                        self._name_in(booking, one.sequence, one.description),
                        inert(one.seat),
                        amount(one.value_minor, currency),
                    )
                    for one in plan.lines
                ],
                right=frozenset({0, 3}),
                limits=(None, DESCRIPTION, 12, None),
            ),
            "",
            *self._figures(plan),
            "",
            say("command.plan.legs"),
            *(self._planned_legs(plan.legs, currency) or ["  " + say("command.plan.nothing")]),
        ]
        if plan.kept_fees:
            fees = [
                (
                    str(fee.sequence),
                    say(f"fee_kind.{fee.fee_kind.value}"),
                    amount(fee.amount_minor, currency),
                )
                for fee in plan.kept_fees
            ]
            lines += ["", say("command.plan.kept"), *table(fees, right=frozenset({0, 2}))]
        return lines + self._warnings(plan)

    def _figures(self, plan: RefundPlan) -> list[str]:
        say, currency = self._wording.text, plan.currency
        rows = [(say("command.plan.value"), amount(plan.value_minor, currency), "")]
        if plan.retained_minor:
            rows.append((say("command.plan.retained"), amount(-plan.retained_minor, currency), ""))
        if plan.breach_fee_minor:
            label = say("command.plan.breach_fee", reason=self.reason(plan.request.reason))
            rows.append((label, amount(-plan.breach_fee_minor, currency), ""))
        rows.append((say("command.plan.amount"), amount(plan.amount_minor, currency), currency))
        return table(rows, right=frozenset({1}))

    def _planned_legs(self, legs: Iterable[PlannedLeg], currency: str) -> list[str]:
        rows = [
            (
                self._wording.text(f"method.{leg.method.value}"),
                inert(leg.label),
                amount(leg.amount_minor, currency),
                inert(leg.reference),
            )
            for leg in legs
        ]
        return table(rows, right=frozenset({2}), limits=(None, DESCRIPTION, None, None))

    def _warnings(self, plan: RefundPlan) -> list[str]:
        if not plan.notices:
            return []
        lines = ["", self._wording.text("command.plan.warnings")]
        for notice in plan.notices:
            text = notice_text(self._wording, notice, plan.currency)
            seen = notice.must_acknowledge and notice.code in plan.request.acknowledged
            mark = f" ({self._wording.text('command.plan.acknowledged')})" if seen else ""
            lines.append(f"  {text.message} [{text.code}]{mark}")
        return lines

    def refund(self, outcome: RefundOutcome) -> list[str]:
        """A refund with every leg and every attempt at it."""
        refund, say = outcome.refund, self._wording.text
        lines = [
            say(
                "command.outcome.title",
                refund=refund.number,
                booking=inert(outcome.booking.key.booking_id),
                amount=money(refund.amount_minor, refund.currency),
                status=say(f"refund_status.{refund.status.value}"),
            ),
            " · ".join(
                inert(part)
                for part in (
                    self._dates.full(refund.created_at),
                    self.reason(refund.reason),
                    refund.operator,
                    say("command.show.desk", desk=refund.desk) if refund.desk else "",
                )
                if part
            ),
            "",
            say("command.show.lines"),
            *table(
                [
                    (
                        str(line.sequence),
                        self._name_in(outcome.booking, line.sequence, line.description),
                        amount(line.value_minor, refund.currency),
                    )
                    for line in refund.lines
                ],
                right=frozenset({0, 2}),
                limits=(None, DESCRIPTION, None),
            ),
            "",
            say("command.show.legs"),
        ]
        return lines + self._legs(refund)

    def _legs(self, refund: Refund) -> list[str]:
        rows = [
            (
                leg.number,
                self._wording.text(f"method.{leg.method.value}"),
                inert(leg.label),
                amount(leg.amount_minor, refund.currency),
                leg_word(self._wording, leg.state, leg.method),
                self._proof(leg),
            )
            for leg in refund.legs
        ]
        return table(rows, right=frozenset({3}), limits=(None, None, DESCRIPTION, None, None, None))

    def _proof(self, leg: Leg) -> str:
        """The reference to quote, or what the provider said last."""
        if leg.provider_refund_id:
            reference = inert(leg.provider_refund_id)
            return self._wording.text("command.show.provider_reference", reference=reference)
        if leg.reference:
            return self._wording.text("command.show.reference", reference=inert(leg.reference))
        return inert(leg.attempts[-1].text) if leg.attempts else ""

    def open_legs(self, legs: Iterable[OpenLeg], *, head: bool) -> list[str]:
        heads = ("leg", "booking", "customer", "method", "state", "amount", "currency", "since")
        rows = [
            (
                leg.leg_number,
                inert(leg.booking_reference),
                inert(leg.customer),
                self._wording.text(f"method.{leg.method.value}"),
                leg_word(self._wording, leg.state, leg.method),
                amount(leg.amount_minor, leg.currency),
                leg.currency,
                self._dates.full(leg.requested_at),
            )
            for leg in legs
        ]
        names = [self._wording.text(f"command.open.head_{name}") for name in heads]
        limits = (None, None, NAME, None, None, None, None, None)
        return table(rows, head=names if head else (), right=frozenset({5}), limits=limits)

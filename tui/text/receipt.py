"""The slip a customer takes home: plain text, as wide as the paper, the same again when reprinted.

It is made from the stored refund alone, so a reprint a year later says what was decided then and
where every part of the money is now.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_client.answers import Capabilities, RefundOutcome
from backend_client.domain.booking import Booking, Line
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.refund import SENT_TO_PROVIDERS, LegState, Method
from tui.text.columns import cells, fit, wrap
from tui.text.dates import Dates
from tui.text.inert import inert
from tui.text.money import amount
from tui.text.wording import Wording

WIDTH = 42
RULE = "-" * WIDTH
NOT_SENT = frozenset({LegState.PENDING, LegState.SENDING})
UNCLEAR = frozenset({LegState.UNKNOWN, LegState.REVIEW})
REFUSED = frozenset({LegState.DECLINED, LegState.FAILED_LATE})


def receipt(outcome: RefundOutcome, capabilities: Capabilities, wording: Wording) -> list[str]:
    """The lines of the receipt, none wider than `WIDTH` cells."""
    return _Receipt(outcome, capabilities, wording).lines()


class _Receipt:
    def __init__(
        self, outcome: RefundOutcome, capabilities: Capabilities, wording: Wording
    ) -> None:
        self._refund: Refund = outcome.refund
        self._booking: Booking = outcome.booking
        self._given_back_later = outcome.given_back_later
        self._capabilities = capabilities
        self._wording = wording
        self._dates = Dates(capabilities.zone, wording)

    def lines(self) -> list[str]:
        say = self._wording.text
        lines = [*self._head(), RULE, *self._given_back(), RULE, *self._sums(), RULE]
        legs = [leg for leg in self._refund.legs if leg.is_live]
        if legs:
            for leg in legs:
                lines += self._leg(leg)
        else:
            lines += wrap(say("receipt.nothing"), WIDTH)
        lines += [RULE, *self._foot()]
        assert all(cells(line) <= WIDTH for line in lines)
        return lines

    def _head(self) -> list[str]:
        say, refund = self._wording.text, self._refund
        lines = [_centred(line) for line in wrap(inert(self._capabilities.site_name), WIDTH)]
        environment = self._capabilities.environment
        if environment != "live":
            mark = say(f"receipt.{environment}")
            lines.append(_centred(f"*** {mark}: {say('receipt.practice_note')} ***"))
        if refund.voided_at:
            lines.append(_centred(f"*** {say('receipt.voided')} ***"))
        lines += ["", _pair(f"{say('receipt.title')} {refund.number}", self._when())]
        if refund.run_id is not None:
            lines += wrap(say("receipt.run", run=refund.run_id), WIDTH)
        lines += self._field("booking", self._booking.key.booking_id)
        if self._booking.contact:
            lines += self._field("customer", self._booking.contact.name)
        desk = say("receipt.desk", desk=inert(refund.desk)) if refund.desk else ""
        return lines + _pair_or_two(inert(refund.operator), desk)

    def _when(self) -> str:
        return self._dates.full(self._refund.created_at)

    def _field(self, name: str, value: str) -> list[str]:
        return wrap(f"{self._wording.text(f'receipt.{name}')} {inert(value)}", WIDTH)

    def _given_back(self) -> list[str]:
        lines: list[str] = []
        for refunded in self._refund.lines:
            line = self._booking.line(refunded.sequence)
            figure = amount(refunded.value_minor, self._refund.currency)
            lines += _wrapped_pair(self._name(line, refunded.description), figure)
            if line and (where := self._where(line)):
                lines += [f"  {part}" for part in wrap(where, WIDTH - 2)]
        return lines

    def _name(self, line: Line | None, description: str) -> str:
        name = inert(description)
        if line is None:
            return name
        if not name:
            name = self._wording.text(f"line_kind.{line.kind.value}")
            if line.fee_kind:
                name = self._wording.text(f"fee_kind.{line.fee_kind.value}")
        if line.quantity > 1:
            name = self._wording.text("receipt.quantity", count=line.quantity) + name
        return f"{name} {inert(line.seat)}" if line.seat else name

    def _where(self, line: Line) -> str:
        performance = line.performance
        if performance is None:
            return ""
        when = performance.starts_at
        parts = (inert(performance.event), self._dates.full(when) if when else "")
        return " ".join(part for part in parts if part)

    def _sums(self) -> list[str]:
        say, refund = self._wording.text, self._refund
        rows = [(say("receipt.value"), refund.value_minor)]
        if refund.retained_minor:
            rows.append((say("receipt.retained"), -refund.retained_minor))
        if refund.breach_fee_minor:
            rows.append((say("receipt.breach_fee"), -refund.breach_fee_minor))
        total = (say("receipt.total", currency=refund.currency), refund.amount_minor)
        lines = [
            line
            for label, minor in (*rows, total)
            for line in _wrapped_pair(label, amount(minor, refund.currency))
        ]
        for fee in kept_fees(self._booking, refund, self._given_back_later):
            words = say(f"fee_kind.{fee.fee_kind.value}") if fee.fee_kind else ""
            label = say("receipt.kept_fee", fee=words or inert(fee.description))
            figure = amount(_worth(fee), refund.currency)
            lines += _wrapped_pair(f"({label}", f"{figure})")
        return lines

    def _leg(self, leg: Leg) -> list[str]:
        say, currency = self._wording.text, self._refund.currency
        label = inert(leg.label)
        to = say(f"receipt.to.{leg.method.value}", label=label)
        if leg.method is Method.CREDIT and label:
            to = f"{to} {label}"
        lines = _wrapped_pair(to, amount(leg.amount_minor, currency))
        lines += [f"  {line}" for line in wrap(self.arrival(leg), WIDTH - 2)]
        reference = inert(leg.provider_refund_id or leg.reference)
        if reference:
            text = say("receipt.reference", reference=reference)
            lines += [f"  {line}" for line in wrap(text, WIDTH - 2)]
        return lines

    def arrival(self, leg: Leg) -> str:
        """When the customer sees this part of the money: the question every cashier is asked."""
        return arrival_text(leg, self._capabilities, self._wording)

    def _foot(self) -> list[str]:
        say, refund = self._wording.text, self._refund
        key = f"reason.{refund.reason}"
        reason = say(key) if self._wording.has(key) else inert(refund.reason)
        lines = wrap(f"{say('receipt.reason')}: {reason}", WIDTH)
        return lines + wrap(say("receipt.quote", refund=refund.number), WIDTH)


def arrival_text(leg: Leg, capabilities: Capabilities, wording: Wording) -> str:
    """What to tell the customer about one leg: where its money is, or when it arrives."""
    say = wording.text
    if leg.state is LegState.AWAITING_APPROVAL or leg.awaits_there:
        return say(f"receipt.arrival.awaiting_approval.{leg.method.value}")
    if leg.state in UNCLEAR:
        return say("receipt.arrival.being_checked")
    if leg.state in REFUSED:
        return say("receipt.arrival.declined")
    if leg.state is LegState.DUE:
        return say(f"receipt.arrival.due.{leg.method.value}")
    if leg.needs_number:
        return say("receipt.arrival.needs_number")
    if leg.method is Method.UNMATCHED and leg.state is LegState.SUCCEEDED:
        return say("receipt.arrival.gift_card")
    if leg.method in SENT_TO_PROVIDERS:
        if leg.state in NOT_SENT:
            return say("receipt.arrival.waiting_to_be_sent")
        return _arrival_by_provider(leg, capabilities, wording)
    return say(f"receipt.arrival.{leg.method.value}")


def _arrival_by_provider(leg: Leg, capabilities: Capabilities, wording: Wording) -> str:
    days = capabilities.arrival_days.get(leg.provider)
    if days is None:
        return wording.text("receipt.arrival.card_undated")
    low, high = days
    if low == high:
        return wording.count("receipt.arrival.card_days", low)
    return wording.text("receipt.arrival.card", low=low, high=high)


def kept_fees(booking: Booking, refund: Refund, later: frozenset[int]) -> Iterable[Line]:
    """Fees that stayed when what they belong to went back: with their ticket, or with the last.

    `later` are lines that a later refund took; with this one they stayed.
    """
    gone = {line.sequence for line in refund.lines}
    stayed = [line for line in booking.lines if line.is_sold or line.sequence in later]
    only_fees = all(line.is_fee for line in stayed)
    for line in stayed:
        belongs = line.parent_sequence in gone or (line.parent_sequence is None and only_fees)
        if line.is_fee and belongs:
            yield line


def _worth(line: Line) -> int:
    return line.price_minor if line.value_minor is None else line.value_minor


def _centred(text: str) -> str:
    text = fit(text, WIDTH)
    return (" " * ((WIDTH - cells(text)) // 2) + text).rstrip()


def _pair(left: str, right: str) -> str:
    gap = WIDTH - cells(left) - cells(right)
    return f"{left}{' ' * gap}{right}" if gap > 0 else fit(f"{left} {right}", WIDTH)


def _pair_or_two(left: str, right: str) -> list[str]:
    if cells(left) + cells(right) < WIDTH:
        return [_pair(left, right)]
    return [*wrap(left, WIDTH), *wrap(right, WIDTH)]


def _wrapped_pair(left: str, figure: str) -> list[str]:
    """Words at the left over as many lines as they need, the figure at the end of the first."""
    first, *others = wrap(left, WIDTH - cells(figure) - 1)
    return [_pair(first, figure), *(f"  {line}" for line in others)]

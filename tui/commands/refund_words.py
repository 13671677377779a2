"""Refunds and their legs as lines of text for a terminal or a screen reader."""

from __future__ import annotations

from collections.abc import Iterable

from backend_client.answers import OpenLeg, RefundOutcome
from backend_client.domain.legs import Leg, Refund
from tui.commands.widths import DESCRIPTION, NAME
from tui.text.attempts import provider_words
from tui.text.columns import table
from tui.text.dates import Dates
from tui.text.events import reason_text
from tui.text.inert import inert
from tui.text.legs import leg_word
from tui.text.money import amount, money
from tui.text.names import name_in, person
from tui.text.wording import Wording


class RefundWords:
    """One refund in full, or the open legs of many."""

    def __init__(self, wording: Wording, dates: Dates) -> None:
        self._wording = wording
        self._dates = dates

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
                    reason_text(self._wording, refund.reason),
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
                        name_in(self._wording, outcome.booking, line.sequence, line.description),
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
        return lines + (self._legs(refund) or ["  " + say("command.plan.nothing")])

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
        if not leg.attempts:
            return ""
        last = leg.attempts[-1]
        return provider_words(self._wording, last.outcome, last.code, last.text)

    def open_legs(self, legs: Iterable[OpenLeg], *, head: bool) -> list[str]:
        heads = ("leg", "booking", "customer", "method", "state", "amount", "currency", "since")
        rows = [
            (
                leg.leg_number,
                inert(leg.booking_reference),
                person(self._wording, leg.customer),
                self._wording.text(f"method.{leg.method.value}"),
                leg_word(self._wording, leg.state, leg.method, no_provider=bool(leg.no_provider)),
                amount(leg.amount_minor, leg.currency),
                leg.currency,
                self._dates.full(leg.requested_at),
            )
            for leg in legs
        ]
        names = [self._wording.text(f"command.open.head_{name}") for name in heads]
        limits = (None, None, NAME, None, None, None, None, None)
        return table(rows, head=names if head else (), right=frozenset({5}), limits=limits)

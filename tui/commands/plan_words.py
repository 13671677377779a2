"""What a commit would do, as lines of text for a terminal or a screen reader."""

from __future__ import annotations

from collections.abc import Iterable

from backend_client.domain.booking import Booking
from backend_client.domain.plan import PlannedLeg, RefundPlan
from tui.commands.widths import DESCRIPTION
from tui.text.columns import table
from tui.text.events import reason_text
from tui.text.inert import inert
from tui.text.money import amount, money
from tui.text.names import customer_name, name_in
from tui.text.problems import notice_text
from tui.text.wording import Wording


class PlanWords:
    """A plan in the order a person decides in."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def plan(self, plan: RefundPlan, booking: Booking) -> list[str]:
        """What a commit would do, in the order a person decides in."""
        say, currency = self._wording.text, plan.currency
        lines = [
            say(
                "command.plan.title",
                booking=inert(booking.key.booking_id),
                customer=customer_name(self._wording, booking),
                amount=money(plan.amount_minor, currency),
            ),
            "",
            say("command.plan.lines"),
            *table(
                [
                    (
                        str(one.sequence),
                        name_in(self._wording, booking, one.sequence, one.description),
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
            label = say(
                "command.plan.breach_fee", reason=reason_text(self._wording, plan.request.reason)
            )
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

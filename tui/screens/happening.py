"""What a commit will do, in sentences: "This will happen"."""

from __future__ import annotations

from collections.abc import Iterable

from backend_client.backend import Capabilities
from backend_client.domain.plan import PlannedLeg, RefundPlan
from backend_client.domain.refund import Method
from tui.commands.words import inert
from tui.text.money import money
from tui.text.problems import notice_text
from tui.text.wording import Wording
from tui.widgets.parts import Part


class Happening:
    """Turns a plan into the sentences a cashier reads before F9."""

    def __init__(self, wording: Wording, capabilities: Capabilities | None, desk: str) -> None:
        self._wording = wording
        self._capabilities = capabilities
        self._desk = desk

    def sentences(self, plan: RefundPlan) -> list[Part]:
        return [
            self._cancelled(plan),
            *self._kept(plan),
            *self._legs(plan),
            *self._notices(plan),
            *self._mail(),
            (self._say("nothing_yet"), "$muted"),
        ]

    def _say(self, key: str, **values: object) -> str:
        return self._wording.text(f"screen.method.will.{key}", **values)

    def _cancelled(self, plan: RefundPlan) -> str:
        numbers = ", ".join(str(line.sequence) for line in plan.lines)
        key = "cancelled.one" if len(plan.lines) == 1 else "cancelled.other"
        text = self._say(key, lines=numbers)
        seats = list(dict.fromkeys(inert(line.seat) for line in plan.lines if line.seat))
        if seats and self._capabilities is not None and self._capabilities.owns_seats:
            key = "free.one" if len(seats) == 1 else "free.other"
            text = f"{text} {self._say(key, seats=', '.join(seats))}"
        return text

    def _kept(self, plan: RefundPlan) -> Iterable[Part]:
        for fee in plan.kept_fees:
            kind = self._wording.text(f"fee_kind.{fee.fee_kind.value}")
            amount = money(fee.amount_minor, plan.currency)
            yield self._say("fee_kept", fee=kind, line=fee.sequence, amount=amount)
        if plan.retained_minor:
            yield self._say("retained", amount=money(plan.retained_minor, plan.currency))
        if plan.breach_fee_minor:
            yield self._say("breach_fee", amount=money(plan.breach_fee_minor, plan.currency))

    def _legs(self, plan: RefundPlan) -> Iterable[Part]:
        if not plan.legs:
            yield self._say("no_money")
        for leg in plan.legs:
            yield self._leg(leg, plan)

    def _leg(self, leg: PlannedLeg, plan: RefundPlan) -> Part:
        environment = plan.provider_environment or "practice"
        values = {
            "amount": money(leg.amount_minor, plan.currency),
            "label": inert(leg.label) or self._wording.text("screen.method.payer"),
            "provider": inert(leg.provider),
            "environment": self._wording.text(f"screen.environment.{environment}"),
            "desk": inert(self._desk),
            "reference": inert(leg.reference) or "–",
        }
        text = self._say(f"leg.{leg.method.value}", **values)
        return (text, "$warn") if leg.method is Method.CASH else text

    def _notices(self, plan: RefundPlan) -> Iterable[Part]:
        for notice in plan.notices:
            text = notice_text(self._wording, notice, plan.currency)
            yield f"⚠ {text.message}", "$warn"

    def _mail(self) -> Iterable[Part]:
        if self._capabilities is not None and self._capabilities.sends_mail:
            yield self._say("mail")

"""What a commit will do, in sentences: "This will happen"."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from backend_client.answers import Capabilities
from backend_client.domain.approval import NEEDS_APPROVAL
from backend_client.domain.booking import Booking, Performance
from backend_client.domain.plan import Notice, PlannedLeg, RefundPlan
from backend_client.domain.refund import Method
from tui.text.columns import wrap
from tui.text.dates import Dates
from tui.text.inert import inert
from tui.text.money import money
from tui.text.names import provider_name
from tui.text.problems import notice_text
from tui.text.ranges import ranges
from tui.text.wording import Wording
from tui.widgets.parts import Part

ASKED_LATER = frozenset({Method.CASH, Method.UNMATCHED})
"""Methods whose sentence is another one where the commit only asks for approval."""
MOST_SEATS, MOST_SHOWS = 8, 4
"""Beyond these a list is not read any more, and the figures would be pushed out of sight."""


class Happening:
    """Turns a plan into the sentences a cashier reads before F9."""

    def __init__(
        self,
        wording: Wording,
        capabilities: Capabilities | None,
        desk: str,
        booking: Booking,
        dates: Dates,
    ) -> None:
        self._wording = wording
        self._capabilities = capabilities
        self._desk = desk
        self._dates = dates
        shows = (line.performance for line in booking.lines)
        self._performances = {show.id: self._performance(show) for show in shows if show}

    def _performance(self, show: Performance) -> str:
        when = self._dates.short(show.starts_at) if show.starts_at else ""
        return " · ".join(part for part in (inert(show.event), when) if part)

    def content(self, plan: RefundPlan, width: int) -> Content:
        """The sentences, each wrapped to so many cells."""
        lines = []
        for sentence in self.sentences(plan):
            text, style = (sentence, "") if isinstance(sentence, str) else sentence
            for index, line in enumerate(wrap(text, width)):
                lines.append(Content.assemble(("     " if index else "   "), (line, style)))
        return Content("\n").join(lines)

    def sentences(self, plan: RefundPlan) -> list[Part]:
        """The money first: however many lines there are, it stands where the eye begins."""
        first = self._first_waiting if plan.awaits_approval else self._first
        return [
            *first(plan),
            *self._notices(plan),
            *self._mail(),
        ]

    def _say(self, key: str, **values: object) -> str:
        return self._wording.text(f"screen.method.will.{key}", **values)

    @property
    def _sold_elsewhere(self) -> bool:
        """Does another system keep the lines, which are cancelled there with the money?"""
        return self._capabilities is None or not self._capabilities.owns_seats

    def _lines(self, plan: RefundPlan, what: str) -> str:
        numbers = ranges(line.sequence for line in plan.lines)
        return self._say(f"{what}.{'one' if len(plan.lines) == 1 else 'other'}", lines=numbers)

    def _cancelled(self, plan: RefundPlan) -> str:
        text = self._lines(plan, "cancelled")
        if self._sold_elsewhere:
            return text
        return f"{text} {self._free(plan)}".rstrip()

    def _free(self, plan: RefundPlan) -> str:
        """Every seat of every performance counts; very many are counted and not listed."""
        seats = list(
            dict.fromkeys(
                (line.performance_id, inert(line.seat)) for line in plan.lines if line.seat
            )
        )
        shows: dict[int | None, list[str]] = {}
        for show, seat in seats:
            shows.setdefault(show, []).append(seat)
        if not seats:
            return ""
        if len(seats) > MOST_SEATS and not 1 < len(shows) <= MOST_SHOWS:
            return self._say("free.many", count=len(seats))
        key = "free.one" if len(seats) == 1 else "free.other"
        if len(shows) == 1:
            return self._say(key, count=len(seats), seats=", ".join(seat for _, seat in seats))
        named = "at" if len(seats) <= MOST_SEATS else "count_at"
        listed = (
            self._say(
                f"free.{named}",
                seats=", ".join(mine),
                count=len(mine),
                performance=self._performances.get(show or 0, "–"),
            )
            for show, mine in shows.items()
        )
        return self._say(key, count=len(seats), seats=", ".join(listed))

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
            "provider": provider_name(self._wording, leg.provider),
            "environment": self._wording.text(f"screen.environment.{environment}"),
            "desk": inert(self._desk),
            "reference": inert(leg.reference) or "–",
        }
        later = plan.awaits_approval and leg.method in ASKED_LATER
        text = self._say(f"leg.{leg.method.value}{'_later' if later else ''}", **values)
        return (text, "$warn") if leg.method is Method.CASH else text

    def _first(self, plan: RefundPlan) -> Iterable[Part]:
        yield from self._legs(plan)
        yield from self._kept(plan)
        yield self._cancelled(plan)

    def _first_waiting(self, plan: RefundPlan) -> Iterable[Part]:
        """That it waits, and what happens at once, stand before the money."""
        for notice in plan.notices:
            if notice.code in NEEDS_APPROVAL:
                yield self._warning(notice, plan)
        later = self._sold_elsewhere
        yield self._lines(plan, "promised") if later else self._cancelled(plan)
        yield self._say("once_approved")
        yield from self._legs(plan)
        yield from self._kept(plan)
        if later:
            yield self._cancelled(plan)

    def _notices(self, plan: RefundPlan) -> Iterable[Part]:
        for notice in plan.notices:
            if notice.code not in NEEDS_APPROVAL:
                yield self._warning(notice, plan)

    def _warning(self, notice: Notice, plan: RefundPlan) -> Part:
        text = notice_text(self._wording, notice, plan.currency)
        return f"⚠ {text.message}", "$warn"

    def _mail(self) -> Iterable[Part]:
        if self._capabilities is not None and self._capabilities.sends_mail:
            yield self._say("mail")

"""What a dispatch does about open payments, as it is frozen: decided without names, kept with them.

Of a hundred thousand open payments most look alike to the rule. It is asked once for all of those,
and what it says is spelled for each with its own payments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set
from functools import lru_cache
from typing import TYPE_CHECKING

from backend_client.domain.dispatch import Claim, Decision, Rules, Source, Used, decide
from backend_client.domain.room import labels_of
from backend_client.domain.run_totals import TotalName, Totals
from backend_client.domain.runs import TAKEN, PartRole, RunTotal
from backend_client.domain.settlement import Outcome
from backend_client.local.running.items import bound, kept, part
from backend_client.local.running.work import Frozen

if TYPE_CHECKING:
    from backend_client.local.running.dispatch_rows import Look, Open, Page, Paid, Sources
    from backend_client.local.running.items import Row

MOST_LOOKS = 10_000
"""So many different ones are remembered with what was decided about them."""
Alike = dict[tuple[Decision, str, str], int]
"""How many items have the same decision, currency, and place where they were declined before."""
_ALREADY_REFUNDED = Outcome.ALREADY_REFUNDED.value


class Deciding:
    """One dispatch from its first open payment to its last. `several` are the bookings with more
    than one of them: later ones see what earlier ones use."""

    def __init__(self, sources: Sources, rules: Rules, several: Set[int]) -> None:
        self._sources = sources
        self._several = several
        self._used = Used()

        @lru_cache(MOST_LOOKS)
        def decided(
            amount_minor: int, has_payer: bool, is_elsewhere: bool, looks: tuple[Look, ...]
        ) -> Decision:
            claim = Claim(amount_minor, has_payer, is_elsewhere)
            return decide(claim, [Source(*look) for look in looks], rules)

        self._decided = decided

    def frozen(self, page: Page, first: int) -> Frozen:
        """Each as it is kept, in order, from ordinal `first`."""
        rows: list[Row] = []
        alike: Alike = defaultdict(int)
        looks_of, decided, several = self._sources.of, self._decided, self._several
        for ordinal, row in enumerate(page.rows, first):
            leg_id, _, booking_id, _, amount, payer_id, state, version, currency, *_, said, _ = row
            looks, paid = looks_of(row, page), page.paid.get(booking_id, ())
            is_shared, has_payer = booking_id in several, payer_id is not None
            if is_shared:
                looks = self._left(paid, looks)
            decision = decided(amount, has_payer, said == _ALREADY_REFUNDED, looks)
            if is_shared:
                self._use(paid, decision)
            alike[decision, currency, row.declined_in] += 1
            body = _spelled(decision, row, paid, looks)
            seen = (ordinal, booking_id, leg_id, version, state)
            rows.append(kept(*seen, decision.plan, decision.reason, amount, currency, body))
        return Frozen(rows, _totals(alike))

    def _left(self, paid: Sequence[Paid], looks: Sequence[Look]) -> tuple[Look, ...]:
        sources = zip(paid, looks, strict=True)
        return tuple([self._used.left_of(one.id, Source(*look)) for one, look in sources])

    def _use(self, paid: Sequence[Paid], decision: Decision) -> None:
        for _, amount_minor, place in decision.shares:
            if place is not None:
                self._used.take(paid[place].id, amount_minor)


def _spelled(decision: Decision, row: Open, paid: Sequence[Paid], looks: Sequence[Look]) -> str:
    """The shares with everything by its name again."""
    payer_id, labels = row.payer_id, labels_of(paid)
    parts: list[str] = []
    for role, amount_minor, place in decision.shares:
        if place is not None:
            payment_id, provider = paid[place].id, looks[place][2]
            parts.append(part(role, amount_minor, payment_id, payer_id, provider, labels[place]))
        elif role is PartRole.CREDIT:
            parts.append(part(role, amount_minor, None, payer_id, "", row.payer or ""))
        else:
            parts.append(part(role, amount_minor))
    return bound(parts)


def _totals(alike: Alike) -> list[RunTotal]:
    totals = Totals()
    for (decision, currency, declined_in), count in alike.items():
        for role, amount_minor, _ in decision.shares:
            totals.add(role.value, count * amount_minor, currency, count=count)
        whole = count * sum(share.amount_minor for share in decision.shares)
        plan, reason = decision.plan.value, decision.reason
        totals.add(TotalName.PLAN.value, whole, currency, count=count, detail=plan)
        if declined_in and decision.plan in TAKEN:
            name = TotalName.DECLINED_BEFORE.value
            totals.add(name, whole, currency, count=count, detail=declined_in)
        if reason:
            totals.add(TotalName.REASON.value, whole, currency, count=count, detail=reason)
    return totals.rows()

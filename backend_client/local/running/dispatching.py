"""Step 2 on the store: open payments are dispatched over cards and credit accounts."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from backend_client.domain.caller import Action, Caller
from backend_client.domain.dispatch import Decision, Rules, Source, Used, decide
from backend_client.domain.refund import Method
from backend_client.domain.run_parameters import CreditMode, DispatchParameters
from backend_client.domain.run_record import dispatch_record
from backend_client.domain.run_totals import TotalName, Totals
from backend_client.domain.runs import ItemPlan, PartRole, RunKind, RunTotal
from backend_client.local.rows import fetch, id_list
from backend_client.local.running.ahead import ahead
from backend_client.local.running.dispatch_live import LiveDispatch
from backend_client.local.running.dispatch_rows import Open, Range, Sources, claim_of, refusals
from backend_client.local.running.items import kept, packed
from backend_client.local.running.meant import refuse_unknown_channels
from backend_client.local.running.work import Ending, Frozen

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from backend_client.local.context import Context, Driver
    from backend_client.local.running.items import Row
    from backend_client.local.running.live import Live

READ_TOGETHER = 500
"""Items looked at together: few enough to stay in the processor's cache, and out of the way of the
garbage collector."""
SCOPE = "dispatch"
_APPEARED = """
AND l.changed_at_us > (SELECT started_at_us FROM run WHERE id = ?)
AND l.id NOT IN (SELECT leg_id FROM run_item WHERE run_id = ?)"""


class Page(NamedTuple):
    """Items looked at together, the payments of their bookings, and by refund what refused it."""

    rows: Sequence[Open]
    found: Mapping[int, Sequence[Source]]
    refused: Mapping[int, frozenset[int]]


class Dispatching:
    """One dispatch with its parameters."""

    kind = RunKind.DISPATCH
    action = Action.DISPATCH
    scopes = (SCOPE,)

    def __init__(
        self, context: Context, driver: Driver, caller: Caller, parameters: DispatchParameters
    ) -> None:
        self._context = context
        self._driver = driver
        self._caller = caller
        self._parameters = parameters
        self._range = Range.of(parameters, context.settings.house.zone)

    @property
    def told(self) -> dict[str, Any]:
        return dispatch_record(self._parameters)

    @property
    def email(self) -> bool:
        return self._parameters.email

    @property
    def _rules(self) -> Rules:
        policy = self._context.policy
        return Rules(
            self._parameters.credit,
            policy.allocation_order,
            Method.MATCHED in policy.methods,
            Method.CREDIT in policy.methods,
        )

    def check(self, connection: Connection) -> None:
        """Its range was looked at when it was made."""
        refuse_unknown_channels(connection, self._parameters.sold_through)

    # ------------------------------------------------------------ simulate

    def count(self, connection: Connection) -> int:
        return int(self._range.rows(connection, "COUNT(*) AS n")[0].n)

    def freeze(self) -> Generator[Frozen, None, None]:
        with self._context.store.read() as connection:
            shared = self._range.rows(
                connection, "l.booking_id", "GROUP BY l.booking_id HAVING COUNT(*) > 1"
            )
            several = {row.booking_id for row in shared}
        used, first = Used(), 1
        for page in ahead(self._pages()):
            yield _frozen(page.rows, self._decided(page, several, used), first)
            first += len(page.rows)

    def _pages(self) -> Iterator[Page]:
        sources = Sources(self._context, self._parameters, self._context.now())
        after, left = self._range.before, self._parameters.batch or sys.maxsize
        while left > 0:
            with self._context.store.read() as connection:
                rows = self._range.page(connection, after, min(left, READ_TOGETHER))
                if not rows:
                    return
                found = sources.of(connection, rows)
                refused = self._refused(connection, rows)
            yield Page(rows, found, refused)
            after = (rows[-1].requested_at_us, rows[-1].id)
            left -= len(rows)

    def _refused(
        self, connection: Connection, rows: Sequence[Open]
    ) -> Mapping[int, frozenset[int]]:
        """By refund, the payments that are not tried again."""
        if self._parameters.credit is not CreditMode.WHEN_NOT_POSSIBLE:
            return {}
        return refusals(connection, {row.refund_id for row in rows})

    def _decided(self, page: Page, several: set[int], used: Used) -> Iterator[Decision]:
        """What each comes to, one after the other: later ones of a booking see earlier ones."""
        rules = self._rules
        rows, found, refused = page
        for row in rows:
            booking_id = row.booking_id
            claim, paid = claim_of(row, refused), found.get(booking_id, ())
            if booking_id in several:
                decision = decide(claim, paid, rules, used)
                used.take(decision.parts)
                yield decision
            else:
                yield decide(claim, paid, rules)

    def appeared(
        self, connection: Connection, simulation_id: int, most: int
    ) -> tuple[tuple[str, ...], int]:
        """Payments that came to be open after it was simulated."""
        seen = (simulation_id, simulation_id)
        rows = self._range.rows(connection, "l.booking_id", _APPEARED, *seen)
        named = fetch(
            connection,
            "SELECT booking_id FROM booking WHERE id IN (SELECT value FROM json_each(?))",
            id_list(row.booking_id for row in rows[:most]),
        )
        return tuple(row.booking_id for row in named), len(rows)

    # ------------------------------------------------------------ live

    def begin(self, connection: Connection, run_id: int) -> None:
        """Nothing but the run itself."""

    def carry_out(self, live: Live) -> Ending:
        rules = self._rules
        credited = rules.credit_allowed and rules.credit is CreditMode.WHEN_NOT_POSSIBLE
        return self._live(live).carry_out(self._driver, credits_refused=credited)

    def give_up(self, connection: Connection, live: Live, most: int) -> int:
        return self._live(live).take_back(connection, most)

    def _live(self, live: Live) -> LiveDispatch:
        through = self._parameters.through
        caller = replace(
            self._caller,
            desk=through.desk or self._caller.desk,
            channel=through.channel or self._caller.channel,
        )
        return LiveDispatch(live, caller)


def _frozen(opens: Sequence[Open], decided: Iterable[Decision], first: int) -> Frozen:
    rows: list[Row] = []
    plans = defaultdict[tuple[ItemPlan, str, str], list[int]](list)
    roles = defaultdict[tuple[PartRole, str], list[int]](list)
    for ordinal, (row, (plan, parts, reason)) in enumerate(zip(opens, decided, strict=True), first):
        leg_id, _, booking_id, _, amount, _, state, version, currency, _, _, _, _ = row
        body = packed(parts)
        rows.append(
            kept(ordinal, booking_id, leg_id, version, state, plan, reason, amount, currency, body)
        )
        plans[plan, reason, currency].append(amount)
        for role, minor, _, _, _, _ in parts:
            roles[role, currency].append(minor)
    return Frozen(rows, _totals(plans, roles))


def _totals(
    plans: Mapping[tuple[ItemPlan, str, str], Sequence[int]],
    roles: Mapping[tuple[PartRole, str], Sequence[int]],
) -> list[RunTotal]:
    totals = Totals()
    for (plan, reason, currency), minor in plans.items():
        count, whole = len(minor), sum(minor)
        totals.add(TotalName.PLAN.value, whole, currency, count=count, detail=plan.value)
        if reason:
            totals.add(TotalName.REASON.value, whole, currency, count=count, detail=reason)
    for (role, currency), minor in roles.items():
        totals.add(role.value, sum(minor), currency, count=len(minor))
    return totals.rows()

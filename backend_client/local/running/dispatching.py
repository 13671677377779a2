"""Step 2 on the store: open payments are dispatched over cards and credit accounts."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backend_client.domain.caller import Action, Caller
from backend_client.domain.dispatch import Rules
from backend_client.domain.refund import Method
from backend_client.domain.run_parameters import CreditMode, DispatchParameters
from backend_client.domain.run_record import dispatch_record
from backend_client.domain.runs import RunKind
from backend_client.local.rows import fetch, id_list
from backend_client.local.running.ahead import ahead
from backend_client.local.running.deciding import Deciding
from backend_client.local.running.dispatch_live import LiveDispatch
from backend_client.local.running.dispatch_rows import Page, Range, Sources
from backend_client.local.running.meant import refuse_unknown_channels
from backend_client.local.running.work import Ending, Frozen

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from backend_client.local.context import Context, Driver
    from backend_client.local.running.live import Live

READ_TOGETHER = 500
"""Items looked at together: few enough to stay in the processor's cache, and out of the way of the
garbage collector."""
SCOPE = "dispatch"
_APPEARED = """
AND l.changed_at_us > (SELECT started_at_us FROM run WHERE id = ?)
AND l.id NOT IN (SELECT leg_id FROM run_item WHERE run_id = ?)"""


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
        sources = Sources(self._context, self._parameters, self._context.now())
        deciding = Deciding(sources, self._rules, several)
        first = 1
        for page in ahead(self._pages(sources)):
            yield deciding.frozen(page, first)
            first += len(page.rows)

    def _pages(self, sources: Sources) -> Iterator[Page]:
        after, left = self._range.before, self._parameters.batch or sys.maxsize
        while left > 0:
            with self._context.store.read() as connection:
                rows = self._range.page(connection, after, min(left, READ_TOGETHER))
                if not rows:
                    return
                page = sources.read(connection, rows)
            yield page
            after = (rows[-1].requested_at_us, rows[-1].id)
            left -= len(rows)

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

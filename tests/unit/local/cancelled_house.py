"""A house that cancels performances: bookings of the builders, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from backend_client.domain.booking import Booking, Line, Payment
from backend_client.domain.caller import Caller, Role
from backend_client.domain.run_parameters import CancellationParameters
from backend_client.domain.runs import ItemOutcome, Run, RunItem
from backend_client.local.backend import LocalBackend
from backend_client.local.rows import fetch
from backend_client.local.running import cancelling, live
from tests.unit import builders
from tests.unit.builders import NOW, booking, ticket
from tests.unit.local.venue import Desk, put

BOSS = builders.caller(Role.SUPERVISOR, operator="S. Weber")
OTHER_BOSS = builders.caller(Role.SUPERVISOR, operator="M. Keller", desk="4")
REASON = "performance-cancelled"


@dataclass(slots=True)
class House:
    desk: Desk

    @property
    def backend(self) -> LocalBackend:
        return self.desk.backend

    def sell(
        self,
        name: str,
        lines: Sequence[Line] = (),
        payments: Sequence[Payment] | None = None,
        **more: Any,
    ) -> Booking:
        """A booking of this name, a ticket of 10.00 unless said otherwise; each sold a minute after
        the one before."""
        made = booking(lines or (ticket(1, 1000),), payments)
        sold_at = NOW - timedelta(days=4) + timedelta(minutes=self.bookings)
        key = replace(made.key, booking_id=name, transaction_id=name)
        more = {"sold_at": sold_at, "number": f"N-{name}", **more}
        return put(self.desk.store, replace(made, key=key, **more))

    @property
    def bookings(self) -> int:
        return self.count("booking")

    def count(self, table: str) -> int:
        with self.desk.store.read() as connection:
            return int(fetch(connection, f"SELECT COUNT(*) AS n FROM {table}")[0].n)

    def performance(self, event: str = "Hamlet") -> int:
        page = self.backend.performances(BOSS, event)
        return page.performances[0].id

    def parameters(self, **more: Any) -> CancellationParameters:
        return CancellationParameters(
            **{"performances": (self.performance(),), "reason": REASON, **more}
        )

    def simulate(self, caller: Caller = BOSS, **more: Any) -> Run:
        return self.backend.simulate_cancellation(caller, self.parameters(**more))

    def cancel(self, **more: Any) -> Run:
        return self.backend.go_live(BOSS, self.simulate(**more).id)

    def items(self, run: Run, **more: Any) -> tuple[RunItem, ...]:
        return self.backend.run_items(BOSS, run.id, **more).items

    def outcomes(self, run: Run) -> dict[str, ItemOutcome | None]:
        return {item.booking_reference: item.outcome for item in self.items(run)}

    def named(self, run: Run) -> list[str]:
        return [item.booking_reference for item in self.items(run)]


def total(run: Run, name: str, detail: str = "") -> tuple[int, int]:
    """How many, and how much."""
    rows = [row for row in run.totals if (row.name, row.detail) == (name, detail)]
    return (rows[0].count, rows[0].amount_minor) if rows else (0, 0)


def chunks_of(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(cancelling, "CANCELLED_TOGETHER", size)
    monkeypatch.setattr(cancelling, "FROZEN_TOGETHER", size)


def between_steps(
    monkeypatch: pytest.MonkeyPatch, then: Callable[[], None], *, when: Callable[[], bool]
) -> None:
    """Once, after the first step at whose end `when` holds."""
    waits = [then]

    def pause(_since: float) -> None:
        if waits and when():
            waits.pop()()

    monkeypatch.setattr(live, "pause", pause)

"""The prescribed order: cancel, dispatch with never, then with when not possible."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from backend_client.domain.run_parameters import (
    CancellationParameters,
    CreditMode,
    DispatchParameters,
)
from backend_client.domain.run_record import cancellation_of, dispatch_of
from backend_client.domain.runs import ItemOutcome, Run, RunKind, RunMode, RunState
from tui.text.dates import Dates

LEFT = frozenset({ItemOutcome.DECLINED, ItemOutcome.STAYS, ItemOutcome.PARTLY})
"""Outcomes of a dispatch that leave something for another one."""

ASKING = frozenset({ItemOutcome.PERSON, ItemOutcome.BEING_CHECKED})
"""Outcomes somebody has to see to."""


def asks(run: Run) -> bool:
    """Is there anything no run brings further?"""
    return any(run.outcomes.get(outcome, 0) for outcome in ASKING)


def parameters_of(run: Run) -> CancellationParameters | DispatchParameters:
    """What a run was told, as it was typed."""
    if run.kind is RunKind.CANCELLATION:
        return cancellation_of(run.parameters)
    return dispatch_of(run.parameters)


class Follows(NamedTuple):
    """What a dispatch is told, and the run it is the prescribed next step of, if it is one."""

    told: DispatchParameters
    after: Run | None


def dispatch_now(newest_first: Iterable[Run], dates: Dates, now: datetime) -> Follows | None:
    """What a dispatch begun now is most likely for: the next step of what went live last, or the
    days of a dispatch that was done today and left nothing; None where nothing is at hand."""
    last = next((run for run in newest_first if run.mode is RunMode.LIVE), None)
    if last is None or last.state is not RunState.DONE:
        return None
    step = step_after(last, dates, now)
    if last.kind is RunKind.DISPATCH:
        today = dates.local(now).date()
        if last.ended_at is None or dates.local(last.ended_at).date() != today:
            return None
    if step is not None:
        return Follows(step, last)
    return Follows(replace(dispatch_of(last.parameters), credit=CreditMode.NEVER), None)


def step_after(run: Run, dates: Dates, now: datetime) -> DispatchParameters | None:
    """The next step by the house's days."""
    return next_step(run, dates.local(run.started_at).date(), dates.local(now).date())


def next_step(run: Run, begun: date, today: date) -> DispatchParameters | None:
    """What comes after a finished live run, with the same parameters; None when nothing is left.

    After a cancellation that is the dispatch of what it requested, from the day it began on.
    """
    if run.kind is RunKind.CANCELLATION:
        told = cancellation_of(run.parameters)
        return DispatchParameters(
            first=begun,
            last=today,
            credit=CreditMode.NEVER,
            sold_through=told.sold_through,
            through=told.through,
        )
    before = dispatch_of(run.parameters)
    if not any(run.outcomes.get(outcome, 0) for outcome in LEFT) and not before.batch:
        return None
    if before.credit is CreditMode.NEVER:
        return replace(before, credit=CreditMode.WHEN_NOT_POSSIBLE)
    return before

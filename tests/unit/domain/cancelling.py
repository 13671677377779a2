"""Deciding a cancellation of Hamlet, and reading what was decided."""

from __future__ import annotations

from dataclasses import replace

from backend_client.domain.booking import Booking
from backend_client.domain.cancellation import Decision, add_totals, decide_cancellation
from backend_client.domain.policy import Policy
from backend_client.domain.refund import Method
from backend_client.domain.run_parameters import CancellationParameters
from backend_client.domain.run_totals import Totals
from tests.unit.builders import (
    HAMLET,
)

OUT_OF_HAMLET = CancellationParameters((HAMLET.id,), "performance-cancelled")


def decide(
    of: Booking,
    parameters: CancellationParameters = OUT_OF_HAMLET,
    policy: Policy | None = None,
) -> Decision:
    return decide_cancellation(of, parameters, replace(policy or Policy(), currency="CHF"))


def gone(decision: Decision) -> list[int]:
    return [line.sequence for line in decision.lines]


def legs(decision: Decision) -> list[tuple[Method, int, int | None]]:
    return [(leg.method, leg.amount_minor, leg.payer_id) for leg in decision.legs]


def totals(decision: Decision) -> dict[tuple[str, str], tuple[int, int]]:
    sums = Totals()
    add_totals(sums, decision, "CHF")
    return {(row.name, row.detail): (row.count, row.amount_minor) for row in sums.rows()}

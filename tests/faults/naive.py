"""What everybody writes first: after a crash or an unclear answer, send again with a new key."""

from __future__ import annotations

from dataclasses import replace

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import LegResult, LegToSend, Outcome
from backend_client.local.leg_store import LocalLegStore
from backend_client.ports import Clock
from backend_client.providers.port import Provider, judge
from backend_client.settling.sender import order_of, result_of

TRIES = 4
PAGE = 100


def drive(legs: LocalLegStore, provider: Provider, clock: Clock) -> None:
    """Every leg until it is through."""
    after = 0
    while page := legs.unfinished(after, PAGE):
        after = page[-1].leg_id
        for leg in page:
            _finish(legs, provider, clock, leg)


def _finish(legs: LocalLegStore, provider: Provider, clock: Clock, leg: LegToSend) -> None:
    for _ in range(TRIES):
        claimed = _claimed(legs, clock, leg)
        if claimed is None:
            return
        fresh = f"{claimed.attempts}-{claimed.provider_key[:20]}"
        order = replace(order_of(claimed), provider_key=fresh, our_reference=f"r{fresh}")
        verdict = judge(order, provider.refund(order))
        legs.record([result_of(claimed, verdict)], clock.now())
        leg = replace(claimed, state=verdict.state)
        if verdict.state not in (LegState.UNKNOWN, LegState.PENDING):
            return


def _claimed(legs: LocalLegStore, clock: Clock, leg: LegToSend) -> LegToSend | None:
    now = clock.now()
    if leg.state is LegState.SENDING:
        cut = LegResult(leg.leg_id, leg.state, leg.attempts, LegState.UNKNOWN, Outcome.INTERRUPTED)
        legs.record([cut], now)
    if leg.state is LegState.PENDING:
        claimed = legs.claim([leg.leg_id], "naive", now)
    else:
        claimed = legs.claim_again([leg], "naive", now)
    return claimed[0] if claimed else None

"""Brings legs to their providers: intent, call, record. At most once, whatever happens between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import LegResult, LegToSend, Outcome
from backend_client.ports import Clock
from backend_client.settling.limits import Limits
from backend_client.settling.owner import Owner, ProcessOwner
from backend_client.settling.ports import Directory, LegStore
from backend_client.settling.resolver import Resolver
from backend_client.settling.sender import Sender


class Settler:
    """Sends pending legs and finishes what a crash or an unclear answer left open.

    The intent is on the disk before a call and the call is outside any transaction, so that after
    a crash every leg that may have been sent says so. Refusals of the store pass through: legs
    then stay as they are written and are recovered.
    """

    def __init__(
        self,
        legs: LegStore,
        directory: Directory,
        clock: Clock,
        *,
        owner: Owner | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._legs = legs
        self._directory = directory
        self._clock = clock
        self._owner = owner or ProcessOwner()
        self._limits = limits or Limits()
        self._resolver = Resolver(directory, clock, self._limits)

    def settle(self, leg_ids: Sequence[int]) -> None:
        """Send these legs, those of them that are pending."""
        sender = Sender(self._directory, self._clock, self._limits)
        for batch in self._batches(leg_ids):
            with self._owner.holding(batch):
                claimed = self._legs.claim(batch, self._owner.token, self._clock.now())
                self._send(sender, claimed, resend=False)

    def recover(self) -> int:
        """Finish what is unfinished and not in somebody's hands; how many legs were looked at."""
        looked = after = 0
        while page := self._legs.unfinished(after, self._limits.page):
            after = page[-1].leg_id
            looked += len(page)
            self._recover(page)
        return looked

    def _recover(self, page: list[LegToSend]) -> None:
        abandoned = self._take_over([leg for leg in page if leg.state is LegState.SENDING])
        open_ = [leg for leg in page if leg.state in (LegState.UNKNOWN, LegState.ACCEPTED)]
        findings = self._resolver.look([*abandoned, *open_])
        self._record(findings.results)
        self._resend(findings.resend)
        pending = (leg for leg in page if leg.state is LegState.PENDING)
        self.settle([leg.leg_id for leg in pending if self._directory.get(leg.provider)])

    def _take_over(self, sending: Iterable[LegToSend]) -> list[LegToSend]:
        """Legs whose sender is gone, or took longer than any call can, become unknown."""
        now = self._clock.now()
        orphans = {
            leg.leg_id: leg
            for leg in sending
            if self._owner.is_gone(leg.owner, leg.leg_id)
            or now - leg.changed_at > self._limits.call
        }
        applied = self._record(
            LegResult(
                leg.leg_id,
                LegState.SENDING,
                leg.attempts,
                LegState.UNKNOWN,
                Outcome.INTERRUPTED,
            )
            for leg in orphans.values()
        )
        return [
            replace(
                leg,
                state=LegState.UNKNOWN,
                changed_at=now,
                unclear=leg.unclear + 1,
                last_outcome=Outcome.INTERRUPTED,
            )
            for leg_id, leg in orphans.items()
            if leg_id in applied
        ]

    def _resend(self, legs: Sequence[LegToSend]) -> None:
        sender = Sender(self._directory, self._clock, self._limits)
        by_id = {leg.leg_id: leg for leg in legs}
        for batch in self._batches(list(by_id)):
            with self._owner.holding(batch):
                seen = [by_id[leg_id] for leg_id in batch]
                claimed = self._legs.claim_again(seen, self._owner.token, self._clock.now())
                self._send(sender, claimed, resend=True)

    def _send(self, sender: Sender, claimed: Sequence[LegToSend], *, resend: bool) -> None:
        """Call, record, and look up at once what came back unclear."""
        results: list[LegResult] = []
        try:
            for result in sender.send(claimed, resend=resend):
                results.append(result)
        finally:
            # Also when the calls are broken off: what is known is written down.
            applied = self._record(results)
        unknown = {
            result.leg_id: result
            for result in results
            if result.state is LegState.UNKNOWN and result.leg_id in applied
        }
        now = self._clock.now()
        findings = self._resolver.look(
            [
                replace(
                    leg,
                    state=LegState.UNKNOWN,
                    changed_at=now,
                    last_outcome=unknown[leg.leg_id].outcome,
                    last_code=unknown[leg.leg_id].code,
                    last_text=unknown[leg.leg_id].text,
                )
                for leg in claimed
                if leg.leg_id in unknown
            ]
        )
        self._record(findings.results)

    def _record(self, results: Iterable[LegResult]) -> frozenset[int]:
        known = tuple(results)
        return self._legs.record(known, self._clock.now()) if known else frozenset()

    def _batches(self, leg_ids: Sequence[int]) -> Iterator[Sequence[int]]:
        for start in range(0, len(leg_ids), self._limits.batch):
            yield leg_ids[start : start + self._limits.batch]

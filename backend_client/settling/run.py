"""One run over legs: intent, call, record, side by side; commits are grouped."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import (
    Checked,
    LegResult,
    LegToSend,
    Outcome,
)
from backend_client.domain.stored_value import SealedNumber
from backend_client.ports import Clock
from backend_client.settling.checker import Checker
from backend_client.settling.crew import Crew, Job, Pace, Task
from backend_client.settling.health import Health
from backend_client.settling.limits import Limits
from backend_client.settling.owner import Owner
from backend_client.settling.ports import Directory, LegStore
from backend_client.settling.resolver import Found, Resolver
from backend_client.settling.sender import Sender, result_of
from backend_client.settling.stopwatch import Stopwatch

Done = LegResult | Found | Checked


@dataclass(slots=True)
class Tally:
    """What a run did; `states` counts the legs it brought into each state."""

    states: Counter[LegState] = field(default_factory=Counter)
    checked: int = 0
    discrepancies: int = 0
    abandoned: int = 0
    next_at: datetime | None = None
    """When the first of the legs that were surely not executed may be sent again."""
    last_at: datetime | None = None
    """When the last of them may."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run works with."""

    legs: LegStore
    directory: Directory
    clock: Clock
    limits: Limits
    owner: Owner
    stopwatch: Stopwatch


class Run:
    """Keeps every connection busy while one thread writes for all of them.

    The intent is on the disk before a call and the call is outside any transaction, so that after
    a crash every leg that may have been sent says so. However a run ends, what is known is written
    down: what was not begun is pending again, what is on the wire too long becomes unknown.
    """

    def __init__(
        self,
        tools: Tools,
        health: Health,
        *,
        stopped: Callable[[], bool],
        gift_cards: Mapping[int, SealedNumber] | None = None,
        given_back: Callable[[int], object] = lambda _leg_id: None,
    ) -> None:
        """`gift_cards` are the numbers unmatched legs go to, by leg id: just given, used here;
        `given_back` is told of each leg that is pending again."""
        self._tools = tools
        self._given_back = given_back
        self._gift_cards = dict(gift_cards or {})
        self._limits = tools.limits
        self._stopped = stopped
        parts = (tools.directory, tools.clock, tools.limits, health)
        self._sender = Sender(*parts, tools.stopwatch)
        self._resolver = Resolver(*parts, tools.stopwatch)
        self._checker = Checker(*parts)
        self._crew: Crew[Done] = Crew(self._work, tools.limits.connections)
        self._resend: deque[LegToSend] = deque()
        self._again: list[Job] = []
        self.tally = Tally()

    def go(self, supply: Iterator[Sequence[Job] | Sequence[int]], keep: Callable[[], bool]) -> bool:
        """Work through what `supply` gives: jobs, or ids of pending legs to claim; an empty batch
        says that there is nothing just now.

        `keep` is asked all the time and ends the run by saying no. Was it worked through?
        """
        more = True
        try:
            while True:
                if self._stopped() or not keep():
                    return False
                while more and self._crew.queued < self._limits.connections:
                    batch = next(supply, None)
                    more = batch is not None
                    if not batch:
                        break
                    self._begin(batch)
                self._send_again()
                if not len(self._crew):
                    if more or self._resend:
                        continue
                    return True
                self._write(self._crew.take(self._limits.gather_s))
                if broken := self._crew.broken():
                    raise broken
        finally:
            self._end()

    def _begin(self, batch: Sequence[Job] | Sequence[int]) -> None:
        jobs = [one for one in batch if isinstance(one, Job)]
        ids = [one for one in batch if isinstance(one, int)]
        if ids:
            jobs += self._claimed(
                lambda: self._tools.legs.claim(ids, self._tools.owner.token, self._now()),
                ids,
                Task.SEND,
            )
        self._crew.give(self._with_references(jobs))

    def _with_references(self, jobs: Sequence[Job]) -> list[Job]:
        """A check knows all our refunds of its payment, to tell those of others from them."""
        asked = (job.leg.payment_id for job in jobs if job.task is Task.CHECK)
        payments = {payment_id for payment_id in asked if payment_id is not None}
        if not payments:
            return list(jobs)
        known = self._tools.legs.references(sorted(payments))
        return [
            Job(job.task, replace(job.leg, known=known.get(job.leg.payment_id or 0, frozenset())))
            if job.task is Task.CHECK
            else job
            for job in jobs
        ]

    def _send_again(self) -> None:
        if not self._resend or self._crew.queued >= self._limits.connections:
            return
        legs = [self._resend.popleft() for _ in range(min(len(self._resend), self._batch))]
        claim = self._tools.legs.claim_again
        self._crew.give(
            self._claimed(
                lambda: claim(legs, self._tools.owner.token, self._now()),
                [leg.leg_id for leg in legs],
                Task.RESEND,
            )
        )

    @property
    def _batch(self) -> int:
        return self._limits.connections * 2

    def _claimed(
        self, claim: Callable[[], list[LegToSend]], ids: Iterable[int], task: Task
    ) -> list[Job]:
        """Held before they are claimed: in between, another thread of ours must not take them for
        abandoned."""
        wanted = set(ids)
        self._tools.owner.hold(wanted)
        won: list[LegToSend] = []
        try:
            won = claim()
        finally:
            self._tools.owner.let_go(wanted - {leg.leg_id for leg in won})
        for leg in won:
            self._tools.stopwatch.begin(leg)
        return [Job(task, self._with_number(leg)) for leg in won]

    def _with_number(self, leg: LegToSend) -> LegToSend:
        sealed = self._gift_cards.pop(leg.leg_id, None)
        return leg.to_gift_card(sealed) if sealed else leg

    def _work(self, job: Job) -> tuple[Done, Pace]:
        """In a thread of the crew: nothing here touches the store."""
        if job.task is Task.LOOK:
            return self._resolver.look(job.leg)
        if job.task is Task.CHECK:
            return self._checker.check(job.leg, job.leg.known or frozenset())
        verdict, pace, wait = self._sender.send(job.leg, resend=job.task is Task.RESEND)
        result = result_of(job.leg, verdict)
        if wait:
            result = replace(result, again_at=self._now() + wait)
        return result, pace

    def _write(self, done: Sequence[tuple[Job, Done]]) -> None:
        """Everything that is known, in as few commits as there are kinds of it."""
        if not done:
            return
        sent = [(job, one) for job, one in done if isinstance(one, LegResult)]
        looked = [(job, one) for job, one in done if isinstance(one, Found)]
        results = [one for _, one in sent]
        results += [one.result for _, one in looked if one.result is not None]
        try:
            applied = self._record(results)
        finally:
            # What could not be written is left as sent by nobody, so that it is looked up.
            self._tools.owner.let_go(job.leg.leg_id for job, _ in sent)
        looks = [one.look for _, one in looked if one.look is not None]
        if looks:
            self._tools.legs.note(looks)
        self._resend.extend(job.leg for job, one in looked if one.resend)
        self._write_checks([one for _, one in done if isinstance(one, Checked)])
        self._look_up_unclear(sent, applied)

    def _look_up_unclear(
        self, sent: Sequence[tuple[Job, LegResult]], applied: frozenset[int]
    ) -> None:
        """What came back unclear is looked up at once: mostly that settles it."""
        now = self._now()
        jobs = [
            Job(Task.LOOK, unclear(job.leg, result, now))
            for job, result in sent
            if result.state is LegState.UNKNOWN and result.leg_id in applied
        ]
        self._crew.give(jobs)

    def _write_checks(self, checks: Sequence[Checked]) -> None:
        if not checks:
            return
        kept = self._tools.legs.checked(checks, self._now())
        self.tally.states[LegState.FAILED_LATE] += len(kept.failed)
        self.tally.checked += sum(check.answered for check in checks)
        self.tally.discrepancies += kept.standing

    def _record(self, results: Sequence[LegResult]) -> frozenset[int]:
        if not results:
            return frozenset()
        applied = self._tools.legs.record(results, self._now())
        for result in results:
            if result.leg_id in applied:
                self.tally.states[result.state] += 1
                if result.state is LegState.PENDING:
                    self._note_given_back(result)
        return applied

    def _note_given_back(self, result: LegResult) -> None:
        self._given_back(result.leg_id)
        if result.again_at is not None:
            soonest = self.tally.next_at or result.again_at
            self.tally.next_at = min(soonest, result.again_at)
            self.tally.last_at = max(soonest, self.tally.last_at or soonest, result.again_at)

    def _end(self) -> None:
        """However it ended, nothing that is known is lost and nothing is left in our name."""
        done, unbegun, unanswered = self._crew.stop(self._limits.stop_s)
        claimed = {Task.SEND, Task.RESEND}
        held = [job for job in (*unbegun, *unanswered) if job.task in claimed]
        given_back = [_not_sent(job) for job in unbegun if job.task in claimed]
        cut = [_interrupted(job) for job in unanswered if job.task in claimed]
        self.tally.abandoned += len(cut)
        try:
            self._record([one for _, one in done if isinstance(one, LegResult)])
            self._record([*given_back, *cut])
            self._record([one.result for _, one in done if isinstance(one, Found) and one.result])
            self._write_checks([one for _, one in done if isinstance(one, Checked)])
        finally:
            ids = [job.leg.leg_id for job in held] + [job.leg.leg_id for job, _ in done]
            self._tools.owner.let_go(ids)

    def _now(self) -> datetime:
        return self._tools.clock.now()


def unclear(leg: LegToSend, result: LegResult, now: datetime) -> LegToSend:
    """The leg as it is after an attempt nobody knows the outcome of."""
    return replace(
        leg,
        state=LegState.UNKNOWN,
        changed_at=now,
        unclear=leg.unclear + 1,
        last_outcome=result.outcome,
        last_code=result.code,
        last_text=result.text,
        looked_at=None,
        looks=0,
    )


def _not_sent(job: Job) -> LegResult:
    state = LegState.PENDING if job.task is Task.SEND else LegState.UNKNOWN
    return LegResult(
        job.leg.leg_id, job.leg.state, job.leg.attempts, state, Outcome.NOT_SENT, "stopped"
    )


def _interrupted(job: Job) -> LegResult:
    return LegResult(
        job.leg.leg_id,
        job.leg.state,
        job.leg.attempts,
        LegState.UNKNOWN,
        Outcome.INTERRUPTED,
        "stopped",
    )

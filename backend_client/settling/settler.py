"""Brings legs to their providers: intent, call, record. At most once, whatever happens between."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend_client.domain.driving import DriveReport
from backend_client.domain.reconciliation import Reconciliation, TheirRefund
from backend_client.domain.refund import LegState
from backend_client.domain.settlement import LeaseRow, LegResult, LegToSend, Outcome
from backend_client.domain.stored_value import SealedNumber
from backend_client.ports import Clock
from backend_client.settling.crew import Job, Task
from backend_client.settling.feed import CLAIM, Feed, Supply
from backend_client.settling.health import Health
from backend_client.settling.lease import Lease
from backend_client.settling.limits import Limits
from backend_client.settling.owner import Owner, ProcessOwner
from backend_client.settling.ports import Directory, LegStore
from backend_client.settling.reconciler import Reconciler, with_export
from backend_client.settling.run import Run, Tally, Tools
from backend_client.settling.stopwatch import Stopwatch

POLL_S = 0.05
ASKED_EVERY_S = 1.0
"""So often somebody who waits asks whether to go on: a lease lasts much longer."""


class Settler:
    """Sends pending legs and finishes what a crash or an unclear answer left open.

    `settle` is for the legs of a commit and needs no lease: claims keep it safe beside whoever
    drives. `recover` and `drive` work through the whole store and hold the lease meanwhile.
    Refusals of the store pass through: legs then stay as they are written and are recovered.
    """

    def __init__(
        self,
        legs: LegStore,
        directory: Directory,
        clock: Clock,
        *,
        owner: Owner | None = None,
        limits: Limits | None = None,
        ticks: Callable[[], float] | None = None,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        limits = limits or Limits()
        self._limits = limits
        self._legs = legs
        self._clock = clock
        self._owner = owner or ProcessOwner()
        self._wait = wait
        self._tools = Tools(legs, directory, clock, limits, self._owner, Stopwatch(clock, ticks))
        self._lease = Lease(legs, self._owner, clock, limits)
        self._stop = False

    def stop(self) -> None:
        """End every run in an orderly way; no more than a flag, so a signal handler may do it."""
        self._stop = True

    @property
    def stopped(self) -> bool:
        return self._stop

    def settle(self, leg_ids: Sequence[int]) -> None:
        """Send these legs, those of them that are pending."""
        size = self._limits.connections * 2
        batches = (leg_ids[start : start + size] for start in range(0, len(leg_ids), size))
        self._run(Health(self._limits.outages)).go(batches, lambda: True)

    def send(
        self,
        supply: Supply,
        keep: Callable[[], bool] = lambda: True,
        come_back: Callable[[], bool] = lambda: True,
    ) -> DriveReport:
        """Send what `supply` gives, which is asked for more while there is room; it ends this.

        Comes back to what was surely not executed as `drive` does, unless `come_back` says no while
        it waits for that. `keep` is asked all the time: when it says no, no more is begun and what
        is on the wire is waited for.
        """

        def rest() -> bool:
            return keep() and come_back()

        feed = Feed(supply)
        report, passes = _Passed(), self._limits.passes
        while True:
            health = Health(self._limits.outages)
            run = Run(self._tools, health, stopped=lambda: self._stop, given_back=feed.left.add)
            through = run.go(feed.batches(health), keep)
            one = _passed(0, run.tally, health, through)
            report = report.and_then(one)
            rests = any(not pause.is_short for pause in health.paused.values())
            passes = self._limits.passes if one.got_on else passes - 1
            wait_s = one.wait_s(self._clock.now())
            stuck = wait_s is None and not one.got_on
            if not through or rests or not feed.left or not passes or stuck:
                return report
            if not (rest() and self._wait_for(wait_s or 0.0, rest)):
                return replace(report, stopped=True)

    def load(self, gift_cards: Mapping[int, SealedNumber]) -> None:
        """Send unmatched legs, those that are pending, with the numbers just given; each number is
        used once, and what was not sent needs it again."""
        health = Health(self._limits.outages)
        run = Run(self._tools, health, stopped=lambda: self._stop, gift_cards=gift_cards)
        run.go(iter([sorted(gift_cards)]), lambda: True)

    def recover(self) -> int:
        """Finish what is unfinished and not in somebody's hands; how many legs were looked at.

        Somebody asks for it, so what should have been left alone until later is looked at too.
        Where another program drives, it does that already.
        """
        return self._driven(lambda keep: self._pass(keep, due=None)).looked

    def drive(self, *, patient: bool = False) -> DriveReport:
        """Everything that can be done now: send, look up, send again, check what succeeded.

        Returns to what was surely not executed as often as `passes` allows, waiting as long as the
        provider asked. `patient` leaves alone what is not due yet and keeps the lease afterwards:
        the way of who drives for hours, and asks again before the lease runs out.
        """
        return self._driven(lambda keep: self._drive(keep, patient=patient), resting=patient)

    def let_go(self) -> None:
        """Leave the driving to others, who need not wait until the lease runs out."""
        self._lease.let_go()

    def reconcile(self, since: datetime | None) -> Reconciliation:
        """Our legs beside what their providers list now; what is found is written down."""
        return Reconciler(self._tools, lambda: self._stop).with_providers(since)

    def compare(self, since: datetime | None, theirs: Iterable[TheirRefund]) -> Reconciliation:
        """Our legs beside a provider's export; nobody is asked, nothing is written."""
        return with_export(self._tools, since, theirs)

    def pause(self, seconds: float) -> bool:
        """Wait, unless told to stop; should the caller go on?"""
        left = seconds
        while left > 0 and not self._stop:
            self._wait(min(left, POLL_S))
            left -= POLL_S
        return not self._stop

    def _driven(
        self, work: Callable[[Callable[[], bool]], DriveReport], *, resting: bool = False
    ) -> DriveReport:
        held_by = self._lease.take()
        if held_by is not None:
            return DriveReport(held_by=held_by)
        lost: list[LeaseRow] = []

        def keep() -> bool:
            row = self._lease.keep()
            if row is not None:
                lost.append(row)
            return row is None

        try:
            report = work(keep)
        finally:
            if resting:
                self._lease.rest()
            else:
                self._lease.drop()
        return replace(report, held_by=lost[0] if lost else None)

    def _drive(self, keep: Callable[[], bool], *, patient: bool) -> DriveReport:
        due = self._clock.now() if patient else None
        fresh = None if due is None else due - self._limits.fresh
        report = self._pass(keep, due=due, fresh=fresh)
        passes = self._limits.passes
        while passes and not patient:
            wait_s = report.wait_s(self._clock.now())
            if wait_s is None or not all(pause.is_short for pause in report.paused.values()):
                break
            if not self._wait_for(wait_s, keep):
                break
            again = self._pass(keep, due=self._clock.now())
            passes = self._limits.passes if again.got_on else passes - 1
            report = report.and_then(again)
        if self._stop or not keep():
            return report
        checked = self._check(keep)
        return replace(report.and_then(checked), paused={**checked.paused, **report.paused})

    def _wait_for(self, seconds: float, keep: Callable[[], bool]) -> bool:
        """Wait in pieces, so that the lease stays ours and a stop is heard."""
        while seconds > 0:
            piece = min(seconds, ASKED_EVERY_S)
            if not self.pause(piece) or not keep():
                return False
            seconds -= piece
        return not self._stop

    def _pass(
        self, keep: Callable[[], bool], *, due: datetime | None, fresh: datetime | None = None
    ) -> _Passed:
        """Once through all that is unfinished, in one run."""
        health = Health(self._limits.outages)
        run = self._run(health)
        supply = _Supply(self, due, fresh)
        through = run.go(supply.batches(), keep)
        passed = _passed(supply.looked, run.tally, health, through)
        return replace(passed, no_provider=dict(supply.no_provider))

    def _check(self, keep: Callable[[], bool]) -> _Passed:
        health = Health(self._limits.outages)
        run = self._run(health)
        through = run.go(self._to_check(), keep)
        return _passed(0, run.tally, health, through)

    def _to_check(self) -> Iterator[Sequence[Job]]:
        after, now = 0, self._clock.now()
        while page := self._legs.to_check(after, self._limits.page, now):
            after = page[-1].leg_id
            yield [Job(Task.CHECK, leg) for leg in page]

    def _run(self, health: Health) -> Run:
        return Run(self._tools, health, stopped=lambda: self._stop)

    def take_over(self, sending: Sequence[LegToSend]) -> list[LegToSend]:
        """Legs whose sender is gone, or took longer than any call can, become unknown."""
        now = self._clock.now()
        orphans = {
            leg.leg_id: leg
            for leg in sending
            if self._owner.is_gone(leg.owner, leg.leg_id)
            or now - leg.changed_at > self._limits.call
        }
        if not orphans:
            return []
        applied = self._legs.record(
            [
                LegResult(
                    leg.leg_id,
                    LegState.SENDING,
                    leg.attempts,
                    LegState.UNKNOWN,
                    Outcome.INTERRUPTED,
                )
                for leg in orphans.values()
            ],
            now,
        )
        return [
            replace(
                leg,
                state=LegState.UNKNOWN,
                changed_at=now,
                unclear=leg.unclear + 1,
                last_outcome=Outcome.INTERRUPTED,
                looked_at=None,
                looks=0,
            )
            for leg_id, leg in orphans.items()
            if leg_id in applied
        ]

    def unfinished(
        self, after: int, due: datetime | None, fresh: datetime | None
    ) -> list[LegToSend]:
        return self._legs.unfinished(after, self._limits.page, due, fresh)

    def serves(self, leg: LegToSend) -> bool:
        """Is its provider configured?"""
        return self._tools.directory.get(leg.provider) is not None


class _Supply:
    """Unfinished legs page by page, so that memory does not grow with their number."""

    def __init__(self, settler: Settler, due: datetime | None, fresh: datetime | None) -> None:
        self._settler = settler
        self._due = due
        self._fresh = fresh
        self.looked = 0
        self.no_provider = Counter[str]()

    def batches(self) -> Iterator[Sequence[Job] | Sequence[int]]:
        after = 0
        while page := self._settler.unfinished(after, self._due, self._fresh):
            after = page[-1].leg_id
            self.looked += len(page)
            sending = [leg for leg in page if leg.state is LegState.SENDING]
            open_ = [leg for leg in page if leg.state in (LegState.UNKNOWN, LegState.ACCEPTED)]
            looks = self._served([*self._settler.take_over(sending), *open_])
            if looks:
                yield [Job(Task.LOOK, leg) for leg in looks]
            waiting = [leg for leg in page if leg.state is LegState.PENDING and leg.can_be_sent]
            pending = [leg.leg_id for leg in self._served(waiting)]
            for start in range(0, len(pending), CLAIM):
                yield pending[start : start + CLAIM]

    def _served(self, legs: Sequence[LegToSend]) -> list[LegToSend]:
        """Those whose provider is there; the others are counted, and left for a person."""
        served: list[LegToSend] = []
        for leg in legs:
            if self._settler.serves(leg):
                served.append(leg)
            else:
                self.no_provider[leg.provider] += 1
        return served


@dataclass(frozen=True, slots=True)
class _Passed(DriveReport):
    """A report in the making: how long until there is more to do."""

    next_at: datetime | None = None
    last_at: datetime | None = None

    def wait_s(self, now: datetime) -> float | None:
        """Until the first leg refused in the last pass, or the last one refused before it, is due
        again; None when none is left."""
        due = self.next_at or self.last_at
        if due is None or (self.next_at is None and due <= now):
            return None
        return max(0.0, (due - now).total_seconds())

    @property
    def got_on(self) -> bool:
        """Did any leg get to where it does not wait to be sent?"""
        return any(count for state, count in self.states.items() if state is not LegState.PENDING)

    def and_then(self, other: _Passed) -> _Passed:
        return _Passed(
            looked=self.looked + other.looked,
            states=Counter(self.states) + Counter(other.states),
            paused=other.paused,
            checked=self.checked + other.checked,
            discrepancies=self.discrepancies + other.discrepancies,
            abandoned=self.abandoned + other.abandoned,
            stopped=self.stopped or other.stopped,
            no_provider={**self.no_provider, **other.no_provider},
            next_at=other.next_at,
            last_at=max((at for at in (self.last_at, other.last_at) if at), default=None),
        )


def _passed(looked: int, tally: Tally, health: Health, through: bool) -> _Passed:
    return _Passed(
        looked=looked,
        states=dict(tally.states),
        paused=health.paused,
        checked=tally.checked,
        discrepancies=tally.discrepancies,
        abandoned=tally.abandoned,
        stopped=not through,
        next_at=tally.next_at,
        last_at=tally.last_at,
    )

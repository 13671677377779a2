"""Threads that speak to providers: so many at once for each, beginning with one."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

from backend_client.domain.settlement import LegToSend

D = TypeVar("D")


class Task(Enum):
    SEND = "send"
    RESEND = "resend"
    LOOK = "look"
    CHECK = "check"


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    task: Task
    leg: LegToSend


class Pace(Enum):
    """What an answer says about how many calls a provider bears at once."""

    MORE = "more"
    SAME = "same"
    LESS = "less"


@dataclass(slots=True)
class _Lane:
    """The jobs of one provider; `width` calls at once."""

    ready: threading.Condition
    waiting: deque[Job] = field(default_factory=deque)
    working: int = 0
    threads: int = 0
    width: int = 1


class Crew(Generic[D]):
    """Takes jobs, does them side by side, hands back what came of them.

    A provider is first asked one thing; every good answer lets one more call go out at once, up to
    `most`, and an overload halves them: a wrong key or an outage meets one call, not sixteen. The
    threads are daemons: a call that never ends must not keep the program from ending.
    """

    def __init__(self, work: Callable[[Job], tuple[D, Pace]], most: int) -> None:
        self._work = work
        self._most = most
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._lanes: dict[str, _Lane] = {}
        self._begun: set[Job] = set()
        self._done: list[tuple[Job, D]] = []
        self._broken: BaseException | None = None
        self._lost: list[Job] = []
        self._closed = False

    def __len__(self) -> int:
        """Jobs given and not yet handed back."""
        with self._lock:
            return self._open()

    @property
    def queued(self) -> int:
        """Jobs given that nobody has begun."""
        with self._lock:
            return sum(len(lane.waiting) for lane in self._lanes.values())

    def give(self, jobs: Iterable[Job]) -> None:
        with self._lock:
            for job in jobs:
                name = job.leg.provider
                if name not in self._lanes:
                    self._lanes[name] = _Lane(threading.Condition(self._lock))
                self._lanes[name].waiting.append(job)
            for name, lane in self._lanes.items():
                self._man(name, lane)
                lane.ready.notify(lane.width)

    def take(self, gather_s: float, *, poll_s: float = 0.05) -> list[tuple[Job, D]]:
        """What is done, after waiting for the first of it at most `poll_s`.

        Results are gathered for `gather_s`, unless nothing more can come.
        """
        with self._lock:
            if not self._done and self._open():
                self._changed.wait(poll_s)
            until = time.monotonic() + gather_s
            while self._done and self._open() > len(self._done) and not self._broken:
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            done, self._done = self._done, []
            return done

    def broken(self) -> BaseException | None:
        """What no job may do: an error that is no answer. Nothing more is begun after it."""
        return self._broken

    def stop(self, patience_s: float) -> tuple[list[tuple[Job, D]], list[Job], list[Job]]:
        """Begin nothing more and wait for what is on the wire.

        What is done; what was never begun; what still has no answer, and is left to itself.
        """
        until = time.monotonic() + patience_s
        with self._lock:
            unbegun = [job for lane in self._lanes.values() for job in lane.waiting]
            for lane in self._lanes.values():
                lane.waiting.clear()
            while self._begun and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            self._closed = True
            for lane in self._lanes.values():
                lane.ready.notify_all()
            done, self._done = self._done, []
            return done, unbegun, [*self._lost, *self._begun]

    def _open(self) -> int:
        waiting = sum(len(lane.waiting) for lane in self._lanes.values())
        return waiting + len(self._begun) + len(self._done)

    def _man(self, name: str, lane: _Lane) -> None:
        """As many threads as can be busy, never more than may be."""
        wanted = min(lane.width, lane.working + len(lane.waiting), self._most)
        while lane.threads < wanted:
            lane.threads += 1
            threading.Thread(
                target=self._serve, args=(name, lane), name=f"settling-{name}", daemon=True
            ).start()

    def _serve(self, name: str, lane: _Lane) -> None:
        while (job := self._next(lane)) is not None:
            try:
                result, pace = self._work(job)
            except BaseException as error:
                self._break(job, lane, error)
                return
            with self._lock:
                lane.working -= 1
                self._begun.discard(job)
                if not self._closed:
                    self._done.append((job, result))
                if pace is Pace.MORE:
                    lane.width = min(lane.width + 1, self._most)
                elif pace is Pace.LESS:
                    lane.width = max(lane.width // 2, 1)
                self._man(name, lane)
                lane.ready.notify(2)
                self._changed.notify_all()

    def _next(self, lane: _Lane) -> Job | None:
        with self._lock:
            lane.ready.wait_for(
                lambda: (
                    self._closed
                    or (not self._broken and lane.waiting and lane.working < lane.width)
                )
            )
            if self._closed:
                return None
            job = lane.waiting.popleft()
            lane.working += 1
            self._begun.add(job)
            return job

    def _break(self, job: Job, lane: _Lane, error: BaseException) -> None:
        with self._lock:
            lane.working -= 1
            self._begun.discard(job)
            self._lost.append(job)
            self._broken = self._broken or error
            self._changed.notify_all()

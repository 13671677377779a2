"""Runs in words: what they were told, what their items came to, why something is left out."""

from __future__ import annotations

from datetime import datetime

from backend_client.domain.problems import PROBLEMS
from backend_client.domain.run_parameters import CancellationParameters, DispatchParameters
from backend_client.domain.run_record import cancellation_of, dispatch_of
from backend_client.domain.runs import (
    BROKE_OFF,
    Run,
    RunKind,
    RunMode,
    RunPerformance,
    RunState,
)
from tui.text.columns import cells, fit
from tui.text.dates import Dates
from tui.text.days import written_range
from tui.text.inert import inert
from tui.text.wording import Wording

NAMED = 2
"""So many performances are named, more are counted."""
SHORTEST = 8
"""Cells of an event's name that are always left of it."""
LONGEST = 1000
SEPARATED = 3
"""Cells between two words of a title."""


def standing(run: Run, now: datetime) -> str:
    """How a run stands, as a word of `run_state`: a simulation also by what can become of it."""
    if run.is_lost:
        return "lost"
    if run.state is not RunState.SIMULATED:
        return run.state.value
    if run.live_id is not None:
        return "carried_out"
    if not run.taken:
        return "nothing"
    if run.expires_at is not None and run.expires_at <= now:
        return "expired"
    if run.approval is not None:
        return "approved"
    return "to_approve" if run.needs_approval else run.state.value


def why(code: str, wording: Wording) -> str:
    """Why an item is left out, in a few words where there are some."""
    for key in (f"run_reason.{code}", f"command.lookup.why.{code}"):
        if wording.has(key):
            return wording.text(key)
    message = PROBLEMS[code].message if code in PROBLEMS else ""
    return message if message and "{" not in message else inert(code).replace("-", " ")


class RunWords:
    """Says what a run is; `dates` are the house's."""

    def __init__(self, wording: Wording, dates: Dates) -> None:
        self._wording = wording
        self._dates = dates

    def kind(self, run: Run) -> str:
        return self._wording.text(f"run_kind.{run.kind.value}")

    def title(self, run: Run, room: int) -> tuple[str, tuple[str, ...]]:
        """Its kind, then its number and what it was told; where there is less `room` than that
        needs, of which simulation it is gives way first, then the length of its kind."""
        kind, which, told = self.kind(run), self.which(run), self.told(run)
        short = self._wording.text(f"run_short.{run.kind.value}")
        number = self._wording.text("run_words.live_short", run=run.id)
        alone = number if run.mode is RunMode.LIVE else which
        for head in ((kind, which), (kind, alone), (short, alone)):
            left = room - sum(cells(one) + SEPARATED for one in head)
            if cells(told) <= left:
                break
        return head[0], (head[1], self.told(run, max(left, SHORTEST)))

    def which(self, run: Run) -> str:
        """`simulation 41`, `run 42 of simulation 41`"""
        if run.mode is RunMode.SIMULATION:
            return self._wording.text("run_words.simulation", run=run.id)
        return self._wording.text("run_words.live", run=run.id, simulation=run.simulation_id)

    def unit(self, run: Run) -> str:
        """What its totals count: a request paid out in two payments is one until it goes live."""
        return self._wording.text(f"run_words.unit.{run.kind.value}.{run.mode.value}")

    def state(self, run: Run, now: datetime) -> str:
        """How it stands: `done`, `by run 42`, `nothing to do`."""
        return self._wording.text(f"run_state.{standing(run, now)}", live=run.live_id)

    def note(self, run: Run) -> str:
        """Why it does not run, or who ended it; a code of the catalogue in its words."""
        code = run.note.removeprefix(BROKE_OFF)
        told = self.why(code) if code in PROBLEMS else inert(code)
        return self._wording.text("run_words.broke_off", why=told) if code != run.note else told

    def approval(self, run: Run, now: datetime) -> str:
        """Who allowed it, or that somebody has to; empty where nobody was asked."""
        if run.approval is not None:
            at, who = self._dates.short(run.approval.at), inert(run.approval.operator)
            return self._wording.text("run_words.approved", operator=who, at=at)
        if standing(run, now) == "to_approve":
            return self._wording.text("run_words.to_approve", operator=inert(run.operator))
        return ""

    def told(self, run: Run, room: int = LONGEST) -> str:
        """What it was told, in a few words: `1–22 Nov, credit: never, internet`. What distinguishes
        it stands first; where there is less `room` than that needs, it is cut behind."""
        if run.kind is RunKind.DISPATCH:
            return fit(self.dispatch(dispatch_of(run.parameters)), room)
        return self.cancellation(cancellation_of(run.parameters), run.performances, room)

    def dispatch(self, told: DispatchParameters) -> str:
        words = self._wording
        credit = words.text(f"run_words.credit.{told.credit.value}")
        parts = [
            written_range(told.first, told.last, words),
            credit,
            *map(inert, told.sold_through),
        ]
        if told.batch:
            parts.append(words.text("run_words.batch", count=f"{told.batch:,}"))
        return ", ".join(parts)

    def cancellation(
        self,
        told: CancellationParameters,
        performances: tuple[RunPerformance, ...],
        room: int = LONGEST,
    ) -> str:
        """`Hamlet · 07 Dec 13:30, restricted`; of the name only as much as leaves room for when."""
        if not performances:
            ids = ", ".join(map(str, told.performances))
            return fit(self._wording.text("run_words.performance", ids=ids), room)
        which = ", ".join(map(self._one_of, performances))
        if len(performances) > NAMED:
            which = self._wording.text("run_words.performances", count=len(performances))
        if told.is_restricted:
            which = ", ".join((which, self._wording.text("run_words.restricted")))
        event = fit(inert(performances[0].event), max(room - cells(which) - 3, SHORTEST))
        return fit(f"{event} · {which}", room)

    def _one_of(self, one: RunPerformance) -> str:
        """Which of one event: by its time, or by its key where it has none."""
        return self._dates.short(one.starts_at) if one.starts_at else inert(one.key)

    def why(self, code: str) -> str:
        return why(code, self._wording)

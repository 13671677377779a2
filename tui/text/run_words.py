"""Runs in words: what they were told, what their items came to, why something is left out."""

from __future__ import annotations

from backend_client.domain.problems import PROBLEMS
from backend_client.domain.run_parameters import CancellationParameters, DispatchParameters
from backend_client.domain.run_record import cancellation_of, dispatch_of
from backend_client.domain.runs import Run, RunKind, RunMode, RunPerformance
from tui.text.dates import Dates
from tui.text.days import written_range
from tui.text.inert import inert
from tui.text.wording import Wording

NAMED = 2
"""So many performances are named, more are counted."""


class RunWords:
    """Says what a run is; `dates` are the house's."""

    def __init__(self, wording: Wording, dates: Dates) -> None:
        self._wording = wording
        self._dates = dates

    def kind(self, run: Run) -> str:
        return self._wording.text(f"run_kind.{run.kind.value}")

    def which(self, run: Run) -> str:
        """`simulation 41`, `run 42 of simulation 41`"""
        if run.mode is RunMode.SIMULATION:
            return self._wording.text("run_words.simulation", run=run.id)
        return self._wording.text("run_words.live", run=run.id, simulation=run.simulation_id)

    def told(self, run: Run) -> str:
        """What it was told, in a few words: `1–22 Nov, internet, credit: never`."""
        if run.kind is RunKind.DISPATCH:
            return self.dispatch(dispatch_of(run.parameters))
        return self.cancellation(cancellation_of(run.parameters), run.performances)

    def dispatch(self, told: DispatchParameters) -> str:
        words = self._wording
        credit = words.text(f"credit_mode.{told.credit.value}")
        parts = [
            written_range(told.first, told.last, words),
            *map(inert, told.sold_through),
            words.text("run_words.credit", mode=credit),
        ]
        if told.batch:
            parts.append(words.text("run_words.batch", count=f"{told.batch:,}"))
        return ", ".join(parts)

    def cancellation(
        self, told: CancellationParameters, performances: tuple[RunPerformance, ...]
    ) -> str:
        names = [self.performance(one) for one in performances]
        if not names:
            ids = ", ".join(map(str, told.performances))
            names = [self._wording.text("run_words.performance", ids=ids)]
        if len(names) > NAMED:
            event = inert(performances[0].event)
            names = [self._wording.text("run_words.performances", event=event, count=len(names))]
        if told.is_restricted:
            names.append(self._wording.text("run_words.restricted"))
        return ", ".join(names)

    def performance(self, one: RunPerformance) -> str:
        when = self._dates.short(one.starts_at) if one.starts_at else ""
        return " · ".join(part for part in (inert(one.event), when) if part)

    def why(self, code: str) -> str:
        """Why an item is left out, in a few words where there are some."""
        for key in (f"run_reason.{code}", f"command.lookup.why.{code}"):
            if self._wording.has(key):
                return self._wording.text(key)
        message = PROBLEMS[code].message if code in PROBLEMS else ""
        return message if message and "{" not in message else inert(code).replace("-", " ")

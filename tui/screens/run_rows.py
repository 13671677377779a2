"""Runs as rows of a list: number, what it was told, when, how it stands, how much."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from backend_client.domain.runs import Run, RunMode
from tui.screens.run_looks import run_state
from tui.text.columns import pad
from tui.text.dates import Dates
from tui.text.run_pace import progress_of
from tui.text.run_words import RunWords
from tui.text.wording import Wording
from tui.widgets.parts import Part

NUMBER, WHEN, STATE, COUNT = 4, 12, 15, 8
KIND = 8


class RunRows:
    """Simulations stand back: what moved money is what one looks for."""

    def __init__(self, wording: Wording, dates: Dates, words: RunWords, now: datetime) -> None:
        """`now` says which simulations can no longer go live."""
        self._wording = wording
        self._dates = dates
        self._words = words
        self._now = now

    @staticmethod
    def _room(width: int) -> int:
        return max(width - 3 - NUMBER - 1 - KIND - 1 - 1 - WHEN - 1 - STATE - COUNT, 8)

    def heading(self, width: int) -> Content:
        say = self._wording.text
        names = ("number", "kind", "told", "when", "state")
        widths = (NUMBER, KIND, self._room(width), WHEN, STATE)
        cells = [
            pad(say(f"screen.runs.head.{name}"), room, right=name == "number")
            for name, room in zip(names, widths, strict=True)
        ]
        count = pad(say("screen.runs.head.items"), COUNT - 1, right=True)
        return Content.assemble((f"   {' '.join(cells)}{count}", "$muted"))

    def draw(self, run: Run, width: int, marked: bool) -> Content:
        live = run.mode is RunMode.LIVE
        quiet = "" if live or marked else "$muted"
        kind = self._wording.text(f"run_short.{run.kind.value}")
        text, style = run_state(self._words, run, self._now)
        room = self._room(width)
        parts: list[Part] = [
            (" › " if marked else "   ", "bold $accent"),
            (f"{run.id:>{NUMBER}}", "bold" if live else quiet),
            " ",
            (pad(kind, KIND), quiet),
            " ",
            (pad(self._words.told(run, room), room), quiet),
            " ",
            (pad(self._dates.short(run.started_at), WHEN), "$muted"),
            " ",
            (pad(text, STATE), style),
            (pad(self._count(run), COUNT - 1, right=True), quiet),
        ]
        return Content.assemble(*parts)

    def _count(self, run: Run) -> str:
        """How many items; of a live run that is not through, how far it is."""
        done, whole = progress_of(run)
        if whole and done < whole:
            return f"{int(done / whole * 100)} %"
        return f"{run.items:,}"

"""Every run there was, newest first, and the two ways to begin one."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from backend_client.backend import Backend
from backend_client.domain.permissions import allowed
from backend_client.domain.runs import UNFINISHED, Run
from tui.screens.frame import FOR_RUNS, FrameScreen
from tui.screens.run_rows import RunRows
from tui.screens.run_steps import dispatch_now
from tui.text.run_words import RunWords
from tui.widgets.frame_lines import Level
from tui.widgets.virtual_list import VirtualList

AT_MOST = 1000
"""Older ones are for the command line."""
AGAIN_S = 1.0
"""How often the list is read again while one of its runs is live."""


class RunsScreen(FrameScreen):
    """C cancels a performance, D dispatches; Enter opens a run: its totals, its items, its log."""

    NAME = "runs"
    CSS_PATH = "open_refunds.tcss"
    FOOTER: ClassVar[tuple[str, ...]] = (
        "help",
        "cancel_performance",
        "dispatch",
        "open",
        "preview",
        "back",
    )
    AUTO_FOCUS = "VirtualList"

    def __init__(self, *, dispatches: bool = False) -> None:
        """`dispatches` goes on to a dispatch as soon as the list is read."""
        super().__init__()
        self._was_read = False
        self._newest_first: list[Run] = []
        self._dispatches = dispatches

    def compose_main(self) -> ComposeResult:
        yield Static("", id="heading")
        runs: VirtualList[Run] = VirtualList(self._draw, widget_id="runs")
        yield runs

    @property
    def runs(self) -> VirtualList[Run]:
        return self.query_one("#runs", VirtualList)

    def where(self) -> tuple[str, tuple[str, ...]]:
        return self.words("title"), (self.window.house,)

    def on_mount(self) -> None:
        super().on_mount()
        self.say(self.words("reading"), Level.HINT)
        self.set_interval(AGAIN_S, self._again)

    def came_back(self) -> None:
        self.do_preview()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._head)

    # ------------------------------------------------------------ reading

    def do_preview(self) -> None:
        """Read the list again; the cursor stays on its run."""
        caller = self.window.caller

        def read(backend: Backend) -> list[Run]:
            found: list[Run] = []
            before = None
            while len(found) < AT_MOST:
                page = backend.runs(caller, before=before, limit=200)
                found += page.runs
                before = page.next_before
                if before is None:
                    break
            return found

        self.ask("runs", read, self._show)

    def do_runs(self) -> None:
        self.do_preview()

    def _again(self) -> None:
        """The figures of what is live move while it is looked at."""
        window = self.window
        if window.frame is self and window.live_runs.under_way:
            self.do_preview()

    def _show(self, runs: list[Run]) -> None:
        self._was_read = True
        self._newest_first = runs
        current = self.runs.current
        kept = next((at for at, one in enumerate(runs) if current and one.id == current.id), 0)
        self.runs.show(runs, cursor=kept)
        self._head()
        halted = [one for one in runs if one.state in UNFINISHED and self._waits(one)]
        if halted:
            self.say(self.words("halted", run=halted[0].id), Level.WARNING)
        else:
            carries_out = allowed(self.window.caller, FOR_RUNS["cancel_performance"])
            what = "hint" if runs else "none"
            self._say_begun(what if carries_out else f"{what}_looking")
        if self._dispatches and self.window.screen is self:
            self._dispatches = False
            self.do_dispatch()

    def _say_begun(self, otherwise: str) -> None:
        """A form that was left half filled is not forgotten."""
        name = self.window.half_filled.latest_name()
        if name:
            self.say(self.words(f"begun.{name}"))
        else:
            self.say(self.words(otherwise), Level.HINT)

    def _waits(self, run: Run) -> bool:
        """Does it wait for somebody to go on with it?"""
        return run.is_lost or run.state.value in ("stopped", "paused")

    # ------------------------------------------------------------ drawing

    @property
    def _rows(self) -> RunRows:
        window = self.window
        words = RunWords(window.wording, window.dates)
        return RunRows(window.wording, window.dates, words, window.clock.now())

    def _head(self) -> None:
        width = self.runs.scrollable_content_region.width
        self.query_one("#heading", Static).update(self._rows.heading(width))

    def _draw(self, run: Run, width: int, marked: bool) -> Content:
        return self._rows.draw(run, width, marked)

    # ------------------------------------------------------------ going on

    @on(VirtualList.Opened)
    def _opened(self, message: VirtualList.Opened) -> None:
        from tui.screens.run import RunScreen

        run = self.runs.row(message.index)
        if run is not None:
            self.window.push_screen(RunScreen(run))

    def do_cancel_performance(self) -> None:
        from tui.screens.to_runs import go_on_cancelling

        go_on_cancelling(self.window)

    def do_dispatch(self) -> None:
        """With what the next step of the run just done would fill in, or at least its days; asked
        for before the list is read, as soon as it is."""
        from tui.screens.dispatch import DispatchScreen

        if not self._was_read:
            self._dispatches = True
            return
        window = self.window
        follows = dispatch_now(self._newest_first, window.dates, window.clock.now())
        told, after = follows if follows is not None else (None, None)
        window.push_screen(DispatchScreen(told, after=after))

"""The items of a run as a list under one filter, or the latest of a live run as they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from backend_client.domain.problems import Refused
from backend_client.domain.runs import (
    Difference,
    Differences,
    Run,
    RunItem,
    RunKind,
    RunMode,
)
from tui.screens.run_items import Filter, ItemRows, Items, filters
from tui.text.columns import pad
from tui.text.inert import inert
from tui.text.run_words import RunWords
from tui.text.wording import Wording
from tui.widgets.parts import Part, spread, width_of
from tui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.screens.frame import FrameScreen

Row = RunItem | Difference | str
SINCE = Filter("since")


class RunList(Vertical):
    """Left and right go through the filters; of a live run the first one follows what is done."""

    def __init__(self, wording: Wording, words: RunWords, usual: str) -> None:
        super().__init__()
        self._wording = wording
        self._words = words
        self._rows = ItemRows(wording, words, usual)
        self._run: Run | None = None
        self._since: Differences | None = None
        self._latest: Sequence[RunItem] = ()
        self.follows = False
        self.filter = 0
        self._total: int | None = None
        """How many the filter lets through, as soon as they are counted."""

    def compose(self) -> ComposeResult:
        yield Static("", id="filter")
        items: VirtualList[Row] = VirtualList(self._draw, widget_id="items")
        yield items

    @property
    def items(self) -> VirtualList[Row]:
        return self.query_one("#items", VirtualList)

    @property
    def frame(self) -> FrameScreen:
        return cast("FrameScreen", self.screen)

    def on_resize(self, _event: events.Resize) -> None:
        self._head()

    # ------------------------------------------------------------ what is shown

    def show(self, run: Run, *, follows: bool) -> None:
        """The items of this run from the first one on; `follows` shows the latest instead."""
        self._run, self.follows = run, follows
        self.filter, self._latest, self._since = 0, (), None
        self.read()

    def differ(self, since: Differences) -> None:
        """What changed or appeared can be looked at by itself, where there is any."""
        self._since = since if since.changed_count or since.appeared_count else None
        self._head()

    def step(self, step: int) -> None:
        if self._run is not None:
            self.filter = (self.filter + step) % len(self._filters)
            self._latest = ()
            self.read()

    @property
    def room(self) -> int:
        """How many of the latest rows fit; none while another filter is looked at."""
        if not self.follows or self.filter:
            return 0
        return self.items.scrollable_content_region.height

    def show_latest(self, rows: Sequence[RunItem]) -> None:
        if rows and rows != self._latest and self.room:
            self._latest = rows
            self.items.show(rows, cursor=len(rows) - 1)

    def read(self) -> None:
        """The rows of the filter, counted in a worker and read page by page."""
        self._total = None
        self._head()
        window = self.frame.window
        if self._run is None or window.backend is None:
            return
        chosen = self._filters[self.filter]
        if self.follows and self.filter == 0:
            self.frame.forget("items")
            self.items.show(())
        elif chosen is SINCE:
            assert self._since is not None
            self.frame.forget("items")
            self.items.show((*self._since.changed, *self._since.appeared))
            self._count(self._since.changed_count + self._since.appeared_count)
        else:
            pages = Items(window.backend, window.caller, self._run.id, chosen)
            self.frame.ask("items", lambda _backend: pages.count(), self._counted(pages))

    def _counted(self, pages: Items) -> Callable[[int], None]:
        def show(total: int) -> None:
            self.items.show_pages(total, pages.page)
            self._count(total)

        return show

    def _count(self, total: int) -> None:
        self._total = total
        self._head()

    @on(VirtualList.PageFailed)
    def _page_failed(self, message: VirtualList.PageFailed) -> None:
        error = message.error
        problem = error if isinstance(error, Refused) else self.frame.window.as_problem(error)
        self.frame.refuse_problem(problem)

    # ------------------------------------------------------------ drawing

    @property
    def _filters(self) -> tuple[Filter, ...]:
        assert self._run is not None
        return (*filters(self._run), SINCE) if self._since is not None else filters(self._run)

    def _say(self, key: str) -> str:
        return self._wording.text(f"screen.run.{key}")

    def _head(self) -> None:
        """The filters; the title before them gives way where they need its room."""
        if self._run is None:
            return
        width, chosen = self.frame.size.width - 2, self._names()
        head: list[Part] = [" ", ("─ ", "$rule"), (self._say("items"), "$accent"), *chosen]
        if width_of(head) > width:
            head = [" ", ("─", "$rule"), *chosen]
        head.append(("─" * max(width - width_of(head), 0), "$rule"))
        self.query_one("#filter", Static).update(spread(width, head))

    def _names(self) -> list[Part]:
        """`‹ all · cards · person 12 ›`; how many there are in all stands above already."""
        parts: list[Part] = [(" ‹ ", "bold $accent")]
        for index, one in enumerate(self._filters):
            name = "latest" if index == 0 and self.follows else one.name
            is_chosen = index == self.filter
            count = f" {self._total:,}" if is_chosen and index and self._total is not None else ""
            parts += [(" · ", "$muted")] if index else []
            words = f"{self._say(f'filter.{name}')}{count}"
            parts.append((words, "reverse" if is_chosen else "$muted"))
        return [*parts, (" › ", "bold $accent")]

    @property
    def _numbered(self) -> bool:
        """A cancellation that is only simulated has made no refunds."""
        run = self._run
        return run is not None and not (
            run.kind is RunKind.CANCELLATION and run.mode is RunMode.SIMULATION
        )

    def _draw(self, row: Row, width: int, marked: bool) -> Content:
        if isinstance(row, RunItem):
            return self._rows.draw(row, width, marked, numbered=self._numbered)
        mark = (" › " if marked else "   ", "bold $accent")
        if isinstance(row, str):
            return Content.assemble(mark, pad(inert(row), 12), (self._say("appeared"), "$muted"))
        why = (f"≠ {self._words.why(row.why)}", "$warn")
        return Content.assemble(mark, pad(inert(row.booking_reference), 12), why)

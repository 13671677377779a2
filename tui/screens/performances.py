"""Which performance is cancelled: looked for by name, one or more of one event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.problems import Refused
from backend_client.domain.runs import PerformancePage, PerformanceRow
from tui.screens.frame import FrameScreen
from tui.screens.performance_rows import PerformanceRows
from tui.widgets.frame_lines import Level
from tui.widgets.text_fields import LookupBox, PlainField
from tui.widgets.virtual_list import PAGE_ROWS, VirtualList

LONGEST_TEXT = 80


class PerformanceList(VirtualList[PerformanceRow]):
    """From its first row the way up leads to the box above it."""

    def move(self, step: int) -> None:
        if step < 0 and self.cursor <= 0:
            self.screen.query_one(LookupBox).focus()
        else:
            super().move(step)


class PerformancesScreen(FrameScreen):
    """Space chooses a performance, Enter goes on with what is chosen, or with the row it is on."""

    NAME = "performances"
    CSS_PATH = "lookup.tcss"
    FOOTER: ClassVar[tuple[str, ...]] = (
        *("help", "choose", "choose_all", "open", "back", "palette"),
    )
    AUTO_FOCUS = "LookupBox"

    def __init__(self, chosen: Sequence[PerformanceRow] = ()) -> None:
        super().__init__()
        self.chosen: dict[int, PerformanceRow] = {one.id: one for one in chosen}
        self._listed: Sequence[PerformanceRow] = ()
        """All of them, where they came as one page."""

    def compose_main(self) -> ComposeResult:
        with Horizontal(id="find"):
            yield Static(self.words("find"), id="find-label", markup=False)
            yield LookupBox(key_time=self.window.key_time, max_length=LONGEST_TEXT, widget_id="box")
            yield Static("", id="count", markup=False)
        yield Static("", id="heading")
        yield PerformanceList(self._draw, widget_id="performances")

    @property
    def performances(self) -> PerformanceList:
        return self.query_one(PerformanceList)

    def where(self) -> tuple[str, tuple[str, ...]]:
        return self.words("title"), (self.words("step"),)

    def on_mount(self) -> None:
        super().on_mount()
        self._say_chosen()

    def came_back(self) -> None:
        self._look()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._head)

    # ------------------------------------------------------------ looking

    @on(Input.Changed, "#box")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._look()

    def _look(self) -> None:
        caller, text = self.window.caller, self.query_one(LookupBox).value.strip()

        def read(backend: Backend) -> tuple[Pages, PerformancePage]:
            pages = Pages(backend, caller, text)
            return pages, pages.read(0)

        self.ask("look", read, lambda answer: self._show(*answer), self._refused)

    def _refused(self, problem: Refused) -> None:
        """A full card number does not stay on the screen either."""
        if problem.code == "full-card-number":
            self.query_one(LookupBox).forget_card()
            self._look()
        self.refuse_problem(problem)

    def _show(self, pages: Pages, first: PerformancePage) -> None:
        is_whole = first.total <= len(first.performances)
        self._listed = first.performances if is_whole else ()
        if is_whole:
            self.performances.show(first.performances)
        else:
            self.performances.show_pages(first.total, lambda page: pages.read(page).performances)
        self.query_one("#count", Static).update(Content(self._count(first.total)))
        self._head()

    def _count(self, total: int) -> str:
        return self.window.wording.count("screen.performances.count", total)

    def _head(self) -> None:
        width = self.performances.scrollable_content_region.width
        rows = PerformanceRows(self.window.wording, self.window.dates)
        self.query_one("#heading", Static).update(rows.heading(width))

    def _draw(self, row: PerformanceRow, width: int, marked: bool) -> Content:
        rows = PerformanceRows(self.window.wording, self.window.dates)
        return rows.draw(row, width, marked=marked, chosen=row.id in self.chosen)

    @on(LookupBox.Stepped)
    def _step(self, message: LookupBox.Stepped) -> None:
        """Down goes into the list, where Space chooses."""
        if message.key in ("down", "pagedown") and self.performances.total:
            self.performances.focus()

    @on(PlainField.Swiped)
    def _swiped(self) -> None:
        self.say(self.window.wording.text("screen.scan.swipe"), Level.WARNING)

    @on(VirtualList.PageFailed)
    def _page_failed(self, message: VirtualList.PageFailed) -> None:
        error = message.error
        problem = error if isinstance(error, Refused) else self.window.as_problem(error)
        self.refuse_problem(problem)

    # ------------------------------------------------------------ choosing and going on

    def do_choose(self) -> None:
        """One run cancels performances of one event."""
        row = self.performances.current
        if row is None or not self.performances.has_focus:
            self.refuse(self.words("not.no_row"))
            return
        if row.id in self.chosen:
            del self.chosen[row.id]
        elif any(one.event_key != row.event_key for one in self.chosen.values()):
            self.refuse(self.words("not.other_event"))
            return
        else:
            self.chosen[row.id] = row
        self.performances.refresh()
        self._say_chosen()

    def do_choose_all(self) -> None:
        """Everything that is listed, if it is of one event; chosen already, nothing."""
        listed = self._listed
        if not listed:
            self.refuse(self.words("not.too_many" if self.performances.total else "not.none"))
        elif any(one.event_key != listed[0].event_key for one in listed):
            self.refuse(self.words("not.events"))
        else:
            every = {one.id: one for one in listed}
            self.chosen = {} if self.chosen.keys() >= every.keys() else every
            self.performances.refresh()
            self._say_chosen()

    def _say_chosen(self) -> None:
        count = len(self.chosen)
        if count:
            self.say(self.window.wording.count("screen.performances.chosen", count))
        else:
            self.say(self.words("hint"), Level.HINT)

    @on(LookupBox.Entered)
    def _entered(self, message: LookupBox.Entered) -> None:
        """Enter in the box only leads into the list: a scan must not choose anything."""
        with self.prevent(Input.Changed):
            self.query_one(LookupBox).value = message.text
        self._look()
        self.performances.focus()

    @on(VirtualList.Opened)
    def _go_on(self) -> None:
        from tui.screens.cancel_performance import CancelPerformanceScreen

        row = self.performances.current
        chosen: Sequence[PerformanceRow] = tuple(self.chosen.values())
        if not chosen and row is not None:
            chosen = (row,)
        if chosen:
            self.window.push_screen(CancelPerformanceScreen(tuple(chosen)))
        else:
            self.refuse(self.words("not.none"))


class Pages:
    """Performances that are called like a text, page by page; called from worker threads."""

    def __init__(self, backend: Backend, caller: Caller, text: str) -> None:
        self._backend = backend
        self._caller = caller
        self._text = text

    def read(self, page: int) -> PerformancePage:
        start = page * PAGE_ROWS
        return self._backend.performances(self._caller, self._text, start=start, limit=PAGE_ROWS)

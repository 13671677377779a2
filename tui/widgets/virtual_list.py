"""The one list of the window: any number of rows, only those in sight are drawn or fetched."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Generic, TypeVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

Row = TypeVar("Row")
Draw = Callable[[Row, int, bool], Content]
"""Draws one row in so many cells; the flag says whether the keys act on it."""

PAGE_ROWS = 100
PAGES_KEPT = 12


class VirtualList(ScrollView, Generic[Row], can_focus=True):
    """Rows from memory (`show`) or page by page from a worker (`show_pages`).

    Enter opens a row, it never toggles one. Rows that are not `selectable` are passed over.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"virtual-list--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "ends(-1)", show=False),
        Binding("end", "ends(1)", show=False),
        Binding("enter", "open", show=False),
    ]

    @dataclass(eq=False, repr=False)
    class Moved(Message):
        """The keys act on another row now."""

        index: int

    @dataclass(eq=False, repr=False)
    class Opened(Message):
        index: int

    @dataclass(eq=False, repr=False)
    class PageFetched(Message):
        generation: int
        page: int
        rows: Sequence[object]

    @dataclass(eq=False, repr=False)
    class PageFailed(Message):
        """A page could not be read; the list stays as it is."""

        generation: int
        page: int
        error: Exception

    def __init__(
        self,
        draw: Draw[Row],
        *,
        selectable: Callable[[Row], bool] = lambda _row: True,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(id=widget_id)
        self._draw = draw
        self._selectable = selectable
        self._fetch: Callable[[int], Sequence[Row]] | None = None
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()
        self._fetching: set[int] = set()
        self._generation = 0
        self.total = 0
        self.cursor = -1

    def show(self, rows: Sequence[Row], *, cursor: int = 0) -> None:
        """All rows at once; the cursor goes to the first selectable row from `cursor` on."""
        self._begin(len(rows))
        for page in range(0, len(rows), PAGE_ROWS):
            self._pages[page // PAGE_ROWS] = rows[page : page + PAGE_ROWS]
        self._place(cursor)

    def show_pages(self, total: int, fetch: Callable[[int], Sequence[Row]]) -> None:
        """`total` rows, page `n` (of `PAGE_ROWS`) fetched in a worker when it comes into sight."""
        self._begin(total)
        self._fetch = fetch
        self._place(0)

    def _begin(self, total: int) -> None:
        self._generation += 1
        self._pages.clear()
        self._fetching.clear()
        self._fetch = None
        self.total = total
        self.virtual_size = Size(0, total)

    def _place(self, cursor: int) -> None:
        self.cursor = -1
        start = min(max(cursor, 0), self.total - 1)
        for index in (*range(start, self.total), *range(start - 1, -1, -1)):
            if self.is_selectable(index):
                self.cursor = index
                break
        self.refresh()
        if start <= 0:
            self.scroll_to(y=0, animate=False, immediate=True)
        if self.cursor >= 0:
            self._reveal()
            self.post_message(self.Moved(self.cursor))

    def row(self, index: int) -> Row | None:
        """The row, or None while its page is not here."""
        rows = self._pages.get(index // PAGE_ROWS)
        place = index % PAGE_ROWS
        return rows[place] if rows is not None and place < len(rows) else None

    @property
    def current(self) -> Row | None:
        return self.row(self.cursor) if self.cursor >= 0 else None

    def is_selectable(self, index: int) -> bool:
        row = self.row(index)
        return row is None or self._selectable(row)

    def on_virtual_list_page_fetched(self, message: PageFetched) -> None:
        message.stop()
        if message.generation != self._generation:
            return
        self._fetching.discard(message.page)
        self._pages[message.page] = message.rows  # type: ignore[assignment]
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        self.refresh()
        if self.cursor // PAGE_ROWS == message.page:
            self.post_message(self.Moved(self.cursor))

    def on_virtual_list_page_failed(self, message: PageFailed) -> None:
        """Nobody needs to know of a page of the list that was shown before."""
        if message.generation != self._generation:
            message.stop()
        else:
            self._fetching.discard(message.page)

    def _want(self, page: int) -> None:
        """Ask a worker for a page that is in sight and not here."""
        if self._fetch is None or page in self._fetching:
            return
        self._fetching.add(page)
        self.run_worker(
            partial(self._read, self._fetch, self._generation, page),
            thread=True,
            group="pages",
            exit_on_error=False,
        )

    def _read(self, fetch: Callable[[int], Sequence[Row]], generation: int, page: int) -> None:
        try:
            self.post_message(self.PageFetched(generation, page, fetch(page)))
        except Exception as error:
            self.post_message(self.PageFailed(generation, page, error))

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width or self.size.width
        index = self.scroll_offset.y + y
        if index >= self.total:
            return Strip.blank(self.size.width, self.rich_style)
        row = self.row(index)
        if row is None:
            self._want(index // PAGE_ROWS)
            content = Content.assemble(("   …", "$muted"))
        else:
            content = self._draw(row, width, index == self.cursor)
        style = self.visual_style
        if index == self.cursor:
            style = self.get_visual_style("virtual-list--cursor")
        return self._strip(content, style, width)

    def _strip(self, content: Content, style: Style, width: int) -> Strip:
        """A row as it was drawn: there is nothing to wrap or to follow in it, and looking for that
        took longer than all the rest."""
        segments, x = [], 0
        for text, found in content.render(style, end="", parse_style=self._get_style):
            segments.append(Segment(text, found.rich_style_with_offset(x, 0)))
            x += cell_len(text)
        return Strip(segments, x).adjust_cell_length(width, style.rich_style)

    def move(self, step: int) -> None:
        """To the next selectable row in that direction, or as far as the list shows.

        A list with nothing to select is read like a page of text.
        """
        if self.cursor < 0:
            self.scroll_relative(y=step, animate=False, immediate=True)
            return
        index = self.cursor + step
        while 0 <= index < self.total and not self.is_selectable(index):
            index += 1 if step > 0 else -1
        if 0 <= index < self.total:
            self.go(index)
        else:
            self.scroll_to(y=0 if step < 0 else self.total, animate=False, immediate=True)

    def go(self, index: int) -> None:
        if index == self.cursor:
            return
        self.cursor = index
        self.refresh()
        self._reveal()
        self.post_message(self.Moved(index))

    def _reveal(self) -> None:
        height = self.scrollable_content_region.height
        if height <= 0:
            self.call_after_refresh(self._reveal_now)
        else:
            self._reveal_now()

    def _reveal_now(self) -> None:
        if self.cursor >= 0:
            self.scroll_to_region(
                Region(0, self.cursor, 1, 1), animate=False, force=True, immediate=True
            )

    def page(self, direction: int) -> None:
        height = max(self.scrollable_content_region.height - 1, 1)
        if self.cursor < 0:
            self.scroll_relative(y=direction * height, animate=False, immediate=True)
            return
        index = min(max(self.cursor + direction * height, 0), self.total - 1)
        for nearer in range(index, self.cursor, -direction):
            if self.is_selectable(nearer):
                self.go(nearer)
                return
        self.move(direction)

    def action_move(self, step: int) -> None:
        self.move(step)

    def action_page(self, direction: int) -> None:
        self.page(direction)

    def action_ends(self, direction: int) -> None:
        indexes = range(self.total) if direction < 0 else range(self.total - 1, -1, -1)
        for index in indexes:
            if self.is_selectable(index):
                self.go(index)
                break
        self.scroll_to(y=0 if direction < 0 else self.total, animate=False, immediate=True)

    def action_open(self) -> None:
        if self.cursor >= 0:
            self.post_message(self.Opened(self.cursor))

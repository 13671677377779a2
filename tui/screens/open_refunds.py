"""Everything promised, on its way, being checked or declined: the people still owed something."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from backend_client.backend import Backend, OpenLeg, OpenPage
from backend_client.domain.caller import Caller
from backend_client.domain.problems import Refused
from backend_client.domain.texts import clean_text
from tui.screens.frame import FrameScreen
from tui.screens.states import LEG_LOOKS, leg_state
from tui.text.columns import pad
from tui.text.money import amount
from tui.widgets.frame_lines import Level
from tui.widgets.parts import Part, rule, spread
from tui.widgets.virtual_list import PAGE_ROWS, VirtualList

LEG, BOOKING, STATE, AMOUNT = 10, 8, 22, 12


class OpenLegs:
    """Pages of open legs by number over a backend that only knows "after this one".

    Where each page begins is remembered; a page far down is reached by walking there once. Called
    from worker threads.
    """

    def __init__(self, backend: Backend, caller: Caller) -> None:
        self._backend = backend
        self._caller = caller
        self._begins: list[int | None] = [None]
        self._lock = threading.Lock()

    def first(self) -> OpenPage:
        page = self._backend.open_refunds(self._caller, limit=PAGE_ROWS)
        self._begins = [None] if page.next_after is None else [None, page.next_after]
        return page

    def page(self, number: int) -> Sequence[OpenLeg]:
        with self._lock:
            while len(self._begins) <= number:
                page = self._read(self._begins[-1])
                if page.next_after is None:
                    return ()
                self._begins.append(page.next_after)
            return self._read(self._begins[number]).legs

    def _read(self, after: int | None) -> OpenPage:
        return self._backend.open_refunds(self._caller, after=after, limit=PAGE_ROWS)


class OpenRefundsScreen(FrameScreen):
    """Totals a state on top, the legs oldest first below; Enter opens the booking."""

    NAME = "open_refunds"
    CSS_PATH = "open_refunds.tcss"
    FOOTER: ClassVar[tuple[str, ...]] = ("help", "open", "lookup", "preview", "back", "palette")
    AUTO_FOCUS = "VirtualList"

    def __init__(self) -> None:
        super().__init__()
        self._page: OpenPage | None = None

    def compose_main(self) -> ComposeResult:
        yield Static("", id="totals")
        yield Static("", id="heading")
        legs: VirtualList[OpenLeg] = VirtualList(self._draw, widget_id="legs")
        yield legs

    @property
    def legs(self) -> VirtualList[OpenLeg]:
        return self.query_one("#legs", VirtualList)

    def where(self) -> tuple[str, tuple[str, ...]]:
        return self.words("title"), (self.window.house,)

    def on_mount(self) -> None:
        super().on_mount()
        self.say(self.words("reading"), Level.HINT)

    def came_back(self) -> None:
        self.do_preview()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._head)

    def do_preview(self) -> None:
        """Read the list again."""
        backend = self.window.backend
        if backend is None:
            self.refuse(self.window.wording.text("screen.frame.not_ready"))
            return
        pages = OpenLegs(backend, self.window.caller)
        self.ask("open", lambda _backend: pages.first(), lambda page: self._show(pages, page))

    def _show(self, pages: OpenLegs, page: OpenPage) -> None:
        self._page = page
        total = sum(one.count for one in page.totals)
        if page.next_after is None:
            self.legs.show(page.legs, cursor=max(self.legs.cursor, 0))
        else:
            self.legs.show_pages(total, pages.page)
        self._head()
        if total:
            self.say(self.words("hint"), Level.HINT)
        else:
            self.say(self.words("none"), Level.DONE)

    def _head(self) -> None:
        if self._page is None:
            return
        wording = self.window.wording
        lines: list[Content] = []
        width = self.legs.scrollable_content_region.width
        for total in self._page.totals:
            symbol, style = LEG_LOOKS[total.state]
            word = wording.text(f"leg_state.{total.state.value}")
            left: list[Part] = [("   ", ""), (f"{symbol} {word}", style)]
            count = f"{total.count:,}"
            figure = pad(amount(total.amount_minor, total.currency), AMOUNT, right=True)
            right: list[Part] = [count, (f"   {total.currency}", "$muted"), f"{figure} "]
            lines.append(spread(width, left, right))
        if not lines:
            lines = [Content.assemble((f"   {self.words('none')}", "$good"))]
        self.query_one("#totals", Static).update(
            Content("\n").join([rule(width, self.words("totals")), *lines])
        )
        self.query_one("#heading", Static).update(rule(width, self.words("legs")))

    def _draw(self, leg: OpenLeg, width: int, marked: bool) -> Content:
        dates = self.window.dates
        room = max(width - 3 - LEG - BOOKING - 8 - STATE - AMOUNT - 4, 10)
        customer = clean_text(leg.customer, 80)
        return Content.assemble(
            (" › " if marked else "   ", "bold $accent"),
            (pad(leg.leg_number, LEG), "$muted"),
            " ",
            (pad(clean_text(leg.booking_reference, 40), BOOKING), "bold" if marked else ""),
            " ",
            pad(customer or self.window.wording.text("command.show.anonymous"), room),
            " ",
            (pad(dates.day(leg.requested_at), 7), "$muted"),
            " ",
            self._state(leg),
            (pad(amount(leg.amount_minor, leg.currency), AMOUNT, right=True), ""),
            " ",
        )

    def _state(self, leg: OpenLeg) -> Part:
        state = leg_state(self.window.wording, leg.state)
        text, style = (state, "") if isinstance(state, str) else state
        return pad(text, STATE), style

    @on(VirtualList.Opened)
    def _opened(self, message: VirtualList.Opened) -> None:
        leg = self.legs.row(message.index)
        if leg is None:
            return
        caller, number = self.window.caller, leg.refund_number
        self.ask(
            "find",
            lambda backend: backend.refund(caller, number),
            lambda outcome: self.window.open_booking(
                outcome.booking.id, outcome.booking.key.booking_id, leg.customer
            ),
        )

    @on(VirtualList.PageFailed)
    def _page_failed(self, message: VirtualList.PageFailed) -> None:
        error = message.error
        problem = error if isinstance(error, Refused) else self.window.as_problem(error)
        self.refuse_problem(problem)

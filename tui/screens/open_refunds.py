"""Everything promised, on its way, being checked or declined: the people still owed something."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from backend_client.answers import OpenLeg, OpenPage, RefundOutcome, StateTotal
from backend_client.backend import Backend
from backend_client.domain.approval import waits
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState
from backend_client.domain.texts import clean_text
from tui.keys import bindings
from tui.screens.frame import FrameScreen
from tui.screens.open_legs import FILTERS, WAITING, OpenLegs, place_of
from tui.screens.refund_approval import DECISIONS, ask, refuse, why_not
from tui.screens.states import leg_state, total_state
from tui.screens.telling import said
from tui.text.columns import pad
from tui.text.money import AMOUNT, amount, figure_beside
from tui.widgets.frame_lines import Level
from tui.widgets.parts import Part, rule, spread
from tui.widgets.virtual_list import VirtualList

LEG, BOOKING, STATE = 10, 8, 22
Decision = Callable[[FrameScreen, RefundOutcome, Callable[[RefundOutcome], None]], None]
"""What begins a decision about a refund on a screen."""
ONE_COLUMN = 7
"""More totals than these stand in two columns, so that none is cut off."""


class OpenRefundsScreen(FrameScreen):
    """Totals of everything on top, below the payments of one filter, oldest first.

    Enter opens a payment; left and right go through the filters. Reading again keeps the row.
    """

    NAME = "open_refunds"
    CSS_PATH = "open_refunds.tcss"
    FOOTER: ClassVar[tuple[str, ...]] = ("help", "open", "lookup", "preview", "back", "palette")
    FOOTER_WAITS: ClassVar[tuple[str, ...]] = (
        *("help", "open", "approve", "refuse", "preview", "back"),
    )
    """While the list is of what waits for approval."""
    AUTO_FOCUS = "VirtualList"
    TELLS_TROUBLES = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("left", "filter(-1)", show=False),
        Binding("right", "filter(1)", show=False),
    ]

    def __init__(self, leg_id: int | None = None, *, only: str = "all") -> None:
        """`leg_id` is the payment the cursor starts on, the oldest one without it; `only` is the
        filter it begins with."""
        super().__init__()
        self._start = leg_id
        self._page: OpenPage | None = None
        self._decided = ""
        self.filter = place_of(only)

    def compose_main(self) -> ComposeResult:
        yield Static("", id="totals")
        yield Static("", id="heading")
        yield Static("", id="filter")
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

    def payments_moved(self) -> None:
        self.do_preview()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._head)

    def footer(self) -> tuple[str, ...]:
        return self.FOOTER_WAITS if self.filter == place_of(WAITING) else self.FOOTER

    # ------------------------------------------------------------ reading

    def action_filter(self, step: int) -> None:
        """Another filter, from its oldest payment on."""
        self.filter = (self.filter + step) % len(FILTERS)
        self._head()
        self._ask_again(None)

    def do_preview(self) -> None:
        """Read the list again; the cursor stays on its payment."""
        current = self.legs.current
        self._ask_again(current.leg_id if current is not None else self._start)

    def _ask_again(self, kept: int | None) -> None:
        backend = self.window.backend
        if backend is None:
            self.refuse(self.window.wording.text("screen.frame.not_ready"))
            return
        pages = OpenLegs(backend, self.window.caller, FILTERS[self.filter][1])

        def read(_backend: Backend) -> tuple[OpenPage, int]:
            page = pages.first()
            return page, 0 if kept is None else pages.index_of(kept)

        self.ask("open", read, lambda answer: self._show(pages, *answer))

    def _show(self, pages: OpenLegs, page: OpenPage, cursor: int) -> None:
        self._page = page
        states = FILTERS[self.filter][1]
        total = sum(one.count for one in page.totals if not states or one.state in states)
        if page.next_after is None:
            self.legs.show(page.legs, cursor=cursor)
        else:
            self.legs.show_pages(total, pages.page)
            self.legs.go(min(cursor, total - 1))
        self._head()
        trouble = self.window.troubles.text
        if self.window.dialog_open:
            return
        decided, self._decided = self._decided, ""
        if decided:
            self.say(decided)
        elif trouble:
            self.say(trouble, Level.WARNING)
        elif total:
            decides = self.filter == place_of(WAITING)
            self.say(self.words("hint_decide" if decides else "hint"), Level.HINT)
        elif page.totals:
            self.say(self.words("none_of_these"), Level.HINT)
        else:
            self.say(self.words("none"), Level.DONE)

    # ------------------------------------------------------------ drawing

    def _head(self) -> None:
        if self._page is None or not self.is_mounted:
            return
        width = self.legs.scrollable_content_region.width
        totals = self._page.totals
        if len(totals) > ONE_COLUMN:
            half = (len(totals) + 1) // 2
            pairs = zip_longest(totals[:half], totals[half:])
            left, right = width - width // 2, width // 2
            room = max(len(amount(one.amount_minor, one.currency)) for one in totals) + 1
            lines = [
                Content.assemble(self._total(one, left, room), self._total(two, right, room))
                for one, two in pairs
            ]
        else:
            lines = [self._total(total, width, AMOUNT) for total in totals]
        if not lines:
            lines = [Content.assemble((f"   {self.words('none')}", "$good"))]
        self.query_one("#totals", Static).update(
            Content("\n").join([rule(width, self.words("totals")), *lines])
        )
        self.query_one("#heading", Static).update(rule(width, self.words("legs")))
        self.query_one("#filter", Static).update(self._filter_row())

    def _total(self, total: StateTotal | None, width: int, room: int) -> Content:
        if total is None:
            return Content("")
        left: list[Part] = [("   ", ""), total_state(self.window.wording, total)]
        figure = pad(amount(total.amount_minor, total.currency), room, right=True)
        right: list[Part] = [f"{total.count:,}", (f" {total.currency}", "$muted"), f"{figure} "]
        return spread(width, left, right)

    def _filter_row(self) -> Content:
        parts: list[Part] = [(" ‹ ", "bold $accent")]
        for index, (name, _states) in enumerate(FILTERS):
            word = self.words(f"filter.{name}")
            if index:
                parts.append("  ")
            parts.append((word, "reverse" if index == self.filter else "$muted"))
        return Content.assemble(*parts, (" ›", "bold $accent"))

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
            (pad(self._figure(leg), AMOUNT, right=True), ""),
            " ",
        )

    def _figure(self, leg: OpenLeg) -> str:
        known = self.window.capabilities
        usual = known.currency if known else self.window.settings.house.currency
        return figure_beside(leg.amount_minor, leg.currency, usual, AMOUNT)

    def _state(self, leg: OpenLeg) -> Part:
        state = leg_state(
            self.window.wording, leg.state, leg.method, no_provider=bool(leg.no_provider)
        )
        text, style = (state, "") if isinstance(state, str) else state
        return pad(text, STATE), style

    # ------------------------------------------------------------ what waits for approval

    def why_not(self, action: str) -> str:
        reason = super().why_not(action)
        if reason or action not in DECISIONS or self._row_waits:
            return reason
        totals = self._page.totals if self._page is not None else ()
        waiting = any(one.state is LegState.AWAITING_APPROVAL for one in totals)
        return "" if action == "approve" and waiting else self.words(f"not.{action}")

    @property
    def _row_waits(self) -> bool:
        row = self.legs.current
        return row is not None and row.state is LegState.AWAITING_APPROVAL

    def show_only(self, name: str) -> None:
        self.action_filter(place_of(name) - self.filter)

    def do_approve(self) -> None:
        """What the cursor is on; from anywhere else in the list to what waits."""
        if self._row_waits:
            self._decide("approve", ask)
        else:
            self.show_only(WAITING)

    def do_refuse(self) -> None:
        self._decide("refuse", refuse)

    def _decide(self, action: str, begin: Decision) -> None:
        """The whole refund is read first: it is decided as one, whatever its payments are."""
        row, caller = self.legs.current, self.window.caller
        assert row is not None

        def decide(outcome: RefundOutcome) -> None:
            reason = why_not(self.window, outcome.refund, action)
            if reason or not waits(outcome.refund):
                self.refuse(reason or self.words(f"not.{action}"))
            else:
                begin(self, outcome, self._taken)

        number = row.refund_number
        self.ask("refund", lambda backend: backend.refund(caller, number), decide)

    def _taken(self, outcome: RefundOutcome) -> None:
        """On to the next one, with what came of this."""
        self._decided = said(outcome.refund, self.window.wording)
        self.do_preview()

    # ------------------------------------------------------------ going on

    @on(VirtualList.Opened)
    def _opened(self, message: VirtualList.Opened) -> None:
        from tui.screens.payment import PaymentScreen

        leg = self.legs.row(message.index)
        if leg is not None:
            self.window.push_screen(PaymentScreen(leg))

    @on(VirtualList.PageFailed)
    def _page_failed(self, message: VirtualList.PageFailed) -> None:
        error = message.error
        problem = error if isinstance(error, Refused) else self.window.as_problem(error)
        self.refuse_problem(problem)

"""Home: one box that finds everything, results as you type, the exact hit opens with Enter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from backend_client.domain.caller import Action
from backend_client.domain.problems import Refused
from tui.screens.frame import FrameScreen
from tui.screens.lookup_rows import HitRows
from tui.screens.lookup_words import doubt, how_many, namesakes, several
from tui.widgets.column_heads import ColumnHeads
from tui.widgets.frame_lines import Level
from tui.widgets.text_fields import LookupBox, PlainField
from tui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from backend_client.answers import Hit, Lookup

DEBOUNCE_S = 0.04
LONGEST_LOOKUP = 120
SHOWN_AT_MOST = 50


class LookupScreen(FrameScreen):
    """The box keeps the focus; the arrow keys move in the list below it.

    Keys typed before the store is open stay in the box and are looked up when it is.
    """

    NAME = "lookup"
    FOOTER: ClassVar[tuple[str, ...]] = ("help", "open", "preview", "open_refunds", "palette")
    AUTO_FOCUS = "LookupBox"
    TELLS_TROUBLES = True

    def __init__(self) -> None:
        super().__init__()
        self._shown: Lookup | None = None
        self._wanted: str | None = None
        self._timer: Timer | None = None
        self._failed: Refused | None = None
        self._chosen_from = ""
        """The text whose namesakes the cashier was told of or moved among: Enter opens one."""
        self._emptied_for: Refused | None = None
        """Why the box is empty: the Enter of what was refused opens no other customer's booking."""

    def compose_main(self) -> ComposeResult:
        with Horizontal(id="find"):
            yield Static(self.words("find"), id="find-label", markup=False)
            yield LookupBox(
                key_time=self.window.key_time, max_length=LONGEST_LOOKUP, widget_id="box"
            )
            yield Static("", id="count", markup=False)
        yield ColumnHeads(self._heads)
        hits: VirtualList[Hit] = VirtualList(self._draw, widget_id="hits")
        hits.can_focus = False
        yield hits

    def _draw(self, hit: Hit, width: int, marked: bool) -> Content:
        return HitRows(self.window.wording, self.window.dates, self._currency).draw(
            hit, width, marked, kept=self._kept(hit)
        )

    def _kept(self, hit: Hit) -> int:
        """How many lines of this booking wait in a basket."""
        draft = self.window.drafts.get(hit.booking_id)
        return len(draft.chosen) if draft else 0

    @property
    def _currency(self) -> str:
        known = self.window.capabilities
        return known.currency if known else self.window.settings.house.currency

    def where(self) -> tuple[str, tuple[str, ...]]:
        window = self.window
        caller = window.caller
        who = window.wording.text(
            "screen.lookup.who",
            operator=caller.operator,
            role=window.wording.text(f"role.{caller.role.value}"),
        )
        desk = window.wording.text("screen.lookup.desk", house=window.house, desk=caller.desk)
        return window.wording.text("screen.frame.program"), (desk, who)

    def on_mount(self) -> None:
        super().on_mount()
        self.say(self.words("opening"), Level.HINT)

    # ------------------------------------------------------------ the store

    def store_is_open(self) -> None:
        self._failed = None
        known = self.window.capabilities
        if known is not None and known.read_only:
            key = "copied" if known.copied else "read_only"
            self.say(self.window.wording.text(f"screen.frame.{key}"), Level.WARNING)
        else:
            self.say(self._hint, Level.HINT)
        if self._wanted is not None:
            self._open_text(self._wanted)
        else:
            self._look()
        self.refresh_frame()

    def footer(self) -> tuple[str, ...]:
        """Runs are named to those who carry them out; the others find them in the palette."""
        if self.not_there("runs") or self.not_theirs(Action.DISPATCH):
            return super().footer()
        return ("help", "open", "preview", "runs", "open_refunds", "palette")

    def store_failed(self, problem: Refused) -> None:
        from tui.text.problems import refusal_text

        self._failed = problem
        shown = refusal_text(self.window.wording, problem)
        self.refuse(f"{shown.message} {self.words('try_again')}")
        self.refresh_frame()

    def do_preview(self) -> None:
        """Read again what is shown, or try the store again when it could not be opened."""
        if self._failed is not None:
            self._failed = None
            self.say(self.words("opening"), Level.HINT)
            self.window.start_store()
        else:
            self._look()

    def do_back(self) -> None:
        """Empties the box; where it is empty already this is the first screen: no mistake."""
        if self.box.value:
            self.start_over()
        else:
            self.say(self.window.wording.text("key.back.elsewhere"), Level.HINT)

    # ------------------------------------------------------------ looking

    @property
    def box(self) -> LookupBox:
        return self.query_one(LookupBox)

    @property
    def hits(self) -> VirtualList[Hit]:
        return self.query_one("#hits", VirtualList)

    def forget_typed(self) -> None:
        """What was typed before anybody signed in may have been a PIN."""
        with self.prevent(Input.Changed):
            self.box.value = ""
        self._wanted = self._emptied_for = None

    def start_over(self) -> None:
        """An empty box and the recent bookings: the next customer."""
        self.forget_typed()
        self.say(self._hint, Level.HINT)
        self._look()

    def came_back(self) -> None:
        self.box.focus()
        self.box.select_all()
        if self.window.backend is not None and self._wanted is None:
            self._look()

    @on(Input.Changed, "#box")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._wanted = None
        if event.value.strip():
            self._chosen_from = ""
            self._emptied_for = None
        if self._timer is not None:
            self._timer.stop()
        if self._searches_on_enter and event.value.strip():
            self.forget("look")
            self.say(self.words("hint_on_enter"), Level.HINT)
            return
        self._timer = self.set_timer(DEBOUNCE_S, self._look)

    @property
    def _searches_on_enter(self) -> bool:
        """Does every search go out of the house? Then not for each letter."""
        known = self.window.capabilities
        return known is not None and known.search_on_enter

    @property
    def _hint(self) -> str:
        return self.words("hint_on_enter" if self._searches_on_enter else "hint")

    def _look(self) -> None:
        """Ask for what the box says now; nothing in it means the recent bookings."""
        if self._timer is not None:
            self._timer.stop()
        if self.window.backend is None:
            return
        text = self.box.value.strip()
        caller = self.window.caller
        if text:
            self.ask(
                "look",
                lambda backend: backend.lookup(caller, text, limit=SHOWN_AT_MOST),
                self._show,
                self._refused,
            )
        else:
            self.ask(
                "look",
                lambda backend: backend.recent(caller, limit=SHOWN_AT_MOST),
                self._show_recent,
            )

    def _show(self, found: Lookup) -> None:
        self._shown = found
        self._list(found.hits)
        told = how_many(self.words, found, elsewhere=self._searches_on_enter)
        self.query_one("#count", Static).update(Content(told))
        if found.is_doubtful:
            self._doubt(found)
        elif not found.hits:
            self._nothing(found.text.strip())
        elif self.said.level is Level.REFUSED:
            self.say(self._hint, Level.HINT)

    def _show_recent(self, hits: Sequence[Hit]) -> None:
        self._shown = None
        shown = {hit.booking_id for hit in hits}
        baskets = [self.window.draft_hits[booking_id] for booking_id in self.window.drafts]
        self._list([*(hit for hit in baskets if hit.booking_id not in shown), *hits])
        self.query_one("#count", Static).update(
            Content(self.words("recent" if hits or baskets else "no_recent"))
        )
        is_practice = self.window.environment == "practice"
        if is_practice and not hits and not baskets and self.said.level is Level.HINT:
            self.say(self.words("try_practice"), Level.HINT)

    def _refused(self, problem: Refused) -> None:
        """A refused text (a card number) does not stay on the screen either; any other stands in
        the box again, for another try."""
        text, self._wanted = self._wanted, None
        if problem.code == "full-card-number":
            with self.prevent(Input.Changed):
                self.box.value = ""
            self.forget("look")
            self._emptied_for = problem
        elif text and not self.box.value.strip():
            self._put_back(text)
        self.refuse_problem(problem)

    def _list(self, hits: Sequence[Hit]) -> None:
        self.query_one(ColumnHeads).refresh()
        self.hits.show(hits)

    def _heads(self) -> Content:
        rows = HitRows(self.window.wording, self.window.dates, self._currency)
        return rows.heading(self.hits.scrollable_content_region.width)

    @on(LookupBox.Stepped)
    def _step(self, message: LookupBox.Stepped) -> None:
        self._chosen_from = self.box.value.strip()
        self._emptied_for = None
        if message.key in ("pageup", "pagedown"):
            self.hits.page(-1 if message.key == "pageup" else 1)
        else:
            self.hits.move(LookupBox.MOVES[message.key])

    @on(PlainField.Swiped)
    def _swiped(self) -> None:
        self.say(self.window.wording.text("screen.scan.swipe"), Level.WARNING)

    # ------------------------------------------------------------ opening

    @on(LookupBox.Entered)
    def _entered(self, message: LookupBox.Entered) -> None:
        text = message.text.strip()
        reason = self.why_not("open")
        if reason:
            self.refuse(reason)
        elif not text and self._emptied_for is not None:
            self.refuse_problem(self._emptied_for)
            self._emptied_for = None
        elif not text or (self._shown is not None and self._shown.text.strip() == text):
            self._put_back(message.text)
            if self._timer is not None:
                self._timer.stop()
            hit = self.hits.current
            if hit is not None and namesakes(self._shown, text) > 1 and self._chosen_from != text:
                self._offer(text)
            elif hit is not None:
                self._open(hit)
            elif text:
                self._nothing(text)
            else:
                self.refuse(self.words("empty"))
        else:
            self._open_text(text)

    def open_scan(self, code: str) -> None:
        """A scan came in on some screen: open its booking, or say that there is none.

        It takes the place of what was looked for before: the list is never that of another text.
        """
        self._put_back(code)
        self._open_text(code)

    def _open_text(self, text: str) -> None:
        """Open the one booking `text` means; several are listed to choose from."""
        self._wanted = text
        if self._timer is not None:
            self._timer.stop()
        if self.window.backend is None:
            self.say(self.words("opening_then", text=text), Level.HINT)
            return
        caller = self.window.caller
        self.say(self.words("looking", text=text), Level.HINT)
        self.ask(
            "look",
            lambda backend: backend.lookup(caller, text, limit=SHOWN_AT_MOST),
            self._show_and_open,
            self._refused,
        )

    def _show_and_open(self, found: Lookup) -> None:
        text, self._wanted = self._wanted or found.text, None
        newer = self.box.value.strip() not in ("", text.strip())
        if found.hits and not found.is_doubtful and (found.exact or len(found.hits) == 1):
            self.say(self._hint, Level.HINT)
            if not newer:
                self._show(found)
                self._put_back(text)
            self._open(found.hits[0])
            return
        if not newer:
            self._put_back(text)
            self._show(found)
        if found.is_doubtful:
            self._doubt(found)
        elif found.hits:
            self._offer(text)
        else:
            self._nothing(text)

    def _offer(self, text: str) -> None:
        """Several are listed: the next Enter opens the one the cursor stands on."""
        self._chosen_from = text
        self.say(several(self.words, self._shown, text), Level.INFO)

    def _doubt(self, found: Lookup) -> None:
        """Said as a warning: the next Enter opens it all the same."""
        self._chosen_from = found.text.strip()
        self.say(doubt(self.words, found), Level.WARNING)

    def _nothing(self, text: str) -> None:
        self.refuse(self.words("nothing", text=text))

    def _put_back(self, text: str) -> None:
        """What was looked for stands in the box again, selected: the next letter replaces it."""
        with self.prevent(Input.Changed):
            self.box.value = text
        self.box.select_all()

    @on(VirtualList.Opened)
    def _opened(self, message: VirtualList.Opened) -> None:
        hit = self.hits.row(message.index)
        if hit is not None:
            self._open(hit)

    def _open(self, hit: Hit) -> None:
        self.window.open_booking(hit.booking_id, hit.reference, hit.customer)

"""The window: who sits here, which screens stand on each other, scans, writes, and the way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.types import CSSPathType

from backend_client.domain.problems import Refused
from backend_client.domain.texts import clean_text
from tui import keys
from tui.dressed import DressedApp
from tui.half_filled import HalfFilled
from tui.live_runs import LiveRuns
from tui.lock import Lock
from tui.one_write import OneWrite
from tui.opening import Opening
from tui.scans import Scans
from tui.screens.frame import FrameScreen
from tui.screens.lookup import LookupScreen
from tui.text.dates import Dates
from tui.text.troubles import Troubles
from tui.text.wording import Wording
from tui.way_out import WayOut
from tui.widgets.frame_lines import Level

if TYPE_CHECKING:
    from backend_client.answers import Capabilities, Hit, RefundOutcome
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller
    from backend_client.domain.policy import Policy
    from backend_client.ports import Clock
    from backend_client.settings import Settings
    from tui.driving import Driving
    from tui.screens.draft import Draft
    from tui.screens.messages import Mailed, RunOver, Settled, StoreFailed, StoreOpened, WriteEnded

T = TypeVar("T")

CLOCK_EVERY_S = 5


class TicketWindowApp(DressedApp, inherit_bindings=False):
    """The ticket window in a terminal.

    The backend is opened in a thread after the first paint; `after_start` is called once it is
    there, and `drive` makes who drives beside the window. One write is in flight at most, and it
    is never cancelled: leaving waits for it.
    """

    TITLE = "ticket-window"
    CSS_PATH: ClassVar[CSSPathType | None] = ["base.tcss", "screens/lookup.tcss"]
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "palette", "palette", show=False, priority=True, id="palette"),
        Binding("ctrl+c", "leave", "quit", show=False, priority=True, id="quit"),
    ]

    def __init__(
        self,
        open_backend: Callable[[], Backend],
        caller: Caller,
        settings: Settings,
        wording: Wording,
        clock: Clock,
        *,
        after_start: Callable[[], None] = lambda: None,
        drive: Callable[[TicketWindowApp, Backend], Driving] | None = None,
    ) -> None:
        super().__init__()
        self.open_backend = open_backend
        self.caller = caller
        self.settings = settings
        self.wording = wording
        self.clock = clock
        self.after_start = after_start
        self.drive = drive
        self.troubles = Troubles(wording)
        self.dates = Dates(settings.house.zone, wording)
        self.backend: Backend | None = None
        self.capabilities: Capabilities | None = None
        self.drafts: dict[int, Draft] = {}
        self.half_filled = HalfFilled()
        self.draft_hits: dict[int, Hit] = {}
        self._one_write = OneWrite(self)
        self.live_runs = LiveRuns(self)
        self.mistakes: list[Exception] = []
        self.usable_keymap, self._bad_keys = keys.usable_keymap(settings.keymap)
        self.scans = Scans(self, settings.scan_prefix)
        self.way_out = WayOut(self)
        self.lock = Lock(self)
        self._opening = Opening(self)
        self.animation_level = "none"
        self.dress(settings.theme)

    # ------------------------------------------------------------ start

    def get_default_screen(self) -> Screen[Any]:
        return LookupScreen()

    @property
    def environment(self) -> str:
        known = self.capabilities.environment if self.capabilities else ""
        return known or self.settings.house.environment

    @property
    def policy(self) -> Policy:
        """The house's rules as the backend has them, which decides by its own."""
        known = self.capabilities.policy if self.capabilities else None
        return known or self.settings.policy

    @property
    def house(self) -> str:
        known = self.capabilities
        house = clean_text(known.site_name if known else "", 40)
        house = house or clean_text(self.settings.house.name, 40)
        if known is None or not known.read_only:
            return house
        key = "house_copied" if known.copied else "house_read_only"
        return self.wording.text(f"screen.frame.{key}", house=house)

    @staticmethod
    def key_time(event: events.Key) -> float:
        """The instant a key arrived, in seconds of a monotonic clock."""
        return event.time

    @staticmethod
    def key_now() -> float:
        """This instant by the clock of `key_time`, which is another one on some systems."""
        return events.Event().time

    def on_mount(self) -> None:
        self.set_keymap(self.usable_keymap)
        self.set_interval(CLOCK_EVERY_S, self._tick)
        self.way_out.open_on_hangup()

    def on_ready(self) -> None:
        """The first screen is painted: the store may take its time."""
        self.start_store()

    def start_store(self) -> None:
        self._opening.start()

    def on_store_opened(self, message: StoreOpened) -> None:
        self.backend = message.backend
        self.capabilities = message.capabilities
        self.dates = Dates(message.capabilities.zone, self.wording)
        self._opening.opened(message)

    def begin(self) -> None:
        """The first one has signed in."""
        self._opening.begin()

    def sits_here(self, caller: Caller) -> None:
        """Somebody signed in."""
        self.caller = caller
        self._opening.driven_by(caller)

    def say_bad_keys(self) -> None:
        if self._bad_keys:
            ids = ", ".join(self._bad_keys)
            self.frame.say(self.wording.text("screen.frame.bad_keys", ids=ids), Level.WARNING)

    def on_store_failed(self, message: StoreFailed) -> None:
        self.home.store_failed(message.problem)
        self.show_problem(message.problem)

    def on_settled(self, message: Settled) -> None:
        """What the round beside the window did: seen where it is looked for, never in the way."""
        if isinstance(message.result, Refused) and message.result.code == "sign-in-needed":
            self.lock.demand()
        self._tell(self.troubles.of_payments(message.result))
        if not isinstance(message.result, Refused) and any(message.result.states.values()):
            self.frame.payments_moved()

    def on_mailed(self, message: Mailed) -> None:
        self._tell(self.troubles.of_mail(message.result))

    def _tell(self, before: str) -> None:
        """Say a trouble once, when it is new, and take it back when it is over."""
        now, frame = self.troubles.text, self.frame
        if now == before or not frame.TELLS_TROUBLES:
            return
        if frame.said.text == before or frame.said.level in (Level.HINT, Level.INFO):
            frame.say(now, Level.WARNING if now else Level.HINT)

    def _tick(self) -> None:
        if self.is_running:  # a window that closes has no frame any more
            self.frame.refresh_frame()
            self.lock.tick()

    # ------------------------------------------------------------ screens

    @property
    def home(self) -> LookupScreen:
        first = self.screen_stack[0]
        assert isinstance(first, LookupScreen)
        return first

    @property
    def frame(self) -> FrameScreen:
        """The uppermost screen that is not a dialog."""
        return next(
            screen for screen in reversed(self.screen_stack) if isinstance(screen, FrameScreen)
        )

    def say(self, text: str, level: Level) -> None:
        """Say something where it can be read now."""
        if not self.lock.say(text, level):
            self.frame.say(text, level)

    @property
    def dialog_open(self) -> bool:
        return isinstance(self.screen, ModalScreen)

    def go_home(self, *, fresh: bool = False) -> None:
        """Down to the lookup; `fresh` empties its box for the next customer."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if fresh:
            self.home.start_over()

    def open_booking(self, booking_id: int, reference: str, customer: str = "") -> None:
        from tui.screens.booking import BookingScreen

        self.push_screen(BookingScreen(booking_id, reference, customer))

    def show_open_refunds(self, leg_id: int | None = None, *, only: str = "all") -> None:
        """The open payments of one filter, with the cursor on this one or on the oldest."""
        from tui.screens.open_refunds import OpenRefundsScreen

        if isinstance(self.frame, OpenRefundsScreen):
            if only == "all":
                self.frame.do_preview()
            else:
                self.frame.show_only(only)
            return
        self.go_home()
        self.push_screen(OpenRefundsScreen(leg_id, only=only))

    def committed(self, outcome: RefundOutcome) -> None:
        """A refund was made: whatever led to it is closed, what came of it is shown."""
        from tui.screens.outcome import OutcomeScreen

        self.go_home(fresh=True)
        self.push_screen(OutcomeScreen(outcome, just_now=True))

    def show_refund(self, number: str) -> None:
        from tui.screens.outcome import OutcomeScreen

        self.push_screen(OutcomeScreen(number))

    def show_help(self, name: str) -> None:
        from tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(name))

    def action_palette(self) -> None:
        from tui.dialogs.dialog import Dialog

        if isinstance(self.screen, Dialog):
            self.screen.action_waits("palette")
        if self.dialog_open or self.lock.locked:
            return
        from tui.dialogs.palette import action_palette

        self.push_screen(action_palette(self.wording.text("palette.search")))

    # ------------------------------------------------------------ problems

    def as_problem(self, error: Exception) -> Refused:
        """An unexpected error as a problem of the catalogue: its kind is told, its data is not."""
        self.mistakes.append(error)
        return Refused("internal", detail=type(error).__name__)

    def unexpected(self, error: Exception) -> None:
        """Told once: what goes wrong again while it is being read piles up no dialogs."""
        from tui.dialogs.problem import ProblemDialog

        problem = self.as_problem(error)
        if not isinstance(self.screen, ProblemDialog):
            self.show_problem(problem)

    def show_problem(self, problem: Refused, correlation_id: str = "") -> None:
        if problem.code == "sign-in-needed":
            self.lock.demand()
            return
        from tui.dialogs.problem import ProblemDialog

        self.push_screen(ProblemDialog(problem, correlation_id or self.caller.correlation_id))

    def _fatal_error(self) -> None:
        """The last words of a crash, without the values of variables: they may be customers'."""
        from rich.segment import Segments
        from rich.traceback import Traceback

        trace = Traceback(show_locals=False, width=None)
        self._exit_renderables.append(Segments(self.console.render(trace, self.console.options)))
        self._close_messages_no_wait()

    async def _dispatch_message(self, message: Message) -> None:
        """A mistake of the window itself does not end it either."""
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.unexpected(error)

    # ------------------------------------------------------------ writing

    @property
    def writing(self) -> str:
        """What is being written, in words; empty while nothing is."""
        return self._one_write.under_way

    def write(
        self,
        what: str,
        call: Callable[[Backend, Caller], T],
        take: Callable[[T], None],
        fail: Callable[[Refused, str], None],
    ) -> bool:
        """Run the one write of the window; False while there is one."""
        begun = self._one_write.begin(what, call, take, fail)
        if begun:
            self.frame.refresh_frame()
        return begun

    def on_write_ended(self, message: WriteEnded) -> None:
        self._one_write.ended()
        if self.lock.holds(self, message):
            return
        try:
            message.take()
        except Exception as error:
            self.unexpected(error)
        self.frame.refresh_frame()
        self.scans.release()

    def on_run_over(self, message: RunOver) -> None:
        self.live_runs.ended(message.simulation_id)
        if not self.lock.holds(self, message):
            self.frame.run_is_over(message.simulation_id, message.result)
        if self.live_runs.stopping and not self.live_runs.under_way:
            self.exit()

    # ------------------------------------------------------------ keys and scans

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent):
            self.lock.heard()
        if isinstance(event, events.Key) and not event.is_forwarded:
            if event.key not in keys.keys_of("quit", self.usable_keymap):
                self.way_out.forget()
            if self.scans.swallow(event) or self._is_deaf(event):
                return
        await super().on_event(event)

    def _is_deaf(self, event: events.Key) -> bool:
        from tui.dialogs.dialog import Dialog

        return isinstance(self.screen, Dialog) and self.screen.is_deaf(event)

    def on_plain_field_too_long(self) -> None:
        self.frame.say(self.wording.text("screen.scan.paste_too_long"), Level.WARNING)

    def screen_is_back(self) -> None:
        self.scans.screen_is_back()

    # ------------------------------------------------------------ the way out

    def action_leave(self) -> None:
        self.way_out.ask()

    def exit(self, *args: Any, **options: Any) -> None:
        """Leave. A commit is finished, but nobody waits for a provider that does not answer: what
        is on the wire has seconds, and then is for whoever drives next."""
        self.live_runs.stop_all()
        self._opening.stop_settling()
        super().exit(*args, **options)

    def run(self, *args: Any, **options: Any) -> Any:
        """Run until somebody leaves, then close the store: every worker has ended by then."""
        try:
            return super().run(*args, **options)
        finally:
            self.close_backend()

    def close_backend(self) -> None:
        self._opening.close()

"""What every screen shares: header, status, keys, one way to act, one way to ask the backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from backend_client.domain.caller import Action
from backend_client.domain.problems import Refused
from tui import keys
from tui.widgets.frame_lines import (
    HeaderLine,
    KeyBar,
    KeyEntry,
    Level,
    Status,
    StatusLine,
    TooSmall,
    Where,
)

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.domain.runs import Run
    from tui.app import TicketWindowApp

T = TypeVar("T")

LEAST_COLUMNS, LEAST_ROWS = 80, 24
LEAVES = frozenset({"lookup", "lines", "open_refunds", "runs", "back", "open"})
"""Actions that go somewhere else; none of them may while a refund is being written."""

FOR_RUNS: Mapping[str, Action] = MappingProxyType(
    {
        "runs": Action.READ_RUNS,
        "cancel_performance": Action.SIMULATE_CANCELLATION,
        "dispatch": Action.SIMULATE_DISPATCH,
        "stop": Action.STOP_RUN,
    }
)
"""What whoever does something with mass runs must be allowed: not all of it is everybody's."""


@dataclass(eq=False, repr=False)
class Answered(Message):
    """The backend answered a question of this screen; `take` shows it."""

    group: str
    sequence: int
    value: object
    take: Callable[[], None]


@dataclass(eq=False, repr=False)
class AskFailed(Message):
    group: str
    sequence: int
    problem: Refused
    take: Callable[[], None]


class FrameScreen(Screen[None]):
    """A screen in the common frame. Subclasses say their name, their footer and their main area.

    Every action of the table of keys arrives at `action_act`: an action that does not apply here,
    or not now, says why in the status line instead of doing nothing.
    """

    NAME: ClassVar[str] = ""
    FOOTER: ClassVar[tuple[str, ...]] = ()
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings()]
    AUTO_FOCUS = ""
    TELLS_TROUBLES: ClassVar[bool] = False
    """Is this where a provider or mail server that is away may be told of?"""

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[str, int] = {}
        self._away = True
        self._cursor: Widget | None = None

    @property
    def window(self) -> TicketWindowApp:
        return cast("TicketWindowApp", self.app)

    def words(self, key: str, **values: object) -> str:
        """Words of this screen: `screen.<name>.<key>`."""
        return self.window.wording.text(f"screen.{self.NAME}.{key}", **values)

    # ------------------------------------------------------------ the frame

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        with Vertical(id="main"):
            yield from self.compose_main()
        yield StatusLine()
        yield KeyBar()

    def compose_main(self) -> ComposeResult:
        raise NotImplementedError

    def where(self) -> tuple[str, tuple[str, ...]]:
        """The header's first words (a booking reference where there is one) and what follows."""
        return self.window.wording.text("screen.frame.program"), ()

    def on_mount(self) -> None:
        self._fit(self.app.size.width, self.app.size.height)
        self.refresh_frame()

    def on_resize(self, event: events.Resize) -> None:
        self._fit(event.size.width, event.size.height)

    def on_screen_suspend(self) -> None:
        self._away = isinstance(self.app.screen, FrameScreen)

    def on_screen_resume(self) -> None:
        self.refresh_frame()
        if self._away:
            self._away = False
            self.came_back()
        self.window.screen_is_back()

    def came_back(self) -> None:
        """Shown for the first time, or again after another screen; not after a mere dialog, which
        may be about the very thing that would be asked for again."""

    def payments_moved(self) -> None:
        """Payments changed their state beside the window; whoever shows open ones reads again."""

    def run_is_over(self, simulation_id: int, result: Run | Refused) -> None:
        """A live run of this window came to its end while another screen is shown."""
        if isinstance(result, Refused):
            self.window.show_problem(result)
            return
        key = f"screen.frame.run_over.{result.state.value}"
        self.say(self.window.wording.text(key, run=result.id))

    def _fit(self, columns: int, rows: int) -> None:
        small = columns < LEAST_COLUMNS or rows < LEAST_ROWS
        was_small = self.has_class("-too-small")
        if small and not was_small:
            self._cursor = self.focused
        self.set_class(small, "-too-small")
        if was_small and not small:
            self.call_after_refresh(self._cursor_back)
        if small:
            self._say_too_small(columns, rows)

    def _say_too_small(self, columns: int, rows: int) -> None:
        """Most terminals never are: what says it is made when one is."""
        message = self.window.wording.text(
            "screen.frame.too_small",
            columns=columns,
            rows=rows,
            least_columns=LEAST_COLUMNS,
            least_rows=LEAST_ROWS,
        )
        made = self.query(TooSmall)
        if made:
            made.first().message = message
        else:
            self.mount(TooSmall(message))

    def _cursor_back(self) -> None:
        """What is hidden loses the focus; it gets it again when it is seen again."""
        cursor, self._cursor = self._cursor, None
        if cursor is not None and cursor.is_attached and self.focused is None:
            cursor.focus(scroll_visible=False)

    def refresh_frame(self) -> None:
        """Header and keys again, after anything they speak of has changed.

        The window's own clock also ticks while a screen is being put together or taken apart.
        """
        if not self.is_mounted or not self.query(KeyBar):
            return
        where, who = self.where()
        window = self.window
        self.query_one(HeaderLine).where = Where(
            where,
            who,
            window.environment,
            window.wording.text(f"screen.environment.{window.environment}"),
            window.dates.time(window.clock.now()),
        )
        self.query_one(KeyBar).entries = tuple(
            KeyEntry(
                keys.shown_key(action, window.usable_keymap),
                self.key_label(action),
                not self.why_not(action),
            )
            for action in self.footer()
        )

    def footer(self) -> tuple[str, ...]:
        """The keys that matter now; a screen may know more exactly than its `FOOTER`."""
        return self.FOOTER

    def key_label(self, action: str) -> str:
        """What a key does, in a word or two, wherever it is told of: below, in the palette, in the
        help; a screen may say it more exactly."""
        own = f"screen.{self.NAME}.key.{action}"
        wording = self.window.wording
        return wording.text(own if wording.has(own) else f"key.{action}.label")

    # ------------------------------------------------------------ the status line

    def say(self, text: str, level: Level = Level.INFO) -> None:
        """Say it in the status line, and in that of a dialog above this screen; another screen
        above it has its own things to say."""
        status = Status(text, level)
        self.query_one(StatusLine).status = status
        if self.window.frame is self:
            for line in self.app.screen.query(StatusLine):
                line.status = status

    @property
    def said(self) -> Status:
        return self.query_one(StatusLine).status

    def refuse(self, text: str) -> None:
        self.say(text, Level.REFUSED)

    def refuse_problem(self, problem: Refused) -> None:
        from tui.text.problems import refusal_text

        if problem.code == "sign-in-needed":
            self.window.lock.demand()
        shown = refusal_text(self.window.wording, problem)
        self.refuse(f"{shown.message} {shown.action}")

    # ------------------------------------------------------------ acting

    def why_not(self, action: str) -> str:
        """Why the action cannot be done now; empty when it can."""
        if action in LEAVES and self.window.writing:
            return self.window.wording.text("screen.frame.writing", what=self.window.writing)
        if action in FOR_RUNS:
            why = self.not_there("runs") or self.not_theirs(FOR_RUNS[action])
            if why:
                return why
        if action == "lock" and not self.window.lock.can_lock:
            return self.window.wording.text("key.lock.elsewhere")
        known = self.window.capabilities
        if keys.KEYS[action].dangerous and known is not None and known.read_only:
            return self.window.wording.text("screen.frame.read_only")
        if action not in keys.BY_WIDGETS and not hasattr(self, f"do_{action}"):
            own = f"screen.{self.NAME}.not.{action}"
            wording = self.window.wording
            return wording.text(own if wording.has(own) else f"key.{action}.elsewhere")
        return ""

    def not_there(self, what: str) -> str:
        """Why this backend has no such thing; empty when it has."""
        known = self.window.capabilities
        code = known.unavailable.get(what) if known is not None else None
        if code is None:
            return ""
        from tui.text.problems import problem_text

        return problem_text(self.window.wording, code, {}).message

    def not_theirs(self, action: Action) -> str:
        """Why this is not for who sits here; empty when it is."""
        from tui.text.who_may import not_theirs

        return not_theirs(self.window.wording, self.window.caller, action)

    def action_act(self, action: str) -> None:
        """Do the action, or say why not."""
        if self.has_class("-too-small") and action not in ("back", "help"):
            return
        reason = self.why_not(action)
        if reason:
            self.refuse(reason)
            return
        try:
            getattr(self, f"do_{action}")()
        except Exception as error:
            self.window.unexpected(error)

    def do_help(self) -> None:
        self.window.show_help(self.NAME)

    def do_lookup(self) -> None:
        self.window.go_home(fresh=True)

    def do_open_refunds(self) -> None:
        self.window.show_open_refunds()

    def do_runs(self) -> None:
        from tui.screens.to_runs import show_runs

        show_runs(self.window)

    def do_back(self) -> None:
        self.window.pop_screen()

    def do_lock(self) -> None:
        self.window.lock.demand()

    # ------------------------------------------------------------ asking the backend

    def ask(
        self,
        group: str,
        call: Callable[[Backend], T],
        take: Callable[[T], None],
        fail: Callable[[Refused], None] | None = None,
    ) -> None:
        """Read from the backend in a thread; an answer overtaken by a newer question is dropped.

        For reads only: what is superseded is not seen by anybody.
        """
        backend = self.window.backend
        if backend is None:
            self.refuse(self.window.wording.text("screen.frame.not_ready"))
            return
        sequence = self._asked.get(group, 0) + 1
        self._asked[group] = sequence
        self.run_worker(
            partial(self._ask, backend, group, sequence, call, take, fail or self.refuse_problem),
            thread=True,
            exclusive=True,
            group=group,
            exit_on_error=False,
        )

    def forget(self, group: str) -> None:
        """Whatever answer is still under way for this group is not wanted any more."""
        self._asked[group] = self._asked.get(group, 0) + 1

    def _ask(
        self,
        backend: Backend,
        group: str,
        sequence: int,
        call: Callable[[Backend], Any],
        take: Callable[[Any], None],
        fail: Callable[[Refused], None],
    ) -> None:
        message: Message
        try:
            value = call(backend)
            message = Answered(group, sequence, value, partial(take, value))
        except Refused as problem:
            message = AskFailed(group, sequence, problem, partial(fail, problem))
        except Exception as error:
            unexpected = self.window.as_problem(error)
            message = AskFailed(
                group, sequence, unexpected, partial(self.window.show_problem, unexpected)
            )
        self.post_message(message)

    def on_answered(self, message: Answered) -> None:
        if self.window.lock.holds(self, message):
            return
        if message.sequence == self._asked.get(message.group):
            message.take()
            self.refresh_frame()

    def on_ask_failed(self, message: AskFailed) -> None:
        if self.window.lock.holds(self, message):
            return
        if message.sequence == self._asked.get(message.group):
            message.take()
            self.refresh_frame()

    async def _dispatch_message(self, message: Message) -> None:
        """A mistake in a handler must not end the window in the middle of a customer."""
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.window.unexpected(error)

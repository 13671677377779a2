"""Signing in, and the lock: a name, a PIN, Enter; nothing of what is behind it can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from backend_client.domain.pins import Pin
from backend_client.domain.problems import Refused
from tui import keys
from tui.screens.checked_pin import SignedIn, SignInRefused, check_pin
from tui.text.inert import inert
from tui.text.problems import refusal_text
from tui.widgets.frame_lines import (
    HeaderLine,
    KeyBar,
    KeyEntry,
    Level,
    Status,
    StatusLine,
    Where,
)
from tui.widgets.sign_in_fields import NameField, PinField
from tui.widgets.text_fields import PlainField

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller
    from tui.app import TicketWindowApp

SHOWN = 8
"""Names that are listed at once."""


@dataclass
class NamesRead(Message):
    names: tuple[str, ...]


class SignInScreen(Screen[None]):
    """Covers the window until somebody has signed in; `comes_back` says that somebody had."""

    CSS_PATH = "sign_in.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(keys.KEYS["commit"].keys), "drop", show=False, id="commit"),
        Binding("escape", "stay", show=False),
    ]

    def __init__(self, *, comes_back: bool) -> None:
        super().__init__()
        self._comes_back = comes_back
        self._names: tuple[str, ...] = ()
        self._cursor = 0
        self._checking = False
        self._other: Caller | None = None

    @property
    def window(self) -> TicketWindowApp:
        return cast("TicketWindowApp", self.app)

    def words(self, key: str, **values: object) -> str:
        return self.window.wording.text(f"screen.sign_in.{key}", **values)

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        with Vertical(id="main"):
            yield Static(self._title(), id="title")
            yield Static("", id="meanwhile")
            with Horizontal(classes="row"):
                yield Static(self.words("name"), classes="label")
                yield NameField(self.window.key_time)
            with Horizontal(classes="row"):
                yield Static(self.words("pin"), classes="label")
                yield PinField(self.window.key_time)
            yield Static("", id="names")
        yield StatusLine()
        yield KeyBar()

    def _title(self) -> Content:
        if not self._comes_back:
            return Content(self.words("title"))
        return Content(self.words("locked", operator=inert(self.window.caller.operator)))

    def on_mount(self) -> None:
        if self._comes_back:
            self._say_name(self.window.caller.operator)
        else:
            self._name_field.focus()
        self.say(self.words("hint"), Level.HINT)
        self.refresh_frame()
        backend = self.window.backend
        assert backend is not None
        self.run_worker(partial(self._read_names, backend), thread=True, exit_on_error=False)

    @property
    def _name_field(self) -> NameField:
        return self.query_one(NameField)

    @property
    def _pin_field(self) -> PinField:
        return self.query_one(PinField)

    # ------------------------------------------------------------ the frame

    def say(self, text: str, level: Level = Level.INFO) -> None:
        self.query_one(StatusLine).status = Status(text, level)

    def refresh_frame(self) -> None:
        """Header, keys, and what goes on behind the lock."""
        window = self.window
        if not self.is_mounted or not self.query(KeyBar):
            return
        self.query_one(HeaderLine).where = Where(
            window.wording.text("screen.frame.program"),
            (window.house,),
            window.environment,
            window.wording.text(f"screen.environment.{window.environment}"),
            window.dates.time(window.clock.now()),
        )
        self.query_one(KeyBar).entries = self._keys()
        self.query_one("#meanwhile", Static).update(Content(self._meanwhile()))

    def _keys(self) -> tuple[KeyEntry, ...]:
        if self._other is not None:
            commit = keys.shown_key("commit", self.window.usable_keymap)
            return (
                KeyEntry(commit, self.words("key.drop")),
                KeyEntry("Esc", self.words("key.stay")),
            )
        leave = KeyEntry("^C", self.window.wording.text("key.quit.label"))
        if self.focused is self._pin_field:
            sign_in = KeyEntry("Enter", self.words("key.sign_in"))
            return (sign_in, KeyEntry("↑", self.words("key.other_name")), leave)
        to_pin = KeyEntry("Enter", self.words("key.to_pin"))
        return (to_pin, KeyEntry("↑↓", self.words("key.choose")), leave)

    def _meanwhile(self) -> str:
        window = self.window
        if window.writing:
            return self.words("writing", what=window.writing)
        return self.words("running") if window.live_runs.under_way else ""

    # ------------------------------------------------------------ names

    def _read_names(self, backend: Backend) -> None:
        try:
            self.post_message(NamesRead(backend.operator_names()))
        except Refused as problem:
            self.post_message(SignInRefused(problem))
        except Exception as error:
            self.post_message(SignInRefused(self.window.as_problem(error)))

    @on(NamesRead)
    def _names_read(self, message: NamesRead) -> None:
        """Whoever the settings name, or the only one there is, has the PIN to type alone."""
        self._names = message.names
        usual = self.window.caller.operator.casefold()
        known = [name for name in self._names if name.casefold() == usual]
        alone = known or (list(self._names) if len(self._names) == 1 else [])
        if alone and not self._name_field.value:
            self._say_name(alone[0])
        self._show_names()

    def _say_name(self, name: str) -> None:
        with self.prevent(Input.Changed):
            self._name_field.value = inert(name)
        self._pin_field.focus()

    @property
    def _matches(self) -> list[str]:
        """Names with a word that begins as typed; all of them where nothing is."""
        typed = self._name_field.value.strip().casefold()
        return [
            name
            for name in self._names
            if name.casefold().startswith(typed)
            or any(word.startswith(typed) for word in name.casefold().split())
        ]

    @property
    def _chosen(self) -> str:
        matches = self._matches
        return matches[min(self._cursor, len(matches) - 1)] if matches else self._name_field.value

    def _show_names(self) -> None:
        """Below the name while it is being chosen."""
        lines: list[Content] = []
        if self.focused is self._name_field:
            matches = self._matches
            first = max(0, min(self._cursor - SHOWN + 1, len(matches) - SHOWN))
            for at, name in enumerate(matches[first : first + SHOWN], first):
                here = at == self._cursor
                lines.append(
                    Content.assemble(
                        (f"{'›' if here else ' '} {inert(name)}", "bold" if here else "")
                    )
                )
            if len(matches) > first + SHOWN:
                more = self.words("more", count=len(matches) - first - SHOWN)
                lines.append(Content.assemble((f"  {more}", "$muted")))
            elif not matches and self._names:
                lines.append(Content.assemble((self.words("no_name"), "$muted")))
        self.query_one("#names", Static).update(Content("\n").join(lines))
        self.refresh_frame()

    def on_descendant_focus(self) -> None:
        self._show_names()

    @on(Input.Changed, "#name")
    def _typed_name(self) -> None:
        """Another name: why the one before was refused is not said of it."""
        self._cursor = 0
        self._show_names()
        if self._other is None and self.query_one(StatusLine).status.level is Level.REFUSED:
            self.say(self.words("hint"), Level.HINT)

    @on(NameField.Stepped)
    def _stepped(self, message: NameField.Stepped) -> None:
        self._cursor = max(0, min(self._cursor + message.by, len(self._matches) - 1))
        self._show_names()

    @on(NameField.Entered)
    def _named(self) -> None:
        if self._chosen:
            self._say_name(self._chosen)

    # ------------------------------------------------------------ the PIN

    @on(PinField.Entered)
    def _entered(self, message: PinField.Entered) -> None:
        if self._checking or self._other is not None:
            return
        if not message.typed or not self._chosen:
            self.say(self.words("hint"), Level.HINT)
            return
        self._checking = True
        self.say(self.words("checking"))
        pin = Pin(message.typed)
        message.typed = ""
        check_pin(self, self.window, self._chosen, pin)

    @on(SignedIn)
    def _signed_in(self, message: SignedIn) -> None:
        self._checking = False
        self.window.lock.admit(message.caller)

    @on(SignInRefused)
    def _refused(self, message: SignInRefused) -> None:
        self._checking = False
        text = refusal_text(self.window.wording, message.problem)
        self.say(f"{text.message} {text.action}", Level.REFUSED)

    @on(PinField.Scanned)
    @on(PlainField.Swiped)
    def _scanned(self) -> None:
        self.say(self.words("scanned"), Level.WARNING)

    @on(PlainField.TooLong)
    def _too_long(self) -> None:
        self.say(self.window.wording.text("screen.scan.paste_too_long"), Level.WARNING)

    # ------------------------------------------------------------ somebody else

    def ask_to_drop(self, known: Caller) -> None:
        """Another person signed in where something was begun."""
        self._other = known
        before, now = inert(self.window.caller.operator), inert(known.operator)
        self.say(self.words("drop", before=before, now=now), Level.WARNING)
        self.refresh_frame()

    def action_drop(self) -> None:
        if self._other is not None:
            self.window.lock.hand_over(self._other)

    def action_stay(self) -> None:
        """What was begun waits for whoever began it."""
        self._other = None
        self.say(self.words("hint"), Level.HINT)
        self._say_name(self.window.caller.operator if self._comes_back else self._name_field.value)
        self.refresh_frame()

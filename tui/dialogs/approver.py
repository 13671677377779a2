"""Another person's yes in front of this window: their name and PIN, and whoever sits here stays."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from backend_client.domain.caller import Caller
from backend_client.domain.pins import Pin
from tui import keys
from tui.dialogs.confirm_run import DEAF_S
from tui.dialogs.typed import TypedDialog
from tui.screens.checked_pin import SignedIn, SignInRefused, check_pin
from tui.text.inert import inert
from tui.text.problems import refusal_text
from tui.widgets.frame_lines import StatusLine
from tui.widgets.parts import Part
from tui.widgets.sign_in_fields import ApproverPinField, PinField

SHOWN = 5
"""Names that are listed at once."""


class ApproverDialog(TypedDialog[Caller | None]):
    """Gives the caller who approves with the key that commits, None when it is left; Enter is dead.

    `names` are those who may, one of whom types a PIN; without any it is who sits here who says
    yes, and types nothing.
    """

    SWIPED = "screen.sign_in.scanned"
    AUTO_FOCUS = "ApproverPinField"

    def __init__(
        self, title: str, about: list[Part], give: str, names: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        self._title = title
        self._about = about
        self._give = give
        self._names = names
        self._cursor = 0
        self._checking = False
        self._opened_s = 0.0

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(Content.assemble((self._title, "bold")), id="title")
            yield Static(self.body(), id="body")
            if self._names:
                yield Static("", id="names")
                with Horizontal(id="pin-row"):
                    yield Static(self.window.wording.text("dialog.approver.pin"), id="pin-label")
                    yield ApproverPinField(self.window.key_time)
            yield Static("", id="wrong")
            yield Static(self.footer(), id="keys")
        yield StatusLine()

    def on_mount(self) -> None:
        super().on_mount()
        self._opened_s = self.window.key_now()
        self._show_names()

    def body(self) -> Content:
        return Content.assemble(*self._about, "\n")

    def footer(self) -> Content:
        wording = self.window.wording
        commit = keys.shown_key("commit", self.window.usable_keymap)
        pairs = [(commit, self._give)]
        if len(self._names) > 1:
            pairs.append(("↑↓", wording.text("dialog.approver.choose")))
        return self.keys(*pairs, ("Esc", wording.text("dialog.close")))

    def is_deaf(self, event: events.Key) -> bool:
        """What was typed for the screen below says yes to nothing nobody has read yet; where a PIN
        is asked for, nothing of that is one."""
        if self._names or event.key in ("escape", *keys.keys_of("quit", self.window.usable_keymap)):
            return False
        return self.window.key_time(event) < self._opened_s + DEAF_S

    # ------------------------------------------------------------ who

    @on(ApproverPinField.Stepped)
    def _stepped(self, message: ApproverPinField.Stepped) -> None:
        self._choose(self._cursor + message.by)

    @on(ApproverPinField.Begun)
    def _begun(self, message: ApproverPinField.Begun) -> None:
        """The next one with a word that begins so."""
        letter, count = message.letter.casefold(), len(self._names)
        for at in range(self._cursor + 1, self._cursor + 1 + count):
            words = self._names[at % count].casefold().split()
            if any(word.startswith(letter) for word in words):
                self._choose(at)
                return

    def _choose(self, at: int) -> None:
        """A PIN is one person's: what was typed for the one before is gone."""
        if not self._checking:
            self._cursor = at % len(self._names)
            self._pin.value = ""
            self._show_names()

    def _show_names(self) -> None:
        """The one chosen, and its neighbours."""
        if not self._names:
            return
        first = max(0, min(self._cursor - SHOWN + 1, len(self._names) - SHOWN))
        lines = [
            Content.assemble(
                (f"› {inert(name)}", "bold") if at == self._cursor else (f"  {inert(name)}", "")
            )
            for at, name in enumerate(self._names[first : first + SHOWN], first)
        ]
        self.query_one("#names", Static).update(Content("\n").join(lines))

    @property
    def _pin(self) -> ApproverPinField:
        return self.query_one(ApproverPinField)

    # ------------------------------------------------------------ yes

    def action_give(self) -> None:
        if not self._names:
            self.dismiss(self.window.caller)
            return
        if self._checking:
            return
        typed, self._pin.value = self._pin.value, ""
        if not typed:
            self.say_wrong(self.window.wording.text("dialog.approver.needed"))
            return
        self._checking = True
        self.say_wrong(self.window.wording.text("screen.sign_in.checking"), "$muted")
        check_pin(self, self.window, self._names[self._cursor], Pin(typed))

    @on(SignedIn)
    def _known(self, message: SignedIn) -> None:
        if not self.window.lock.holds(self, message):
            self.dismiss(message.caller)

    @on(SignInRefused)
    def _refused(self, message: SignInRefused) -> None:
        self._checking = False
        text = refusal_text(self.window.wording, message.problem)
        self.say_wrong(f"{text.message} {text.action}")

    @on(PinField.Entered)
    def _entered(self, message: PinField.Entered) -> None:
        """Enter is no yes: what was typed stays for the key that is."""
        with self.prevent(Input.Changed):
            self._pin.value = message.typed
        message.typed = ""
        commit = keys.shown_key("commit", self.window.usable_keymap)
        self.say_wrong(self.window.wording.text("dialog.approver.not_enter", press=commit))

    @on(PinField.Scanned)
    def _scanned(self) -> None:
        self.say_wrong(self.window.wording.text(self.SWIPED))

    def action_close(self) -> None:
        if self._names:
            self._pin.value = ""
        self.dismiss(None)

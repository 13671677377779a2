"""The number of a gift card, asked for at the commit: hidden, used once, kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from backend_client.domain.plan import MethodPlan, RefundPlan
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.stored_value import LONGEST_TYPED, StoredValueNumber
from tui import keys
from tui.dialogs.typed import TypedDialog
from tui.text.money import money
from tui.text.problems import refusal_text
from tui.widgets.frame_lines import StatusLine
from tui.widgets.text_fields import PlainField

if TYPE_CHECKING:
    from tui.app import TicketWindowApp


def commit_with_number(
    window: TicketWindowApp,
    plan: RefundPlan | MethodPlan,
    commit: Callable[[StoredValueNumber], None],
) -> None:
    """Ask for the number of the gift card this plan loads, then commit with it."""
    loads = (leg.amount_minor for leg in plan.legs if leg.method is Method.UNMATCHED)

    def given(number: StoredValueNumber | None) -> None:
        if number is not None:
            commit(number)

    window.push_screen(NumberDialog(money(sum(loads), plan.currency)), given)


class NumberDialog(TypedDialog[StoredValueNumber | None]):
    """Typed or scanned, and given with the key that commits; Enter is dead, Escape gives nothing.

    Whatever is refused is gone from the field too. A scan belongs to the field, whatever prefix it
    has: anywhere else it would be looked up, and shown.
    """

    AUTO_FOCUS = "PlainField"

    def __init__(self, amount: str) -> None:
        super().__init__()
        self._amount = amount

    def compose(self) -> ComposeResult:
        field = PlainField(
            key_time=self.window.key_time, max_length=LONGEST_TYPED, widget_id="number"
        )
        field.password = True
        with Vertical(id="box"):
            yield Static(Content.assemble((self.title_text(), "bold")), id="title")
            yield Static(self.body(), id="body")
            yield field
            yield Static("", id="wrong")
            yield Static(self.footer(), id="keys")
        yield StatusLine()

    def title_text(self) -> str:
        return self.window.wording.text("dialog.number.title", amount=self._amount)

    def body(self) -> Content:
        return Content(self.window.wording.text("dialog.number.text"))

    def footer(self) -> Content:
        wording = self.window.wording
        commit = keys.shown_key("commit", self.window.usable_keymap)
        return self.keys(
            (commit, wording.text("dialog.number.give")), ("Esc", wording.text("dialog.close"))
        )

    @property
    def field(self) -> PlainField:
        return self.query_one(PlainField)

    def take_scan(self, code: str) -> bool:
        self.field.value = code
        return True

    def action_give(self) -> None:
        typed, self.field.value = self.field.value, ""
        try:
            number = StoredValueNumber(typed)
        except Refused as problem:
            text = refusal_text(self.window.wording, problem)
            self.say_wrong(f"{text.message} {text.action}")
            return
        self.dismiss(number)

    def action_close(self) -> None:
        self.field.value = ""
        self.dismiss(None)

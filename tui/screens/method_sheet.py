"""The sheet of the method screen: how, why, what must be read, and what will happen."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from backend_client.answers import BookingView
from backend_client.domain.plan import RefundPlan
from backend_client.domain.texts import clean_text
from tui.screens.draft import Draft
from tui.screens.method_rows import PlaceRows
from tui.screens.preview_head import preview_head
from tui.screens.reason_rows import ReasonRows
from tui.screens.rest_rows import RestRows
from tui.text.wording import Wording
from tui.widgets.parts import rule
from tui.widgets.text_fields import PlainField
from tui.widgets.tick import Tick


class MethodSheet(VerticalScroll):
    """Every row of it from the top to the sentences, and nothing of what they mean."""

    def __init__(
        self,
        view: BookingView,
        draft: Draft,
        wording: Wording,
        key_time: Callable[[events.Key], float],
        *,
        asks_card: bool = False,
    ) -> None:
        super().__init__(id="sheet", can_focus=False)
        self._asks_card = asks_card
        self._view = view
        self._draft = draft
        self._wording = wording
        self._key_time = key_time
        self._ticks: list[Tick] = []

    def compose(self) -> ComposeResult:
        wording, key_time, currency = self._wording, self._key_time, self._view.booking.currency
        yield Static("", id="how")
        yield PlaceRows(wording, key_time, self._payers(), asks_card=self._asks_card)
        yield RestRows(wording, currency, self._draft.retained_minor, key_time)
        yield Static("", id="why")
        policy, reason = self._view.policy, self._draft.reason
        rows = (policy.reasons, policy.currency, reason)
        yield ReasonRows(wording, *rows, key_time, own_words=policy.free_reasons)
        yield Static("", id="ticks-place")
        yield Static("", id="will")
        yield Static("", id="happening")

    def _payers(self) -> dict[int, str]:
        booking = self._view.booking
        return {
            payment.id: clean_text(payment.payer.name, 40)
            for payment in booking.payments
            if payment.payer is not None and payment.payer != booking.contact
        }

    def _say(self, key: str, **values: object) -> str:
        return self._wording.text(f"screen.method.{key}", **values)

    @property
    def places(self) -> PlaceRows:
        return self.query_one(PlaceRows)

    @property
    def rest(self) -> RestRows:
        return self.query_one(RestRows)

    @property
    def reason(self) -> str:
        return self.query_one(ReasonRows).reason

    def show_titles(self, width: int, *, untouched: bool = False) -> None:
        for name in ("how", "why"):
            self.query_one(f"#{name}", Static).update(rule(width, self._say(f"section.{name}")))
        still = "nothing_sent" if untouched else ""
        self.query_one("#will", Static).update(preview_head(self._wording, width, still))

    def show_ticks(self, plan: RefundPlan, acknowledged: frozenset[str]) -> None:
        """One row a warning that must be acknowledged; fees were decided about in the basket."""
        codes = [
            notice.code
            for notice in plan.notices
            if notice.must_acknowledge and notice.code != "fee-stranded"
        ]
        wanted = [(code, code in acknowledged) for code in codes]
        if wanted == [(tick.code, tick.ticked) for tick in self._ticks]:
            return
        self.query(Tick).remove()
        self._ticks = [
            Tick(code, self._acknowledgement(code), ticked=ticked) for code, ticked in wanted
        ]
        self.mount(*self._ticks, after=self.query_one("#ticks-place", Static))

    def _acknowledgement(self, code: str) -> str:
        known = self._wording.has(f"screen.method.acknowledge.{code}")
        return self._say(f"acknowledge.{code if known else 'other'}")

    def lead_to(self, name: str) -> bool:
        """The cursor goes to what a commit lacks by this name; False where there is no such row."""
        if name == "acknowledge":
            field: Widget | None = next((tick for tick in self._ticks if not tick.ticked), None)
        elif name == "reason":
            field = self.query_one(ReasonRows).lacking
        else:
            field = self.places.lacking(name)
        if field is None:
            return False
        field.focus(scroll_visible=False)
        self.scroll_to_widget(field, top=name == "acknowledge", animate=False)
        return True

    def show_happening(self, sentences: Content | None) -> None:
        """What will happen; None as long as nobody asked for it."""
        if sentences is None:
            sentences = Content.assemble(
                (f"   {self._wording.text('screen.sheet.press_preview')}", "$muted")
            )
        self.query_one("#happening", Static).update(sentences)

    def forget_cards(self) -> None:
        for field in self.query(PlainField):
            field.forget_card()

    def reveal_preview(self) -> None:
        """As much of it as fits, from its first line on."""
        self.scroll_to_widget(self.query_one("#will"), top=True, animate=False)

    def page(self, direction: int) -> None:
        self.scroll_relative(y=direction * max(self.size.height - 2, 1), animate=False)

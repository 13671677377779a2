"""The destinations of a refund as rows with an amount each, and references where they are due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from backend_client.domain.plan import Destination
from backend_client.domain.refund import Method
from backend_client.domain.texts import REFERENCE_LIMIT
from tui.screens.placing import Placed, Placement
from tui.text.columns import fit, wrap
from tui.text.inert import inert
from tui.text.money import amount
from tui.text.problems import refusal_text, why_closed
from tui.text.wording import Wording
from tui.widgets.amount_field import AmountField
from tui.widgets.field_row import FieldRow
from tui.widgets.parts import Part
from tui.widgets.text_fields import PlainField

NAME = 17
"""Cells of the name of a destination, before what it is exactly."""


class PlaceRows(Vertical):
    """One row a destination; destinations that are not possible are told together below."""

    @dataclass
    class ReferenceTyped(Message):
        index: int
        text: str

    @dataclass
    class CardTyped(Message):
        """The card an external payment went to, as it is recorded with it."""

        index: int
        text: str

    def __init__(
        self,
        wording: Wording,
        key_time: Callable[[events.Key], float],
        payers: Mapping[int, str],
        *,
        asks_card: bool = False,
    ) -> None:
        """`payers` names whoever paid a payment, by its id, where that is not the customer;
        `asks_card` says that a card is recorded with an external payment."""
        super().__init__()
        self._wording = wording
        self._payers = payers
        self._key_time = key_time
        self._placement: Placement | None = None
        self._rows: list[FieldRow] = []
        self._references: dict[int, FieldRow] = {}
        self._asks_card = asks_card
        self._cards: dict[int, FieldRow] = {}
        self._shown: tuple[Destination, ...] = ()

    def compose(self) -> ComposeResult:
        blocked = Static("", id="blocked")
        blocked.display = False
        yield blocked

    def _say(self, key: str, **values: object) -> str:
        return self._wording.text(f"screen.method.{key}", **values)

    def show(self, placement: Placement, *, focus: bool) -> None:
        """These destinations with these amounts; rows are made anew only when they are others."""
        self._placement = placement
        names = tuple(
            Destination(one.destination.method, 0, one.destination.payment_key)
            for one in placement.places
        )
        if names != self._shown:
            self._shown = names
            self._build(placement)
        for place, row in zip(placement.places, self._rows, strict=True):
            assert isinstance(row.field, AmountField)
            if row.field.text != place.text and not row.field.has_focus:
                row.field.put(place.text)
        for index, card in self._cards.items():
            field = card.field
            if isinstance(field, PlainField) and not field.value:
                # The card of the booking stands for itself until another is typed.
                with field.prevent(Input.Changed):
                    field.value = placement.places[index].card
        self.refresh_rows()
        if focus and self._rows:
            holding = (index for index, place in enumerate(placement.places) if place.amount_minor)
            field = self._rows[next(holding, 0)].field
            self.call_after_refresh(field.focus, scroll_visible=False)

    def _build(self, placement: Placement) -> None:
        for row in self.query(FieldRow):
            row.remove()
        self._rows, self._references, self._cards = [], {}, {}
        blocked = self.query_one("#blocked", Static)
        for index, place in enumerate(placement.places):
            row = FieldRow(AmountField(place.text, key_time=self._key_time))
            self._rows.append(row)
            self.mount(row, before=blocked)
            if place.destination.method in (Method.EXTERNAL, Method.GIFT_CARD, Method.TRANSFER):
                self._references[index] = self._text_row(place.reference, blocked)
            if self._asks_card and place.destination.method is Method.EXTERNAL:
                self._cards[index] = self._text_row(place.card, blocked)

    def _text_row(self, value: str, before: Static) -> FieldRow:
        """A field under its destination, seen once something is placed there."""
        field = PlainField(key_time=self._key_time, max_length=REFERENCE_LIMIT)
        field.value = value
        row = FieldRow(field)
        row.display = False
        self.mount(row, before=before)
        return row

    def index_of(self, field: AmountField) -> int | None:
        return next((index for index, row in enumerate(self._rows) if row.field is field), None)

    def lacking(self, name: str) -> Widget | None:
        """The field that a missing reference, or a detail of a card, is typed in."""
        rows = (self._references if name == "reference" else self._cards).values()
        asked = [row.field for row in rows if row.display]
        empty = (field for field in asked if isinstance(field, PlainField) and not field.value)
        return next(empty, asked[0] if asked else None)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        for index, row in self._references.items():
            if row.field is event.input:
                assert self._placement is not None
                if event.value != self._placement.places[index].reference:
                    self.post_message(self.ReferenceTyped(index, event.value))
        for index, row in self._cards.items():
            if row.field is event.input:
                assert self._placement is not None
                if event.value != self._placement.places[index].card:
                    self.post_message(self.CardTyped(index, event.value))

    def refresh_rows(self) -> None:
        """Labels, limits and mistakes as they are now."""
        placement = self._placement
        if placement is None or len(self._rows) != len(placement.places):
            return
        for index, (place, row) in enumerate(zip(placement.places, self._rows, strict=True)):
            assert isinstance(row.field, AmountField)
            row.field.mistake = place.mistake is not None or placement.over_limit(place)
            row.say(self._label(place.destination), self._note(place, placement))
            reference = self._references.get(index)
            if reference is not None:
                reference.display = place.takes_reference
                key = "reference_needed" if place.needs_reference else "reference_later"
                reference.say([("   ", ""), (self._say(key), "$muted")])
            card = self._cards.get(index)
            if card is not None:
                card.display = place.takes_card
                card.say([("   ", ""), (self._say("card"), "$muted")])
        self._show_blocked(placement)

    def _label(self, destination: Destination) -> list[Part]:
        name = self._say(f"to.{destination.method.value}")
        label = inert(destination.label)
        payer = self._payers.get(destination.payment_id or 0, "")
        label = f"{label} · {payer}" if payer else label
        detail = label or self._detail(destination.method)
        return [f"{fit(name, NAME):<{NAME}}", (f" {detail}", "$muted")] if detail else [name]

    def _detail(self, method: Method) -> str:
        key = f"screen.method.detail.{method.value}"
        return self._wording.text(key) if self._wording.has(key) else ""

    def _note(self, place: Placed, placement: Placement) -> list[Part]:
        currency = placement.currency
        if place.mistake is not None:
            return [(refusal_text(self._wording, place.mistake).message, "$bad")]
        limit = amount(place.destination.limit_minor, currency)
        if placement.over_limit(place):
            return [(self._say("at_most", limit=limit), "$bad")]
        if place.destination.limit_minor < placement.amount_minor - placement.waiting_minor:
            return [(self._say("at_most", limit=limit), "$muted")]
        return []

    def _show_blocked(self, placement: Placement) -> None:
        """Why the other ways are closed, in one quiet line each."""
        lines: list[Content] = []
        width = max(self.size.width - 6, 20)
        for destination in placement.blocked:
            name = inert(destination.label) if destination.method is Method.MATCHED else ""
            name = name or self._say(f"to.{destination.method.value}")
            text = f"✗ {name}: {why_closed(self._wording, destination.code)}"
            lines += [Content.assemble(("   " + line, "$muted")) for line in wrap(text, width)[:1]]
        blocked = self.query_one("#blocked", Static)
        blocked.display = bool(lines)
        blocked.update(Content("\n").join(lines))

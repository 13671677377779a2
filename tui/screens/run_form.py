"""What a run is told, typed once: rows of fields with their mistakes beside them, then F5."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static

from backend_client.domain.card_numbers import holds_card
from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import (
    CancellationParameters,
    DispatchParameters,
    Through,
)
from backend_client.domain.runs import SIMULATING, Run, RunKind
from backend_client.domain.texts import clean_text
from tui.half_filled import NOTHING, About, Typed
from tui.keys import bindings
from tui.screens.simulating import SimulatingScreen
from tui.text.inert import inert
from tui.text.problems import refusal_text
from tui.widgets.amount_field import AmountField
from tui.widgets.choice import Choice
from tui.widgets.field_row import FieldRow
from tui.widgets.form_row import FormRow
from tui.widgets.frame_lines import Level
from tui.widgets.parts import Part, rule
from tui.widgets.picker import Picker
from tui.widgets.text_fields import PlainField

LONGEST_LIST = 16_000
"""Four hundred numbers as long as they come fit into one field."""
LONGEST_NAME = 80
LARGEST_BATCH = 9_999_999
FIELDS_AT = 27
"""The column what is picked or typed begins in."""
CARD = "full-card-number"
WIDE = 100
"""Columns from which on fields are longer."""


def listed(text: str) -> tuple[str, ...]:
    """`a, b; c` as its parts, each once, in the order they were typed."""
    parts = (clean_text(one, LONGEST_NAME).strip() for one in text.replace(";", ",").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


class FormSheet(VerticalScroll, inherit_bindings=False):
    """Up and down go through its fields: scrolling would take them where it is higher than its
    place."""


class RunForm(SimulatingScreen):
    """Subclasses say their rows and what they mean; a row is known by the id of its field.

    `refused` holds what the backend found wrong with a field, until that field is changed.
    """

    CSS_PATH: ClassVar[list[str]] = ["method.tcss", "run_form.tcss"]  # type: ignore[assignment]
    FOOTER: ClassVar[tuple[str, ...]] = ("help", "preview", "back")
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("pageup", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(1)", show=False),
    ]
    KIND: ClassVar[RunKind]
    FIELD_OF: ClassVar[dict[str, str]] = {}
    """Which field a refusal of the backend is about, by its code or by the detail that names it."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: dict[str, str] = {}
        self._as_left = False
        """Is it just as it came back?"""

    # ------------------------------------------------------------ what a form is about

    @property
    def about(self) -> About:
        """What this form began with; it comes back as it was left where another begins so."""
        raise NotImplementedError

    def compose_fields(self) -> ComposeResult:
        raise NotImplementedError

    def parameters(self) -> CancellationParameters | DispatchParameters:
        """Everything as it is typed now; asked for only while there is no mistake."""
        raise NotImplementedError

    def mistakes(self) -> dict[str, str]:
        """Fields that are filled in wrongly, each with what is wrong, in words."""
        raise NotImplementedError

    def notes(self) -> dict[str, Part]:
        """What stands beside a field while nothing is wrong with it."""
        return {}

    def show_more(self) -> None:
        """Whatever else of the form depends on what is typed."""

    # ------------------------------------------------------------ the frame

    @property
    def kept(self) -> Typed:
        """What was typed into it before it was left."""
        return self.window.half_filled.of(self.NAME, self.about)

    def keep(self) -> None:
        """From now on it comes back like this, whichever way it is left."""
        self.window.half_filled.keep(self.NAME, self.about, self.typed())

    def typed(self) -> Typed:
        """Everything but a card number, which is kept nowhere."""
        lines = self.query(PlainField)
        texts = {one.id or "": one.value for one in lines if not holds_card(one.value)}
        texts |= {one.id or "": one.text for one in self.query(AmountField)}
        return Typed(texts, {one.id or "": one.index for one in self.query(Picker)})

    def compose_main(self) -> ComposeResult:
        with FormSheet(id="sheet", can_focus=False):
            yield from self.compose_fields()

    def section(self, name: str) -> Static:
        return Static("", id=f"title-{name}", classes="title")

    def text_row(
        self, name: str, text: str = "", *, most: int = LONGEST_NAME, placeholder: str = ""
    ) -> FormRow:
        """An empty field shows in its `placeholder` what that means."""
        text = self.kept.texts.get(name, text)
        field = PlainField(
            key_time=self.window.key_time,
            max_length=most,
            placeholder=placeholder,
            widget_id=name,
            prefilled=bool(text),
        )
        field.value = text
        return FormRow(field, widget_id=f"row-{name}")

    def choice_row(self, name: str, labels: Sequence[str], index: int = 0) -> FormRow:
        index = min(self.kept.picked.get(name, index), len(labels) - 1)
        return FormRow(Choice(labels, index, widget_id=name), widget_id=f"row-{name}")

    def amount_row(self, name: str, text: str = "") -> FormRow:
        text = self.kept.texts.get(name, text)
        field = AmountField(text, key_time=self.window.key_time, widget_id=name)
        return FormRow(field, widget_id=f"row-{name}")

    def through_rows(self, through: Through) -> Iterable[Widget]:
        """Where the run's refunds are made; empty means here."""
        caller = self.window.caller
        yield self.section("through")
        yield self.text_row("channel", through.channel, placeholder=caller.channel)
        yield self.text_row("desk", through.desk, placeholder=caller.desk)

    def through(self) -> Through:
        return Through(self.text("channel"), self.text("desk"))

    def text(self, name: str) -> str:
        return clean_text(self.query_one(f"#{name}", PlainField).value, LONGEST_LIST).strip()

    def picked(self, name: str) -> int:
        return self.query_one(f"#{name}", Choice).index

    def on_mount(self) -> None:
        super().on_mount()
        self.say_first()
        self.show()

    def say_first(self) -> None:
        """What the form says when it opens."""
        self._as_left = self.kept is not NOTHING
        if self._as_left:
            self.say(self.window.wording.text("screen.run_form.kept"), Level.INFO)
        else:
            self.say(self.words("hint"), Level.HINT)

    def came_back(self) -> None:
        self.show()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self.show)

    def action_scroll(self, direction: int) -> None:
        sheet = self.query_one("#sheet", FormSheet)
        sheet.scroll_relative(y=direction * max(sheet.size.height - 1, 1), animate=False)

    # ------------------------------------------------------------ filling in

    def show(self) -> None:
        """Labels, notes and mistakes as they are now."""
        if not self.is_mounted:
            return
        self.set_class(self.size.width >= WIDE, "-wide")
        width = self.size.width - 1
        for title in self.query(".title").results(Static):
            assert title.id is not None
            title.update(rule(width, self._label(title.id.removeprefix("title-"), "section")))
        wrong, notes = {**self.refused, **self.mistakes()}, self.notes()
        for row in self.query(FieldRow):
            name = row.field.id or ""
            if not (row.id or "").startswith("row-"):
                continue
            label, note = self._label(name, "field"), notes.get(name)
            if isinstance(row.field, AmountField):
                row.field.mistake = name in wrong
            row.say([label], [(wrong[name], "$bad")] if name in wrong else [note] if note else [])
        self.show_more()
        self.refresh_frame()

    def _label(self, name: str, what: str) -> str:
        """What both forms have is called the same in both."""
        own = f"screen.{self.NAME}.{what}.{name}"
        wording = self.window.wording
        return wording.text(own if wording.has(own) else f"screen.run_form.{what}.{name}")

    def changed(self, name: str) -> None:
        self.refused.pop(name, None)
        self.keep()
        if self._as_left or (self.said.level is Level.REFUSED and not self._first_mistake()):
            self._as_left = False
            self.say(self.words("hint"), Level.HINT)
        self.show()

    @on(Picker.Picked)
    def _picked(self) -> None:
        focused = self.focused
        self.changed(focused.id or "" if focused is not None else "")

    @on(AmountField.Edited)
    def _amount_typed(self, message: AmountField.Edited) -> None:
        self.changed(message.field.id or "")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input.has_focus:
            self.changed(event.input.id or "")

    @on(PlainField.TooLong)
    def _too_long(self) -> None:
        self.say(self.window.wording.text("screen.scan.paste_too_long"), Level.WARNING)

    def most(self) -> int | None:
        """How many at most, 0 for all; None for what is no number of items."""
        text = self.text("batch").replace(",", "")
        if not text:
            return 0
        whole = text.isascii() and text.isdigit() and 0 < int(text[:9]) <= LARGEST_BATCH
        return int(text) if whole and len(text) <= 9 else None

    def batch_mistake(self) -> dict[str, str]:
        if self.most() is not None:
            return {}
        return {"batch": self.window.wording.text("screen.run_form.wrong.batch")}

    def do_back(self) -> None:
        """Whoever leaves it just as it came back does not want it any more, as it said."""
        if self._as_left:
            self.window.half_filled.drop(self.NAME, self.about)
        super().do_back()

    # ------------------------------------------------------------ simulating

    def why_not(self, action: str) -> str:
        reason = super().why_not(action)
        if not reason and action == "preview":
            return self.not_theirs(SIMULATING[self.KIND]) or self._first_mistake()
        return reason

    def _first_mistake(self) -> str:
        wrong = {**self.refused, **self.mistakes()}
        name = next((one for one in self._names() if one in wrong), "")
        return f"{self._label(name, 'field')}: {wrong[name]}" if name else ""

    def _names(self) -> Iterable[str]:
        return (row.field.id or "" for row in self.query(FieldRow))

    def do_preview(self) -> None:
        self.simulate(self.parameters())

    def simulated(self, run: Run) -> None:
        from tui.screens.run import RunScreen

        self.window.half_filled.drop(self.NAME, self.about)
        self.say(self.words("hint"), Level.HINT)
        if self.window.frame is self:
            self.window.push_screen(RunScreen(run))

    def not_simulated(self, problem: Refused) -> None:
        """What the backend found wrong stands beside its field, like every other mistake."""
        name = self._field_of(problem)
        text = refusal_text(self.window.wording, problem)
        if name:
            self.refused[name] = self._in_short(problem) or text.message
            self.query_one(f"#{name}").focus()
        for field in self.query(PlainField):
            field.forget_card()
        self.keep()
        self.show()
        self.refuse(f"{text.message} {text.action}")

    def _field_of(self, problem: Refused) -> str:
        """A card number stands where it was typed, whatever the run would have called that."""
        lines = self.query(PlainField)
        cards = (one.id for one in lines if problem.code == CARD and holds_card(one.value))
        named = (str(problem.details.get(key, "")) for key in ("field", "what"))
        known = (self.FIELD_OF[one] for one in (problem.code, *named) if one in self.FIELD_OF)
        return next(iter((*cards, *known)), None) or ""

    def _in_short(self, problem: Refused) -> str:
        """What fits beside a field; the whole of it is said at the foot."""
        key, wording = f"screen.run_form.refused.{problem.code}", self.window.wording
        value = inert(str(problem.details.get("value", "")))
        return wording.text(key, value=value) if wording.has(key) else ""

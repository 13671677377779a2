"""Step 2: which requested refunds are paid out, and what becomes of what no card takes."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from backend_client.answers import StateTotal
from backend_client.backend import Backend
from backend_client.domain.refund import LegState
from backend_client.domain.run_parameters import CreditMode, DispatchParameters
from backend_client.domain.runs import Run, RunKind
from tui.half_filled import NOTHING, About
from tui.screens.run_form import FIELDS_AT, LONGEST_LIST, RunForm, listed
from tui.text.days import PRESETS, preset_of, preset_range, read_day, written
from tui.text.money import money
from tui.widgets.choice import Choice
from tui.widgets.frame_lines import Level
from tui.widgets.parts import Part, spread
from tui.widgets.picker import Picker
from tui.widgets.text_fields import PlainField

MODES = tuple(CreditMode)
LONGEST_DAY = 20


class DispatchScreen(RunForm):
    """The prescribed order is simulate, live with never, live with when not possible; each comes
    with what was typed for the one before."""

    NAME = "dispatch"
    KIND = RunKind.DISPATCH
    FOOTER: ClassVar[tuple[str, ...]] = ("help", "preview", "record", "open_refunds", "back")
    AUTO_FOCUS = "#preset"
    FIELD_OF: ClassVar[dict[str, str]] = {
        **{"run-dates": "last", "sold_through": "sold_through"},
        "channel": "sold_through",
    }

    def __init__(self, told: DispatchParameters | None = None, *, after: Run | None = None) -> None:
        """`told` fills the fields in, from the run it comes `after`."""
        super().__init__()
        self._filled = told
        self._after = after
        self._due: tuple[StateTotal, ...] = ()

    @property
    def about(self) -> About:
        return self._filled, self._after.id if self._after is not None else 0

    @property
    def today(self) -> date:
        return self.window.dates.local(self.window.clock.now()).date()

    def where(self) -> tuple[str, tuple[str, ...]]:
        step = self.words("after", run=self._after.id) if self._after is not None else ""
        return self.words("title"), (step or self.words("step"),)

    def compose_fields(self) -> ComposeResult:
        words = self.window.wording
        told = self._filled or DispatchParameters(
            *preset_range("last_week", self.today), CreditMode.NEVER
        )
        preset = preset_of(told.first, told.last, self.today)
        presets = [self.words(f"preset.{name}") for name in (*PRESETS, "typed")]
        index = PRESETS.index(preset) if preset else len(PRESETS)
        yield self.section("days")
        yield self.choice_row("preset", presets, index)
        yield self.text_row("first", written(told.first, words), most=LONGEST_DAY)
        yield self.text_row("last", written(told.last, words), most=LONGEST_DAY)
        yield self.section("which")
        channels = ", ".join(told.sold_through)
        every, all_of_it = self.words("empty.every"), self.words("empty.all")
        yield self.text_row("sold_through", channels, most=LONGEST_LIST, placeholder=every)
        batch = str(told.batch or "")
        yield self.text_row("batch", batch, most=9, placeholder=all_of_it)
        yield self.section("credit")
        modes = [words.text(f"credit_mode.{mode.value}") for mode in MODES]
        yield self.choice_row("mode", modes, MODES.index(told.credit))
        yield Static("", id="means")
        mailed = told.email and True in self.mailings
        answers = [words.text("screen.run_form.yes"), words.text("screen.run_form.no")]
        if True not in self.mailings:
            answers = [self.words("no_mail")]
        yield self.choice_row("email", answers, self.mailings.index(mailed))
        yield from self.through_rows(told.through)
        yield self.section("due")
        yield Static("", id="due")

    def say_first(self) -> None:
        if self._after is None or self.kept is not NOTHING:
            super().say_first()
        else:
            self.say(self.words("carried", run=self._after.id), Level.INFO)

    def came_back(self) -> None:
        """What is due may have been ticked off meanwhile."""
        super().came_back()
        caller = self.window.caller

        def read(backend: Backend) -> tuple[StateTotal, ...]:
            page = backend.open_refunds(caller, states=frozenset({LegState.DUE}), limit=1)
            return tuple(one for one in page.totals if one.state is LegState.DUE)

        self.ask("due", read, self._took_due)

    def _took_due(self, due: tuple[StateTotal, ...]) -> None:
        self._due = due
        self.show_more()

    @property
    def mailings(self) -> tuple[bool, ...]:
        """What may be answered to whether customers are mailed: a house without mail mails none."""
        known = self.window.capabilities
        return (True, False) if known is not None and known.sends_mail else (False,)

    # ------------------------------------------------------------ what is typed

    def day(self, name: str) -> date | None:
        return read_day(self.text(name), self.today, self.window.wording)

    @property
    def mode(self) -> CreditMode:
        return MODES[self.picked("mode")]

    def parameters(self) -> DispatchParameters:
        first, last, batch = self.day("first"), self.day("last"), self.most()
        assert first is not None
        assert last is not None
        assert batch is not None
        return DispatchParameters(
            first=first,
            last=last,
            credit=self.mode,
            sold_through=listed(self.text("sold_through")),
            email=self.mailings[self.picked("email")],
            through=self.through(),
            batch=batch,
        )

    def mistakes(self) -> dict[str, str]:
        wrong = self.batch_mistake()
        first, last = self.day("first"), self.day("last")
        for name, day in (("first", first), ("last", last)):
            if day is None:
                example = written(self.today, self.window.wording)
                short = f"{self.today.day}.{self.today.month}."
                wrong[name] = self.words("wrong.day", example=example, short=short)
        if first is not None and last is not None and last < first:
            wrong["last"] = self.words("wrong.order")
        return wrong

    def notes(self) -> dict[str, Part]:
        """What a day means that is not typed as it is written here."""
        said: dict[str, Part] = {}
        for name in ("first", "last"):
            day = self.day(name)
            if day is not None and self.text(name) != written(day, self.window.wording):
                said[name] = (written(day, self.window.wording), "$muted")
        return said

    def show_more(self) -> None:
        width = self.size.width - 1
        means = self.words(f"means.{self.mode.value}")
        self.query_one("#means", Static).update(spread(width, [" " * FIELDS_AT, (means, "$muted")]))
        self.query_one("#due", Static).update(spread(width, self._due_words()))

    def _due_words(self) -> list[Part]:
        if not self._due:
            return ["   ", (self.words("nothing_due"), "$muted")]
        count = sum(one.count for one in self._due)
        sums = ", ".join(money(one.amount_minor, one.currency) for one in self._due)
        return [
            "   ",
            (self.window.wording.count("screen.dispatch.due", count, sums=sums), "$warn"),
        ]

    @on(Picker.Picked)
    def _preset_picked(self, message: Picker.Picked) -> None:
        """A preset fills the days in; the days typed by hand are a preset of their own."""
        preset = self.query_one("#preset", Choice)
        if self.focused is not preset or message.index >= len(PRESETS):
            return
        days = preset_range(PRESETS[message.index], self.today)
        for name, day in zip(("first", "last"), days, strict=True):
            self.query_one(f"#{name}", PlainField).value = written(day, self.window.wording)
        self.show()

    def changed(self, name: str) -> None:
        if name in ("first", "last"):
            preset = preset_of(self.day("first"), self.day("last"), self.today)
            index = PRESETS.index(preset) if preset else len(PRESETS)
            self.query_one("#preset", Choice).index = index
            self.refused.pop("last", None)
        super().changed(name)

    # ------------------------------------------------------------ what is due by hand

    def why_not(self, action: str) -> str:
        reason = super().why_not(action)
        if not reason and action == "record" and not self._due:
            return self.words("nothing_due")
        return reason

    def do_record(self) -> None:
        from tui.screens.hand_over_due import HandOverDueScreen

        self.window.push_screen(HandOverDueScreen())

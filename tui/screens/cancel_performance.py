"""Step 1: what is cancelled of the chosen performances, and how it goes back."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from backend_client.domain.amounts import WHOLE, Retention, RetentionKind
from backend_client.domain.card_numbers import holds_card
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.money import parse_amount
from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import MOST_NAMED, CancellationParameters
from backend_client.domain.runs import PerformanceRow, RunKind
from tui.half_filled import About, Typed
from tui.screens.performance_rows import PerformanceRows
from tui.screens.reason_fields import ReasonFields
from tui.screens.reason_rows import ReasonRows
from tui.screens.run_form import LONGEST_LIST, RunForm, listed
from tui.widgets.amount_field import AmountField
from tui.widgets.form_row import FormRow
from tui.widgets.parts import Part

HUNDREDTHS = "CHF"
"""A percentage has two decimals, as amounts of this currency have."""
NAMED = 3
LISTS = ("contingents", "categories", "tariffs", "sold_through")
KINDS = tuple(RetentionKind)
REASON, REASON_ROW = "performance-cancelled", "reason"


class CancelPerformanceScreen(RunForm):
    """Everything empty means all of the performances; F5 shows what that comes to.

    The fee of a reason is for who changes their mind, so a cancelled performance never takes one.
    """

    NAME = "cancel_performance"
    KIND = RunKind.CANCELLATION
    AUTO_FOCUS = "#reason"
    FIELD_OF: ClassVar[dict[str, str]] = {
        **{name: name for name in (*LISTS, "methods", "files", "contacts")},
        **{"contingent": "contingents", "category": "categories", "tariff": "tariffs"},
        **{"run-booking-unknown": "files", "run-contact-unknown": "contacts"},
        **{"channel": "sold_through", "reason": "own-reason"},
    }

    def __init__(self, performances: tuple[PerformanceRow, ...]) -> None:
        super().__init__()
        self.performances = performances

    @property
    def about(self) -> About:
        """One run is about one event; which of its performances is chosen is another matter."""
        return self.performances[0].event_key

    def typed(self) -> Typed:
        """Of the reason only its code or words, which say where it is picked."""
        typed, reason = super().typed(), self.query_one(ReasonRows).reason
        texts = typed.texts if holds_card(reason) else {**typed.texts, REASON_ROW: reason}
        return replace(typed, texts=texts, performances=self.performances)

    def where(self) -> tuple[str, tuple[str, ...]]:
        return self.words("title"), (self.words("step"),)

    def compose_fields(self) -> ComposeResult:
        window, say = self.window, self.window.wording.text
        answers = [say("screen.run_form.yes"), say("screen.run_form.no")]
        policy = window.policy
        reasons = [replace(one, breach_fee_minor=0) for one in policy.reasons]
        known = REASON if any(one.code == REASON for one in reasons) else ""
        known = self.kept.texts.get(REASON_ROW, known)
        yield self.section("what")
        yield Static("", id="performances")
        yield self.section("how")
        yield ReasonFields(
            window.wording,
            reasons,
            self.currency,
            known,
            window.key_time,
            own_words=policy.free_reasons,
        )
        yield self.choice_row("charges", answers)
        yield self.choice_row("shipment", answers, 1)
        kinds = [self.words("keep.nothing"), *(self.words(f"keep.{kind.value}") for kind in KINDS)]
        yield self.choice_row("keep", kinds)
        yield self.amount_row("kept")
        blocks = [self.words(f"block.{name}") for name in ("by_itself", "yes", "no")]
        yield self.choice_row("block", blocks)
        yield self.section("only")
        for name in LISTS:
            yield self._list_row(name)
        yield self.choice_row("excluded", [self.words("methods.with"), self.words("methods.none")])
        yield self._list_row("methods")
        yield self._list_row("files")
        yield self._list_row("contacts", "nobody")
        yield self.text_row("batch", most=9, placeholder=self.words("empty.all"))
        yield from self.through_rows(CancellationParameters((), "").through)

    def _list_row(self, name: str, empty: str = "all") -> FormRow:
        return self.text_row(name, most=LONGEST_LIST, placeholder=self.words(f"empty.{empty}"))

    @property
    def currency(self) -> str:
        known = self.window.capabilities
        return known.currency if known else self.window.settings.house.currency

    # ------------------------------------------------------------ what is typed

    def parameters(self) -> CancellationParameters:
        batch = self.most()
        assert batch is not None
        return CancellationParameters(
            performances=tuple(one.id for one in self.performances),
            reason=self.query_one(ReasonRows).reason,
            contingents=listed(self.text("contingents")),
            categories=listed(self.text("categories")),
            tariffs=listed(self.text("tariffs")),
            sold_through=listed(self.text("sold_through")),
            methods=tuple(self._methods().values()),
            methods_excluded=self.picked("excluded") == 1,
            files=listed(self.text("files")),
            contacts=listed(self.text("contacts")),
            charges=self.picked("charges") == 0,
            shipment=self.picked("shipment") == 0,
            retained=self._retained(),
            block=(None, True, False)[self.picked("block")],
            through=self.through(),
            batch=batch,
        )

    def _methods(self) -> dict[str, PaymentMethod]:
        """The payment methods typed, by their word or their code."""
        known: dict[str, PaymentMethod] = {}
        for method in PaymentMethod:
            word = self.window.wording.text(f"payment_method.{method.value}")
            known |= {word.casefold(): method, method.value: method}
        typed = listed(self.text("methods"))
        return {one: known[one.casefold()] for one in typed if one.casefold() in known}

    def _retained(self) -> Retention | None:
        """What is kept back; raises Refused for what is no amount or no percentage."""
        picked = self.picked("keep")
        text = self.query_one("#kept", AmountField).text
        if picked == 0:
            return None
        kind = KINDS[picked - 1]
        percent = kind is RetentionKind.PERCENT
        kept = parse_amount(text, HUNDREDTHS if percent else self.currency)
        if percent and kept > WHOLE:
            raise Refused("retained-too-much", retained=text, value="100 %")
        return Retention(kind, kept)

    def mistakes(self) -> dict[str, str]:
        wrong = self.batch_mistake()
        strangers = [one for one in listed(self.text("methods")) if one not in self._methods()]
        if strangers:
            known = ", ".join(
                self.window.wording.text(f"payment_method.{one.value}") for one in PaymentMethod
            )
            wrong["methods"] = self.words("wrong.method", method=strangers[0], known=known)
        for name in ("files", "contacts"):
            count = len(listed(self.text(name)))
            if count > MOST_NAMED:
                wrong[name] = self.words("wrong.too_many", count=count, most=MOST_NAMED)
        try:
            self._retained()
        except Refused:
            is_percent = KINDS[self.picked("keep") - 1] is RetentionKind.PERCENT
            key = "wrong.percent" if is_percent else "wrong.amount"
            wrong["kept"] = self.words(key, currency=self.currency)
        return wrong

    def notes(self) -> dict[str, Part]:
        """Of what an amount is kept, and what the house decides by itself."""
        said: dict[str, Part] = {}
        if self.picked("keep"):
            kind = KINDS[self.picked("keep") - 1]
            of_what = self.words(f"note.kept.{kind.value}", currency=self.currency)
            said["kept"] = (of_what, "$muted")
        if self.picked("block") == 0 and not self.mistakes():
            is_blocked = all(one.blocked for one in self.performances)
            will_be = "blocked" if self.parameters().blocks else "not_blocked"
            key = "already" if is_blocked else will_be
            said["block"] = (self.words(f"note.{key}"), "$muted")
        return said

    def show_more(self) -> None:
        self.query_one("#row-kept").display = self.picked("keep") > 0
        rows = PerformanceRows(self.window.wording, self.window.dates)
        width = self.size.width - 1
        lines = [rows.heading(width, boxes=False)]
        lines += [rows.draw(one, width, marked=False) for one in self.performances[:NAMED]]
        more = len(self.performances) - NAMED
        if more > 0:
            lines.append(Content.assemble((f"   {self.words('more', count=more)}", "$muted")))
        self.query_one("#performances", Static).update(Content("\n").join(lines))

    @on(ReasonRows.Changed)
    def _reason_changed(self) -> None:
        self.changed("own-reason")

    def _first_mistake(self) -> str:
        if not self.query_one(ReasonRows).reason:
            return self.window.wording.text("screen.method.lacking.reason")
        return super()._first_mistake()

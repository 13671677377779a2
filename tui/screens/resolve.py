"""A supervisor says what became of a payment nobody knows the outcome of, with evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.app import ComposeResult

from backend_client.answers import RefundOutcome
from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.refund import LegState
from backend_client.domain.resolution import ResolutionPlan, Step
from backend_client.domain.stored_value import StoredValueNumber
from backend_client.domain.texts import REASON_LIMIT, REFERENCE_LIMIT
from tui.screens.leg_sheet import LegSheet, Plan
from tui.text.inert import inert
from tui.text.money import money
from tui.widgets.field_row import FieldRow
from tui.widgets.parts import Part
from tui.widgets.picker import Picker
from tui.widgets.text_fields import PlainField

FINDINGS = (Finding.FOUND, Finding.NOT_FOUND, Finding.OTHER)


class ResolveScreen(LegSheet):
    """Found, not found, or still open: each with where somebody looked and what they saw. Where
    another supervisor said something it begins with that."""

    NAME = "resolve"
    AUTO_FOCUS = "#finding"

    def compose_fields(self) -> ComposeResult:
        key_time = self.window.key_time
        labels = [self.words(f"finding.{one.value}") for one in FINDINGS]
        said = self.leg.proposal.resolution if self.leg.proposal else None
        finding = Picker(labels, widget_id="finding")
        yield finding
        reference = PlainField(
            key_time=key_time, max_length=REFERENCE_LIMIT, widget_id="their-reference"
        )
        yield FieldRow(reference, widget_id="reference")
        evidence = PlainField(key_time=key_time, max_length=REASON_LIMIT, widget_id="seen")
        yield FieldRow(evidence, widget_id="evidence")
        if said is not None:
            finding.offer(labels, FINDINGS.index(said.finding))
            reference.value, evidence.value = inert(said.reference), inert(said.evidence)

    @property
    def finding(self) -> Finding:
        return FINDINGS[self.query_one(Picker).index]

    @property
    def _is_done_elsewhere(self) -> bool:
        """Does a ticketing system pay out by itself, so that nothing of it is changed here?"""
        known = self.window.capabilities
        return known is not None and "method_change" in known.unavailable

    def show_fields(self) -> None:
        found = self.finding is Finding.FOUND
        reference = self.query_one("#reference", FieldRow)
        reference.display = found
        reference.say([self.words("reference")])
        needed = "evidence" if self.finding is Finding.FOUND else "evidence_needed"
        self.query_one("#evidence", FieldRow).say([self.words(needed)])

    def preview(self, backend: Backend, caller: Caller) -> Callable[[], Plan]:
        found = self.finding is Finding.FOUND
        typed = self.query_one("#their-reference", PlainField).value
        resolution = Resolution(
            self.leg.number,
            self.finding,
            typed if found else "",
            self.query_one("#seen", PlainField).value,
        )
        return lambda: backend.preview_resolution(caller, resolution)

    def execute(
        self, backend: Backend, caller: Caller, plan: Plan, number: StoredValueNumber | None
    ) -> RefundOutcome:
        assert isinstance(plan, ResolutionPlan)
        return backend.execute_resolution(caller, plan)

    def sentences(self, plan: Plan) -> Iterable[Part]:
        assert isinstance(plan, ResolutionPlan)
        if plan.shown is not None:
            clear = plan.shown.is_clear
            said = self.words(f"shown.{plan.shown.value}", leg=plan.resolution.leg_number)
            yield (said, "bold") if clear else said
            if clear:
                return
        found = plan.resolution
        figure = money(plan.amount_minor, plan.currency)
        key = {
            LegState.SUCCEEDED: "found",
            LegState.PENDING: "again",
            LegState.DECLINED: "not_done" if self._is_done_elsewhere else "declined",
        }.get(plan.confirmed or plan.after, "open")
        yield self.words(
            f"will.{key}",
            leg=found.leg_number,
            amount=figure,
            reference=found.reference or "–",
        )
        if found.evidence:
            yield self.words("will.evidence", evidence=found.evidence)
        if plan.step is Step.PROPOSES:
            yield self.words("will.proposes"), "$warn"
        elif plan.step is Step.CONFIRMS and self.leg.proposal is not None:
            yield self.words("will.confirms", operator=inert(self.leg.proposal.operator))

"""A plan on a screen: it is asked for, and exactly what is shown is committed, once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from backend_client.answers import RefundOutcome
from backend_client.domain.booking import Booking
from backend_client.domain.plan import RefundPlan, RefundRequest
from backend_client.domain.problem import Kind
from backend_client.domain.problems import Refused
from backend_client.domain.stored_value import StoredValueNumber
from tui.screens.typed_fields import TypedFieldsScreen
from tui.text.money import money
from tui.widgets.frame_lines import Level


class PlannedScreen(TypedFieldsScreen):
    """F9 commits `plan` while it is `shown`; whoever was faster is told of by another plan."""

    def __init__(self, booking: Booking) -> None:
        super().__init__()
        self.booking = booking
        self.plan: RefundPlan | None = None
        self.shown = False
        self.tried = False
        """Was this plan committed, whatever came of it?"""

    @property
    def is_untouched(self) -> bool:
        """Is a preview shown of which nothing can have been done?"""
        return self.plan is not None and self.shown and not self.tried

    @abstractmethod
    def request(self) -> RefundRequest:
        """What is asked for as it is typed."""

    @abstractmethod
    def take_plan(self, plan: RefundPlan, *, show: bool) -> None:
        """The plan that was asked for; only one that is shown may be committed."""

    @abstractmethod
    def plan_refused(self, problem: Refused) -> None:
        """There is no plan for what is typed."""

    @abstractmethod
    def show(self) -> None:
        """Everything as it is now."""

    def ask_about(
        self,
        request: RefundRequest,
        take: Callable[[RefundPlan], None],
        refused: Callable[[Refused], None] | None = None,
    ) -> None:
        caller = self.window.caller
        self.ask(
            "plan",
            lambda backend: backend.preview_refund(caller, request),
            take,
            refused or self.plan_refused,
        )

    # ------------------------------------------------------------ committing

    def do_commit(self) -> None:
        """Do exactly the plan that is shown, with the number of its gift card if it needs one."""
        assert self.plan is not None
        assert self.shown
        plan = self.plan
        if "number" not in plan.missing:
            self._write(plan)
            return
        from tui.dialogs.number import commit_with_number

        commit_with_number(self.window, plan, lambda number: self._write(plan, number))

    def _write(self, plan: RefundPlan, number: StoredValueNumber | None = None) -> None:
        """The action is off until the outcome is known."""
        what = money(plan.amount_minor, plan.currency)
        started = self.window.write(
            what,
            lambda backend, caller: backend.execute_refund(caller, plan, number),
            self._committed,
            self._commit_failed,
        )
        if started:
            self.tried = True
            self.show()
            self.say(self.words("committing", amount=what), Level.INFO)

    def _committed(self, outcome: RefundOutcome) -> None:
        self.window.drafts.pop(self.booking.id, None)
        self.window.committed(outcome)

    def _commit_failed(self, problem: Refused, correlation_id: str) -> None:
        if problem.code == "plan-stale":
            self._show_what_changed(problem)
            return
        if problem.problem.kind is not Kind.UNSURE and problem.code != "internal":
            self.shown = False
        self.refuse_problem(problem)
        self.window.show_problem(problem, correlation_id)
        self.show()

    def _show_what_changed(self, problem: Refused) -> None:
        """Somebody was faster: the new plan is shown, and nothing is committed before F9 again."""
        before = self.plan
        assert before is not None
        self.shown = False
        self.show()
        self.ask_about(
            self.request(), lambda plan: self._compare(before, plan, problem), self._gone
        )

    def _compare(self, before: RefundPlan, plan: RefundPlan, problem: Refused) -> None:
        from tui.dialogs.plan_changed import PlanChangedDialog

        self.take_plan(plan, show=True)
        self.window.push_screen(PlanChangedDialog(problem, before, plan))

    def _gone(self, problem: Refused) -> None:
        """What was planned is not possible any more at all."""
        self.refuse_problem(problem)
        self.window.show_problem(problem)
        self.show()

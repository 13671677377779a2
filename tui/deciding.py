"""What a second person decides, in the window as at the command line: no to a refund that waits for
approval, yes to what somebody said of a payment in review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_client.domain.approval import waits
from backend_client.domain.problems import Refused
from backend_client.domain.resolution import Step, to_confirm
from backend_client.domain.staleness import stale

if TYPE_CHECKING:
    from backend_client.answers import RefundOutcome
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller
    from backend_client.domain.legs import Leg
    from backend_client.domain.resolution import ResolutionPlan


def turn_down(backend: Backend, caller: Caller, number: str, reason: str) -> RefundOutcome:
    """The refund taken back with this reason; raises `not-awaiting-approval` for one that does not
    wait. It is looked at on both sides of the plan: who approves it later makes that stale."""
    _refuse_decided(backend, caller, number)
    plan = backend.preview_void(caller, number, reason)
    _refuse_decided(backend, caller, number)
    return backend.execute_void(caller, plan)


def _refuse_decided(backend: Backend, caller: Caller, number: str) -> None:
    refund = backend.refund(caller, number).refund
    if not waits(refund):
        status = refund.status.value.replace("_", " ")
        raise Refused("not-awaiting-approval", refund=refund.number, status=status)


def plan_confirmation(
    backend: Backend, caller: Caller, leg: Leg, evidence: str = ""
) -> ResolutionPlan:
    """The same as was said of this payment when it was looked at, said by another person; raises
    `plan-stale` where something else was said since."""
    plan = backend.preview_resolution(caller, to_confirm(leg, caller, evidence))
    if plan.step is Step.PROPOSES:
        raise stale(f"what was said of payment {leg.number}")
    return plan

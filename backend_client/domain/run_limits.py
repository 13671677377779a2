"""What a live run needs besides a simulation: another supervisor's yes above the house's
threshold and always for a program's token, or to stay below the ceilings where nobody looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.money import described, format_amount
from backend_client.domain.names import is_same_person
from backend_client.domain.problems import Refused
from backend_client.domain.runs import PartRole, RunApproval, RunTotal

MOVED = frozenset(PartRole) - {PartRole.STAYS}
"""Parts of a plan that are money on its way to somebody; the rest of it stays where it is."""


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Amounts are in `currency`, the house's. `four_eyes_minor` is None where one supervisor is
    enough, and 0 means every run; of the ceilings 0 allows nothing."""

    currency: str
    unattended_items: int = 0
    unattended_minor: int = 0
    four_eyes_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Simulated:
    """What the rules look at: a finished simulation, who made it, and what it would move."""

    run_id: int
    maker: str
    taken: int
    totals: tuple[RunTotal, ...]
    approval: RunApproval | None = None


def moved(totals: Iterable[RunTotal]) -> dict[str, int]:
    """How much goes to somebody, by currency."""
    sums = Counter[str]()
    for total in totals:
        if total.name in MOVED and total.amount_minor:
            sums[total.currency] += total.amount_minor
    return dict(sorted(sums.items()))


def needs_approval(totals: Iterable[RunTotal], limits: RunLimits) -> bool:
    """Is it above the threshold? What is in another currency than the house's always is."""
    threshold = limits.four_eyes_minor
    if threshold is None:
        return False
    return threshold == 0 or any(
        currency != limits.currency or minor > threshold
        for currency, minor in moved(totals).items()
    )


def refuse_unapproved(simulated: Simulated, caller: Caller, limits: RunLimits) -> None:
    """Refuse to go live with what nobody allowed: `approval-for-programs` for tokens,
    `run-over-ceiling` where nobody looks, whose standing approval the ceilings are, and
    `approval-required` everywhere else."""
    refuse_program(simulated.run_id, simulated.maker, simulated.approval, caller)
    if caller.entrance is Entrance.UNATTENDED:
        _refuse_above_ceilings(simulated, limits)
        return
    threshold = limits.four_eyes_minor
    if simulated.approval is not None or threshold is None:
        return
    if needs_approval(simulated.totals, limits):
        above = described(limits.currency, limit=threshold)
        raise Refused(
            "approval-required",
            **above,
            run=simulated.run_id,
            maker=simulated.maker,
            have=_sums(moved(simulated.totals), limits.currency),
        )


def refuse_program(run_id: int, maker: str, approval: RunApproval | None, caller: Caller) -> None:
    """A token starts, and takes up again, what a supervisor approved and nothing else, whatever
    the house's threshold: it never decides."""
    if caller.role is Role.CLIENT and approval is None:
        raise Refused("approval-for-programs", operator=caller.operator, run=run_id, maker=maker)


def _refuse_above_ceilings(simulated: Simulated, limits: RunLimits) -> None:
    if simulated.taken > limits.unattended_items:
        have, ceiling = f"{simulated.taken:,}", f"{limits.unattended_items:,}"
        raise _above("The number of items", simulated.run_id, have, ceiling)
    for currency, minor in moved(simulated.totals).items():
        if currency != limits.currency or minor > limits.unattended_minor:
            have = _sum(minor, currency)
            ceiling = _sum(limits.unattended_minor, limits.currency)
            raise _above("The amount", simulated.run_id, have, ceiling)


def _above(what: str, run_id: int, have: str, ceiling: str) -> Refused:
    return Refused("run-over-ceiling", what=what, have=have, ceiling=ceiling, run=run_id)


def refuse_approver(maker: str, caller: Caller, run_id: int) -> None:
    """A maker never approves their own, and nobody approves who is not there."""
    if caller.entrance in (Entrance.UNATTENDED, Entrance.API):
        raise Refused("approval-by-nobody", operator=caller.operator)
    if is_same_person(maker, caller.operator):
        raise Refused("approval-own", run=run_id, maker=maker)


def _sums(by_currency: dict[str, int], own: str) -> str:
    return ", ".join(_sum(minor, name) for name, minor in by_currency.items()) or _sum(0, own)


def _sum(amount_minor: int, currency: str) -> str:
    return f"{format_amount(amount_minor, currency)} {currency}"

"""What runs may do while nobody looks: no more items and no more money than the house allows, and
go on with what an earlier night left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_client.domain.caller import Entrance
from backend_client.domain.problems import Refused
from backend_client.domain.runs import (
    TOLD_TO_END,
    PartRole,
    Run,
    RunKind,
    RunMode,
    RunState,
)
from backend_client.settings import Settings
from tui.text.money import money
from tui.text.wording import Wording

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller

MOVED = frozenset(PartRole) - {PartRole.STAYS}
"""Parts of a plan that are money on its way to somebody; the rest of it stays where it is."""


def left_behind(backend: Backend, caller: Caller) -> Run | None:
    """The dispatch nobody looked at that a provider paused, or whose program is gone or was told to
    end.

    What a person began or stopped is theirs. Only the newest dispatch can be unfinished: no other
    begins before that.
    """
    before: int | None = None
    while True:
        page = backend.runs(caller, before=before)
        for run in page.runs:
            if run.kind is RunKind.DISPATCH and run.mode is RunMode.LIVE:
                told = run.state is RunState.STOPPED and run.note == TOLD_TO_END
                is_left = run.state is RunState.PAUSED or run.is_lost or told
                return run if is_left and run.entrance is Entrance.UNATTENDED else None
        before = page.next_before
        if before is None:
            return None


def above_ceilings(simulation: Run, settings: Settings, wording: Wording) -> Refused | None:
    """Why this simulation needs somebody who looks at it; None when it may go live unattended."""
    ceilings, own = settings.runs, settings.house.currency
    if simulation.taken > ceilings.unattended_items:
        have, ceiling = f"{simulation.taken:,}", f"{ceilings.unattended_items:,}"
        return _above(simulation, wording.text("command.running.ceiling.items"), have, ceiling)
    for currency, moved in sorted(_moved(simulation).items()):
        if currency != own or moved > ceilings.unattended_minor:
            ceiling = money(ceilings.unattended_minor, own)
            what = wording.text("command.running.ceiling.amount")
            return _above(simulation, what, money(moved, currency), ceiling)
    return None


def _moved(simulation: Run) -> dict[str, int]:
    sums: dict[str, int] = {}
    for total in simulation.totals:
        if total.name in MOVED and total.amount_minor:
            sums[total.currency] = sums.get(total.currency, 0) + total.amount_minor
    return sums


def _above(simulation: Run, what: str, have: str, ceiling: str) -> Refused:
    return Refused("run-over-ceiling", what=what, have=have, ceiling=ceiling, run=simulation.id)

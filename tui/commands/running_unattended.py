"""What a run may do while nobody looks: no more items and no more money than the house allows."""

from __future__ import annotations

from backend_client.domain.problems import Refused
from backend_client.domain.runs import PartRole, Run
from backend_client.settings import Settings
from tui.text.money import money
from tui.text.wording import Wording

MOVED = frozenset(PartRole) - {PartRole.STAYS}
"""Parts of a plan that are money on its way to somebody; the rest of it stays where it is."""


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

"""What the totals of a run are called; a dispatch besides names them by what its parts are for: a
`PartRole`, with the state of the leg as detail where a live one made one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from backend_client.domain.runs import RunTotal


class TotalName(StrEnum):
    """Rows of totals. A live cancellation has the same rows for what it really did, so that both
    can be laid beside each other; only `SKIP` and `PERSON` are the simulation's alone."""

    CANCEL = "cancel"
    """Bookings, and what is given back for them in all."""
    TICKETS = "tickets"
    CONCESSIONS = "concessions"
    FEES = "fees"
    """Fees given back; the detail is their kind."""
    KEPT_FEES = "kept_fees"
    """Fees that stay although their ticket goes; the detail is their kind."""
    RETAINED = "retained"
    FREE = "free"
    """Bookings that are cancelled with nothing to give back."""
    REQUESTED = "requested"
    """Parts that wait for a dispatch."""
    WAITING_ACCOUNT = "waiting_account"
    """Parts by which a debt got smaller."""
    SKIP = "skip"
    """The detail is the reason, a code of the catalogue."""
    PERSON = "person"
    PLAN = "plan"
    """Of a simulated dispatch: items by what is planned for them, with the whole amount of each."""
    REASON = "reason"
    """Of a simulated dispatch: items that stay or need a person, by the code that says why."""
    DECLINED_BEFORE = "declined_before"
    """Of a simulated dispatch: items it does something about although a provider refused them
    before; the detail is `RUN` where that was in an earlier run."""


RUN = "run"
ELSEWHERE = "elsewhere"
"""Where a payment was declined before: in a run, or at a window or by a program."""


class Totals:
    """Sums in the making: what has the same name, detail and currency is one row."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, str], list[int]] = {}

    def add(
        self, name: str, amount_minor: int, currency: str, *, count: int = 1, detail: str = ""
    ) -> None:
        sums = self._sums.setdefault((name, detail, currency), [0, 0])
        sums[0] += count
        sums[1] += amount_minor

    def add_rows(self, rows: Iterable[RunTotal]) -> None:
        for row in rows:
            self.add(row.name, row.amount_minor, row.currency, count=row.count, detail=row.detail)

    def rows(self) -> list[RunTotal]:
        return [RunTotal(*key, count, amount) for key, (count, amount) in self._sums.items()]
